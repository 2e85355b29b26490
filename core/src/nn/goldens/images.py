"""Writes images.json: what Keras 3 on JAX makes of images, for transformations that are not left to chance.

    KERAS_BACKEND=jax python images.py        (Keras 3.15, JAX on the CPU)

Layout: { images: [{ shape, data }], cases: [{ layer, arguments, input: number of the image, outputs: [{ shape, data }] }],
colors: [{ change, amount, range, input, output }] }. Factors from f to f leave nothing to chance but a sign; where there is one,
`outputs` has the result for each. `change` is a function of nn/preprocessing/images/color.ts.
"""

import json
import re
from pathlib import Path

import keras
import numpy as np

random = np.random.default_rng(3)
L = keras.layers
snake = lambda name: re.sub(r"[A-Z]", lambda m: "_" + m[0].lower(), name)
packed = lambda x: {"shape": list(x.shape), "data": [float(f"{v:.6g}") for v in np.asarray(x, "float64").ravel()]}
images = [random.uniform(0, 255, size=s).round(0).astype("float32") for s in [(1, 5, 6, 2), (1, 7, 4, 1), (2, 3, 4, 3)]]
images[2][0, 0] = [[0, 0, 0], [255, 255, 255], [255, 0, 0], [90, 90, 10]]
cases = []


def case(name, theirs, arguments, options, given=0, outputs=None):
    layer = theirs(*arguments, **{snake(k): v for k, v in options.items()})
    found = outputs(layer, images[given]) if outputs else [layer(images[given], training=True)]
    entry = {"layer": name, "arguments": [*arguments, options], "input": given, "outputs": [packed(y) for y in found]}
    cases.append(entry)


for interpolation in ["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"]:
    for size in [(3, 9), (8, 2), (5, 3), (2, 2)]:
        for antialias in [False, True]:
            case("resizing", L.Resizing, size, {"interpolation": interpolation, "antialias": antialias}, int(size == (5, 3)))
for size in [(4, 4), (2, 6), (9, 3)]:
    for given in [0, 1]:
        case("resizing", L.Resizing, size, {"cropToAspectRatio": True}, given)
        # Keras on JAX pads one axis, ours likewise: only one can need it.
        case("resizing", L.Resizing, size, {"padToAspectRatio": True, "fillValue": 7.0}, given)
for size in [(3, 4), (5, 6), (2, 3), (8, 3), (9, 9)]:
    for given in [0, 1]:
        case("centerCrop", L.CenterCrop, size, {}, given)
for mode in ["reflect", "wrap", "constant", "nearest"]:
    for interpolation in ["bilinear", "nearest"]:
        options = {"fillMode": mode, "interpolation": interpolation, "fillValue": 9.0}
        case("randomRotation", L.RandomRotation, [[0.07, 0.07]], options)
        case("randomRotation", L.RandomRotation, [[-0.3, -0.3]], options, 1)
        case("randomZoom", L.RandomZoom, [[0.4, 0.4]], options)
        case("randomZoom", L.RandomZoom, [[-0.3, -0.3]], {**options, "widthFactor": [0.25, 0.25]}, 1)
        case("randomTranslation", L.RandomTranslation, [[0.27, 0.27], [-0.6, -0.6]], options)
        # A sign is left to chance.
        shear = lambda layer, x: [
            layer._transform_images(x, {"shear_factor": keras.ops.array([[s * 0.3, s * 0.6]]), "input_shape": x.shape}, interpolation) for s in (1, -1)
        ]
        case("randomShear", L.RandomShear, [], {**options, "xFactor": [0.3, 0.3], "yFactor": [0.6, 0.6]}, 0, shear)

colors = []


def color(change, theirs, options, transformation, amount, given=2):
    value_range = options.get("value_range", (0, 255))
    x = images[given]
    x = (x / 255 * (value_range[1] - value_range[0]) + value_range[0]).astype("float32")
    layer = theirs(0.5, **options)
    y = layer.transform_images(keras.ops.array(x), transformation, training=True)
    colors.append({"change": change, "amount": amount, "range": list(value_range), "input": packed(x), "output": packed(y)})


a = keras.ops.array
for value_range in [(0, 255), (0, 1)]:
    o = {"value_range": value_range}
    for factor in [[0.5, 1.6], [1.0, 0.0]]:
        color("contrasted", L.RandomContrast, o, {"contrast_factor": a(factor).reshape((2, 1, 1, 1))}, factor)
    color("brightened", L.RandomBrightness, o, {"rgb_delta": a([0.3, -0.2]).reshape((2, 1, 1, 1)) * (value_range[1] - value_range[0])}, [0.3, -0.2])
    color("recolored", L.RandomHue, o, {"factor": a([0.2, -0.45])}, [0.2, -0.45])
    # Saturation above 1 is cut off by Keras only where values end at 1.
    color("saturated", L.RandomSaturation, o, {"factor": a([0.0, 0.7])}, [0.0, 0.7])
color("saturated", L.RandomSaturation, {"value_range": (0, 1)}, {"factor": a([2.5, 1.3])}, [2.5, 1.3])

text = json.dumps({"images": [packed(x) for x in images], "cases": cases, "colors": colors}, separators=(",", ":"))
Path(__file__).with_name("images.json").write_text(text.replace('{"layer"', '\n{"layer"').replace('{"change"', '\n{"change"') + "\n")
print(len(cases), len(colors), "cases")
