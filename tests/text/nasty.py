"""Texts made of everything that makes cutting text hard."""

from hypothesis import strategies as st

# fmt: off
PARTS = [
    *".,?!…\n\"')][(<>{}3aBIié好。，」😀\u200d\u0301۔؟*", "14", " ", " ", "  ", "\t", "\r\n",
    "\x00", "Dr.", "etc.", "e.g.", "U.S.", "a.m.", "No.", "Inc.", "The", "Oktober", "and", "Smith",
    "spell(", "SPELL(AB. C)", "<200>", "<5.0>", "<b>", "[very slow]", "x@y.co", "rime.ai",
    "http://a.b/?c", "3.14", "1,000", "１，０", "👩\u200d🚀", "🇩🇪", "שלום.", "हाँ।", "...",
    "?!", "hello there you, ", "well, ",
]
# fmt: on

TEXTS = st.lists(st.sampled_from(PARTS), max_size=14).map("".join)
"""Short texts."""

LONG_TEXTS = st.lists(
    st.sampled_from([*PARTS, "a" * 90, "b c " * 60, "好" * 200, "[" + "d " * 80, "." * 70]),
    min_size=8,
    max_size=24,
).map("".join)
"""Texts that often have more characters than a segment may."""
