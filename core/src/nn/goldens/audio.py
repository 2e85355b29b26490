"""Writes audio.json: what Keras's layers of sounds compute, on PyTorch.

    KERAS_BACKEND=torch python -P audio.py      (Keras 3.15, PyTorch 2.13 on the CPU)

Layout: a list of { layer, options, input: { shape, data }, output: { shape, data } }; `options` are ours, in camel case, where "none"
and "rectangular" are Keras's None.
"""

import json
import re
from pathlib import Path

import keras
import numpy as np

random = np.random.default_rng(7)
snake = lambda name: re.sub(r"[A-Z]", lambda m: "_" + m[0].lower(), name)
cases = []


def packed(x):
    a = np.asarray(x)
    return {"shape": list(a.shape), "data": [float(f"{v:.7g}") for v in a.astype("float64").ravel()]}


def case(name, cls, shape, **options):
    x = random.normal(size=shape).astype("float32")
    theirs = {snake(k): None if v in ("none", "rectangular") else v for k, v in options.items()}
    y = keras.ops.convert_to_numpy(cls(**theirs)(x))
    cases.append({"layer": name, "options": options, "input": packed(x), "output": packed(y)})


stft, mel = keras.layers.STFTSpectrogram, keras.layers.MelSpectrogram
for mode in ["log", "magnitude", "psd", "real", "imag", "stft"]:
    case("stftSpectrogram", stft, (2, 40, 2), mode=mode, frameLength=16)
case("stftSpectrogram", stft, (1, 33, 1), mode="magnitude", frameLength=12, frameStep=5, fftLength=16, padding="same")
case("stftSpectrogram", stft, (2, 40, 3), mode="psd", frameLength=10, frameStep=10, expandDims=True, scaling="spectrum")
case("stftSpectrogram", stft, (1, 30, 1), mode="real", frameLength=9, window="hamming", periodic=True, scaling="none")
case("stftSpectrogram", stft, (1, 30, 1), mode="magnitude", frameLength=8, window="blackman", fftLength=20)
case("stftSpectrogram", stft, (1, 30, 1), mode="real", frameLength=8, window="none")
case("stftSpectrogram", stft, (1, 30, 1), mode="imag", frameLength=4, window=[0.5, 1.0, 0.25, 2.0])
case("melSpectrogram", mel, (2, 200), fftLength=64, sequenceStride=16, numMelBins=10, samplingRate=4000)
case("melSpectrogram", mel, (100,), fftLength=32, sequenceStride=10, sequenceLength=20, numMelBins=5, samplingRate=2000, window="hamming")
case("melSpectrogram", mel, (2, 100), fftLength=32, sequenceStride=8, numMelBins=6, minFreq=100.0, maxFreq=900.0, samplingRate=2000, powerToDb=False, magExp=1.0)
case("melSpectrogram", mel, (1, 100), fftLength=32, sequenceStride=8, numMelBins=6, samplingRate=2000, topDb=10.0, refPower=2.0, window="rectangular")

Path(__file__).with_name("audio.json").write_text("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
