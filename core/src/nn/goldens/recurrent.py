"""Writes recurrent.json: what Keras 3 on PyTorch says about recurrent layers, forwards and backwards, masked or not.

    KERAS_BACKEND=torch python3 core/src/nn/goldens/recurrent.py

Each case: the class and options in our words, the input [2, 5, 3], its mask or null, initial states, the weights in Keras's
order, the outputs (result, then states), and the gradients of sum(output * cotangent) over all outputs by the input and by
each weight. Cotangents are cos(1), cos(2), ... over all outputs in turn.
"""

import json
import os
import pathlib

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np
import torch

keras.backend.set_floatx("float64")
target = pathlib.Path(__file__).parent / "recurrent.json"
random = np.random.RandomState(7)
batch, time, features, units = 2, 5, 3, 2
masks = {
    "right": [[1, 1, 1, 1, 1], [1, 1, 0, 0, 0]],
    "holes": [[0, 1, 1, 0, 1], [1, 0, 1, 1, 0]],
}


def names(options):
    camel = lambda key: "".join(part if at == 0 else part.title() for at, part in enumerate(key.split("_")))
    return {camel(key): value for key, value in options.items()}


def case(name, options, mask=None, states=False, bidirectional=None):
    layer = getattr(keras.layers, name)(units, **options)
    if bidirectional is not None:
        layer = keras.layers.Bidirectional(layer, merge_mode=bidirectional)
    x = torch.tensor(random.randn(batch, time, features), requires_grad=True)
    count = (2 if name == "LSTM" else 1) * (1 if bidirectional is None else 2)
    initial = [torch.tensor(random.randn(batch, units)) for _ in range(count)] if states else None
    layer.build((batch, time, features))
    for weight in layer.weights:
        weight.assign(random.randn(*weight.shape) * 0.5)
    given = None if mask is None else torch.tensor(np.array(masks[mask], dtype=bool))
    outputs = layer(x, mask=given, initial_state=initial)
    outputs = list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
    total, start = 0.0, 1
    for output in outputs:
        size = output.numel()
        total = total + (output * torch.cos(torch.arange(start, start + size, dtype=torch.float64)).reshape(output.shape)).sum()
        start += size
    variables = [weight.value for weight in layer.trainable_weights]
    gradients = torch.autograd.grad(total, [x, *variables])
    plain = lambda tensor: np.asarray(tensor.detach()).round(10).tolist()
    return {
        "name": name,
        "options": names(options),
        "mergeMode": bidirectional,
        "mask": None if mask is None else masks[mask],
        "x": plain(x),
        "initialState": None if initial is None else [plain(state) for state in initial],
        "weights": [plain(variable) for variable in variables],
        "outputs": [plain(output) for output in outputs],
        "gradients": [plain(gradient) for gradient in gradients],
    }


cases = []
for name in ["SimpleRNN", "LSTM", "GRU"]:
    cases += [
        case(name, {}),
        case(name, {"return_sequences": True, "return_state": True}, states=True),
        case(name, {"return_sequences": True, "go_backwards": True}),
        case(name, {"return_sequences": True}, mask="holes"),
        case(name, {"return_sequences": True}, mask="holes", states=True),
        case(name, {"return_state": True}, mask="right"),
        case(name, {"use_bias": False}),
        case(name, {"return_sequences": True}, mask="right", bidirectional="concat"),
        case(name, {"return_state": True}, states=True, bidirectional="sum"),
    ]
cases.append(case("GRU", {"reset_after": False, "return_sequences": True}, mask="holes"))
target.write_text(json.dumps({"keras": keras.__version__, "torch": torch.__version__, "cases": cases}) + "\n")
