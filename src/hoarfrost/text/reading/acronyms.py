"""Words in capitals: spelled (``FBI``), said as a word (``NASA``), or only loud (``STOP``)."""

import re
from typing import Final

from hoarfrost.text.reading.context import Context, Token, TokenClass
from hoarfrost.text.reading.letters import spelled
from hoarfrost.text.tables import words

_CAPITALS: Final = re.compile(
    r"(?P<word>[A-Z]{2,12})(?P<tail>['’]?s(?!\w)|['’]s(?!\w))?(?!\w|['’]\w)"
    r"|(?P<mixed>PhDs?|BSc|MSc|BTech|MPhil|DPhil|PCs|IDs|TVs|DVDs|CEOs|APIs|URLs)(?!\w)"
)
_JOINED: Final = re.compile(
    r"(?P<one>[A-Z]{1,4})(?P<sign>[&+])(?P<other>[A-Z]{1,4})(?P<own>['’]s)?(?!\w)"
)
_PREFIXED: Final = re.compile(
    r"(?:(?P<system>i|mac|watch|tv|vision|web|iPad|Chrome|Free|Cent)(?=OS)"
    r"|(?P<letter_before>[a-z])(?=[A-Z]{2,5}(?:['’]?s)?(?!\w)))(?P<capitals>[A-Z]+)"
    r"(?P<own>['’]?s)?(?!\w)|pH(?!\w)"
)
_LETTER: Final = re.compile(r"(?P<letter>[A-Z])(?P<own>['’]s)?(?![\w'’])")

WORDS: Final = words("""
    NASA NATO UNESCO UNICEF OPEC FIFA UEFA NAFTA AIDS LASER RADAR SCUBA SIM PIN RAM ROM LAN
    WAN GIF JPEG NASDAQ POTUS SCOTUS FEMA OSHA HIPAA COVID SARS MERS ZIP SWAT DARPA IKEA
    LEGO NASCAR ERISA YOLO FOMO TED DOS BIOS NIMBY SONAR TASER CAPTCHA SWIFT MIDI PETA NORAD
    ASCII BASIC COBOL FORTRAN CERN EBITDA FICO GUI SAP ANSI ISIS LULZ VIN MAC ASEAN BREXIT
    IKEA MENSA NICE NAND PEMDAS SALT START ACE HAMAS OPEC INTERPOL EUROPOL MODEM AMBER CAT
    SAD AWOL REM LIDAR SOHO TARP CARES WASP
""")
"""Acronyms that are said as words."""
LETTERS: Final = words("""
    ISBN ER ICU FBI CIA USA UK EU UN TV PC CEO CFO CTO COO ATM ID HR PR VP AI API URL USB DVD CD
    GPS SUV DNA RNA FAQ DIY HIV IQ IRS NBA NFL NHL MLB UFO VIP SQL HTML CSS PDF HTTP HTTPS
    XML JSON CPU GPU SSD HDD PS UPS DHL IBM BBC CNN NBC CBS ABC ESPN MBA MD RN EMT EMS CPR
    MRI CT ECG EKG OCD ADHD PTSD ETA ASAP FYI BTW LOL OMG RSVP TBD TBA AKA DOB SSN EIN LLC
    PLC SMS IP VPN DNS SSH UI UX QA KPI ROI B2B NGO GDP CPI IPO ETF CEO DC LA NYC NY SF UAE
    GMT UTC PST EST CST MST EDT PDT CDT MDT AC BC AD CE BCE DJ MC OT PT OB IV PM MP TSA DMV
    DUI NYPD LAPD EPA FDA CDC WHO HVAC LED LCD OLED RGB QR OS IOS AWS GCP SDK IDE ML LLM TTS
    STT NLP RAG OTP MFA SLA EV HOV ATV BMW VW GM KFC BLT PB OJ TLC RIP POW MIA KO TKO MVP
    ACL EPL EKG IVF STD UTI PMS ADA HOA APR APY IRA IT US AMA PTA PO UV XL XXL XS
""")
"""Known to be spelled, also where everything is in capitals (but for `_WORDS_TOO`)."""
_WORDS_TOO: Final = words("""
    IT US WHO OR AM AD CE BC IRA START CAT SAD ACE AIDS APR LA PT ADA CARES MIA PO
""")
"""Words as well: in capitals among words that are not, they are spelled only with a sign for it."""
_BEFORE_LETTERS: Final = words("""
    the our your their in an of from to for across within around outside throughout my
""")
_AFTER_IT: Final = words("""
    department support team guy manager staff issues desk services help worker industry
""")
_PLAIN_WORDS: Final = words("""
    A I AM AN AS AT BE BY DO GO HE IF IN IS IT ME MY NO OF OH ON OR SO TO UP WE ALL AND ANY
    ARE ASK BAD BIG BUT BUY CAN DAY DID END FAR FEW FOR FUN GET GOT HAD HAS HER HEY HIM HIS
    HOT HOW ITS JOB LET LOT MAN MAY MEN NEW NOT NOW OFF OLD ONE OUR OUT OWN PAY PUT RUN SAY
    SEE SHE SIT SIX TEN THE TOO TOP TRY TWO USE WAS WAY WHO WHY WIN WON YES YET YOU HI HA
    LOW ADD ACT AGE AGO AIR BED BOX BOY BUS CAR CUT DAD DOG DRY EAT EGG EYE FLY GUN HIT ICE
    ILL KEY KID LAW LEG LIE MAD MAP MOM OIL PET RED SAD SEA SET SIR SKY SON SUN TAX TEA TIE
    TOY WAR WET YEP NAH WOW YAY AWW GOD BOO OW AH UH UM MIX FIX WAX LOG DIG DIP HUG HUM JOY
    LAP MUD NOR NUT PAN PEN PIE PIG POP POT RAT RAW ROW RUB SKI SOB SPY TAP TIP TOE WEB WIG
    ZOO AID AIM ARM ART BAG BAN BAR BAT BEE BET BIT BOW BUD BUG CAP COW CRY CUP DAM DEN DUE
    EAR ELF END ERA FAN FAT FED FEE FIG FIN FIT FOG FOX FUR GAP GAY GEL GEM GUM GUT GUY HAM
    HAT HEN HER HIP HOP JAM JAR JAW JET JOG KIT LAB LET LID LIP LIT MAT MIX MOB MUG NAP NET
    NOD ODD OWL PAT PAW PEA PET PIT PUB RAG RIB RID RIG RIM RIP ROB ROD ROT RUG SAW SHY SIN
    SIP SKY SOW SUE SUM TAB TAG TAN TAR TEN TON TUB TUG VAN VET VOW WEE WHO WIT YEN
""")
"""Short words that people write in capitals for their loudness."""
_VOWELS: Final = re.compile(r"[AEIOUY]")
_CLUSTER: Final = re.compile(r"[^AEIOUY]{4}|^[^AEIOUY]{3}|[^AEIOUYS][^AEIOUY]{2}$")


def read_acronym(ctx: Context, at: int) -> Token | None:
    """Read a word in capitals, ``AT&T``, or a letter by itself."""
    joined = ctx.match(_JOINED, at)
    if joined is not None:
        one, other = (spelled(joined[group], british=ctx.british) for group in ("one", "other"))
        sign = "and" if joined["sign"] == "&" else "plus"
        own = "'s" if joined["own"] else ""
        return Token(at, joined.end(), TokenClass.ACRONYM, f"{one} {sign} {other}{own}")
    if (prefixed := _prefixed(ctx, at)) is not None:
        return prefixed
    found = ctx.match(_CAPITALS, at)
    if found is None:
        return _letter(ctx, at)
    if found["mixed"]:
        word = found["mixed"]
        plural = "s" if word.endswith("s") else ""
        said = spelled(word.removesuffix("s"), british=ctx.british)
        return Token(at, found.end(), TokenClass.ACRONYM, said + ("'s" if plural else ""))
    word = found["word"]
    tail = "'s" if found["tail"] else ""
    if word == "OK":
        return Token(at, found.end(), TokenClass.ACRONYM, "okay" + tail)
    if not is_spelled(ctx, at, found.end(), word):
        said = word.lower() + tail
        kind = TokenClass.ACRONYM if word in WORDS else TokenClass.PLAIN
        return Token(at, found.end(), kind, said)
    said = spelled(word, british=ctx.british) + tail
    return Token(at, found.end(), TokenClass.ACRONYM, said)


def _prefixed(ctx: Context, at: int) -> Token | None:
    """Read ``iOS``, ``macOS``, ``mRNA``, ``pH``: small letters before what is spelled."""
    found = ctx.match(_PREFIXED, at)
    if found is None:
        return None
    if (capitals := found["capitals"]) is None:
        return Token(at, found.end(), TokenClass.ACRONYM, spelled("PH"))
    system, before = found["system"], found["letter_before"]
    if before and not is_spelled(ctx, at + 1, found.end("capitals"), capitals):
        return None  # eSIM, iMAX: a word
    first = {"i": "I", "tv": "T V", "iPad": "i pad"}.get(system, system) if system else before
    own = "'s" if found["own"] else ""
    said = f"{first.upper() if before else first} {spelled(capitals, british=ctx.british)}{own}"
    return Token(at, found.end(), TokenClass.ACRONYM, said)


def is_spelled(ctx: Context, at: int, end: int, word: str) -> bool:
    """Tell whether a word in capitals is said letter by letter."""
    if word in LETTERS and word not in _WORDS_TOO:
        return True
    if word in WORDS:
        return False
    if ctx.is_shouted:
        return not _VOWELS.search(word)
    if word in _WORDS_TOO or word in LETTERS:
        return _has_sign(ctx, at, end, word)
    if word in _PLAIN_WORDS:
        return False
    if len(word) <= 3 or not _VOWELS.search(word):
        return True
    return len(word) <= 6 and _CLUSTER.search(word) is not None


def _has_sign(ctx: Context, at: int, end: int, word: str) -> bool:
    if word in ("US", "AD", "BC", "CE", "PT", "PO", "LA", "APR", "IRA", "ADA", "MIA"):
        return True
    before, after = ctx.word_before(at).lower(), ctx.word_after(end).lower()
    if word == "IT":
        return (
            (before in _BEFORE_LETTERS - {"of", "to", "for", "from", "in"})
            or after in _AFTER_IT
            or (before == "in" and not after)
        )
    if word == "WHO":
        return before in ("the", "by")
    return word == "OR" and before == "the"


def _letter(ctx: Context, at: int) -> Token | None:
    """Read a letter by itself: ``A`` is the article where a sentence begins, or before a word."""
    found = ctx.match(_LETTER, at)
    if found is None or found["letter"] == "I":
        return None
    own = "'s" if found["own"] else ""
    if found["letter"] == "A" and not own:
        after = ctx.word_after(found.end())
        begins = not ctx.behind(at).strip("\"'“‘( \n")
        if (begins or ctx.is_shouted or ctx.behind(at).rstrip("\"'“‘( ")[-1:] in ":;,") and after[
            :1
        ].isalpha():
            return Token(at, found.end(), TokenClass.PLAIN, "a")
    return Token(
        at, found.end(), TokenClass.ACRONYM, spelled(found["letter"], british=ctx.british) + own
    )
