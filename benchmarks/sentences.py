"""Sentences that a voice is judged by: what an assistant says on the phone, two hundred of them.

Made from frames and fillings, the same every time. Figures are written out and names are well
known, because neither the reading of figures nor a recogniser's spelling is what is measured.
"""

from itertools import islice
from typing import Final

_FILLINGS: Final = {
    "place": ("Boston", "Denver", "the airport", "the old town", "London"),
    "day": ("Monday", "Tuesday", "Thursday", "Friday", "Saturday"),
    "thing": ("parcel", "letter", "ticket", "invoice", "new lamp"),
    "who": ("the doctor", "our driver", "your neighbor", "the manager", "my colleague"),
    "when": ("this morning", "at noon", "later today", "tomorrow evening", "next week"),
    "deed": ("call you back", "send it again", "change the date", "look into it", "write it down"),
}
_FRAMES: Final = (
    "Good morning, thank you for calling, how can I help you {when}?",
    "Your {thing} will arrive on {day} between nine and eleven in the morning.",
    "The next train to {place} leaves at a quarter past seven.",
    "I am sorry, I did not quite catch that; did you say {day}?",
    "Let me check the {thing} for you, please stay on the line.",
    "Is there anything else that {who} should know?",
    "Would you like to speak with {who}?",
    "The weather in {place} will be sunny, with a light wind from the west.",
    "I have sent the details of your {thing} to your phone.",
    "Unfortunately, we do not have that {thing} in stock at the moment.",
    "Turn left at the second light, then go straight until you reach {place}.",
    "What time would you like to leave for {place}?",
    "Your appointment with {who} has been moved to {day}.",
    "Great, everything is ready, and {who} will meet you {when}!",
    "Please tell me the name on the {thing}, and I will {deed}.",
    "We are open from eight until six, but not on {day}.",
    "There is a small charge for the {thing}, which you can pay by card or in cash.",
    "If it rains in {place}, the concert will be held inside instead.",
    "Have you tried turning it off and on again {when}?",
    "I understand, and I am sorry for the trouble with your {thing}.",
    "She said that {who} would never {deed} without asking first.",
    "Which would you rather have, the {thing} or your money back?",
    "The hotel is close to {place} and has free parking.",
    "Most people who move to {place} stay there longer than they had planned.",
    "Wait, before you go, could {who} {deed} {when}?",
    "Your request has been passed on to {who}, who will {deed}.",
    "No problem at all, I can {deed} right away.",
    "We will need a copy of the {thing} by {day} at the latest.",
    "It was the quiet that surprised {who}, not the long road to {place}.",
    "Happy birthday, and thank you for being with us for so many years!",
    "You can cancel at any time before {day}, and nothing will be charged.",
    "The kitchen light has been switched off, and the door is locked.",
    "I could not find the {thing}; shall I {deed}?",
    "Breakfast is served from half past six until ten, except on {day}.",
    "The gate has changed, so please allow ten minutes more if you come from {place}.",
    "Thank you for your patience, {who} will be with you shortly.",
    "Do you want me to {deed}, or will you do it yourself {when}?",
    "The password must have at least eight letters, and one of them should be large.",
    "Both of us think that {day} would be the better choice.",
    "The museum in {place} is free of charge on {day}, and quite busy.",
    "When {who} calls, please say that the {thing} has been paid for.",
    "You can {deed} by saying yes, or wait for {who}.",
    "How far is it from here to {place}, and would a taxi be quicker?",
    "Goodbye, have a safe trip to {place}, and see you {when}.",
)


def everyday() -> list[str]:
    """Return all sentences, each once; any number from the front is a fair sample."""
    n_turns = max(len(choices) for choices in _FILLINGS.values())
    made = (
        frame.format(
            **{
                slot: choices[(turn + place + row) % len(choices)]
                for row, (slot, choices) in enumerate(_FILLINGS.items())
            }
        )
        for turn in range(n_turns)
        for place, frame in enumerate(_FRAMES)
    )
    return list(islice(dict.fromkeys(made), 200))
