"""Writes audio.json: WAV files of Python's own writer, and spectra of torch.stft and of Keras's MelSpectrogram.

    KERAS_BACKEND=torch python audio.py        (Python 3.11, PyTorch 2.13, Keras 3.15)
"""

import base64
import io
import json
import struct
import wave
from pathlib import Path

import keras
import numpy as np
import torch

random = np.random.RandomState(2)
listed = lambda x: [float(f"{float(value):.6g}") for value in np.asarray(x).ravel()]
encoded = lambda content: base64.b64encode(content).decode()
values = [0, 1, -1, 0.5, -0.25, 0.999]


def pcm(bits, channels):
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(bits // 8)
        file.setframerate(8000)
        top = 2 ** (bits - 1)
        integers = [max(-top, min(top - 1, round(value * top))) for value in values]
        raw = b"".join(((i + 128) if bits == 8 else i & (2**bits - 1)).to_bytes(bits // 8, "little") for i in integers)
        file.writeframes(raw)
    scaled = [integer / top for integer in integers]
    return {"name": f"pcm{bits} {channels}", "file": encoded(out.getvalue()), "channels": channels, "values": listed(np.float32(scaled))}


def chunks(*parts):
    body = b"WAVE" + b"".join(name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2) for name, content in parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def floats(bits, extensible):
    raw = np.array(values, dtype=f"<f{bits // 8}").tobytes()
    head = struct.pack("<HHIIHH", 0xFFFE if extensible else 3, 1, 8000, 8000 * bits // 8, bits // 8, bits)
    if extensible:
        head += struct.pack("<HHI", 22, bits, 4) + struct.pack("<H", 3) + bytes.fromhex("000000001000800000aa00389b71")
    file = chunks((b"fmt ", head), (b"LIST", b"odd"), (b"data", raw))
    return {"name": f"f{bits} {extensible}", "file": encoded(file), "channels": 1, "values": listed(np.float32(values))}


def spectrum(samples, window="hann", **options):
    x = random.uniform(-1, 1, samples).astype("float32")
    length = options["win_length"]
    shape = torch.hann_window(length) if window == "hann" else torch.hamming_window(length) if window == "hamming" else torch.ones(length)
    result = torch.stft(torch.tensor(x), window=shape, return_complex=True, **options).transpose(-1, -2)
    given = {"fftLength": options["n_fft"], "sequenceLength": length, "sequenceStride": options["hop_length"], "window": window, "center": options["center"]}
    return {"signal": listed(x), "options": given, "shape": list(result.shape), "real": listed(result.real), "imaginary": listed(result.imag)}


def mel(shape, **options):
    x = random.uniform(-1, 1, shape).astype("float32")
    camel = lambda name: "".join(part if index == 0 else part.title() for index, part in enumerate(name.split("_")))
    result = keras.ops.convert_to_numpy(keras.layers.MelSpectrogram(**options)(x))
    return {"signal": listed(x), "signalShape": list(shape), "options": {camel(k): v for k, v in options.items()}, "shape": list(result.shape), "values": listed(result)}


goldens = {
    "files": [pcm(bits, channels) for bits in (8, 16, 24, 32) for channels in (1, 2)] + [floats(bits, ext) for bits in (32, 64) for ext in (False, True)],
    "spectra": [
        spectrum(200, n_fft=32, win_length=32, hop_length=8, center=True),
        spectrum(90, n_fft=30, win_length=20, hop_length=7, center=True, window="hamming"),
        spectrum(64, n_fft=16, win_length=9, hop_length=4, center=False),
        spectrum(40, n_fft=12, win_length=12, hop_length=12, center=False, window="rectangular"),
    ],
    "mels": [
        mel((2, 400), fft_length=64, sequence_stride=16, num_mel_bins=10, sampling_rate=8000, min_freq=50.0),
        mel((300,), fft_length=64, sequence_length=40, sequence_stride=20, num_mel_bins=6, sampling_rate=4000, power_to_db=False, mag_exp=1.0),
        mel((1, 500), fft_length=128, sequence_stride=50, num_mel_bins=8, sampling_rate=16000, top_db=20.0, ref_power=2.0, max_freq=6000.0),
    ],
}
Path(__file__).with_name("audio.json").write_text(json.dumps(goldens, separators=(",", ":")) + "\n")
