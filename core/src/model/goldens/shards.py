"""Writes shards.zip: weights that Keras itself has cut into several files, and what the model predicts with them.

    KERAS_BACKEND=torch python -P shards.py        (Keras 3.15, PyTorch 2.13)
"""

import json
import tempfile
import zipfile
from pathlib import Path

import keras
import numpy as np

keras.utils.set_random_seed(1)
layers = [keras.layers.Input((5,)), keras.layers.Dense(8, activation="relu"), keras.layers.BatchNormalization(), keras.layers.Dense(3)]
model = keras.Sequential(layers)
x = np.array([[1, 2, 3, 4, 5], [5, 4, 3, 2, 1], [0, 1, 0, 1, 0]], "float32")
model.compile("adam", "mse")
model.fit(x, np.eye(3), epochs=2, verbose=0)
with tempfile.TemporaryDirectory() as folder:
    model.save_weights(f"{folder}/theirs.weights.json", max_shard_size=200 / 1024**3)
    Path(folder, "theirs.json").write_text(json.dumps(model.predict(x, verbose=0).tolist()))
    with zipfile.ZipFile(Path(__file__).with_name("shards.zip"), "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(Path(folder).iterdir()):
            archive.write(path, path.name)
