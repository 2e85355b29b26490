"""Writes datasets.json: what Keras's own loaders make of small files of the kinds that known data sets come in.

    KERAS_BACKEND=torch python datasets.py        (Keras 3.15, NumPy 2.4)

Layout: files { name: base64 }, and for each loader its options and result.
"""

import base64
import io
import json
import pickle
import tempfile
from pathlib import Path

import keras
import numpy as np
from keras.src.datasets import california_housing, imdb, reuters

random = np.random.RandomState(5)
folder = Path(tempfile.mkdtemp())
files = {}


def keep(name, content):
    (folder / name).write_bytes(content)
    files[name] = base64.b64encode(content).decode()


def archive(**arrays):
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)
    return out.getvalue()


def sequences(count):
    lists = [[int(word) for word in random.zipf(1.3, 3 + random.randint(12)) % 400 + 1] for _ in range(count)]
    result = np.empty(count, dtype=object)
    result[:] = lists
    return result


keep("imdb.npz", archive(x_train=sequences(23), y_train=random.randint(2, size=23), x_test=sequences(9), y_test=random.randint(2, size=9)))
keep("reuters.npz", archive(x=sequences(31), y=random.randint(46, size=31)))
keep("california_housing.npz", archive(x=random.rand(620, 8), y=random.rand(620) * 1e5))
# Python 3 and 2 (CIFAR's own files are of Python 2: text there is bytes).
for protocol in range(2, 6):
    content = pickle.dumps({"data": np.arange(12, dtype="uint8").reshape(3, 4), "labels": [3, 70000, -5, 2**40, None, True, 1.5]}, protocol=protocol)
    files[f"protocol{protocol}"] = base64.b64encode(content).decode()


def python2(images, labels, key):
    """A batch as Python 2's cPickle wrote it: strings of bytes, arrays through their state."""
    text = lambda word: b"U" + bytes([len(word)]) + word
    integer = lambda n: b"K" + bytes([n]) if n < 256 else b"M" + n.to_bytes(2, "little")
    state = b"(K\x01(" + b"".join(b"M" + n.to_bytes(2, "little") for n in images.shape) + b"tq\x06"
    dtype = b"cnumpy\ndtype\nq\x07(" + text(b"u1") + b"K\x00K\x01tRq\x08(K\x03" + text(b"|") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
    raw = images.tobytes()
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\nq\x02(cnumpy\nndarray\nq\x03K\x00\x85q\x04" + text(b"b") + b"tR"
        + state + dtype + b"\x89T" + len(raw).to_bytes(4, "little") + raw + b"tb"
    )
    content = (
        b"\x80\x02}q\x01(" + text(b"data") + array + text(key.encode()) + b"](" + b"".join(integer(int(n)) for n in labels) + b"e"
        + text(b"filenames") + b"](" + text(b"a.png") + b"eu."
    )
    read = pickle.loads(content, encoding="bytes")
    assert (read[b"data"] == images).all() and read[key.encode()] == [int(n) for n in labels]
    return content


for name, key, count in [("data_batch_1", "labels", 2), ("train", "fine_labels", 3)]:
    images = random.randint(256, size=(count, 3072)).astype("uint8")
    keep(name, python2(images, random.randint(10, size=count), key))

for module in (imdb, reuters, california_housing):
    module.get_file = lambda path=None, fname=None, **_: str(folder / (path or fname))


def plain(value):
    return value.tolist() if isinstance(value, np.ndarray) else value


def cases(load, options):
    results = []
    for given in options:
        (x_train, y_train), (x_test, y_test) = load(**given)
        results.append({"options": given, "result": [plain(part) for part in (x_train, y_train, x_test, y_test)]})
    return results


goldens = {
    "files": files,
    "imdb": cases(
        imdb.load_data,
        [{}, {"num_words": 50}, {"num_words": 100, "skip_top": 5, "maxlen": 10}, {"start_char": None, "oov_char": None, "num_words": 60},
         {"seed": 7, "index_from": 0, "start_char": None}, {"oov_char": 9, "num_words": 20, "start_char": 5}],
    ),
    "reuters": cases(reuters.load_data, [{}, {"num_words": 40, "test_split": 0.3}, {"maxlen": 9, "seed": 3}]),
    "california_housing": [
        {"options": case["options"], "sizes": [len(case["result"][0]), len(case["result"][2])],
         "first": [case["result"][0][0], case["result"][1][:5], case["result"][2][0], case["result"][3][:5]]}
        for case in cases(california_housing.load_data, [{}, {"version": "small"}, {"seed": 1, "test_split": 0.25}])
    ],
}
Path(__file__).with_name("datasets.json").write_text(json.dumps(goldens, separators=(",", ":")) + "\n")
print(keras.__version__)
