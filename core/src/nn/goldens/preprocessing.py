"""Writes preprocessing.json: what Keras 3 on TensorFlow computes on texts, categories and statistics.

    KERAS_BACKEND=tensorflow python preprocessing.py        (Keras 3.15, TensorFlow 2.21 on the CPU)

Layout: a list of { layer, options, adapt?: data | batches, vocabulary?, input, output: { shape, data } }: `options` are ours, in
camel case. `adapt` is what the layer learns from before, `batches` says that it is a list of batches.
"""

import json
import re
from pathlib import Path

import keras
import numpy as np

random = np.random.default_rng(5)
L = keras.layers
snake = lambda name: re.sub(r"[A-Z]", lambda m: "_" + m[0].lower(), name)
# Words of ours and Keras's words for them.
words = {w: snake(w) for w in ["oneHot", "multiHot", "tfIdf", "lowerAndStripPunctuation", "stripPunctuation"]}
words |= {"floorMod": "floormod", "farmHash": "farmhash"}
cases = []


def packed(x):
    a = np.asarray(x)
    return {"shape": list(a.shape), "data": [float(f"{v:.7g}") for v in a.astype("float64").ravel()]}


def theirs(value):
    return words.get(value, value) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


def case(name, cls, options, given, adapt=None, batches=False, positional=()):
    kept = {snake(k): theirs(v) for k, v in options.items()}
    for key in ["vocabulary", "idf_weights", "bin_boundaries", "mean", "variance"]:
        if key in kept:
            kept[key] = list(kept[key]) if isinstance(kept[key], tuple) else kept[key]
    if kept.get("standardize") == "none":
        kept["standardize"] = None
    if kept.get("split") == "none":
        kept["split"] = None
    layer = cls(*positional, **kept)
    if adapt is not None:
        numbers = not isinstance(np.asarray(adapt[0]).ravel()[0], str)
        if batches:
            layer.adapt(iter([np.asarray(b, "float32") if numbers and cls is not L.IntegerLookup else np.asarray(b) for b in adapt]))
        else:
            layer.adapt(np.asarray(adapt, "float32") if numbers and cls is not L.IntegerLookup else np.asarray(adapt))
    y = layer(given if isinstance(given, list) and isinstance(np.asarray(given).ravel()[0], str) else np.asarray(given))
    entry = {"layer": name, "arguments": [*positional, options], "input": given, "output": packed(keras.ops.convert_to_numpy(y))}
    if adapt is not None:
        entry |= {"adapt": adapt, "batches": batches}
    if hasattr(layer, "get_vocabulary"):
        entry["vocabulary"] = [v.item() if hasattr(v, "item") else v for v in layer.get_vocabulary()]
    cases.append(entry)


# Hashing: every branch of FarmHash by length, and SipHash.
texts = ["", "a", "abc", "seven77", "eightish", "sixteen bytes ok", "seventeen bytes ok", "é" * 12 + "x"]
texts += ["The quick brown fox jumps over the lazy dog."[:n] for n in (31, 32, 33, 44)]
texts += ["Call me Ishmael. Some years ago, never mind how long precisely, having little money, I went to sea. " * 3][:1]
texts += ["x" * n for n in (63, 64, 65, 127, 128, 129, 200)]
column = [[t] for t in texts]
case("hashing", L.Hashing, {}, column, positional=[1000003])
case("hashing", L.Hashing, {"salt": 1337}, column, positional=[1000003])
case("hashing", L.Hashing, {"salt": [133, 137]}, column, positional=[997])
case("hashing", L.Hashing, {"maskValue": "abc"}, column, positional=[11])
numbers = [[0], [1], [-1], [42], [2147483647], [-2147483648], [123456789]]
case("hashing", L.Hashing, {}, numbers, positional=[1000003])
case("hashing", L.Hashing, {"maskValue": 42, "salt": 7}, numbers, positional=[101])
case("hashing", L.Hashing, {"outputMode": "oneHot"}, [["a"], ["b"], ["c"]], positional=[4])
case("hashing", L.Hashing, {"outputMode": "multiHot"}, [["a", "b"], ["c", "a"]], positional=[4])
case("hashing", L.Hashing, {"outputMode": "count"}, [["a", "a"], ["c", "a"]], positional=[4])

# Lookups.
pets = [["cat", "dog", "dog"], ["emu", "cat", "dog"], ["ant", "bee", ""], ["ant", "ﬀ", "𝔸"], ["bee", "é", "zebra"]]
asked = [["dog", "cat", "yak"], ["", "[UNK]", "𝔸"], ["bee", "gnu", "é"]]
case("stringLookup", L.StringLookup, {}, asked, adapt=pets)
case("stringLookup", L.StringLookup, {"maskToken": ""}, asked, adapt=pets)
case("stringLookup", L.StringLookup, {"maskToken": "", "numOovIndices": 5}, asked, adapt=pets)
case("stringLookup", L.StringLookup, {"numOovIndices": 7, "salt": 3}, asked, adapt=pets)
case("stringLookup", L.StringLookup, {"maxTokens": 4, "outputMode": "multiHot"}, asked, adapt=pets)
case("stringLookup", L.StringLookup, {"maskToken": "", "outputMode": "count"}, asked, adapt=pets)
case("stringLookup", L.StringLookup, {"outputMode": "oneHot"}, [["dog"], ["yak"]], adapt=pets)
case("stringLookup", L.StringLookup, {"outputMode": "tfIdf"}, asked, adapt=pets)
case("stringLookup", L.StringLookup, {"outputMode": "tfIdf", "maxTokens": 20, "padToMaxTokens": True}, asked, adapt=pets)
case("stringLookup", L.StringLookup, {"vocabulary": ["cat", "dog"], "outputMode": "tfIdf", "idfWeights": [0.5, 2.0]}, asked)
case("stringLookup", L.StringLookup, {"vocabulary": ["[UNK]", "dog", "cat"]}, asked)
whole = [[5, 7, 7], [1, 5, 7], [-3, 12, 12], [100, 200, 0]]
sought = [[7, 5, 8], [0, -1, 200], [33, 12, 1]]
case("integerLookup", L.IntegerLookup, {}, sought, adapt=whole)
case("integerLookup", L.IntegerLookup, {"maskToken": 0, "numOovIndices": 3}, sought, adapt=whole)
case("integerLookup", L.IntegerLookup, {"numOovIndices": 4, "oovMethod": "farmHash"}, sought, adapt=whole)
case("integerLookup", L.IntegerLookup, {"numOovIndices": 4, "oovMethod": "farmHash", "salt": [1, 2]}, sought, adapt=whole)
case("integerLookup", L.IntegerLookup, {"maxTokens": 5, "outputMode": "count"}, sought, adapt=whole)
case("integerLookup", L.IntegerLookup, {"outputMode": "tfIdf"}, sought, adapt=whole)

# TextVectorization.
lines = [
    "I write, erase, rewrite,",
    "Erase again, and then -- A poppy blooms!",
    "Ünïcode Straße ÉCOLE it's\tA tab\nand a poppy",
    "",
    "again and again and AGAIN",
]
new = ["I write, rewrite, and still rewrite again", "Straße unknown #poppy", "", "école ÉCOLE A"]
V = L.TextVectorization
case("textVectorization", V, {}, new, adapt=lines)
case("textVectorization", V, {"outputSequenceLength": 4}, new, adapt=lines)
case("textVectorization", V, {"outputSequenceLength": 9, "maxTokens": 6}, new, adapt=lines)
for mode in ["multiHot", "count", "tfIdf"]:
    case("textVectorization", V, {"outputMode": mode}, new, adapt=lines)
    case("textVectorization", V, {"outputMode": mode, "ngrams": 2, "maxTokens": 12}, new, adapt=lines)
    case("textVectorization", V, {"outputMode": mode, "maxTokens": 60, "padToMaxTokens": True}, new, adapt=lines)
case("textVectorization", V, {"ngrams": [1, 3]}, new, adapt=lines)
case("textVectorization", V, {"standardize": "lower"}, new, adapt=lines)
case("textVectorization", V, {"standardize": "stripPunctuation", "split": "character"}, new, adapt=lines)
case("textVectorization", V, {"standardize": "none", "outputSequenceLength": 5}, new, adapt=lines)
case("textVectorization", V, {"vocabulary": ["poppy", "and", "again"]}, new)
case("textVectorization", V, {"vocabulary": ["", "[UNK]", "poppy", "and", "again"]}, [[t] for t in new])
case("textVectorization", V, {}, new, adapt=[lines[:2], lines[2:]], batches=True)
case("textVectorization", V, {"outputMode": "tfIdf"}, new, adapt=[lines[:2], lines[2:]], batches=True)

# Categories and numbers.
case("categoryEncoding", L.CategoryEncoding, {"outputMode": "oneHot"}, [[3], [2], [0], [1]], positional=[4])
case("categoryEncoding", L.CategoryEncoding, {"outputMode": "oneHot"}, [3, 2, 0, 1], positional=[4])
case("categoryEncoding", L.CategoryEncoding, {}, [[0, 1], [0, 0], [1, 2], [3, 1]], positional=[4])
case("categoryEncoding", L.CategoryEncoding, {"outputMode": "count"}, [[0, 1], [0, 0], [1, 2], [3, 1]], positional=[4])
wave = (np.sin(np.arange(40) * 7.7) * 3).round(3)
case("discretization", L.Discretization, {"binBoundaries": [0.0, 1.0, 2.0]}, [[-1.5, 1.0, 3.4, 0.5], [0.0, 3.0, 1.3, 0.0]])
case("discretization", L.Discretization, {"binBoundaries": [0.0, 1.0], "outputMode": "oneHot"}, [[-1.5], [1.0], [0.2]])
case("discretization", L.Discretization, {"binBoundaries": [0.0, 1.0], "outputMode": "multiHot"}, [[-1.5, 1.0], [0.2, 0.3]])
case("discretization", L.Discretization, {"binBoundaries": [0.0, 1.0], "outputMode": "count"}, [[-1.5, 1.0], [0.2, 0.3]])
case("discretization", L.Discretization, {"numBins": 4, "epsilon": 0.01}, [[-1.5, 1.0, 3.4, 0.5]], adapt=wave.reshape(40, 1).tolist())
case("discretization", L.Discretization, {"numBins": 5, "epsilon": 0.1}, [wave[:12].tolist()], adapt=wave.tolist())
rows = random.normal(2, 3, size=(7, 3)).round(3)
image = random.uniform(0, 255, size=(4, 2, 3, 2)).round(1)
N = L.Normalization
case("normalization", N, {}, rows[:2].tolist(), adapt=rows.tolist())
case("normalization", N, {"invert": True}, rows[:2].tolist(), adapt=rows.tolist())
case("normalization", N, {"axis": None}, image[:1].tolist(), adapt=image.tolist())
case("normalization", N, {"axis": None, "invert": True}, rows[:2].tolist(), adapt=rows.tolist())
case("normalization", N, {"axis": [1, 3]}, image[:1].tolist(), adapt=image.tolist())
case("normalization", N, {}, image[:1].tolist(), adapt=[image[:3].tolist(), image[3:].tolist()], batches=True)
case("normalization", N, {"mean": 3.0, "variance": 2.0}, rows[:2].tolist())
case("normalization", N, {"mean": [3.0, 1.0, 0.0], "variance": [2.0, 4.0, 0.0]}, rows[:2].tolist())
case("rescaling", L.Rescaling, {"offset": -1.0}, rows.tolist(), positional=[0.5])
case("rescaling", L.Rescaling, {"offset": [1.0, 2.0, 3.0]}, rows.tolist(), positional=[[0.5, 2.0, 1.0]])

text = ",\n".join(json.dumps(entry, ensure_ascii=False, separators=(",", ":")) for entry in cases)
Path(__file__).with_name("preprocessing.json").write_text(f"[\n{text}\n]\n")
print(len(cases), "cases")
