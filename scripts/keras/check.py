"""Opens the files that write.mjs made in Keras itself: the same predictions, and the same next steps of training.

KERAS_BACKEND=torch python scripts/keras/check.py FOLDER
"""

import json
import os
import sys
import warnings

os.environ.setdefault("KERAS_BACKEND", "torch")
warnings.filterwarnings("ignore")

import keras
import numpy as np

keras.config.set_floatx("float32")
folder = sys.argv[1]
failed = 0
tried = 0


def arrays(structure):
    if isinstance(structure, dict) and isinstance(structure.get("values"), list):
        return np.array(structure["values"], "float32").reshape(structure["shape"])
    if isinstance(structure, dict):
        return {name: arrays(part) for name, part in structure.items()}
    return [arrays(part) for part in structure]


def close(found, expected, tolerance=2e-5):
    found, expected = np.ravel(np.asarray(found, "float64")), np.ravel(np.asarray(expected, "float64"))
    assert found.shape == expected.shape, f"{found.shape} is not {expected.shape}"
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


def listed(result):
    return [result[name] for name in sorted(result)] if isinstance(result, dict) else list(result) if isinstance(result, (list, tuple)) else [result]


# What Keras 3.15 cannot read of its own files either.
unreadable = {
    "golden_graph.keras": "a layer that a nested model shares with the model around it",
    "golden_graph.h5": "a layer that a nested model shares with the model around it",
    "golden_lamb.h5": "optimizers without an old name",
    "lambda_0.keras": "a function that this program has not registered",
    "lambda_0.h5": "a function that this program has not registered",
}


# What is said in docs/formats.md: Keras 3.15 crops nothing at inference, and on PyTorch has PyTorch's bicubic numbers.
different = {
    "randomCrop": lambda: True,
    "resizing_2": lambda: keras.backend.backend() == "torch",
}


def continues(model, train, legacy):
    x, y = np.array(train["x"], "float32"), np.array(train["y"])
    if legacy:  # Keras 3 reads a legacy file's optimizer without its variables, and then cannot train
        close(model.evaluate(x, y, verbose=0, return_dict=True)["loss"], train["evaluated"]["loss"])
        return
    assert int(model.optimizer._iterations) == train["iterations"], "iterations"
    for expected in train["losses"]:
        found = float(np.ravel(model.train_on_batch(x, y))[0])
        model.reset_metrics()
        close(found, expected, 1e-4)
    close(model.predict(x, verbose=0), train["after"], 1e-4)


for case in json.load(open(os.path.join(folder, "cases.json"))):
    path = os.path.join(folder, case["file"])
    if case["file"] in unreadable:
        print(f"{case['file']}: not tried, Keras does not read {unreadable[case['file']]}")
        continue
    if any(case["file"].startswith(name) and holds() for name, holds in different.items()):
        print(f"{case['file']}: predicts something else, as docs/formats.md says")
        continue
    tried += 1
    try:
        model = keras.models.load_model(path)
        if case.get("train"):
            continues(model, case["train"], case["file"].endswith(".h5"))
        elif case.get("golden"):
            x = [np.array(each, "float32") for each in case["golden"]["inputs"]]
            expected = case["golden"]["outputs"]
            found = model.predict(x if len(x) > 1 else x[0], verbose=0)
            for one, other in zip(listed(found), listed(expected), strict=True):
                close(one, other)
        else:
            found = listed(model.predict(arrays(case["inputs"]), batch_size=64, verbose=0))
            for one, other in zip(found, case["outputs"], strict=True):
                close(one, other)
            weights = path.rsplit(".", 1)[0] + ".weights.h5"
            if case["file"].endswith(".keras") and os.path.exists(weights):
                for weight in model.weights:
                    weight.assign(weight * 0)
                model.load_weights(weights)
                for one, other in zip(listed(model.predict(arrays(case["inputs"]), batch_size=64, verbose=0)), case["outputs"], strict=True):
                    close(one, other)
    except Exception as error:
        failed += 1
        print(f"{case['file']}: {type(error).__name__}: {' '.join(str(error).split())[:300]}")

print(f"Keras {keras.__version__}: {tried - failed} of {tried} files are as they should be")
sys.exit(1 if failed else 0)
