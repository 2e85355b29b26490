"""Writes kerasDefaults.json: the parameters of Keras 3's layers, losses, metrics, optimizers and schedules, and their defaults.

    KERAS_BACKEND=torch python3 scripts/goldens/kerasDefaults.py

Layout: module → class → parameter → default, where "required" stands for none. Names are Keras's own; aliases are left out.
"""

import inspect
import json
import pathlib

import keras

modules = ["layers", "losses", "metrics", "optimizers", "optimizers.schedules"]
plumbing = {"get", "serialize", "deserialize"}
required = "required"


def plain(value):
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return f"<{type(value).__name__}>"


def parameters(kind):
    """Those of the class, and the options of the classes that it extends and hands what it does not name."""
    found = {}
    for one in reversed(kind.__mro__):
        if one.__module__.startswith("keras.src") and "__init__" in vars(one):
            taken = inspect.signature(one.__init__).parameters
            if not any(p.kind == p.VAR_KEYWORD for p in taken.values()):
                found = {}
            for name, p in list(taken.items())[1:]:
                if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL) and (one is kind or p.default is not p.empty):
                    found[name] = required if p.default is p.empty else plain(p.default)
    return found


def classes(module):
    found = keras
    for part in module.split("."):
        found = getattr(found, part)
    named = {name: getattr(found, name) for name in dir(found) if not name.startswith("_") and name not in plumbing}
    kinds = {name: kind for name, kind in named.items() if inspect.isclass(kind)}
    return {name: parameters(kind) for name, kind in sorted(kinds.items()) if kind.__name__ == name}


target = pathlib.Path(__file__).parents[2] / "core/src/goldens/kerasDefaults.json"
everything = {module: classes(module) for module in modules}
lines = [
    f' "{module}": {{\n' + ",\n".join(f'  "{name}": {json.dumps(given)}' for name, given in kinds.items()) + "\n }"
    for module, kinds in everything.items()
]
target.write_text(f'{{\n "version": "{keras.__version__}",\n' + ",\n".join(lines) + "\n}\n")
