"""What all tests share: stock voice models draw the same noise in every run."""

import onnxruntime

onnxruntime.set_seed(5)
