"""Writes core/src/goldens/npy.json: small .npy and .npz files as NumPy writes them, in base64, with what they hold.

Run with any Python that has NumPy:  python3 scripts/goldens/npy.py
"""

import base64
import io
import json
import pathlib

import numpy as np

target = pathlib.Path(__file__).parents[2] / "core/src/goldens/npy.json"


def saved(array, version=(1, 0)):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version=version)
    return base64.b64encode(file.getvalue()).decode()


def values(array):
    if array.dtype.kind == "f" and array.dtype.itemsize == 2:
        return [str(bits) for bits in array.view(np.uint16).ravel()]
    return [str(value) if array.dtype.kind != "b" else str(int(value)) for value in array.ravel().tolist()]


cases = []
for code in ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"]:
    info = None if code == "b1" else (np.finfo(code) if code[0] == "f" else np.iinfo(code))
    extremes = [0, 1, 1] if info is None else [info.min, 1, info.max]
    array = np.array([extremes, [0, 1, 0]], dtype=code)
    cases.append({"name": code, "type": code, "array": array, "file": saved(array)})
    if array.dtype.itemsize > 1:
        big = array.astype(array.dtype.newbyteorder(">"))
        cases.append({"name": f"{code}, big-endian", "type": code, "array": array, "file": saved(big)})

numbers = np.arange(24, dtype="f4").reshape(2, 3, 4)
cases.append({"name": "Fortran order", "type": "f4", "array": numbers, "file": saved(np.asfortranarray(numbers))})
cases.append({"name": "no axes", "type": "f8", "array": np.array(2.5), "file": saved(np.array(2.5))})
cases.append({"name": "one axis", "type": "i4", "array": np.arange(3, dtype="i4"), "file": saved(np.arange(3, dtype="i4"))})
cases.append({"name": "no elements", "type": "f4", "array": np.zeros((0, 3), "f4"), "file": saved(np.zeros((0, 3), "f4"))})
cases.append({"name": "version 2", "type": "f4", "array": numbers, "file": saved(numbers, (2, 0))})
cases.append({"name": "version 3", "type": "f4", "array": numbers, "file": saved(numbers, (3, 0))})

archives = {}
for name, save in [("savez", np.savez), ("savez_compressed", np.savez_compressed)]:
    file = io.BytesIO()
    save(file, x=numbers, y=np.arange(3, dtype="i8"))
    archives[name] = base64.b64encode(file.getvalue()).decode()

objects = io.BytesIO()
np.save(objects, np.array([{"a": 1}], dtype=object), allow_pickle=True)
records = saved(np.zeros(2, dtype=[("a", "f4"), ("b", "i4")]))

target.write_text(
    json.dumps(
        {
            "numpy": np.__version__,
            "arrays": [
                {"name": case["name"], "type": case["type"], "shape": list(case["array"].shape), "values": values(case["array"]), "file": case["file"]}
                for case in cases
            ],
            "archives": archives,
            "objects": base64.b64encode(objects.getvalue()).decode(),
            "records": records,
        },
        indent=1,
    )
    + "\n"
)
