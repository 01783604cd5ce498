"""Words whose full stop may not end a sentence: data for `boundaries`.

The segmenter does not know the language of what it reads, so every entry must be safe in all: a
word that is common in one language (``max``, ``me``, ``ex``, ``mind``) stays out, however usual it
is as an abbreviation in another. A missed boundary costs a little delay; a false one is heard.
All entries are case-folded and without their last full stop.
"""


def _words(**by_language: str) -> frozenset[str]:
    return frozenset(word for words in by_language.values() for word in words.split())


NEVER_LAST = _words(
    english="""
        dr mr mrs ms mx messrs prof rev st mt lt sgt capt cmdr col cpl pvt maj gen gov sen supt hon
        pres sr attn vs viz cf approx e.g i.e eg ie""",
    german="""
        frl dipl ing geb bzw ca evtl ggf inkl exkl sog vgl zzgl bspw str
        z.b d.h u.a i.d.r o.ä v.a s.o s.u m.e u.u""",
    spanish="ee sra srta dra dn dña lic arq av avda apdo aprox gral ej p.ej",
    french="mm mme mmes mlle mlles mgr bd ste p.ex c.-à-d",
    italian="dott sig avv",
)
"""A word always follows: no sentence ends here."""

MAYBE_LAST = _words(
    english="""
        inc ltd co corp bros jr esq al ft lb lbs oz tsp tbsp hr hrs mins secs yrs dept univ assn
        assoc ave blvd rd ln ct pl sq hwy pkwy ter cir trl cres expy fwy tpke aly plz rte apt bldg
        appt asst acct amt addr avg est excl govt incl intl misc natl qty rep temp
        mon tue tues wed weds thu thur thurs fri jan feb apr aug sept oct nov dec""",
    spanish="ud uds vd vds cía uu",
)
"""May end a sentence: it does if the next word is one that begins them (`STARTERS`)."""

CAPITALISED = frozenset({"Sat", "Sun"})
"""Abbreviations with a capital, words without; they may end a sentence, as `MAYBE_LAST`."""

LIST_END = _words(english="etc", german="usw usf uvm u.s.w u.s.f", italian="ecc")
"""End of a list, and of the sentence if the next word has a capital."""

BEFORE_NUMBER = _words(
    english="""
        no nos vol vols fig figs sec sect art ch chap pp pg pgs op ver ext tel ref eq max min rs rm
        mar jun jul sep""",
    german="nr abs",
    spanish="núm num nº n° cap pág págs",
)
"""An abbreviation before a number (``No. 5``), a word before anything else (``No. I won't.``)."""

STREET_TYPES = _words(
    english="st dr ave av rd blvd ln ct pl sq hwy pkwy ter cir trl cres expy fwy tpke aly plz"
)
"""Types of street: after a name they may end a sentence (``12 Main St. Please``)."""

ORDINAL_NOUNS = _words(
    german="""
        januar jänner februar märz april mai juni juli august september oktober november dezember
        jahrhundert klasse stock etage mal platz tag geburtstag weltkrieg liga quartal semester
        kapitel"""
)
"""Nouns after an ordinal number: ``am 3. Oktober``."""

# Not here: words that are names too (Will, May, An), or begin them (De, Le, Van).
STARTERS = _words(
    english="""
        the a this that these those i you he she it we they my your his her its our their there
        here what who when where why how which if in on at for from with by as but and or nor then
        now yet please thanks thank yes no ok okay let does did is are was were can could would
        should have has had after before because since while although though however also just
        maybe perhaps once until some many most both next finally meanwhile hi hello hey sure great
        well sorry""",
    german="""
        der die ein eine einen er sie es wir ihr ich du aber oder doch denn wenn als wie wer wo
        warum dann dort hier heute morgen jetzt nun auch nur nach vor bei mit für im auf aus zum
        zur ja nein bitte danke und""",
    spanish="""
        el un una unos unas yo tú él ella ellos ellas nosotros usted ustedes su sus pero si sí en
        con por para cuando donde qué quién este esta esto eso esa hay ahora luego entonces también
        gracias hola""",
    french="""
        les une il elle ils elles nous vous je tu ce cette ces mais et ou donc car quand comme où
        qui dans sur sous avec pour sans chez puis alors ensuite oui non merci bonjour""",
)
"""Words that begin a sentence far more often than they follow an abbreviation as a name."""
