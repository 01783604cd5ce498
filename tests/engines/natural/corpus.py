"""Varied sentences to try a voice on: what people type, by rule, from a seed."""

import random

_NAMES = ("Dr. Nguyen", "Ms. O'Brien", "José Muñoz", "Dvořák", "Mr. Smith", "Zhou Wei")
_THINGS = (
    "the invoice", "a schwa", "two croissants", "our Wi-Fi", "the IBM contract", "her genre",
    "NASA's rocket", "the rhythm section", "loch water", "jalapeños", "the 3rd chapter",
    "bob.jones@example.com", "www.example.com/help", "version 2.0.1", "room 101-B", "AT&T",
)  # fmt: skip
_NUMBERS = (
    "$5.99", "€1,200.50", "3:30 PM", "12/25/2024", "2024-06-15", "1984", "the 1990s", "5%", "20°C",
    "1,234,567", "555-1234", "(800) 555-0199", "0.5", "-3", "1st", "22nd", "7/8", "10–12", "5kg",
)  # fmt: skip
_FRAMES = (
    "{name} said that {thing} costs {number}.", "Is {thing} ready for {name}?", "{number}",
    "Why did {name} send {number}?", "STOP! {name} has {thing}.", "OK.",
    "{thing}, {thing}, and {thing}",
    "{name}: {number}; {number} — {thing}...", "I REALLY want {thing}!", "Hello", "no",
    "({name}) \"{thing}\" - {number}", "Please call {number} before {number}, thanks!",
    "{thing}\n- {name}\n- {number}", "ALL CAPITALS FOR {name} AND {thing} TODAY.",
    "Well, um, hmm... {name}?", "e.g. {thing} vs. {thing} etc.", "A", "7", "👍 {thing} 🎉",
)  # fmt: skip


def sentences(n: int, seed: int) -> list[str]:
    """Return ``n`` texts, the same for the same seed."""
    draw = random.Random(seed)  # noqa: S311 -- reproducible, not secret
    texts = []
    for _ in range(n):
        text = draw.choice(_FRAMES)
        for slot, choices in (("name", _NAMES), ("thing", _THINGS), ("number", _NUMBERS)):
            while "{" + slot + "}" in text:
                text = text.replace("{" + slot + "}", draw.choice(choices), 1)
        texts.append(text)
    return texts
