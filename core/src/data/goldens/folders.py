"""Writes folders.json: in which order Keras takes the files of a folder, how it splits them, and how it resizes images.

    KERAS_BACKEND=torch python folders.py        (Keras 3.15)
"""

import json
import os
import tempfile
from pathlib import Path

import numpy as np
import torch
from keras import ops
from keras.src.utils import dataset_utils, image_utils

FILES = (
    [f"cats/{n}.jpg" for n in range(7)]
    + ["cats/sub/a.PNG", "cats/sub b/z.jpeg", "cats/sub/deep/x.jpg", "cats/.hidden.jpg", "cats/readme.md", "cats/Z.jpg", "cats/é.jpg"]
    + [f"dogs/{n}.png" for n in range(12)]
    + ["Birds/1.gif", "Birds/10.bmp", "Birds/2.jpg", ".trash/1.jpg", "top.jpg", "empty/none.txt", "𝕏/1.jpg", "ﬀ/1.jpg"]
)
FORMATS = (".bmp", ".gif", ".jpeg", ".jpg", ".png")

root = tempfile.mkdtemp()
for name in FILES:
    os.makedirs(os.path.dirname(os.path.join(root, name)), exist_ok=True)
    Path(root, name).write_text("")


def case(options, split):
    shuffle = options.get("shuffle", True)
    given = options.get("labels", "inferred")
    given = list(given) if isinstance(given, list) else given  # it is shuffled in place
    paths, labels, names = dataset_utils.index_directory(
        root, given, formats=FORMATS, class_names=options.get("class_names"), shuffle=shuffle, seed=options.get("seed"), verbose=False
    )
    found = []
    for subset in ("training", "validation"):
        p, l = dataset_utils.get_training_or_validation_split(paths, labels, split, subset)
        found.append([[os.path.relpath(each, root) for each in p], None if l is None else [int(x) for x in l]])
    return {"options": options, "validation_split": split, "class_names": names, "parts": found}


count = sum(name.lower().endswith(FORMATS) for name in FILES)
random = np.random.RandomState(3)


def image(height, width, channels):
    return random.randint(256, size=(height, width, channels)).astype("float32")


resized = []
for height, width, channels, size in [(9, 13, 3, (5, 4)), (6, 6, 1, (11, 7)), (20, 11, 3, (8, 8)), (5, 17, 4, (5, 5)), (7, 4, 1, (1, 3))]:
    x = image(height, width, channels)
    results = {}
    for method in ("nearest", "bilinear"):
        whole = ops.image.resize(x, size, interpolation=method, antialias=False, data_format="channels_last")
        results[f"{method} stretch"] = ops.convert_to_numpy(whole).round(4).ravel().tolist()
        # As image_dataset_from_directory crops.
        results[f"{method} crop"] = np.array(image_utils.smart_resize(x, size, interpolation=method)).round(4).ravel().tolist()
    # Where pixels go into each other a whole number of times, the mean is that of pooling.
    whole = (height // size[0] * size[0], width // size[1] * size[1])
    if min(whole) > 0:
        pooled = torch.nn.functional.adaptive_avg_pool2d(torch.tensor(x[: whole[0], : whole[1]]).permute(2, 0, 1), size)
        results["area"] = {"size": whole, "values": pooled.permute(1, 2, 0).numpy().round(4).ravel().tolist()}
    resized.append({"shape": [height, width, channels], "image": x.astype(int).ravel().tolist(), "size": size, "results": results})

goldens = {
    "files": FILES,
    "cases": [
        case({"shuffle": False}, 0.2),
        case({"seed": 1337}, 0.2),
        case({"seed": 42, "class_names": ["dogs", "cats"]}, 0.35),
        case({"seed": 0, "labels": None}, 0.5),
        case({"seed": 5, "labels": list(range(count))}, 0.1),
    ],
    "resized": resized,
}
Path(__file__).with_name("folders.json").write_text(json.dumps(goldens, separators=(",", ":"), ensure_ascii=False) + "\n")
