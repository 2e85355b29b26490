"""Writes layers.json: what Keras 3 on PyTorch computes for layers, forwards and backwards.

    KERAS_BACKEND=torch python -P layers.py        (Keras 3.15, PyTorch 2 on the CPU)

Layout: a list of { layer, arguments, training, inputs: [{ shape, data }], mask?, weights: { name: … }, output, gradients:
{ inputs: [...], weights: { name: … } }, state: { name: … } }: weights are random, gradients are those of
sum(output * sin(1 + index)), state is what the call left in weights that no optimizer changes. Numbers are rounded to 7 digits.
"""

import json
import re
from pathlib import Path

import keras
import numpy as np
import torch

random = np.random.default_rng(11)
L = keras.layers
camel = lambda name: re.sub(r"_(\w)", lambda m: m[1].upper(), name)
snake = lambda name: re.sub(r"[A-Z]", lambda m: "_" + m[0].lower(), name)


def packed(x):
    a = np.asarray(x.detach() if hasattr(x, "detach") else x, "float64")
    return {"shape": list(a.shape), "data": [float(f"{v:.7g}") for v in a.ravel()]}


cases = []


def case(ours, theirs, arguments, *shapes, options=None, training=False, mask=None):
    """One layer by our name and its class in Keras; `options` are ours, in camel case."""
    options = options or {}
    layer = theirs(*arguments, **{snake(k): v for k, v in options.items()})
    # All different: where two are largest, whose derivative it is is a matter of taste.
    inputs = [torch.tensor(((random.permutation(int(np.prod(s))) + 0.4) / np.prod(s) * 4 - 2).round(4).reshape(s), dtype=torch.float32) for s in shapes]
    for x in inputs:
        x.requires_grad_()
    given = inputs[0] if len(inputs) == 1 else inputs
    layer.build(shapes[0] if len(shapes) == 1 else list(shapes))
    for w in layer.weights:
        low = 0.5 if re.search("variance|stddev", w.name) else -1
        if "seed" not in w.name:
            w.assign(random.uniform(low, 1, size=w.shape).round(3))
    weights = {camel(w.name): packed(w.value) for w in layer.weights if "seed" not in w.name}
    extra = {} if mask is None else {"mask": torch.tensor(mask)}
    import inspect
    if "training" in inspect.signature(layer.call).parameters:
        extra["training"] = training
    y = layer(given, **extra)
    score = torch.sin(1 + torch.arange(y.numel(), dtype=torch.float32)).reshape(y.shape)
    trained = [w for w in layer.trainable_weights]
    found = torch.autograd.grad((y * score).sum(), inputs + [w.value for w in trained], allow_unused=True)
    found = [torch.zeros_like(x) if g is None else g for g, x in zip(found, inputs + [w.value for w in trained])]
    cases.append(
        {
            "layer": ours,
            "arguments": [*arguments, options],
            "training": training,
            "inputs": [packed(x) for x in inputs],
            **({} if mask is None else {"mask": packed(np.asarray(mask, "float64"))}),
            "weights": weights,
            "output": packed(y),
            "gradients": {
                "inputs": [packed(g) for g in found[: len(inputs)]],
                "weights": {camel(w.name): packed(g) for w, g in zip(trained, found[len(inputs) :])},
            },
            "state": {camel(w.name): packed(w.value) for w in layer.non_trainable_weights if "seed" not in w.name},
        }
    )


# Core.
case("dense", L.Dense, [3], (2, 5), options={"activation": "gelu"})
case("dense", L.Dense, [2], (2, 3, 4), options={"useBias": False})
case("einsumDense", L.EinsumDense, ["abc,cde->abde", [None, 2, 3]], (2, 3, 4), options={"biasAxes": "de", "activation": "tanh"})
case("einsumDense", L.EinsumDense, ["abcd,cde->abe", [None, 3]], (2, 3, 2, 4), options={"biasAxes": "e"})
case("einsumDense", L.EinsumDense, ["...x,xy->...y", 4], (2, 3, 5), options={"biasAxes": "y"})

# Activations.
case("leakyRelu", L.LeakyReLU, [], (3, 5))
case("prelu", L.PReLU, [], (2, 3, 2, 2), options={"sharedAxes": [1, 2]})
case("elu", L.ELU, [], (3, 5), options={"alpha": 0.7})
case("relu", L.ReLU, [], (3, 5), options={"maxValue": 0.9, "negativeSlope": 0.1, "threshold": 0.3})
case("softmax", L.Softmax, [], (2, 3, 4), options={"axis": 1})
case("softmax", L.Softmax, [], (2, 3, 4), options={"axis": [1, 2]})

# Convolutions: odd sizes, strides, dilations, groups, paddings.
for padding in ["valid", "same", "causal"]:
    case("conv1d", L.Conv1D, [3, 3], (2, 8, 2), options={"padding": padding, "dilationRate": 2})
    case("conv1d", L.Conv1D, [4, 2], (2, 7, 2), options={"padding": padding, "strides": 2, "groups": 2})
for padding in ["valid", "same"]:
    case("conv2d", L.Conv2D, [3, [3, 2]], (2, 6, 5, 2), options={"padding": padding, "strides": [2, 1]})
    case("conv2d", L.Conv2D, [4, 3], (1, 7, 6, 4), options={"padding": padding, "dilationRate": [1, 2], "groups": 2, "useBias": False})
    case("conv2d", L.Conv2D, [2, 5], (1, 7, 8, 1), options={"padding": padding, "strides": 3, "activation": "sigmoid"})
    case("conv3d", L.Conv3D, [2, [2, 1, 3]], (1, 4, 3, 5, 2), options={"padding": padding, "strides": [1, 2, 2]})
    case("conv1dTranspose", L.Conv1DTranspose, [3, 3], (2, 4, 2), options={"padding": padding, "strides": 2})
    case("conv2dTranspose", L.Conv2DTranspose, [3, 3], (1, 3, 4, 2), options={"padding": padding, "strides": 2})
    case("conv2dTranspose", L.Conv2DTranspose, [2, [2, 3]], (1, 3, 2, 2), options={"padding": padding, "strides": [3, 1]})
    case("conv2dTranspose", L.Conv2DTranspose, [2, 3], (1, 3, 3, 2), options={"padding": padding, "strides": 2, "outputPadding": 1, "useBias": False})
    case("conv3dTranspose", L.Conv3DTranspose, [2, 2], (1, 2, 3, 2, 2), options={"padding": padding, "strides": [1, 2, 1]})
    case("depthwiseConv1d", L.DepthwiseConv1D, [3], (2, 6, 3), options={"padding": padding, "depthMultiplier": 2})
    case("depthwiseConv2d", L.DepthwiseConv2D, [[3, 2]], (2, 5, 6, 3), options={"padding": padding, "strides": 2})
    case("depthwiseConv2d", L.DepthwiseConv2D, [3], (1, 6, 7, 2), options={"padding": padding, "dilationRate": 2, "depthMultiplier": 2})
    case("separableConv1d", L.SeparableConv1D, [3, 2], (2, 6, 2), options={"padding": padding, "depthMultiplier": 2})
    case("separableConv2d", L.SeparableConv2D, [3, 3], (1, 5, 6, 2), options={"padding": padding, "strides": 2, "activation": "relu"})
case("conv2dTranspose", L.Conv2DTranspose, [2, 2], (1, 3, 2, 2), options={"dilationRate": 2})

# Pooling.
for kind in ["Max", "Average"]:
    for rank, shape in [(1, (2, 7, 2)), (2, (2, 5, 6, 2)), (3, (1, 4, 3, 5, 2))]:
        name = f"{kind.lower()}Pooling{rank}d"
        theirs = getattr(L, f"{kind}Pooling{rank}D")
        case(name, theirs, [2], shape)
        # Odd sizes: where "same" pads one side only, Keras on PyTorch repeats the border, unlike Keras on JAX and TensorFlow.
        case(name, theirs, [3], (shape[0], *[n + 1 - n % 2 for n in shape[1:-1]], shape[-1]), options={"padding": "same", "strides": 2})
        case(f"global{kind}Pooling{rank}d", getattr(L, f"Global{kind}Pooling{rank}D"), [], shape, options={"keepdims": True} if rank == 2 else {})
        case(f"adaptive{kind}Pooling{rank}d", getattr(L, f"Adaptive{kind}Pooling{rank}D"), [[2, 3, 2][:rank]], shape)
case("globalAveragePooling1d", L.GlobalAveragePooling1D, [], (2, 4, 3), mask=[[True, True, False, True], [False, True, False, False]])

# Normalization.
case("batchNormalization", L.BatchNormalization, [], (6, 3), training=True)
case("batchNormalization", L.BatchNormalization, [], (4, 3, 2), options={"axis": 1, "momentum": 0.8, "epsilon": 0.01}, training=True)
case("batchNormalization", L.BatchNormalization, [], (4, 2, 3, 2), training=False)
case("batchNormalization", L.BatchNormalization, [], (2, 4, 3), training=True, mask=[[True, True, False, True], [True, False, False, True]])
case("layerNormalization", L.LayerNormalization, [], (3, 5))
case("layerNormalization", L.LayerNormalization, [], (2, 3, 4), options={"axis": [1, 2], "center": False, "epsilon": 1e-5})
case("rmsNormalization", L.RMSNormalization, [], (2, 3, 5))
case("groupNormalization", L.GroupNormalization, [], (2, 3, 2, 6), options={"groups": 3})
case("groupNormalization", L.GroupNormalization, [], (2, 4, 3), options={"groups": 2, "axis": 1})
case("groupNormalization", L.GroupNormalization, [], (2, 5, 4), options={"groups": 4})
case("unitNormalization", L.UnitNormalization, [], (2, 3, 4), options={"axis": [1, 2]})

# Reshaping.
case("permute", L.Permute, [[3, 1, 2]], (2, 3, 4, 2))
case("repeatVector", L.RepeatVector, [3], (2, 4))
case("reshape", L.Reshape, [[2, -1]], (2, 3, 4))
case("flatten", L.Flatten, [], (2, 3, 4))
case("zeroPadding1d", L.ZeroPadding1D, [[0, 2]], (2, 3, 2))
case("zeroPadding2d", L.ZeroPadding2D, [[[1, 0], [2, 1]]], (2, 3, 2, 2))
case("zeroPadding3d", L.ZeroPadding3D, [[1, 0, 2]], (1, 2, 3, 2, 2))
case("cropping1d", L.Cropping1D, [[1, 2]], (2, 6, 2))
case("cropping2d", L.Cropping2D, [[[1, 0], [0, 2]]], (2, 4, 5, 2))
case("cropping3d", L.Cropping3D, [1], (1, 3, 4, 3, 2))
case("upSampling1d", L.UpSampling1D, [3], (2, 3, 2))
case("upSampling2d", L.UpSampling2D, [[2, 3]], (1, 3, 2, 2))
case("upSampling2d", L.UpSampling2D, [2], (1, 3, 4, 2), options={"interpolation": "bilinear"})
case("upSampling3d", L.UpSampling3D, [[1, 2, 3]], (1, 2, 2, 1, 2))

# Merging.
for name, theirs in [("add", L.Add), ("multiply", L.Multiply), ("average", L.Average), ("maximum", L.Maximum), ("minimum", L.Minimum)]:
    case(name, theirs, [], (2, 3, 4), (2, 3, 4), (2, 1, 4))
case("subtract", L.Subtract, [], (2, 3), (2, 3))
case("concatenate", L.Concatenate, [], (2, 3, 2), (2, 3, 4))
case("concatenate", L.Concatenate, [], (2, 1, 4), (2, 3, 4), options={"axis": 1})
case("dot", lambda axes, **o: L.Dot(tuple(axes) if isinstance(axes, list) else axes, **o), [[2, 1]], (2, 3, 4), (2, 4, 5))
case("dot", L.Dot, [1], (3, 4), (3, 4), options={"normalize": True})

# Batch renormalization.
case("batchNormalization", L.BatchNormalization, [], (6, 3), options={"renorm": True}, training=True)
bounds = {"rmax": 1.1, "rmin": 0.9, "dmax": 0.2}
case("batchNormalization", L.BatchNormalization, [], (4, 3, 2), options={"renorm": True, "renormClipping": bounds, "renormMomentum": 0.7, "axis": 1, "center": False}, training=True)
case("batchNormalization", L.BatchNormalization, [], (4, 2, 3), options={"renorm": True, "scale": False}, training=False)
case("batchNormalization", L.BatchNormalization, [], (2, 4, 3), options={"renorm": True, "momentum": 0.6, "scale": False}, training=True, mask=[[True, True, False, True], [True, False, False, True]])

for entry in cases:
    entry["arguments"][-1] = {{"keepdims": "keepDims"}.get(k, k): v for k, v in entry["arguments"][-1].items()}
text = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in cases)
Path(__file__).with_name("layers.json").write_text(f"[\n{text}\n]\n")
print(len(cases), "cases")
