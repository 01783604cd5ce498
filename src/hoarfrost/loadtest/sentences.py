"""Everyday English for the callers to have spoken: sentences with gaps, and what fills them.

Written for this tester. The gaps make tens of thousands of different sentences, so that a server
that keeps what it has spoken before gains nothing from it.
"""

from typing import Final

SHORT: Final = (
    "{day} at {time} works for me.",
    "Thanks for waiting in {place}, {name}.",
    "I will ask {name} about {day}.",
    "Is {time} on {day} still good?",
    "The {thing} should arrive on {day}.",
    "Your {thing} is all set, {name}.",
    "We have {number} of them in {place}.",
    "Let me look up the {thing} for {name}.",
    "Could {name} call you at {time}?",
    "The {thing} is ready in {place}.",
)

MEDIUM: Final = (
    "Your appointment with {name} is on {day} at {time}.",
    "I found {number} flights to {place}, and the earliest leaves at {time}.",
    "The {thing} was shipped from {place} this morning, so it should reach you by {day}.",
    "Would you like me to send the {thing} to your office in {place} instead?",
    "We are open until {time} on {day}, and parking behind the building is free.",
    "Please keep the {thing} with you, because {name} will ask for it at the door.",
    "The bill comes to {number} dollars, which already includes the {thing}.",
    "I can put you through to {name}, or you can leave a message after the tone.",
    "There is some rain over {place} today, but {day} looks bright and warm.",
    "The train to {place} leaves at {time} from platform {number}.",
    "I have moved your reservation to {day}, and the table is by the window.",
    "Nobody has picked up the {thing} yet, so I asked {name} to call you back.",
)

LONG: Final = (
    "If the {thing} does not turn up by {day}, please call us again and ask for {name}, who has "
    "the file on her desk and can send a new one the same afternoon.",
    "The quickest way to {place} is the coast road, although it is closed between {time} and "
    "midnight this week, and then you would have to turn left at the bridge and follow the signs.",
    "I read through your message twice, and as far as I can tell the {thing} was charged once on "
    "{day} and once more by mistake, so {number} dollars will go back to your account.",
    "Before you unpack the {thing}, make sure that all {number} screws are in the bag, put the "
    "longer side against the wall, and ask somebody to hold the lid while you tighten it.",
    "My notes say that {name} visited the house in {place} on {day}, took a few pictures of the "
    "kitchen, and promised to be back with an offer before {time} tomorrow.",
    "We usually answer within {number} minutes, but a storm near {place} has kept half of the team "
    "on the road since {time}, and I would rather tell you now than let you wait.",
)

FILLINGS: Final = {
    "name": ("Maria", "Mister Okafor", "Doctor Lind", "Priya", "Tom", "Elena", "Henry", "Aisha",
             "Captain Ruiz", "Sophie", "Walter", "Miss Tanaka", "Oliver", "Grace", "Noah"),
    "place": ("Boston", "Cedar Falls", "Lisbon", "the north side", "Green Harbor", "Dover",
              "the old station", "Salt Lake City", "Millbrook", "Rotterdam", "Pine Street"),
    "day": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
            "the first of May", "the third of June", "the tenth of October"),
    "time": ("seven thirty", "half past nine", "ten fifteen", "noon", "one forty five",
             "a quarter to four", "five", "six twenty", "eight in the evening"),
    "number": ("three", "four", "seven", "eleven", "twelve", "fifteen", "twenty two", "thirty",
               "forty eight", "sixty", "ninety nine", "two hundred"),
    "thing": ("parcel", "prescription", "contract", "blue suitcase", "spare key", "invoice",
              "bookshelf", "coffee machine", "ticket", "garden table", "passport", "report"),
}  # fmt: skip
"""By name of a gap, what may stand in it."""

REPLIES: Final = (
    "All right then.",
    "Please go ahead whenever you are ready.",
)
"""What is said after an interruption: short, without a comma, always the same, so that the audio
that comes can be held against that of the same words spoken in quiet."""
