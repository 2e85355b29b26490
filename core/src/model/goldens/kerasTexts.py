"""Models of the layers on texts and whole numbers, saved by Keras itself, for model/kerasTexts.test.ts.

Run with Keras 3.15 and tensorflow_cpu 2.21, from this folder: KERAS_BACKEND=tensorflow python kerasTexts.py
Writes kerasTexts.zip, which holds *.keras and cases.json.
"""

import json
import os
import tempfile
import zipfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["KERAS_BACKEND"] = "tensorflow"
import keras
import numpy as np
import tensorflow as tf
from keras import layers

texts = ["The cat sat, on the mat!", "a Dog; the CAT", "fish", "", "dog dog é日本"]
target = os.path.join(os.path.dirname(os.path.abspath(__file__)), "kerasTexts.zip")
folder = tempfile.TemporaryDirectory()
cases = {}


def saved(name, layer, data):
    kind = "string" if isinstance(data[0], str) else "int64"
    start = keras.Input((), dtype=kind)
    model = keras.Model(start, layer(start))
    outputs = np.asarray(model(tf.constant(data, kind)))
    model.save(os.path.join(folder.name, f"{name}.keras"))
    cases[name] = {"data": data, "shape": list(outputs.shape), "outputs": outputs.astype("float64").round(6).ravel().tolist()}


def adapted(layer, data=texts):
    layer.adapt(data)
    return layer


for mode in ("int", "multi_hot", "count", "tf_idf"):
    saved(f"texts_{mode}", adapted(layers.TextVectorization(output_mode=mode, ngrams=2 if mode == "count" else None)), texts)
saved("texts_padded", adapted(layers.TextVectorization(max_tokens=20, pad_to_max_tokens=True, output_mode="tf_idf")), texts)
saved("letters", adapted(layers.TextVectorization(split="character", output_sequence_length=6)), texts)
saved("words", adapted(layers.StringLookup(), ["a", "b", "a", "c"]), ["a", "c", "q"])
saved("rows", layers.StringLookup(vocabulary=["a", "b"], output_mode="one_hot"), ["a", "c", "q"])
saved("numbers", adapted(layers.IntegerLookup(), [5, 6, 5, 7]), [5, 9, 7])
saved("bins", layers.IntegerLookup(vocabulary=[12], num_oov_indices=5, oov_method="farmhash", salt=[1, 2]), [12, 4, 99, 7])
saved("hashed", layers.Hashing(7), ["a", "zz"])
saved("salted", layers.Hashing(7, salt=[3, 4]), ["a", "zz"])
saved("digits", layers.Hashing(7), [1, 2, 300])

with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
    archive.writestr("cases.json", json.dumps(cases))
    for name in sorted(os.listdir(folder.name)):
        archive.write(os.path.join(folder.name, name), name)
