"""Writes functions.json: what Keras 3 on PyTorch says about activations, regularizers and constraints.

    KERAS_BACKEND=torch python -P functions.py        (Keras 3.15, PyTorch 2 on the CPU)

Layout: { activations: [{ name, x, y, gradient }], regularizers: [{ name, arguments, x, value, gradient }],
constraints: [{ name, arguments, x, y }], special: { x, values: { name: [...] } } }: what f32 gives at the ends, in texts. Gradients are those of sum(y * sin(1 + index)).
"""

import json
import re
from pathlib import Path

import keras
import numpy as np
import torch

random = np.random.default_rng(3)
# Away from the kinks of hard functions (±0.5, ±1, ±2.5, ±3, 0, 6), where derivatives are a matter of taste.
points = np.array([[-7.3, -3.2, -2.7, -1.6, -0.8], [-0.3, 0.2, 0.7, 1.3, 2.2], [2.9, 4.1, 5.4, 6.7, 0.4], [-0.6, 0.9, -1.2, 0.1, -0.05]])
even = random.normal(size=(3, 6)).round(3)
camel = lambda name: re.sub(r"_(\w)", lambda m: m[1].upper(), name)
listed = lambda x: np.asarray(x.detach() if hasattr(x, "detach") else x, "float64").tolist()


def derivative(function, x):
    t = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    y = function(t)
    weights = torch.sin(1 + torch.arange(y.numel(), dtype=torch.float64)).reshape(y.shape)
    (y * weights).sum().backward()
    return listed(y), listed(t.grad)


names = """relu relu6 leaky_relu elu selu celu gelu silu hard_silu sigmoid hard_sigmoid log_sigmoid softplus softsign mish tanh
exponential softmax log_softmax hard_tanh hard_shrink soft_shrink tanh_shrink squareplus sparse_plus sparse_sigmoid sparsemax linear""".split()
def sparsemax(x):
    """The projection onto the simplex (Martins & Astudillo 2016). Keras 3.15 adds running sums once more: its rows exceed 1."""
    z = torch.sort(x, dim=-1, descending=True).values
    sums = z.cumsum(-1)
    support = 1 + torch.arange(1, x.shape[-1] + 1) * z > sums
    tau = ((z * support).sum(-1, keepdim=True) - 1) / support.sum(-1, keepdim=True)
    return torch.clamp(x - tau, min=0)


activations = []
for name in names:
    y, gradient = derivative(sparsemax if name == "sparsemax" else keras.activations.get(name), points)
    activations.append({"name": camel(name), "x": points.tolist(), "y": y, "gradient": gradient})
y, gradient = derivative(keras.activations.get("glu"), even)
activations.append({"name": "glu", "x": even.tolist(), "y": y, "gradient": gradient})

weights = random.normal(size=(4, 3)).round(3)
r = keras.regularizers
regularizers = []
for name, arguments, made in [
    ("l1", [0.3], r.L1(0.3)),
    ("l2", [0.2], r.L2(0.2)),
    ("l1l2", [{"l1": 0.1, "l2": 0.4}], r.L1L2(0.1, 0.4)),
    ("orthogonal", [{"factor": 0.5}], r.OrthogonalRegularizer(0.5)),
    ("orthogonal", [{"factor": 0.5, "mode": "columns"}], r.OrthogonalRegularizer(0.5, mode="columns")),
]:
    t = torch.tensor(weights, dtype=torch.float64, requires_grad=True)
    value = made(t)
    value.backward()
    regularizers.append({"name": name, "arguments": arguments, "x": weights.tolist(), "value": float(value.detach()), "gradient": listed(t.grad)})

c = keras.constraints
constraints = []
for name, arguments, made in [
    ("maxNorm", [{"maxValue": 1.5}], c.MaxNorm(1.5)),
    ("nonNeg", [], c.NonNeg()),
    ("unitNorm", [{"axis": 1}], c.UnitNorm(1)),
    ("minMaxNorm", [{"minValue": 0.5, "maxValue": 1.2, "rate": 0.7, "axis": [0, 1]}], c.MinMaxNorm(0.5, 1.2, 0.7, [0, 1])),
]:
    y = made(torch.tensor(weights, dtype=torch.float64))
    constraints.append({"name": name, "arguments": arguments, "x": weights.tolist(), "y": listed(y)})

# Kinks, zeros of both signs, subnormal and huge numbers, infinities, NaN.
ends = [float("-inf"), -3.4e38, -1e30, -200.0, -88.0, -30.0, -6.0, -3.0, -2.5, -1.0, -0.5, -1e-4, -1e-10, -1e-40, -0.0]
ends += [0.0, 1e-40, 1e-10, 1e-4, 0.5, 1.0, 2.5, 3.0, 6.0, 30.0, 88.0, 200.0, 1e30, 3.4e38, float("inf"), float("nan")]
across = {"softmax", "log_softmax", "sparsemax"}
special = {
    camel(name): [repr(float(v)) for v in keras.activations.get(name)(torch.tensor(ends, dtype=torch.float32))]
    for name in names
    if name not in across
}

rounded = lambda v: [rounded(x) for x in v] if isinstance(v, list) else {k: rounded(x) for k, x in v.items()} if isinstance(v, dict) else float(f"{v:.8g}") if isinstance(v, float) else v
text = json.dumps(rounded({"activations": activations, "regularizers": regularizers, "constraints": constraints, "special": {"x": [repr(x) for x in ends], "values": special}}), separators=(",", ":"))
Path(__file__).with_name("functions.json").write_text(text + "\n")
