"""Writes core/src/goldens/*.json: what PyTorch says about 50 training steps of three small networks.

    /usr/bin/python3 scripts/goldens/trajectories.py [--check]      (Debian's python3-torch 1.13, or any 2.x)

`--check` writes nothing and fails when a committed file differs from what this machine computes.

The losses are computed in float64 from weights and batches that are exact float32 numbers: they are the truth that a
float32 implementation must stay close to. Gradients come from torch.autograd; the optimizers are written out below in
Keras' form, because torch places Adam's epsilon elsewhere.

Layout of a file
    model      "mlp" | "convnet" | "lstm"
    about      the network in words
    options    numbers that the network needs (epsilon and momentum of batch normalization)
    weights    { name: { shape, data } }, the initial values; data is flat and row-major
    batches    [ { x: { shape, data }, y: { shape, data } } ]; step t (from 0) trains on batch t % batches.length
    runs       [ { optimizer, options, losses, final } ]; losses[t] is the loss of step t before its update,
               final holds moving statistics of batch normalization after the last step (or nothing)

Floats of weights and batches are the shortest decimals that give the float32 back (Math.fround of the parsed number).
Layouts are Chainrule's: images are NHWC, convolution kernels [height, width, in, out], dense kernels [in, out], LSTM
kernels [in, 4·units] and [units, 4·units] with the gates i, f, c, o. `flatten` is in NHWC order. Labels are class numbers.
"""

import json
import math
import random
import sys
from pathlib import Path

import torch
import torch.nn.functional as functional

STEPS = 50
FOLDER = Path(__file__).resolve().parents[2] / "core" / "src" / "goldens"


def float32(value):
    """The float32 nearest to `value`, as a Python float."""
    return torch.tensor(value, dtype=torch.float32).item()


def shortest(value):
    """The shortest decimal that rounds to the same float32."""
    for digits in range(1, 10):
        text = f"{value:.{digits}g}"
        if float32(float(text)) == value:
            return float(text)
    raise ValueError(value)


def floats(generator, shape, scale, digits=None):
    """Normal numbers that are exact in float32; few digits keep the files small."""
    values = [generator.gauss(0, scale) for _ in range(math.prod(shape))]
    return array(shape, [float32(round(value, digits) if digits else value) for value in values])


def array(shape, values):
    return {"shape": list(shape), "data": [shortest(v) if isinstance(v, float) else v for v in values]}


def tensor(value, dtype):
    """A torch tensor with exactly the float32 numbers of `value`; whole numbers stay whole."""
    data = value["data"]
    if all(isinstance(item, int) for item in data) and data:
        return torch.tensor(data).reshape(value["shape"])
    return torch.tensor(data, dtype=torch.float32).to(dtype).reshape(value["shape"])


# Networks: (weights, x, y, state) -> loss. `state` keeps moving statistics.


def mlp(w, x, y, options, state):
    hidden = torch.tanh(x @ w["hidden/kernel"] + w["hidden/bias"])
    logits = hidden @ w["output/kernel"] + w["output/bias"]
    return functional.cross_entropy(logits, y)


def convnet(w, x, y, options, state):
    kernel = w["conv/kernel"].permute(3, 2, 0, 1)  # [h, w, in, out] -> [out, in, h, w]
    features = functional.conv2d(x.permute(0, 3, 1, 2), kernel).permute(0, 2, 3, 1)  # [n, 6, 6, 4]
    mean = features.mean((0, 1, 2))
    variance = ((features - mean) ** 2).mean((0, 1, 2))  # biased, as Keras normalizes and remembers
    for name, value in (("movingMean", mean), ("movingVariance", variance)):
        start = torch.zeros_like(value) if name == "movingMean" else torch.ones_like(value)
        momentum = options["momentum"]
        state[name] = state.get(name, start) * momentum + value.detach() * (1 - momentum)
    normal = (features - mean) / torch.sqrt(variance + options["epsilon"]) * w["norm/gamma"] + w["norm/beta"]
    pooled = functional.max_pool2d(torch.relu(normal).permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1)  # [n, 3, 3, 4]
    logits = pooled.reshape(x.shape[0], -1) @ w["output/kernel"] + w["output/bias"]
    return functional.cross_entropy(logits, y)


def lstm(w, x, y, options, state):
    batch, steps, _ = x.shape
    units = w["lstm/recurrent"].shape[0]
    h = torch.zeros(batch, units, dtype=x.dtype)
    c = torch.zeros(batch, units, dtype=x.dtype)
    for t in range(steps):
        gates = x[:, t] @ w["lstm/kernel"] + h @ w["lstm/recurrent"] + w["lstm/bias"]
        i, f, g, o = gates.split(units, dim=1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
    prediction = h @ w["output/kernel"] + w["output/bias"]
    return ((prediction - y) ** 2).mean()


# Optimizers in Keras' form: (weight, gradient, slots, step from 1, options) -> new weight.


def sgd(w, g, slots, step, options):
    """v ← momentum·v − lr·g;  w ← w + v"""
    slots["v"] = options["momentum"] * slots.get("v", torch.zeros_like(w)) - options["learningRate"] * g
    return w + slots["v"]


def adam(w, g, slots, step, options):
    """lr_t = lr·√(1−β₂ᵗ)/(1−β₁ᵗ);  w ← w − lr_t·m/(√v + ε)"""
    beta1, beta2 = options["beta1"], options["beta2"]
    slots["m"] = beta1 * slots.get("m", torch.zeros_like(w)) + (1 - beta1) * g
    slots["v"] = beta2 * slots.get("v", torch.zeros_like(w)) + (1 - beta2) * g * g
    rate = options["learningRate"] * math.sqrt(1 - beta2**step) / (1 - beta1**step)
    return w - rate * slots["m"] / (torch.sqrt(slots["v"]) + options["epsilon"])


OPTIMIZERS = {"sgd": sgd, "adam": adam}


def train(network, golden, run, dtype):
    """The losses of all steps, and the moving statistics after the last."""
    weights = {name: tensor(value, dtype) for name, value in golden["weights"].items()}
    batches = [(tensor(b["x"], dtype), tensor(b["y"], dtype)) for b in golden["batches"]]
    slots = {name: {} for name in weights}
    state = {}
    losses = []
    for step in range(STEPS):
        leaves = {name: value.detach().requires_grad_() for name, value in weights.items()}
        x, y = batches[step % len(batches)]
        loss = network(leaves, x, y, golden["options"], state)
        gradients = torch.autograd.grad(loss, list(leaves.values()))
        losses.append(loss.item())
        update = OPTIMIZERS[run["optimizer"]]
        for (name, leaf), gradient in zip(leaves.items(), gradients):
            weights[name] = update(leaf.detach(), gradient, slots[name], step + 1, run["options"])
    return losses, state


def runs(sgd_rate, adam_rate, momentum=0.9):
    return [
        {"optimizer": "sgd", "options": {"learningRate": sgd_rate, "momentum": momentum}},
        {
            "optimizer": "adam",
            "options": {"learningRate": adam_rate, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-7},
        },
    ]


def mlp_golden():
    generator = random.Random(1)
    weights = {
        "hidden/kernel": floats(generator, [20, 16], 0.25),
        "hidden/bias": floats(generator, [16], 0.1),
        "output/kernel": floats(generator, [16, 5], 0.3),
        "output/bias": floats(generator, [5], 0.1),
    }
    batches = [
        {"x": floats(generator, [8, 20], 1, 3), "y": array([8], [generator.randrange(5) for _ in range(8)])}
        for _ in range(4)
    ]
    about = "dense(20→16, tanh), dense(16→5), mean softmax cross-entropy of the logits with class numbers"
    return {"model": "mlp", "about": about, "options": {}, "weights": weights, "batches": batches, "runs": runs(0.05, 0.03)}


def convnet_golden():
    generator = random.Random(2)
    weights = {
        "conv/kernel": floats(generator, [3, 3, 2, 4], 0.3),
        "norm/gamma": array([4], [float32(1 + generator.gauss(0, 0.1)) for _ in range(4)]),
        "norm/beta": floats(generator, [4], 0.1),
        "output/kernel": floats(generator, [36, 3], 0.2),
        "output/bias": floats(generator, [3], 0.1),
    }
    batches = [
        {"x": floats(generator, [8, 8, 8, 2], 1, 3), "y": array([8], [generator.randrange(3) for _ in range(8)])}
        for _ in range(3)
    ]
    about = (
        "conv(3×3, 2→4, valid, no bias), batch normalization with the batch's statistics, ReLU, max pooling 2×2, "
        "flatten, dense(36→3), mean softmax cross-entropy of the logits with class numbers"
    )
    options = {"epsilon": 0.001, "momentum": 0.99}
    return {"model": "convnet", "about": about, "options": options, "weights": weights, "batches": batches, "runs": runs(0.02, 0.02)}


def lstm_golden():
    generator = random.Random(3)
    weights = {
        "lstm/kernel": floats(generator, [3, 20], 0.5),
        "lstm/recurrent": floats(generator, [5, 20], 0.4),
        # Keras starts the forget gate's bias at 1.
        "lstm/bias": array([20], [1.0 if 5 <= unit < 10 else 0.0 for unit in range(20)]),
        "output/kernel": floats(generator, [5, 1], 0.5),
        "output/bias": array([1], [0.0]),
    }
    batches = [
        {"x": floats(generator, [4, 6, 3], 1, 3), "y": floats(generator, [4, 1], 1, 3)} for _ in range(4)
    ]
    about = (
        "LSTM over x [4, 6, 3] with 5 units (gates i, f, c, o; sigmoid and tanh; zero initial state), "
        "dense(5→1) of the last hidden state, mean squared error"
    )
    return {"model": "lstm", "about": about, "options": {}, "weights": weights, "batches": batches, "runs": runs(0.05, 0.03)}


def complete(golden, network):
    """Adds losses to the runs, and says how far float32 strays from them."""
    for run in golden["runs"]:
        losses, state = train(network, golden, run, torch.float64)
        single, _ = train(network, golden, run, torch.float32)
        stray = max(abs(a - b) / abs(b) for a, b in zip(single, losses))
        print(f"{golden['model']:8} {run['optimizer']:5} loss {losses[0]:.5f} → {losses[-1]:.5f}, float32 strays {stray:.1e}")
        run["losses"] = [float(f"{loss:.12g}") for loss in losses]
        run["final"] = {
            name: {"shape": list(value.shape), "data": [float(f"{v:.9g}") for v in value.tolist()]}
            for name, value in state.items()
        }
    return golden


def main():
    torch.set_num_threads(1)
    check = "--check" in sys.argv[1:]
    FOLDER.mkdir(parents=True, exist_ok=True)
    for network, golden in ((mlp, mlp_golden()), (convnet, convnet_golden()), (lstm, lstm_golden())):
        complete(golden, network)
        path = FOLDER / f"{golden['model']}.json"
        text = json.dumps(golden, ensure_ascii=False, separators=(",", ":")) + "\n"
        if not check:
            path.write_text(text, encoding="utf-8")
        else:
            compare(golden, json.loads(path.read_text(encoding="utf-8")), str(path))
        print(f"{'checked' if check else 'wrote'} {path.name}: {len(text.encode()) / 1024:.0f} KB")


def compare(computed, committed, where):
    """Equal, except that floats may differ in the last digits: torch's versions add in different orders."""
    if isinstance(computed, dict):
        assert computed.keys() == committed.keys(), where
        for key in computed:
            compare(computed[key], committed[key], f"{where}: {key}")
    elif isinstance(computed, list):
        assert len(computed) == len(committed), where
        for index, (a, b) in enumerate(zip(computed, committed)):
            compare(a, b, f"{where}[{index}]")
    elif isinstance(computed, float):
        assert math.isclose(computed, committed, rel_tol=1e-8, abs_tol=1e-12), f"{where}: {computed}, committed {committed}"
    else:
        assert computed == committed, f"{where}: {computed}, committed {committed}"


main()
