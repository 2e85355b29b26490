"""PyTorch's worker: reads requests from stdin, one JSON object a line, and answers on stdout (see src/child.ts).

Of each training step the fastest form is raced: plain, channels last (where there are images), compiled (2.x with a C++
compiler). `torch_worker.py cold` takes W2's first training step in a fresh process instead, and ends.
"""

import gc
import json
import os
import shutil
import signal
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

COMPILE_SECONDS = 240


def say(**answer):
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


# Models. Each is what src/workloads defines under the same number.


def mlp():
    return nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))


def convnet():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(64, 128, 3), nn.ReLU(), nn.Flatten(), nn.Linear(1152, 10),
    )  # fmt: skip


class Residual(nn.Module):
    def __init__(self, before, after, stride):
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(before, after, 3, stride, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU(),
            nn.Conv2d(after, after, 3, 1, 1, bias=False), nn.BatchNorm2d(after),
        )  # fmt: skip
        self.around = nn.Identity()
        if stride != 1 or before != after:
            self.around = nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))

    def forward(self, x):
        return F.relu(self.main(x) + self.around(x))


def resnet():
    stages = [nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU()]
    before = 64
    for after, stride in [(64, 1), (128, 2), (256, 2), (512, 2)]:
        stages += [Residual(before, after, stride), Residual(after, after, 1)]
        before = after
    model = nn.Sequential(*stages, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10))
    assert sum(p.numel() for p in model.parameters()) == 11_173_962
    return model


class Block(nn.Module):
    def __init__(self, width, heads, context):
        super().__init__()
        self.heads = heads
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = nn.Linear(width, 3 * width, bias=False)
        self.projection = nn.Linear(width, width, bias=False)
        self.expand = nn.Linear(width, 4 * width, bias=False)
        self.contract = nn.Linear(4 * width, width, bias=False)
        self.register_buffer("mask", torch.tril(torch.ones(context, context, dtype=torch.bool)), persistent=False)

    def attend(self, x):
        batch, time, width = x.shape
        q, k, v = (
            part.view(batch, time, self.heads, width // self.heads).transpose(1, 2)
            for part in self.attention(x).split(width, dim=2)
        )
        if hasattr(F, "scaled_dot_product_attention"):
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            scores = q @ k.transpose(-1, -2) * (width // self.heads) ** -0.5
            mixed = torch.softmax(scores.masked_fill(~self.mask, float("-inf")), dim=-1) @ v
        return self.projection(mixed.transpose(1, 2).reshape(batch, time, width))

    def forward(self, x):
        x = x + self.attend(self.first(x))
        return x + self.contract(F.gelu(self.expand(self.second(x))))


class Gpt(nn.Module):
    def __init__(self, vocabulary=65, context=256, width=384, heads=6, depth=6):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(vocabulary, width), nn.Embedding(context, width)
        nn.init.normal_(self.tokens.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)
        self.blocks = nn.Sequential(*[Block(width, heads, context) for _ in range(depth)])
        self.last = nn.LayerNorm(width)
        assert sum(p.numel() for p in self.parameters()) == 10_750_080

    def forward(self, indices):
        x = self.tokens(indices) + self.positions.weight
        return F.linear(self.last(self.blocks(x)), self.tokens.weight)


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.dense = nn.LSTM(14, 64, batch_first=True), nn.Linear(64, 1)

    def forward(self, x):
        return self.dense(self.lstm(x)[0][:, -1])


# Repetitions: a function that does the work once, to its end.


def adam(model):
    return torch.optim.Adam(model.parameters(), lr=1e-3)


def adamw(model):
    return torch.optim.AdamW(model.parameters(), lr=3e-4)


def momentum(model):
    return torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)


def step_of(model, optimizer, loss_of, x, y):
    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(model(x), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def classes(logits, labels):
    return F.cross_entropy(logits.reshape(-1, logits.shape[-1]), labels.reshape(-1))


def can_compile():
    return hasattr(torch, "compile") and any(shutil.which(name) for name in ("g++", "clang++"))


def variants(images, quick):
    """Ways to lay out and run a model, by name."""
    yield "cpu", False, False
    if images:
        yield "channels last", True, False
    if not quick and can_compile():
        yield ("compiled, channels last" if images else "compiled"), images, True


def seconds_of(repetition, seconds):
    repetition()
    times, end = [], time.perf_counter() + seconds
    while not times or time.perf_counter() < end:
        began = time.perf_counter()
        repetition()
        times.append(time.perf_counter() - began)
    return min(times)


def give_up(*_):
    raise TimeoutError("compiling takes too long")


def fastest(make, images, quick):
    """The fastest variant's name and repetition; `make(channels_last, compiled)` builds one."""
    best = None
    for name, channels_last, compiled in variants(images, quick):
        signal.signal(signal.SIGALRM, give_up)
        signal.alarm(COMPILE_SECONDS if compiled else 0)
        try:
            repetition = make(channels_last, compiled)
            seconds = seconds_of(repetition, 0.1 if quick else 0.7)
            if best is None or seconds < best[0]:
                best = seconds, name, repetition
            del repetition
            gc.collect()
        except Exception as error:  # a variant that cannot be built does not race
            if not compiled:
                raise
            print(f"{name}: {error}", file=sys.stderr)
        finally:
            signal.alarm(0)
    return best[1:]


def training(model_of, optimizer_of, loss_of, x, y):
    def make(channels_last, compiled):
        model, given = model_of(), x
        if channels_last:
            model = model.to(memory_format=torch.channels_last)
            given = x.contiguous(memory_format=torch.channels_last)
        optimizer = optimizer_of(model)
        return step_of(torch.compile(model) if compiled else model, optimizer, loss_of, given, y)

    return lambda quick: fastest(make, x.dim() == 4, quick)


def predicting(model_of, x):
    def make(channels_last, compiled):
        model, given = model_of().eval(), x
        if channels_last:
            model = model.to(memory_format=torch.channels_last)
            given = x.contiguous(memory_format=torch.channels_last)
        if compiled:
            model = torch.compile(model)

        def predict():
            with torch.inference_mode():
                return model(given).numpy()

        return predict

    return lambda quick: fastest(make, x.dim() == 4, quick)


def plain(repetition):
    return lambda quick: ("cpu", repetition)


def multiplying(a, b):
    c = torch.empty(*a.shape[:-1], b.shape[-1])
    return plain(lambda: torch.matmul(a, b, out=c))


def elementwise(compute):
    x = torch.rand(16_777_216)
    return plain(lambda: compute(x))


def square(size, layout=""):
    a, b = torch.rand(size, size), torch.rand(size, size)
    return multiplying(a.t() if layout == "AtB" else a, b.t() if layout == "ABt" else b)


CASES = {
    "W1 batched": lambda: multiplying(torch.rand(8, 6, 256, 64), torch.rand(8, 6, 64, 256)),
    "W2 train": lambda: training(mlp, adam, classes, torch.rand(128, 784), torch.randint(10, (128,))),
    "W3 train": lambda: training(convnet, adam, classes, torch.rand(64, 1, 28, 28), torch.randint(10, (64,))),
    "W4 train": lambda: training(resnet, momentum, classes, torch.rand(32, 3, 32, 32), torch.randint(10, (32,))),
    "W4 predict 32": lambda: predicting(resnet, torch.rand(32, 3, 32, 32)),
    "W4 predict 1": lambda: predicting(resnet, torch.rand(1, 3, 32, 32)),
    "W5 train": lambda: training(Gpt, adamw, classes, torch.randint(65, (8, 256)), torch.randint(65, (8, 256))),
    "W6 train": lambda: training(Lstm, adam, F.mse_loss, torch.rand(32, 120, 14), torch.rand(32, 1)),
    "W7 predict": lambda: predicting(
        lambda: nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10), nn.Softmax(-1)), torch.rand(1, 784)
    ),
    "W8 gelu": lambda: elementwise(lambda x: F.gelu(x * 1.5 + 0.25)),
    "W8 sum": lambda: elementwise(lambda x: x.sum().item()),
}
for _size in (256, 512, 1024, 2048):
    for _layout in ("", "AtB", "ABt"):
        CASES[f"W1 {_size} {_layout}".strip()] = lambda size=_size, layout=_layout: square(size, layout)


prepared = {}


def serve(request):
    if "prepare" in request:
        name, quick = request["prepare"], request["quick"]
        if name not in CASES:
            return say(unsupported="there is no such case")
        torch.set_num_threads(request["threads"])
        device, repetition = CASES[name]()(quick)
        prepared[name] = repetition
        seconds = seconds_of(repetition, 0.1 if quick else 1)
        # The memory of forms that were tried and left is not to count.
        return say(device=device, threads=torch.get_num_threads(), seconds=seconds, tried=True)
    if "run" in request:
        repetition, calls = prepared[request["run"]], request["calls"]
        began = time.perf_counter()
        for _ in range(calls):
            repetition()
        return say(seconds=(time.perf_counter() - began) / calls)
    prepared.pop(request["drop"], None)
    return say(dropped=True)


def cold():
    torch.set_num_threads(int(os.environ.get("BENCH_THREADS", "2")))
    model = mlp()
    step_of(model, adam(model), classes, torch.rand(128, 784), torch.randint(10, (128,)))()
    print("done", flush=True)


if sys.argv[1:] == ["cold"]:
    cold()
else:
    say(imported=True)
    for line in sys.stdin:
        try:
            serve(json.loads(line))
        except Exception as error:
            say(error=f"{type(error).__name__}: {error}".replace("\n", " ")[:500])
