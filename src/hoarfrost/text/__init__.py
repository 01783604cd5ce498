"""What is said: text is cut into segments, and a segment's markup is read into a script.

Read `script` first (the values), then `segmenter` (when text is released), `boundaries` (where it
may be cut; `abbreviations` is its data), `markup` (pauses, word speeds, spelling); `brackets` and
`characters` (what these take for markup, and for a picture). `languages` stands by itself.
"""
