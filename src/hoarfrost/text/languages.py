"""Language codes: which of them mean the same language, and which language of a voice one picks.

In: tags as clients write them (``eng``, ``en``, ``EN_us``, ``ger``, ``zho``). Out: BCP 47 tags.
Invariant: two codes of one language, whatever their standard, case or region, give the same
`language_of`.

The codes are those of ISO 639-1, 639-2 (B and T) and 639-3, with the individual language that a
macrolanguage code means in practice (``arb`` for ``ar``, ``cmn`` for ``zh``).
"""

import re
from collections.abc import Sequence
from typing import Final

# One language a line: its BCP 47 code, the other codes for it, its English name. All that
# espeak-ng 1.52 speaks, less its experiments without a code, and the large languages it lacks.
_TABLE: Final = """
af afr|Afrikaans
am amh|Amharic
an arg|Aragonese
ar ara arb|Arabic
as asm|Assamese
az aze azj|Azerbaijani
ba bak|Bashkir
be bel|Belarusian
bg bul|Bulgarian
bn ben|Bengali
bo bod tib|Tibetan
bpy|Bishnupriya Manipuri
br bre|Breton
bs bos|Bosnian
ca cat|Catalan
chr|Cherokee
crh|Crimean Tatar
cs ces cze|Czech
cv chv|Chuvash
cy cym wel|Welsh
da dan|Danish
de deu ger|German
el ell gre|Greek
en eng|English
eo epo|Esperanto
es spa|Spanish
et est ekk|Estonian
eu eus baq|Basque
fa fas per pes|Persian
fi fin|Finnish
fil tl tgl|Filipino
fo fao|Faroese
fr fra fre|French
fy fry|Western Frisian
ga gle|Irish
gd gla|Scottish Gaelic
gl glg|Galician
gn grn gug|Guarani
grc|Ancient Greek
gu guj|Gujarati
ha hau|Hausa
hak|Hakka Chinese
haw|Hawaiian
he heb iw|Hebrew
hi hin|Hindi
hr hrv scr|Croatian
ht hat|Haitian Creole
hu hun|Hungarian
hy hye arm|Armenian
hyw|Western Armenian
ia ina|Interlingua
id ind in|Indonesian
ig ibo|Igbo
io ido|Ido
is isl ice|Icelandic
it ita|Italian
ja jpn|Japanese
jbo|Lojban
jv jav|Javanese
ka kat geo|Georgian
kaa|Karakalpak
kk kaz|Kazakh
kl kal|Greenlandic
km khm|Khmer
kn kan|Kannada
ko kor|Korean
kok knn|Konkani
ku kur kmr|Kurdish
ky kir|Kyrgyz
la lat|Latin
lb ltz|Luxembourgish
lfn|Lingua Franca Nova
lo lao|Lao
lt lit|Lithuanian
ltg|Latgalian
lv lav lvs|Latvian
mg mlg plt|Malagasy
mi mri mao|Māori
mk mkd mac|Macedonian
ml mal|Malayalam
mn mon khk|Mongolian
mr mar|Marathi
ms msa may zsm|Malay
mt mlt|Maltese
mto|Totontepec Mixe
my mya bur|Burmese
nb nob no nor|Norwegian
nci|Classical Nahuatl
ne nep npi|Nepali
nl nld dut|Dutch
nn nno|Norwegian Nynorsk
nog|Nogai
om orm gaz|Oromo
or ori ory|Odia
pa pan|Punjabi
pap|Papiamento
pl pol|Polish
ps pus|Pashto
pt por|Portuguese
qu que|Quechua
quc|K'iche'
qya|Quenya
ro ron rum|Romanian
ru rus|Russian
rw kin|Kinyarwanda
sd snd|Sindhi
shn|Shan
si sin|Sinhala
sjn|Sindarin
sk slk slo|Slovak
sl slv|Slovenian
smj|Lule Sami
so som|Somali
sq sqi alb als|Albanian
sr srp scc|Serbian
su sun|Sundanese
sv swe|Swedish
sw swa swh|Swahili
ta tam|Tamil
te tel|Telugu
tg tgk|Tajik
th tha|Thai
ti tir|Tigrinya
tk tuk|Turkmen
tlh|Klingon
tn tsn|Tswana
tr tur|Turkish
tt tat|Tatar
ug uig|Uyghur
uk ukr|Ukrainian
ur urd|Urdu
uz uzb uzn|Uzbek
vi vie|Vietnamese
xh xho|Xhosa
yi yid|Yiddish
yo yor|Yoruba
yue|Cantonese
zh zho chi cmn|Chinese
zu zul|Zulu
"""


def _read_table() -> tuple[dict[str, str], dict[str, str]]:
    """Return code → BCP 47 code, and BCP 47 code → English name."""
    codes: dict[str, str] = {}
    names: dict[str, str] = {}
    for line in _TABLE.split("\n"):
        if line:
            listed, name = line.split("|")
            first, *others = listed.split()
            names[first] = name
            codes.update(dict.fromkeys((first, *others), first))
    return codes, names


_CODES, _NAMES = _read_table()
_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")


def language_of(tag: str) -> str | None:
    """Return the BCP 47 code of a tag's language, ``en`` for ``EN_us``; None if it is unknown."""
    return _CODES.get(_primary(tag))


def three_letters(tag: str) -> str:
    """Return the code of three letters that Rime's lists have for a tag's language."""
    language = language_of(tag) or _primary(tag)
    if language == "de":
        return "ger"
    codes = (code for code, known in _CODES.items() if known == language and len(code) == 3)
    return next(codes, language)


def normalise(tag: str) -> str | None:
    """Return a tag as BCP 47 writes it: ``en-US`` for ``ENG_us``, ``de`` for ``ger``.

    None if it is not a tag, or its language is not in the table.
    """
    tidy = _tidy(tag)
    language = language_of(tidy)
    if language is None or not _TAG.fullmatch(tidy):
        return None
    subtags = [language]
    is_private = False
    for subtag in tidy.split("-")[1:]:
        # The conventions of RFC 5646, section 2.1.1: region in capitals, script with one, and
        # everything after a one-letter subtag small.
        is_private = is_private or len(subtag) == 1
        if is_private or len(subtag) not in {2, 4}:
            subtags.append(subtag.lower())
        else:
            subtags.append(subtag.upper() if len(subtag) == 2 else subtag.title())
    return "-".join(subtags)


def pick(tag: str, offered: Sequence[str]) -> str | None:
    """Return which of the offered tags serves a wish: the very region, else the first of its kind.

    Args:
        tag: What is wished for, as `normalise` takes it.
        offered: BCP 47 tags, a voice's ``languages`` say, the preferred one first. They may be of
            languages that the table lacks; such a one is matched by its own code only.

    Returns:
        A member of ``offered``, or None if none is of that language.
    """
    wanted = language_of(tag) or _primary(tag)
    alike = [each for each in offered if (language_of(each) or _primary(each)) == wanted]
    exact = normalise(tag) or _tidy(tag).lower()
    for each in alike:
        if (normalise(each) or _tidy(each).lower()) == exact:
            return each
    return alike[0] if alike else None


def name_of(tag: str) -> str:
    """Return the English name of a tag's language, or the tag itself if it is unknown."""
    language = language_of(tag)
    return tag if language is None else _NAMES[language]


def _tidy(tag: str) -> str:
    return tag.strip().replace("_", "-")


def _primary(tag: str) -> str:
    return _tidy(tag).partition("-")[0].lower()
