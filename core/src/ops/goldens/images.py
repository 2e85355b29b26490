"""Writes images.json: what Keras gives for the calls of goldens.test.ts. Run: KERAS_BACKEND=jax python3 images.py (Keras 3.15)."""
import json, pathlib
import numpy as np
from keras import ops

rng = np.random.default_rng(5)
cases = []
names = {"float32": "f32", "int32": "i32", "uint8": "u8"}


def array(x):
    x = np.asarray(x)
    return {"shape": list(x.shape), "dtype": names[str(x.dtype)], "data": [v if isinstance(v, int) else float("%.9g" % v) for v in x.ravel().tolist()]}


def case(call, inputs, args, result):
    cases.append({"call": call, "inputs": [array(each) for each in inputs], "args": args, "result": array(result)})


f = lambda *shape: np.round(rng.normal(size=shape), 3).astype("float32")
modes = ("constant", "nearest", "wrap", "mirror", "reflect")

x, one = f(4, 5), f(6)
places = np.round(rng.uniform(-9, 12, size=(2, 3, 7)), 2).astype("float32")
line = np.round(np.linspace(-14, 19, 34) + 0.25, 2).astype("float32")[None]
whole = np.array([[0, 1, 3, 4, -1], [4, 0, 2, 5, 1]], "int32")
bytes_ = rng.integers(0, 255, size=(4, 5)).astype("uint8")
for mode in modes:
    for order in (0, 1):
        said = {"order": order, "fillMode": mode, "fillValue": 2}
        for given, at in ((x, places), (one, line), (x, whole.astype("float32"))):
            case("mapCoordinates", [given, at], [said], ops.image.map_coordinates(given, at, order, mode, 2.0))
    case("mapCoordinates", [bytes_, places], [{"order": 1, "fillMode": mode}], ops.image.map_coordinates(bytes_, places, 1, mode, 0))

images = f(2, 5, 6, 3)
maps = np.array([[1.21, 0.13, -1.57, -0.22, 0.93, 0.713, 0, 0], [0.52, -0.41, 2.07, 0.33, 0.61, -3.013, 0, 0]], "float32")
for mode in modes:
    for how in ("bilinear", "nearest"):
        said = {"interpolation": how, "fillMode": mode, "fillValue": 0.5}
        case("affineTransform", [images, maps], [said], ops.image.affine_transform(images, maps, how, mode, 0.5))
case("affineTransform", [images[0], maps[0]], [{}], ops.image.affine_transform(images[0], maps[0]))

case("resize", [images], [[7, 4]], ops.image.resize(images, (7, 4))); case("resize", [images[0]], [[3, 9], {"interpolation": "nearest"}], ops.image.resize(images[0], (3, 9), "nearest"))
case("cropImages", [images], [{"top": 1, "bottom": 2, "left": 0, "width": 4}], ops.image.crop_images(images, top_cropping=1, bottom_cropping=2, left_cropping=0, target_width=4))
case("cropImages", [images[0]], [{"height": 3, "bottom": 1, "width": 2, "right": 1}], ops.image.crop_images(images[0], target_height=3, bottom_cropping=1, target_width=2, right_cropping=1))
case("padImages", [images], [{"top": 1, "bottom": 2, "left": 3, "width": 11}], ops.image.pad_images(images, top_padding=1, bottom_padding=2, left_padding=3, target_width=11))
case("padImages", [images[0]], [{"height": 8, "bottom": 1, "width": 7, "right": 0}], ops.image.pad_images(images[0], target_height=8, bottom_padding=1, target_width=7, right_padding=0))

text = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
pathlib.Path(__file__).with_name("images.json").write_text("[\n" + text + "\n]\n")
print(len(cases), "cases")
