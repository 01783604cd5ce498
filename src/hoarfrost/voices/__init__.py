"""Where further voices come from: the public catalogue of Piper voices, and the folder they lie in.

In: a voice's name. Out: its files, whole and checked, or one clear error. Invariant: whoever looks
into the folder for ``*.onnx`` finds complete voices only, at every moment.

Start reading in `hoarfrost.voices.adding`.
"""
