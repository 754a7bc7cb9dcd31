"""Safetensors files (8-byte length, JSON header, data), as numpy arrays: what the yardsticks need and no more."""
import json
import struct

import numpy as np

TYPES = {"F32": np.float32, "F64": np.float64, "I64": np.int64}


def read(path):
    """Returns the tensors by name."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        kind = np.dtype(TYPES[entry["dtype"]])
        data = np.fromfile(path, kind, (end - begin) // kind.itemsize, offset=8 + length + begin)
        tensors[name] = data.reshape(entry["shape"])
    return tensors


def write(path, tensors, metadata=None):
    """Writes the tensors in the order of their names."""
    names = {np.dtype(kind): name for name, kind in TYPES.items()}
    header, at = {"__metadata__": metadata} if metadata else {}, 0
    for name in sorted(tensors):
        tensor = tensors[name]
        header[name] = {"dtype": names[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [at, at + tensor.nbytes]}
        at += tensor.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name in sorted(tensors):
            file.write(np.ascontiguousarray(tensors[name]).tobytes())
