"""Writes torch.json: what torch.nn computes for layers, functions, losses and optimizers, forwards and backwards.

    /opt/torchenv/bin/python torch.py        (PyTorch 2.13 on the CPU, in f64)

Inputs and weights are leaves in our layout (channels last, kernels [...window, in, out], gates in Keras's order) and are
rearranged into PyTorch's inside of the differentiated function, so that gradients come out in our layout by themselves.
Layout: cases [{ theirs, layer | call, arguments, training?, names?, inputs, weights, outputs, gradients, state }]: `gradients` are
those of sum(output * sin(1 + index)), of inputs that are floats and then of weights; `state` is what the call left in running
statistics; a list of losses as in objectives.json; optimizers as in optim/goldens/optimizers.json. Numbers have 7 digits.
"""

import json
import sys
from pathlib import Path

sys.path.pop(0)  # this folder, in which a file is named torch

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.func import functional_call

torch.set_default_dtype(torch.float64)
random = np.random.default_rng(5)


def packed(x):
    a = np.asarray(x.detach() if hasattr(x, "detach") else x)
    whole = a.dtype.kind in "ib"
    data = [int(v) for v in a.ravel()] if whole else [float(f"{v:.7g}") for v in a.ravel()]
    return {"shape": list(a.shape), "data": data, **({"dtype": "bool" if a.dtype == bool else "i32"} if whole else {})}


def leaf(shape, low=-2.0, high=2.0):
    """All different: where two are largest, whose derivative it is is a matter of taste."""
    size = int(np.prod(shape))
    values = low + (high - low) * (random.permutation(size) + random.uniform(0.2, 0.8)) / max(size, 1)
    return torch.tensor(np.float32(values.round(4)).astype("float64").reshape(shape), requires_grad=True)


cases = []


def case(kind, name, arguments, theirs, inputs, run, weights=(), state=(), **extra):
    """`run(*inputs, *weights)` gives one output, or several, in our layout; `state()` what it left behind."""
    inputs = [x if hasattr(x, "shape") and not isinstance(x, tuple) else leaf(x) for x in inputs]
    weights = [w if hasattr(w, "shape") else leaf(w, -1, 1) for w in weights]
    outputs = run(*inputs, *weights)
    outputs = list(outputs) if isinstance(outputs, (tuple, list)) else [outputs]
    scores = [torch.sin(1 + torch.arange(y.numel(), dtype=torch.float64)).reshape(y.shape) for y in outputs]
    total = sum((y * s).sum() for y, s in zip(outputs, scores))
    wanted = [x for x in [*inputs, *weights] if isinstance(x, torch.Tensor) and x.requires_grad]
    entry = {
        "theirs": theirs,
        kind: name,
        "arguments": arguments,
        **extra,
        "inputs": [packed(x) for x in inputs],
        "weights": [packed(w) for w in weights],
        "outputs": [packed(y) for y in outputs],
        "gradients": [packed(g) for g in torch.autograd.grad(total, wanted)],
        "state": [packed(s) for s in (state() if callable(state) else state)],
    }
    cases.append(entry)


layer = lambda *given, **extra: case("layer", *given, **extra)
call = lambda *given, **extra: case("call", *given, **extra)
first = lambda x: x.movedim(-1, 1)  # channels first
last = lambda x: x.movedim(1, -1)
taps = lambda rank: (rank + 1, rank, *range(rank))  # [...window, in, out] to [out, in, ...window]; its own pattern for both kinds


def module(made, parameters):
    """`made` as a function of x and of leaves; `parameters(*leaves)` names them in PyTorch's layout."""
    return lambda x, *leaves: functional_call(made, parameters(*leaves), (x,))


# Linear and embedding.
for shape, bias in [((2, 5), True), ((2, 3, 4), False)]:
    size = shape[-1]
    made = nn.Linear(size, 3, bias=bias)
    names = (lambda w, b: {"weight": w.T, "bias": b}) if bias else (lambda w: {"weight": w.T})
    layer("dense", [3, {"useBias": bias}], repr(made), [shape], module(made, names), [(size, 3), *([(3,)] if bias else [])])
tokens = random.integers(0, 7, (2, 5)).astype("int32")
layer("embedding", [7, 3], "Embedding(7, 3)", [tokens], lambda i, w: F.embedding(torch.tensor(i).long(), w), [(7, 3)])

# Convolutions. Layers have "valid" and "same"; explicit paddings are for the function.
for rank, shape, window, options in [
    (1, (2, 9, 2), (3,), {}),
    (1, (1, 8, 4), (2,), {"stride": 3, "groups": 2}),
    (1, (2, 9, 2), (3,), {"padding": 2, "dilation": 2}),
    (2, (2, 7, 5, 2), (3, 2), {"stride": (2, 1)}),
    (2, (1, 6, 7, 4), (3, 3), {"padding": (1, 2), "groups": 2}),
    (2, (1, 9, 8, 2), (2, 3), {"dilation": (3, 2), "padding": (0, 1), "stride": (1, 2)}),
    (2, (1, 5, 6, 3), (3, 3), {"padding": "same", "dilation": 2}),
    (2, (2, 5, 5, 3), (1, 1), {"stride": 2}),
    (2, (1, 6, 5, 3), (3, 3), {"groups": 3, "padding": 1}),
    (3, (1, 4, 5, 3, 2), (2, 3, 2), {"stride": (1, 2, 1), "padding": (1, 0, 1)}),
    (3, (1, 5, 4, 5, 4), (2, 2, 3), {"groups": 2, "dilation": (2, 1, 1)}),
]:
    out, groups = 6, options.get("groups", 1)
    made = [nn.Conv1d, nn.Conv2d, nn.Conv3d][rank - 1](shape[-1], out, window, **options)
    run = lambda x, w, b, made=made, rank=rank: last(functional_call(made, {"weight": w.permute(taps(rank)), "bias": b}, (first(x),)))
    leaves = [(*window, shape[-1] // groups, out), (out,)]
    listed = lambda name, default, rank=rank, options=options: list(np.broadcast_to(options.get(name, default), rank).tolist())
    common = {"strides": listed("stride", 1), "groups": groups}
    if options.get("padding", 0) in (0, "same"):
        padding = "same" if "padding" in options else "valid"
        layer(f"conv{rank}d", [out, list(window), {**common, "dilationRate": listed("dilation", 1), "padding": padding}], repr(made), [shape], run, leaves)
    else:
        pads = [[p, p] for p in listed("padding", 0)]
        plain = lambda x, w, run=run: run(x, w, torch.zeros(6))
        call("conv", [{"input": 0}, {"input": 1}, {**common, "dilation": listed("dilation", 1), "padding": pads}], repr(made), [shape, leaf(leaves[0], -1, 1)], plain)

for rank, shape, window, options in [
    (1, (2, 4, 2), (3,), {"stride": 2}),
    (1, (1, 5, 3), (4,), {"stride": 3, "padding": 1, "output_padding": 2}),
    (2, (1, 3, 4, 2), (3, 2), {"stride": (2, 1)}),
    (2, (1, 3, 4, 2), (3, 3), {"stride": 2, "padding": 1, "output_padding": 1}),
    (2, (1, 4, 3, 2), (2, 3), {"dilation": 2, "padding": (0, 1)}),
    (2, (2, 3, 3, 2), (4, 4), {"stride": 2, "padding": 1}),
    (3, (1, 2, 3, 2, 2), (2, 2, 3), {"stride": (1, 2, 1)}),
    (3, (1, 2, 3, 2, 2), (3, 2, 2), {"stride": 2, "padding": (1, 0, 0), "output_padding": (1, 0, 1)}),
]:
    made = [nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d][rank - 1](shape[-1], 3, window, **options)
    run = lambda x, w, b, made=made, rank=rank: last(functional_call(made, {"weight": w.permute(taps(rank)), "bias": b}, (first(x),)))
    kernel = (*window, 3, shape[-1])  # [...window, out, in]
    listed = lambda name, default, rank=rank, options=options: list(np.broadcast_to(options.get(name, default), rank).tolist())
    if "padding" in options:
        given = {"strides": listed("stride", 1), "dilation": listed("dilation", 1), "padding": [[p, p] for p in listed("padding", 0)], "outputPadding": listed("output_padding", 0)}
        call("convTranspose", [{"input": 0}, {"input": 1}, given], repr(made), [shape, leaf(kernel, -1, 1)], lambda x, w, run=run: run(x, w, torch.zeros(3)))
    else:
        layer(f"conv{rank}dTranspose", [3, list(window), {"strides": listed("stride", 1)}], repr(made), [shape], run, [kernel, (3,)])

# Pooling.
for rank, shape, size, stride, padding in [
    (1, (2, 7, 2), 2, 2, 0), (1, (2, 8, 2), 3, 2, 1), (2, (2, 5, 7, 2), (2, 3), (2, 1), 0), (2, (1, 6, 5, 2), 3, 2, 1),
    (3, (1, 5, 4, 3, 2), 2, 2, 0), (3, (1, 4, 3, 5, 2), (3, 2, 3), (1, 2, 2), (1, 1, 0)),
]:  # fmt: skip
    listed = lambda value, rank=rank: list(np.broadcast_to(value, rank).tolist())
    for name, made in [("max", getattr(nn, f"MaxPool{rank}d")(size, stride, padding)), ("average", getattr(nn, f"AvgPool{rank}d")(size, stride, padding, count_include_pad=False))]:
        run = lambda x, made=made: last(made(first(x)))
        if padding == 0:
            layer(f"{name}Pooling{rank}d", [listed(size), {"strides": listed(stride)}], repr(made), [shape], run)
        else:
            pads = [[p, p] for p in listed(padding)]
            call(f"{name}Pool", [{"input": 0}, listed(size), {"strides": listed(stride), "padding": pads}], repr(made), [shape], run)
    for name, theirs in [("Max", f"AdaptiveMaxPool{rank}d"), ("Average", f"AdaptiveAvgPool{rank}d")]:
        made = getattr(nn, theirs)((3, 2, 2)[:rank] if rank > 1 else 3)
        layer(f"adaptive{name}Pooling{rank}d", [[3, 2, 2][:rank]], repr(made), [shape], lambda x, made=made: last(made(first(x))))

# Normalization.
for shape, training in [((6, 3), True), ((2, 4, 3), True), ((2, 3, 4, 3), True), ((1, 2, 3, 2, 3), True), ((3, 2, 2, 3), False)]:
    kind = [nn.BatchNorm1d, nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d][len(shape) - 2]
    made = kind(3, eps=1e-3, momentum=0.2).train(training)
    old = [leaf((3,), -1, 1).detach(), leaf((3,), 0.5, 1).detach()]
    running = [v.clone() for v in old]
    count = int(np.prod(shape[:-1]))

    def run(x, scale, offset, made=made, running=running, old=old):
        for now, before in zip(running, old):
            now.copy_(before)
        values = {"weight": scale, "bias": offset, "running_mean": running[0], "running_var": running[1]}
        return last(functional_call(made, values, (first(x),)))

    def state(running=running, old=old, count=count, training=training):
        # PyTorch keeps the unbiased variance, Keras the one that it normalizes by.
        if not training:
            return old
        return [running[0], 0.8 * old[1] + (running[1] - 0.8 * old[1]) * (count - 1) / count]

    layer("batchNormalization", [{"epsilon": 1e-3, "momentum": 0.8}], f"{made!r} training={training}", [shape], run, [(3,), (3,)], state, training=training, before=[packed(v) for v in old])
for shape, axes in [((3, 5), [-1]), ((2, 3, 4), [1, 2])]:
    sizes = [shape[a] for a in axes]
    made = nn.LayerNorm(sizes, eps=1e-4)
    layer("layerNormalization", [{"axis": axes, "epsilon": 1e-4}], repr(made), [shape], module(made, lambda s, b: {"weight": s, "bias": b}), [sizes, sizes])
for shape, groups in [((2, 5, 4), 2), ((2, 3, 2, 6), 3), ((2, 3, 3, 4), 1), ((2, 4, 3, 3), 3)]:
    made = nn.GroupNorm(groups, shape[-1], eps=1e-3)
    run = lambda x, s, b, made=made: last(functional_call(made, {"weight": s, "bias": b}, (first(x),)))
    layer("groupNormalization", [{"groups": groups, "epsilon": 1e-3}], repr(made), [shape], run, [(shape[-1],), (shape[-1],)])
made = nn.RMSNorm(5, eps=1e-4)
layer("rmsNormalization", [{"epsilon": 1e-4}], repr(made), [(2, 3, 5)], module(made, lambda s: {"weight": s}), [(5,)])

# Recurrent: several steps; gates of an LSTM are i f c o in both, those of a GRU z r h in ours and r z n in PyTorch's.
turned = lambda w: torch.cat([w[..., 3:6], w[..., :3], w[..., 6:]], -1)  # units 3


def lstm(k, r, b, end=""):
    return {f"weight_ih_l0{end}": k.T, f"weight_hh_l0{end}": r.T, f"bias_ih_l0{end}": b, f"bias_hh_l0{end}": torch.zeros_like(b)}


def gru(k, r, b):
    return {"weight_ih_l0": turned(k).T, "weight_hh_l0": turned(r).T, "bias_ih_l0": turned(b[0]), "bias_hh_l0": turned(b[1])}


rnn = lstm
for sequences in [True, False]:
    for name, theirs, names, gates, bias in [("lstm", nn.LSTM, lstm, 4, (12,)), ("gru", nn.GRU, gru, 3, (2, 9)), ("simpleRnn", nn.RNN, rnn, 1, (3,))]:
        made = theirs(2, 3, batch_first=True)

        def run(x, *leaves, made=made, names=names, sequences=sequences):
            y, state = functional_call(made, names(*leaves), (x,))
            state = state if isinstance(state, tuple) else (state,)
            return [y if sequences else y[:, -1], *(s[0] for s in state)]

        layer(name, [3, {"returnSequences": sequences, "returnState": True}], repr(made), [(2, 5, 2)], run, [(2, 3 * gates), (3, 3 * gates), bias])
made = nn.RNN(2, 3, nonlinearity="relu", batch_first=True)
layer("simpleRnn", [3, {"activation": "relu"}], repr(made), [(2, 4, 2)], lambda x, *w, made=made: functional_call(made, rnn(*w), (x,))[0][:, -1], [(2, 3), (3, 3), (3,)])
made = nn.LSTM(2, 3, batch_first=True, bidirectional=True)


def both(x, *w, made=made):
    return functional_call(made, {**lstm(*w[:3]), **lstm(*w[3:], end="_reverse")}, (x,))[0]


layer("bidirectional", [{"layer": "lstm", "arguments": [3, {"returnSequences": True}]}], repr(made), [(2, 4, 2)], both, [(2, 12), (3, 12), (12,)] * 2)

# Attention.
made = nn.MultiheadAttention(6, 2, batch_first=True)
square = lambda w: w.reshape(6, 6).T
seen = np.array([[True, True, True, False, True], [True, False, True, True, False]])


def attend(q, v, wq, bq, wk, bk, wv, bv, wo, bo, **given):
    values = {
        "in_proj_weight": torch.cat([square(w) for w in (wq, wk, wv)]),
        "in_proj_bias": torch.cat([b.reshape(6) for b in (bq, bk, bv)]),
        "out_proj.weight": wo.reshape(6, 6).T,
        "out_proj.bias": bo,
    }
    return functional_call(made, values, (q, v, v), {"need_weights": False, **given})[0]


kernels = [(6, 2, 3), (2, 3)] * 3 + [(2, 3, 6), (6,)]
future = torch.triu(torch.ones(5, 5, dtype=torch.bool), 1)
mha = lambda options, title, inputs, run, names: layer("multiHeadAttention", [2, 3, options], f"MultiheadAttention(6, 2) {title}", inputs, run, kernels, names=names)
mha({}, "across", [(2, 3, 6), (2, 5, 6)], attend, ["query", "value"])
mha({"useCausalMask": True}, "causal", [(2, 5, 6), (2, 5, 6)], lambda q, v, *w: attend(q, v, *w, attn_mask=future), ["query", "value"])
# Theirs says what is hidden, ours what is seen, for each query.
mask = np.broadcast_to(seen[:, None, :], (2, 4, 5)).copy()
mha({}, "padding", [(2, 4, 6), (2, 5, 6), mask], lambda q, v, m, *w: attend(q, v, *w, key_padding_mask=torch.tensor(~seen)), ["query", "value", "attentionMask"])
mask = np.broadcast_to(seen[:, None, :], (2, 5, 5)).copy()
mha({"useCausalMask": True}, "causal and padding", [(2, 5, 6), (2, 5, 6), mask], lambda q, v, m, *w: attend(q, v, *w, attn_mask=future, key_padding_mask=torch.tensor(~seen)), ["query", "value", "attentionMask"])

heads = lambda x: x.transpose(-3, -2)  # [..., time, heads, size] and [..., heads, time, size]
bias = lambda shape: leaf(shape, -1, 1)
sdpa = lambda q, k, v, **given: heads(F.scaled_dot_product_attention(heads(q), heads(k), heads(v), **given))
operands = [{"input": 0}, {"input": 1}, {"input": 2}]
qkv = [(2, 5, 4, 3), (2, 5, 4, 3), (2, 5, 4, 3)]
call("dotProductAttention", operands, "scaled_dot_product_attention", [(2, 3, 2, 5), (2, 7, 2, 5), (2, 7, 2, 5)], sdpa)
call("dotProductAttention", [*operands, {"causal": True}], "scaled_dot_product_attention causal", qkv, lambda q, k, v: sdpa(q, k, v, is_causal=True))
call("dotProductAttention", [*operands, {"causal": True}], "scaled_dot_product_attention causal grouped", [qkv[0], (2, 5, 2, 3), (2, 5, 2, 3)], lambda q, k, v: sdpa(q, k, v, is_causal=True, enable_gqa=True))
keys = seen[:, None, None, :]
call("dotProductAttention", [*operands, {"mask": {"input": 3}, "scale": 0.4}], "scaled_dot_product_attention masked", [*qkv, keys], lambda q, k, v, m: sdpa(q, k, v, attn_mask=torch.tensor(m), scale=0.4))
call("dotProductAttention", [*operands, {"bias": {"input": 3}}], "scaled_dot_product_attention biased", [*qkv, bias((1, 4, 5, 5))], lambda q, k, v, b: sdpa(q, k, v, attn_mask=b))

# Activations.
x = {"input": 0}
for name, made, rest in [
    ("relu", nn.ReLU(), []), ("relu6", nn.ReLU6(), []), ("leakyRelu", nn.LeakyReLU(0.1), [0.1]), ("elu", nn.ELU(0.7), [0.7]), ("selu", nn.SELU(), []),
    ("celu", nn.CELU(0.6), [0.6]), ("gelu", nn.GELU(), []), ("gelu", nn.GELU("tanh"), [{"approximate": True}]), ("sigmoid", nn.Sigmoid(), []),
    ("silu", nn.SiLU(), []), ("mish", nn.Mish(), []), ("tanh", nn.Tanh(), []), ("softplus", nn.Softplus(), []), ("softsign", nn.Softsign(), []),
    ("hardSigmoid", nn.Hardsigmoid(), []), ("hardSilu", nn.Hardswish(), []), ("logSigmoid", nn.LogSigmoid(), []), ("glu", nn.GLU(), []),
    ("softmax", nn.Softmax(1), [1]), ("logSoftmax", nn.LogSoftmax(-1), []), ("hardTanh", nn.Hardtanh(), []), ("hardShrink", nn.Hardshrink(), []),
    ("softShrink", nn.Softshrink(), []), ("tanhShrink", nn.Tanhshrink(), []), ("threshold", nn.Threshold(0.5, -0.3), [0.5, -0.3]),
]:  # fmt: skip
    call(name, [x, *rest], repr(made), [leaf((3, 4, 6), -4, 4)], made)
made = nn.PReLU(4)
layer("prelu", [{"sharedAxes": [1, 2]}], repr(made), [(2, 3, 2, 4)], lambda x, a, made=made: last(functional_call(made, {"weight": a.reshape(4)}, (first(x),))), [(1, 1, 4)])

# Resampling.
for scale, mode in [((2, 3), "nearest"), ((2, 2), "bilinear")]:
    made = nn.Upsample(scale_factor=scale, mode=mode)
    layer("upSampling2d", [list(scale), {"interpolation": mode}], repr(made), [(2, 3, 4, 2)], lambda x, made=made: last(made(first(x))))

# Losses: one figure an example, and the gradient of their sum.
losses = []


def loss(name, options, target, output, run, theirs):
    y = run(output, target)
    losses.append({
        "theirs": theirs, "name": name, "options": {**options, "reduction": "none"},
        "yTrue": target.tolist(), "yPred": [[float(f"{v:.7g}") for v in row] for row in output.reshape(len(output), -1).tolist()] if output.dim() == 2 else output.tolist(),
        "value": np.vectorize(lambda v: float(f"{v:.7g}"))(y.detach().numpy()).tolist(),
        "gradient": np.vectorize(lambda v: float(f"{v:.7g}"))(torch.autograd.grad(y.sum(), output)[0].numpy()).tolist(),
    })  # fmt: skip


logits = lambda: leaf((4, 5), -3, 3)
classes = torch.tensor([1, 4, 0, 4])
soft = torch.softmax(leaf((4, 5)).detach(), -1)
chances = lambda: torch.softmax(leaf((4, 5)).detach(), -1).requires_grad_()
bits = torch.tensor(random.integers(0, 2, (4, 5)).astype("float64"))
real = leaf((4, 5)).detach()
rows = lambda f: lambda p, t: f(p, t).mean(-1)
loss("sparseCategoricalCrossentropy", {"fromLogits": True}, classes, logits(), lambda p, t: F.cross_entropy(p, t, reduction="none"), "cross_entropy")
loss("sparseCategoricalCrossentropy", {"fromLogits": True, "ignoreClass": 4}, classes, logits(), lambda p, t: F.cross_entropy(p, t, reduction="none", ignore_index=4), "cross_entropy ignore_index")
loss("categoricalCrossentropy", {"fromLogits": True}, soft, logits(), lambda p, t: F.cross_entropy(p, t, reduction="none"), "cross_entropy of chances")
loss("categoricalCrossentropy", {"fromLogits": True, "labelSmoothing": 0.2}, F.one_hot(classes, 5).double(), logits(), lambda p, t: F.cross_entropy(p, t.argmax(-1), reduction="none", label_smoothing=0.2), "cross_entropy label_smoothing")
loss("binaryCrossentropy", {"fromLogits": True}, bits, logits(), rows(lambda p, t: F.binary_cross_entropy_with_logits(p, t, reduction="none")), "binary_cross_entropy_with_logits")
loss("binaryCrossentropy", {}, bits, chances(), rows(lambda p, t: F.binary_cross_entropy(p, t, reduction="none")), "binary_cross_entropy")
loss("klDivergence", {}, soft, chances(), lambda p, t: F.kl_div(p.log(), t, reduction="none").sum(-1), "kl_div")
for delta in [1.0, 0.5]:
    loss("huber", {"delta": delta}, real, logits(), rows(lambda p, t, delta=delta: F.huber_loss(p, t, reduction="none", delta=delta)), "huber_loss")
    loss("huber", {"delta": delta}, real, logits(), rows(lambda p, t, delta=delta: delta * F.smooth_l1_loss(p, t, reduction="none", beta=delta)), "smooth_l1_loss times beta")
loss("meanSquaredError", {}, real, logits(), rows(lambda p, t: F.mse_loss(p, t, reduction="none")), "mse_loss")
loss("meanAbsoluteError", {}, real, logits(), rows(lambda p, t: F.l1_loss(p, t, reduction="none")), "l1_loss")
loss("poisson", {}, torch.tensor(random.integers(0, 4, (4, 5)).astype("float64")), leaf((4, 5), 0.5, 3), rows(lambda p, t: F.poisson_nll_loss(p, t, log_input=False, eps=1e-7, reduction="none")), "poisson_nll_loss")
loss("cosineSimilarity", {}, real, logits(), lambda p, t: -F.cosine_similarity(p, t, -1), "cosine_similarity")
labels = torch.tensor([[1, 2, 2, 3], [2, 1, 0, 0], [3, 0, 0, 0]])
lengths = torch.tensor([4, 2, 1])
steps = torch.tensor([7, 7, 7])
loss("ctc", {}, labels, leaf((3, 7, 4)), lambda p, t: F.ctc_loss(F.log_softmax(p, -1).transpose(0, 1), t, steps, lengths, blank=0, reduction="none"), "ctc_loss")

# Optimizers, where both mean the same: with an epsilon that counts for nothing, and decoupled decay.
start = [leaf((3, 2), -1, 1).detach(), leaf((2,), -1, 1).detach()]
gradients = [[leaf(s.shape, -1, 1).detach() for s in start] for _ in range(20)]
kept = [1, 2, 5, 20]
rate, tiny = {"learningRate": 0.05}, {"epsilon": 1e-12}
runs = []
for name, options, make in [
    ("sgd", {}, lambda p: torch.optim.SGD(p, 0.05)),
    ("sgd", {"momentum": 0.8}, lambda p: torch.optim.SGD(p, 0.05, momentum=0.8)),
    ("sgd", {"momentum": 0.8, "nesterov": True}, lambda p: torch.optim.SGD(p, 0.05, momentum=0.8, nesterov=True)),
    ("adam", tiny, lambda p: torch.optim.Adam(p, 0.05, eps=1e-12)),
    ("adam", {**tiny, "amsgrad": True, "beta1": 0.8, "beta2": 0.9}, lambda p: torch.optim.Adam(p, 0.05, (0.8, 0.9), eps=1e-12, amsgrad=True)),
    ("adamw", {**tiny, "weightDecay": 0.1}, lambda p: torch.optim.AdamW(p, 0.05, eps=1e-12, weight_decay=0.1)),
    ("adagrad", {**tiny, "initialAccumulatorValue": 0.3}, lambda p: torch.optim.Adagrad(p, 0.05, initial_accumulator_value=0.3, eps=1e-12)),
    ("rmsprop", {**tiny, "rho": 0.8}, lambda p: torch.optim.RMSprop(p, 0.05, alpha=0.8, eps=1e-12)),
    ("rmsprop", {**tiny, "rho": 0.8, "momentum": 0.5}, lambda p: torch.optim.RMSprop(p, 0.05, alpha=0.8, eps=1e-12, momentum=0.5)),
    ("adadelta", {"rho": 0.8, "epsilon": 1e-5}, lambda p: torch.optim.Adadelta(p, 0.05, rho=0.8, eps=1e-5)),
    ("adamax", tiny, lambda p: torch.optim.Adamax(p, 0.05, eps=1e-12)),
    ("nadam", tiny, lambda p: torch.optim.NAdam(p, 0.05, eps=1e-12, momentum_decay=1.0)),
]:
    parameters = [s.clone().requires_grad_() for s in start]
    optimizer = make(parameters)
    values = []
    for step, given in enumerate(gradients, 1):
        for p, g in zip(parameters, given):
            p.grad = g.clone()
        optimizer.step()
        if step in kept:
            values.append([np.vectorize(lambda v: float(f"{v:.7g}"))(p.detach().numpy()).tolist() for p in parameters])
    runs.append({"name": name, "options": {**rate, **options}, "values": values})

lists = {
    "cases": cases,
    "losses": losses,
    "runs": runs,
}
lines = [f'"{key}":[\n' + ",\n".join(json.dumps(e, separators=(",", ":")) for e in entries) + "\n]" for key, entries in lists.items()]
rest = {"start": [s.tolist() for s in start], "gradients": [[g.tolist() for g in given] for given in gradients], "steps": kept}
lines += [f'"{key}":{json.dumps(value, separators=(",", ":"))}' for key, value in rest.items()]
Path(__file__).with_name("torch.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
print(len(cases), "cases,", len(losses), "losses,", len(runs), "runs")
