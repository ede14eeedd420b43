"""The safetensors format: an 8-byte header length, a JSON header, then the tensors one after the other."""

import json
import struct

import numpy as np

_NAMES = {"float32": "F32", "float16": "F16", "float64": "F64", "uint8": "U8", "int32": "I32", "int64": "I64"}
_TYPES = {v: np.dtype(k).newbyteorder("<") for k, v in _NAMES.items()}


def dump(tensors: dict, metadata: dict) -> bytes:
    """Bytes of a file; `metadata` maps strings to strings. Tensors start at multiples of 8 bytes."""
    header, blobs, offset = {"__metadata__": metadata}, [], 0
    # Largest elements first, so that every tensor is aligned to its own element size.
    for name, array in sorted(tensors.items(), key=lambda item: (-item[1].dtype.itemsize, item[0])):
        blob = np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()
        header[name] = {"dtype": _NAMES[array.dtype.name], "shape": list(array.shape),
                        "data_offsets": [offset, offset + len(blob)]}
        blobs.append(blob)
        offset += len(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"".join(blobs)


def load(content: bytes):
    """(tensors, metadata) of a file."""
    (size,) = struct.unpack_from("<Q", content)
    header = json.loads(content[8:8 + size])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + size + o for o in entry["data_offsets"])
        tensors[name] = np.frombuffer(content[begin:end], _TYPES[entry["dtype"]]).reshape(entry["shape"])
    return tensors, metadata
