"""What is said: text is cut into segments, and a segment's markup is read into a script.

Read `script` first (the values), then `segmenter` (when text is released), `boundaries` (where it
may be cut), `markup` (pauses, word speeds, spelling).
"""
