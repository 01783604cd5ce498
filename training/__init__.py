"""Make a small natural voice from recordings of one speaker: read `docs/your-own-voice.md` first.

Comes in: a folder of recordings with their sentences. Goes out: a voice package (`voice.json`,
`text.onnx`, `dec.onnx`) that the natural engine speaks with. Nothing here is part of the wheel.

Needs the extra `training`. In the order in which they run:

| module | does |
|---|---|
| `prepare` | recordings → audio, spectra, pitch, phonemes (`corpus`, `features`, `pitch`) |
| `align` | which frames belong to which phoneme (`alignment`) |
| `train_vocoder`, `train_acoustic`, `train_prosody` | the three networks, each alone |
| `train_joint` | spectrum decoder and vocoder together, against what a listener would notice |
| `calibration` | the last gains |
| `export` | the two graphs of the package (`carry`: by windows; `quantisation`: in integers) |
| `evaluate`, `listening` | figures and a page to listen to |
"""
