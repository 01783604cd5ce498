"""The family of the voice in the package: curves of a source-filter vocoder, then samples.

Pulses and noise are shaped by spectra that a small network draws, so pitch and vocal tract can be
changed after it: one recording gives a family of speakers. Read `speaker` first.
"""
