"""Writes kerasNames.json: the public names of Keras 3, by module.

    KERAS_BACKEND=torch python3 scripts/goldens/kerasNames.py
"""

import inspect
import json
import pathlib

import keras

modules = [
    "layers",
    "losses",
    "metrics",
    "optimizers",
    "optimizers.schedules",
    "callbacks",
    "initializers",
    "regularizers",
    "constraints",
    "activations",
    "random",
    "ops",
    "utils",
    "models",
]
plumbing = {"get", "serialize", "deserialize"}


def names(module):
    found = keras
    for part in module.split("."):
        found = getattr(found, part)
    return sorted(
        name for name in dir(found) if not name.startswith("_") and name not in plumbing and not inspect.ismodule(getattr(found, name))
    )


target = pathlib.Path(__file__).parents[2] / "core/src/goldens/kerasNames.json"
target.write_text(json.dumps({"version": keras.__version__, "modules": {module: names(module) for module in modules}}, indent=2) + "\n")
