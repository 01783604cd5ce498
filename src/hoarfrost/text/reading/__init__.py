"""Text as it is said: sentences of words, each with what is spoken for it and where it stands.

Engine-independent: every voice that reads English reads it by this. A token is classified with its
neighbours in view (`scanner` asks the classes in order), then written out; one class is one module:

======================  ==========================================================================
`money`                 ``$5.99``, ``-€5,50``, ``$20/month``, ``$5-$10``, ``US$7``, ``50¢``
`telephone`, `codes`    ``+49 821 555 0100``, card numbers, ``PIN 0042``, ``B12``, ``#10442``
`measures`              ``5 km``, ``6'2"``, ``72 °F``, ``10 mg/kg``, ``10%``
`dates`, `times`        ``Jan 5``, ``4/23/2021``, ``9am-5pm``, ``10:30 EST``, ISO time stamps
`addresses`             ``12 Main St.``, ``Lake Dr``, ``OR 97477``
`internet`              ``kim@mail.com``, ``https://…``, ``192.168.0.1``, ``v2.0-beta``
`quantities`            cardinals, years, ordinals, fractions, ranges, ``3x``, ``100k``
`roman`                 ``World War II``, ``Henry VIII``
`abbreviations`         ``Dr.``, ``e.g.``, ``U.S.``, ``w/o``
`acronyms`              ``FBI``, ``NASA``, ``AT&T``
`interjections`         ``Mm-hmm``, ``Shh``
`signs`                 ``x < 5``, ``≤``, ``±``, ``C++``
`plain`                 everything else
======================  ==========================================================================

`sentences` puts the tokens together; `foreign` does so for other languages; `numbers`, `amounts`,
`units` and `letters` are what the classes share. Read `sentences`, `scanner`, then any class.
"""
