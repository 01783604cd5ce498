"""How it sounds on the wire: samples are resampled and encoded, chunk by chunk, without seams.

Read `stage` first (the contract), then `chain` (what the rest of the package uses); the other
modules are one stage each.
"""
