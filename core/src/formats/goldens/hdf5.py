"""HDF5 files with what Keras never writes: packed chunks, and the groups and attributes of new files.

Run: python hdf5.py (needs h5py and numpy; written with h5py 3.16). It writes chunks.h5, latest.h5 and
unwritten.h5 beside itself."""

import os

import h5py
import numpy as np

here = os.path.dirname(os.path.abspath(__file__))
values = np.arange(600, dtype="f4").reshape(20, 30)

with h5py.File(os.path.join(here, "chunks.h5"), "w") as file:
    file.attrs["made by"] = "h5py"
    group = file.create_group("model_weights/dense")
    group.create_dataset("kernel", data=values, chunks=(8, 16), compression="gzip", shuffle=True)
    group.create_dataset("half", data=values.astype("f2"), chunks=True)
    group.create_dataset("big", data=values.astype(">f8"))
    group.create_dataset("flags", data=values > 300, compression="gzip")

with h5py.File(os.path.join(here, "latest.h5"), "w", libver="latest") as file:
    for index in range(20):
        file.attrs[f"attribute {index}"] = [index, index + 1]
        file.create_dataset(f"value {index}", data=np.int32(index), track_times=False)
    file.attrs["names"] = ["dense", "größer"]

# Datasets that were declared and never written: each element is the fill value.
with h5py.File(os.path.join(here, "unwritten.h5"), "w") as file:
    file.create_dataset("zeros", shape=(2, 3), dtype="f4")
    file.create_dataset("halves", shape=(4,), dtype="f4", fillvalue=1.5)
    file.create_dataset("big", shape=(2,), dtype=">i4", fillvalue=-7)
    file.create_dataset("one", shape=(), dtype="f8", fillvalue=0.25)
