"""Writes attention.json: what Keras 3 on PyTorch says about attention layers, forwards and backwards.

    KERAS_BACKEND=torch python3 core/src/nn/goldens/attention.py

Each case: the class, its arguments by position and its options in our words, the inputs by name (query, value, key,
attentionMask), masks of query and value or null, the weights in Keras's order, the outputs, and the gradients of
sum(output * cotangent) by query, value, key (where given) and each weight. Cotangents are cos(1), cos(2), ... over all
outputs in turn; where the query is masked they are 0, because what padding gives does not count.
"""

import json
import os
import pathlib

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np
import torch

keras.backend.set_floatx("float64")
target = pathlib.Path(__file__).parent / "attention.json"
random = np.random.RandomState(11)
batch, time, source = 2, 3, 4
query_mask = np.array([[1, 1, 0], [1, 1, 1]], dtype=bool)
value_mask = np.array([[1, 1, 1, 0], [1, 0, 1, 1]], dtype=bool)
pairs = np.array([[[1, 0, 1, 1], [1, 1, 0, 0], [0, 1, 1, 1]], [[1, 1, 1, 1], [0, 0, 1, 0], [1, 1, 0, 1]]], dtype=bool)


def camel(key):
    return "".join(part if at == 0 else part.title() for at, part in enumerate(key.split("_")))


def case(name, arguments, options, features=(4, 4, 4), own_key=True, masked=False, attend=None, self_attention=False, call=None, axes=None):
    layer = getattr(keras.layers, name)(*arguments, **options)
    # The axes between batch and features, of the query and of the sources.
    times, sources = axes or ([time], [source])
    tensor = lambda steps, size: torch.tensor(random.randn(batch, *steps, size), requires_grad=True)
    query = tensor(times, features[0])
    value = query if self_attention else tensor(sources, features[1])
    key = tensor(sources, features[2]) if own_key else None
    heads = name in ["MultiHeadAttention", "GroupQueryAttention"]
    call = dict(call or {})
    if heads:
        given = {"query": query, "value": value, "key": key}
        if masked:
            call.update(query_mask=torch.tensor(query_mask), value_mask=torch.tensor(value_mask))
        if attend is not None:
            call["attention_mask"] = torch.tensor(attend)
        outputs_of = lambda: layer(**given, **call)
    else:
        inputs = [query, value] + ([key] if key is not None else [])
        if masked:
            call["mask"] = [torch.tensor(query_mask), torch.tensor(value_mask)]
        outputs_of = lambda: layer(inputs, **call)
    outputs_of()
    for weight in layer.weights:
        weight.assign(random.randn(*weight.shape) * 0.5)
    outputs = outputs_of()
    outputs = list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
    total, start = 0.0, 1
    counts = torch.tensor(query_mask, dtype=torch.float64)
    for at, output in enumerate(outputs):
        size = output.numel()
        cotangent = torch.cos(torch.arange(start, start + size, dtype=torch.float64)).reshape(output.shape)
        if masked and at == 0:
            cotangent = cotangent * counts[:, :, None]
        total = total + (output * cotangent).sum()
        start += size
    variables = [weight.value for weight in layer.trainable_weights]
    wanted = [query] + ([] if self_attention else [value]) + ([key] if key is not None else []) + variables
    gradients = torch.autograd.grad(total, wanted, allow_unused=True)
    plain = lambda x: np.asarray(x.detach()).round(10).tolist()
    extra = {"use_causal_mask": True} if call.get("use_causal_mask") else {}
    if call.get("return_attention_scores"):
        extra["return_attention_scores"] = True
    return {
        "name": name,
        "arguments": list(arguments),
        "options": {camel(key): value for key, value in {**options, **extra}.items()},
        "inputs": {
            "query": plain(query),
            **({} if self_attention else {"value": plain(value)}),
            **({} if key is None else {"key": plain(key)}),
            **({} if attend is None else {"attentionMask": attend.astype(int).tolist()}),
        },
        "queryMask": query_mask.astype(int).tolist() if masked else None,
        "valueMask": value_mask.astype(int).tolist() if masked else None,
        "weights": [plain(variable) for variable in variables],
        "outputs": [plain(output) for output in outputs],
        "gradients": [plain(gradient) for gradient in gradients],
    }


cases = [
    case("MultiHeadAttention", (2, 3), {}),
    case("MultiHeadAttention", (2, 3), {}, own_key=False, self_attention=True, call={"use_causal_mask": True}),
    case("MultiHeadAttention", (2, 3), {"value_dim": 2, "output_shape": 5, "use_bias": False}, features=(4, 3, 2)),
    case("MultiHeadAttention", (3, 2), {}, masked=True, own_key=False),
    case("MultiHeadAttention", (2, 2), {}, attend=pairs, call={"return_attention_scores": True}),
    case("GroupQueryAttention", (3, 4, 2), {}, own_key=False),
    case("GroupQueryAttention", (2, 2, 1), {"use_bias": False}, own_key=False, self_attention=True, call={"use_causal_mask": True}),
    case("Attention", (), {}),
    case("Attention", (), {"use_scale": True, "score_mode": "concat"}, features=(4, 5, 4)),
    case("Attention", (), {"use_scale": True}, own_key=False, masked=True, call={"return_attention_scores": True}),
    case("Attention", (), {}, own_key=False, call={"use_causal_mask": True}),
    case("AdditiveAttention", (), {}, own_key=False, masked=True),
    case("AdditiveAttention", (), {"use_scale": False}),
    # Along one of two axes, the last and the first; along both, with weights.
    case("MultiHeadAttention", (2, 3), {"attention_axes": [2]}, own_key=False, axes=([3, 2], [3, 4])),
    case("MultiHeadAttention", (2, 3), {"attention_axes": -3, "value_dim": 2}, axes=([2, 3], [4, 3]), call={"return_attention_scores": True}),
    case("MultiHeadAttention", (2, 2), {"attention_axes": [2]}, own_key=False, axes=([2, 3], [2, 4]), attend=pairs),
    case("MultiHeadAttention", (1, 2), {}, own_key=False, self_attention=True, axes=([2, 3], None), call={"return_attention_scores": True}),
    case("MultiHeadAttention", (1, 2), {"attention_axes": [1, 3]}, own_key=False, axes=([2, 3, 2], [1, 3, 3]), call={"return_attention_scores": True}),
    case("MultiHeadAttention", (2, 3), {"use_gate": True, "value_dim": 2}, own_key=False),
    case("MultiHeadAttention", (2, 3), {"sliding_window": 2}, own_key=False, self_attention=True),
    case("MultiHeadAttention", (2, 3), {"sliding_window": 2}, own_key=False, axes=([4], [5]), call={"use_causal_mask": True}),
    case("MultiHeadAttention", (2, 2), {"sliding_window": 3, "use_gate": True, "use_bias": False}, masked=True, own_key=False),
    case("GroupQueryAttention", (3, 4, 2), {"sliding_window": 2, "use_gate": True}, own_key=False, call={"return_attention_scores": True}),
    case("GroupQueryAttention", (2, 2, 1), {"use_gate": True}, own_key=False, self_attention=True, call={"use_causal_mask": True}),
]
for each in cases:
    if isinstance(each["options"].get("outputShape"), int):
        each["options"]["outputShape"] = [each["options"]["outputShape"]]
target.write_text(json.dumps({"keras": keras.__version__, "torch": torch.__version__, "cases": cases}) + "\n")
