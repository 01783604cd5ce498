"""What is said: text is cut into segments, a segment's markup is read, and words are written out.

Read `script` first (the values), then `segmenter` (when text is released), `boundaries` (where it
may be cut; `full_stops`, `streets` and `abbreviations` are what it turns on), `markup` (pauses,
word speeds, spelling; `markdown` says what is silent), `reading` (how words, numbers and signs are
said), `lexicon` and `rime_phonemes` (how users correct that). `brackets` and `characters` are
shared; `languages` and `wrapping` stand by themselves.
"""
