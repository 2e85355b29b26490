"""Writes mersenne.json: what NumPy's RandomState and Python's random.Random draw.

Usage: python3 core/src/data/goldens/mersenne.py   (needs numpy)
"""

import json
import pathlib
import random

import numpy as np

LENGTHS = [1, 2, 3, 10, 257, 700]
RANGES = [(0, 1), (0, 2), (0, 7), (-5, 5), (0, 256), (10, 1000003), (0, 2**31), (0, 2**32 - 1)]


def numpy_case(seed):
    state = np.random.RandomState(seed)
    case = {"seed": seed, "uniform": [float(state.random_sample()) for _ in range(4)]}
    case["integers"] = [[low, high, int(state.randint(low, high, dtype=np.int64))] for low, high in RANGES for _ in range(3)]
    shuffles = []
    for length in LENGTHS:
        array = np.arange(length)
        state.shuffle(array)
        shuffles.append(array.tolist())
    names = [f"file {index}" for index in range(20)]
    state.shuffle(names)
    case |= {"shuffles": shuffles, "names": names, "permutation": state.permutation(50).tolist()}
    return case


def python_case(seed):
    state = random.Random(seed)
    case = {"seed": seed, "uniform": [state.random() for _ in range(4)]}
    case["integers"] = [[low, high, state.randrange(low, high)] for low, high in RANGES for _ in range(3)]
    shuffles = []
    for length in LENGTHS:
        values = list(range(length))
        state.shuffle(values)
        shuffles.append(values)
    return case | {"shuffles": shuffles}


goldens = {
    "numpy": [numpy_case(seed) for seed in [0, 1, 42, 113, 1337, 2**31, 2**32 - 1]],
    "python": [python_case(seed) for seed in [0, 1, 42, -42, 1337, 2**32 - 1, 2**32, 2**53 - 1]],
}
target = pathlib.Path(__file__).with_name("mersenne.json")
target.write_text(json.dumps(goldens, separators=(",", ":")) + "\n")
