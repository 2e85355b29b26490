"""Writes kerasCallbacks.json: what Keras 3's callbacks do with made-up figures.

    KERAS_BACKEND=torch python3 scripts/goldens/kerasCallbacks.py

Layout: { version, signatures: class → parameter → default, names: layer class → default name, directions: metric class → "up",
"down" or null, cases }. A case: callback, options and figures (one record an epoch) in Keras's words, and what came of it: `stopped`
(the epoch that ended the training, or null), `kept` (the epoch whose weights the model has at the end; each epoch is trained into
a weight), `rates` (learning rates after each epoch), `files` (what was saved, in order), `told` (the
lines that it prints when verbose), `text` (the CSV file).
"""

import inspect
import json
import os
import pathlib
import random
import tempfile

import keras
import numpy as np
from keras.src.utils import io_utils

target = pathlib.Path(__file__).parents[2] / "core/src/goldens/kerasCallbacks.json"
source = random.Random(5)
C = keras.callbacks


def network():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.compile(keras.optimizers.SGD(0.5), "mse", metrics=["accuracy", "mae"])
    model.train_on_batch(np.ones((1, 1)), np.ones((1, 1)))
    return model


def play(make, options, figures, batches=0, times=1):
    """Tells a callback `figures`; `batches` also the ends of so many batches in each epoch."""
    model = network()
    model.optimizer.learning_rate = 0.5
    files = []
    model.save = lambda path, **_: files.append(path)
    model.save_weights = lambda path, **_: files.append(path)
    told = []
    io_utils.print_msg = lambda line, **_: told.append(line.strip())
    callback = make(**options, **({"verbose": 1} if "verbose" in inspect.signature(make).parameters else {}))
    callback.set_model(model)
    callback.set_params({"epochs": len(figures)})
    rates, stopped = [], None
    for _ in range(times):
        model.stop_training = False
        callback.on_train_begin()
        for epoch, logs in enumerate(figures):
            callback.on_epoch_begin(epoch)
            for batch in range(batches):
                callback.on_train_batch_end(batch, dict(logs))
            model.set_weights([np.full((1, 1), epoch)])
            callback.on_epoch_end(epoch, dict(logs))
            rates.append(float(np.asarray(model.optimizer.learning_rate)))
            if model.stop_training:
                stopped = epoch
                break
        callback.on_train_end()
    return {"stopped": stopped, "kept": int(model.get_weights()[0][0, 0]), "rates": rates, "files": files, "told": told}


def walk(length, start=1.0):
    """Figures that fall, rise and stand still."""
    values = [start]
    for _ in range(length - 1):
        values.append(max(0.02, round(values[-1] + source.choice([-0.2, -0.1, -0.05, 0, 0, 0.0004, 0.05, 0.1]), 4)))
    return [{"val_loss": value, "loss": round(value * 0.8, 4), "val_accuracy": round(1 - value / 3, 4), "accuracy": round(1 - value / 4, 4), "val_mae": value} for value in values]


cases = []


def case(name, options, figures, **more):
    found = play(getattr(C, name), options, figures, **more)
    cases.append({"callback": name, "options": options, "figures": figures, **more, **found})


stopping = [
    {}, {"patience": 1}, {"patience": 3, "min_delta": 0.1}, {"patience": 2, "min_delta": -0.1}, {"patience": 3, "baseline": 0.9},
    {"patience": 2, "baseline": 0.5, "min_delta": 0.05}, {"patience": 2, "start_from_epoch": 4}, {"patience": 0, "start_from_epoch": 2},
    {"monitor": "val_accuracy", "patience": 2}, {"monitor": "val_accuracy", "mode": "max", "patience": 3, "baseline": 0.7},
    {"monitor": "accuracy", "mode": "min", "patience": 2}, {"monitor": "loss", "mode": "auto", "patience": 4, "min_delta": 0.02},
    {"monitor": "val_mae", "patience": 2}, {"monitor": "val_loss", "mode": "max", "patience": 1},
]
for options in stopping:
    for best in [False, True]:
        for _ in range(2):
            case("EarlyStopping", {**options, "restore_best_weights": best}, walk(12))
    case("EarlyStopping", {**options, "restore_best_weights": True}, walk(3))
plateaus = [
    {"patience": 1}, {"patience": 2, "factor": 0.5}, {"patience": 1, "factor": 0.3, "cooldown": 2}, {"patience": 2, "cooldown": 1, "min_lr": 0.1},
    {"patience": 1, "min_delta": 0.1}, {"patience": 1, "min_delta": -0.1}, {"patience": 0, "factor": 0.9}, {"patience": 1, "min_lr": 0.5},
    {"monitor": "val_accuracy", "patience": 1, "cooldown": 3}, {"monitor": "loss", "mode": "max", "patience": 2}, {},
    {"patience": 1, "factor": 0.0001, "min_lr": 0.001, "cooldown": 1},
]
for options in plateaus:
    for length in [8, 16, 24]:
        case("ReduceLROnPlateau", options, walk(length))
checkpoints = [
    {"filepath": "a/{epoch:02d}-{val_loss:.2f}.keras"}, {"filepath": "m{epoch}.keras", "save_best_only": True},
    {"filepath": "m{epoch:3d}x{val_accuracy:08.3f}.keras", "monitor": "val_accuracy", "save_best_only": True},
    {"filepath": "m{epoch:03d}.weights.h5", "save_weights_only": True, "save_best_only": True, "mode": "max"},
    {"filepath": "m{epoch}.keras", "save_best_only": True, "initial_value_threshold": 0.7},
    {"filepath": "m{epoch}.keras", "save_best_only": True, "initial_value_threshold": 0.7, "monitor": "val_accuracy"},
    {"filepath": "m{epoch}-{val_loss:.1e}.keras"}, {"filepath": "m{epoch:>4}-{loss:6.2f}.keras"},
]
for options in checkpoints:
    case("ModelCheckpoint", options, walk(7))
for often in [1, 3, 4, 7]:
    case("ModelCheckpoint", {"filepath": "m{epoch}-{batch:02d}.keras", "save_freq": often}, walk(4), batches=5)

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "log.csv")
    training = [{name: value for name, value in logs.items() if not name.startswith("val_")} for logs in walk(3)]
    late = [*training[:2], *walk(1)]
    for options, figures, times in [({}, walk(3), 1), ({}, walk(2), 2), ({"append": True}, walk(2), 2), ({"separator": ";"}, walk(2), 1), ({}, training, 1), ({}, late, 1)]:
        if os.path.exists(path):
            os.remove(path)
        play(C.CSVLogger, {"filename": path, **options}, figures, times=times)
        text = open(path, newline="").read().replace("\r\n", "\n")
        cases.append({"callback": "CSVLogger", "options": options, "figures": figures, "times": times, "text": text})


def signature(kind):
    taken = list(inspect.signature(kind.__init__).parameters.items())[1:]
    return {name: "required" if p.default is p.empty else p.default for name, p in taken if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)}


signatures = {name: signature(kind) for name, kind in sorted(vars(C).items()) if inspect.isclass(kind) and name not in ("Callback", "CallbackList", "History", "ProgbarLogger")}
named = {name: kind for name, kind in sorted(vars(keras.layers).items()) if inspect.isclass(kind)}
names = {name: keras.src.utils.naming.to_snake_case(kind.__name__) for name, kind in named.items()}
required = {"IoU": (2, [0]), "OneHotIoU": (2, [0]), "MeanIoU": (2,), "OneHotMeanIoU": (2,), "MeanMetricWrapper": (keras.losses.mean_squared_error,)}
half = ("PrecisionAtRecall", "RecallAtPrecision", "SensitivityAtSpecificity", "SpecificityAtSensitivity")
directions = {}
for name, kind in sorted(vars(keras.metrics).items()):
    if inspect.isclass(kind) and kind.__name__ == name and name not in ("Metric", "MeanMetricWrapper"):
        directions[name] = getattr(kind(*((0.5,) if name in half else required.get(name, ()))), "_direction", None)

lines = [json.dumps(each, separators=(",", ":")) for each in cases]
parts = [f'"{key}": {json.dumps(value)}' for key, value in {"version": keras.__version__, "signatures": signatures, "names": names, "directions": directions}.items()]
target.write_text("{" + ",\n".join(parts) + ',\n"cases": [\n' + ",\n".join(lines) + "\n]}\n")
print(len(cases), "cases")
