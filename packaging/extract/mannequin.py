"""What turns the body into a neutral mannequin: a smooth torso, a face without eyes, and the regions of a body suit.

The surface. Chest, navel, crotch and seat, and the eyes with their sockets, are replaced by a surface as little bent
as the rest of the body allows; lips are softened. For the vertices x that take part, r being the exact rest body, it
minimises

    sum_v |mean of the neighbours of x_v - x_v|^2 + sum_v k_v |x_v - r_v|^2 + sum_(u,v) m_uv |x_u - x_v|^2

with a stiffness k_v that is high at the border, and next to nothing where there is anatomy. The third term is for
the few places where the mesh has dense rings or pockets (they would otherwise be drawn out to cones). The eyeballs are
shrunk and tucked in behind. All of it is linear in r, and r is linear in the shape coefficients c, so at run time
nothing is solved:

    d = mannequin_offset + c . mannequin_offset_basis;  rest[mannequin_vertices] += d

Skinning stays as it is. The exact vertices remain the reference for fitting.

The suit. Collar, cuffs and waist follow closed loops of edges, given by one edge each and mirrored to the right side.
"""

import numpy as np

from . import anny_body

HEAD, SUIT, SUIT_LOWER, HANDS, FEET, INNER = range(6)
REGION_NAMES = ["head", "suit", "suit_lower", "hands", "feet", "inner"]

# One edge of each seam, as vertices of the base mesh. The left ones are mirrored.
COLLAR, WAIST, LEFT_WRIST, LEFT_ANKLE = (759, 760), (4199, 4200), (10200, 10210), (11420, 12969)
ADULT = np.array([[0.5, 2 / 3, 0.5, 0.5, 0.42, 0.5]])  # the order of anny_body.PHENOTYPES


class QuadMesh:
    """Neighbourhoods of the quads that the triangles come from, two by two."""

    def __init__(self, faces, vertices: int):
        first, second = faces[0::2], faces[1::2]
        along_ac = second[:, 2] == first[:, 0]
        self.quads = np.where(along_ac[:, None],
                              np.stack([first[:, 0], first[:, 1], first[:, 2], second[:, 1]], 1),
                              np.stack([first[:, 0], first[:, 1], second[:, 2], first[:, 2]], 1))
        self.around = [{} for _ in range(vertices)]  # neighbour -> quads that share the edge
        for number, quad in enumerate(self.quads.tolist()):
            for a, b in zip(quad, quad[1:] + quad[:1]):
                self.around[a].setdefault(b, set()).add(number)
                self.around[b].setdefault(a, set()).add(number)

    def loop(self, a, b):
        """Vertices of the closed loop of edges that goes straight on from a to b."""
        path = [a, b]
        while True:
            before, here = path[-2:]
            beside = self.around[here][before]
            ahead = [n for n, quads in self.around[here].items() if n != before and not quads & beside]
            if len(self.around[here]) != 4 or len(ahead) != 1 or len(path) > 1000:
                raise ValueError(f"no closed loop of edges starts at {a}, {b}")
            if ahead[0] == a:
                return path
            path.append(ahead[0])

    def patches(self, vertices):
        """`vertices` in groups that lie more than two edges apart from each other."""
        waiting, found = set(vertices.tolist()), []
        while waiting:
            todo, group = [waiting.pop()], []
            while todo:
                group.append(todo.pop())
                near = {m for n in self.around[group[-1]] for m in (n, *self.around[n])} & waiting
                waiting -= near
                todo.extend(near)
            found.append(np.sort(group))
        return found

    def spread(self, values, rounds: int):
        """Values averaged over neighbourhoods, a few times."""
        sizes = np.array([len(n) for n in self.around])
        heads = np.repeat(np.arange(len(sizes)), sizes)
        tails = np.concatenate([np.fromiter(n, np.int64) for n in self.around])
        for _ in range(rounds):
            values = 0.5 * values + 0.5 * np.bincount(heads, values[tails], len(sizes)) / sizes
        return values


def average_adult(tensors):
    coefficients = anny_body.shape_coefficients(tensors["phenotype_mask"], ADULT) @ tensors["projection"]
    return tensors["template_vertices"] + np.tensordot(coefficients[0], tensors["shape_basis"], 1)


def eye_sockets(tensors, inner_vertices):
    """bool [V]: the inner vertices nearer to an eyeball than the mouth and the nostrils are."""
    adult = average_adult(tensors)
    near = np.zeros(len(adult), bool)
    for eye in (1, 2):
        ball = adult[tensors["vertex_part"] == eye]
        reach = 1.6 * np.linalg.norm(ball - ball.mean(0), axis=1).max()
        near |= np.linalg.norm(adult - ball.mean(0), axis=1) < reach
    return near & np.isin(np.arange(len(adult)), inner_vertices)


def suit(tensors, mesh: QuadMesh):
    """(u8 [V], u8 [F]): region of each vertex (a seam belongs to the suit) and of each triangle."""
    adult, base = average_adult(tensors), tensors["base_vertices"]
    number = {int(b): i for i, b in enumerate(base)}

    def mirrored(v):
        return int(np.linalg.norm(adult - adult[v] * [-1, 1, 1], axis=1).argmin())

    def loops(edge, both_sides):
        edge = [number[v] for v in edge]
        found = [mesh.loop(*edge)]
        return found + [mesh.loop(*map(mirrored, edge))] if both_sides else found

    collar, waist = loops(COLLAR, False), loops(WAIST, False)
    wrists, ankles = loops(LEFT_WRIST, True), loops(LEFT_ANKLE, True)
    seams = {frozenset(e) for path in collar + waist + wrists + ankles for e in zip(path, path[1:] + path[:1])}
    quad_region = np.full(len(mesh.quads), 255, np.uint8)

    def fill(vertex, region):
        todo = [q for quads in mesh.around[vertex].values() for q in quads]
        while todo:
            q = todo.pop()
            if quad_region[q] != 255:
                continue
            quad_region[q] = region
            quad = mesh.quads[q].tolist()
            for a, b in zip(quad, quad[1:] + quad[:1]):
                if frozenset((a, b)) not in seams:
                    todo.extend(mesh.around[a][b])

    skin = np.flatnonzero(tensors["vertex_part"] == 0)
    extreme = {axis: skin[np.argsort(adult[skin, axis])] for axis in (0, 2)}
    fill(extreme[2][-1], HEAD)
    for tip in (extreme[0][0], extreme[0][-1]):
        fill(tip, HANDS)
    lowest = extreme[2]
    fill(lowest[adult[lowest, 0] > 0][0], FEET)
    fill(lowest[adult[lowest, 0] < 0][0], FEET)
    for bone, region in ((tensors["collar_bone"], SUIT), (tensors["knee_bone"], SUIT_LOWER)):
        height = tensors["template_vertices"][skin, 2] - tensors["head_template"][bone, 2]
        fill(skin[np.abs(height).argmin()], region)
    inner = np.isin(np.arange(len(base)), tensors["inner_vertices"]) & ~tensors["sockets"]
    inner |= tensors["vertex_part"] > 0
    quad_region[inner[mesh.quads].all(1)] = INNER
    if (quad_region == 255).any():
        raise ValueError("a part of the body belongs to no region of the suit")
    vertex = np.full(len(base), 255, np.uint8)
    for region in (INNER, HEAD, HANDS, FEET, SUIT_LOWER, SUIT):
        vertex[mesh.quads[quad_region == region].ravel()] = region
    return vertex, np.repeat(quad_region, 2)


def surface_offsets(tensors, mesh: QuadMesh, bone_names, displacement):
    """(i64 [R], float64 [1 + B, R, 3]): the vertices that move, by how much in the template and in each basis shape.

    `displacement(target)` tells how far each vertex moves under a shape of the wheel: that is how anatomy is found.
    """
    count = len(tensors["template_vertices"])
    dense = np.zeros((count, len(bone_names)))
    np.add.at(dense, (np.arange(count)[:, None], tensors["skin_index"]), tensors["skin_weight"])

    def skinned_to(*prefixes):
        return dense[:, [n.startswith(prefixes) for n in bone_names]].sum(1)

    torso = skinned_to("spine", "pelvis", "root", "clavicle", "shoulder") + 0.6 * skinned_to("upperleg01")
    torso = mesh.spread(np.clip(torso, 0, 1), 2)
    chest = np.clip(1.5 * np.clip(
        displacement("breast/female-young-averagemuscle-averageweight-maxcup-averagefirmness") / 0.02, 0, 1), 0, 1)
    navel = np.clip(1.5 * mesh.spread(np.clip(displacement("stomach/stomach-navel-in") / 0.002, 0, 1), 3), 0, 1)
    adult = average_adult(tensors)
    seat = (np.abs(adult[:, 0]) < 0.035) & (adult[:, 1] > 0) & (adult[:, 2] > -0.08) & (adult[:, 2] < 0.16)
    crotch = np.clip(displacement("pelvis/bulge-incr") / 0.002, 0, 1)
    crotch = np.clip(1.3 * mesh.spread(np.maximum(crotch, seat), 3), 0, 1)
    rings = np.maximum(displacement("breast/nipple-size-decr") > 3e-4, navel > 0.25).astype(float)
    eyes = np.clip((displacement("eyes/l-eye-scale-decr") + displacement("eyes/r-eye-scale-decr")) / 0.002, 0, 1)
    mouth = np.clip(displacement("mouth/mouth-trans-in") / 0.004, 0, 1)
    inner = np.isin(np.arange(count), tensors["inner_vertices"])
    rings = np.clip(1.6 * mesh.spread(np.maximum.reduce([rings, tensors["sockets"], eyes > 0.6]), 2), 0, 1)
    rings[(mouth > 0.05) & (eyes < 0.05) & ~tensors["sockets"]] = 0
    rings[tensors["sockets"]] = 6

    skin = tensors["vertex_part"] == 0
    stiffness = np.full(count, 9.0)  # decimal logarithm
    for amount, start, fall in ((torso, 1.5, 3.0), (chest, -1.5, 6.5), (crotch, -1.5, 3.5), (navel, -1.5, 5.0),
                                (np.clip(1.3 * eyes, 0, 1), 0.0, 6.0), (mouth * ~inner, 0.9, 1.2)):
        stiffness = np.where(amount > 0.04, np.minimum(stiffness, start - fall * amount), stiffness)
    stiffness[tensors["sockets"]] = -8
    free = np.flatnonzero((stiffness < 1.5) & skin)
    tucked = [np.flatnonzero(tensors["vertex_part"] == eye) for eye in (1, 2)]
    fields = np.concatenate([tensors["template_vertices"][None], tensors["shape_basis"]])
    patches = mesh.patches(free)  # torso and face do not touch: two small systems rather than a large one
    offsets = [_least_bent(fields, mesh, patch, 10.0 ** stiffness, rings) for patch in patches]
    for eye in tucked:
        offset = 0.8 * (fields[:, eye].mean(1, keepdims=True) - fields[:, eye])
        offset[0, :, 1] += 0.015
        offsets.append(offset)
    return np.concatenate([*patches, *tucked]), np.concatenate(offsets, 1)


def _least_bent(fields, mesh, free, stiffness, rings):
    fields = fields.transpose(1, 0, 2)
    shape = fields.shape[1:]
    fields = fields.reshape(len(fields), -1)
    rows = sorted(set(free.tolist()).union(*(mesh.around[v] for v in free)))
    columns = sorted(set(rows).union(*(mesh.around[v] for v in rows)))
    column = {v: i for i, v in enumerate(columns)}
    bend = np.zeros((len(rows), len(columns)))
    for i, v in enumerate(rows):
        bend[i, column[v]] = -1
        bend[i, [column[n] for n in mesh.around[v]]] = 1 / len(mesh.around[v])
    own = bend[:, [column[v] for v in free]]
    matrix = own.T @ own
    right = -own.T @ (bend @ fields[columns])
    matrix[np.diag_indices(len(free))] += stiffness[free]
    index = {int(v): i for i, v in enumerate(free)}
    for v, i in index.items():
        for n in mesh.around[v]:
            pull = 0.3 * min(rings[v], rings[n])
            if pull > 0:  # each inner edge is met from both ends and adds to the row of the end at hand
                matrix[i, i] += pull
                right[i] += pull * (fields[n] - fields[v])
                if n in index:
                    matrix[i, index[n]] -= pull
    return np.linalg.solve(matrix, right).reshape(len(free), *shape).transpose(1, 0, 2)


def add_fields(body: anny_body.Body) -> None:
    """Adds the mannequin's arrays to the body's; see the text above and extract_models.py."""
    tensors, bones = body.tensors, body.lists["bone_names"]
    work = dict(tensors, inner_vertices=body.inner_vertices, sockets=eye_sockets(tensors, body.inner_vertices),
                collar_bone=bones.index("clavicle.L"), knee_bone=bones.index("lowerleg01.L"))
    mesh = QuadMesh(tensors["faces"], len(tensors["template_vertices"]))
    tensors["suit_region"], tensors["face_region"] = suit(work, mesh)
    moved, offsets = surface_offsets(work, mesh, bones, body.displacement)
    tensors["mannequin_vertices"] = moved
    tensors["mannequin_offset"] = offsets[0]
    tensors["mannequin_offset_basis"] = offsets[1:].astype(np.float16)  # errs by less than 0.05 mm; for display only
    body.lists["region_names"] = REGION_NAMES
