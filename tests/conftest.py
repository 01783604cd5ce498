"""What all tests share."""

import os
import signal

import hypothesis
import onnxruntime

from hoarfrost.engines.natural.piper import packages

# How long an example takes says more of the machine, and of what else it does, than of the code.
hypothesis.settings.register_profile("hoarfrost", deadline=None)
hypothesis.settings.load_profile("hoarfrost")

# The trained voice is installed for the tests that mean it; cut for every server, it would take
# seconds each time.
os.environ["HOARFROST_VOICE_PACKAGES"] = "false"
packages.PACKAGES.clear()

# Stock voice models draw the same noise in every run.
onnxruntime.set_seed(5)

# Started in the background, as some runners are, the programs under test would inherit its being
# ignored, and Ctrl-C is part of what is tested.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
