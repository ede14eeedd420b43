"""Reads exported PLY and npz files with trimesh and numpy and compares them with what the writer meant.

usage: check_arrays.py FOLDER EXPECTED.json
EXPECTED: {"ply": [{"file": ..., "vertices": n, "triangles": n, "points": [[index, x, y, z], ...], "rgb": [[index, r, g, b]]}],
           "npz": [{"file": ..., "frames": n, "joints": n, "focal": f, "points": [[frame, joint, x, y, z], ...]}]}
"""
import json
import pathlib
import sys

import numpy as np


def check_npz(folder, want):
    data = np.load(folder / want["file"], allow_pickle=False)
    n, j = want["frames"], want["joints"]
    assert data["frame_index"].shape == (n,) and (np.diff(data["frame_index"]) == 1).all()
    assert data["pts_s"].shape == (n,) and (np.diff(data["pts_s"]) > 0).all()
    assert data["pose_rotations"].shape == (n, j, 3, 3) and data["raw_pose_rotations"].shape == (n, j, 3, 3)
    assert data["joints_world"].shape == (n, j, 3) and data["extrinsics"].shape == (n, 3, 4)
    assert list(data["joint_names"])[0] == "root" and data["parents"][0] == -1
    assert str(data["units"]) == "m" and "OpenCV" in str(data["axes"]) and int(data["schema_version"][0]) == 1
    shown = data["visible"] | data["completed"]
    rotations = data["pose_rotations"][shown]
    assert np.abs(rotations @ np.swapaxes(rotations, -1, -2) - np.eye(3)).max() < 1e-5
    q = data["pose_quaternions"][shown].astype(float)
    assert np.abs(np.linalg.norm(q, axis=-1) - 1).max() < 1e-6
    x, y, z, w = np.moveaxis(q, -1, 0)
    first = np.stack([1 - 2 * (y * y + z * z), 2 * (x * y + z * w), 2 * (x * z - y * w)], -1)
    assert np.abs(first - rotations[..., 0]).max() < 1e-5
    # Camera and world agree through the extrinsics, and the picture through the intrinsics.
    cam = np.einsum("nij,nkj->nki", data["extrinsics"][:, :, :3], data["joints_world"]) + data["extrinsics"][:, None, :, 3]
    assert np.nanmax(np.abs(cam - data["joints_cam"])) < 1e-4
    uvw = data["joints_cam"] @ data["intrinsics"].T
    assert np.nanmax(np.abs(uvw[..., :2] / uvw[..., 2:] - data["joints_2d"])) < 0.01
    # Forward kinematics from the stored rotations gives the stored joints.
    rest, parents = data["rest_joints"], data["parents"]
    for f in np.flatnonzero(shown):
        R, o = [], []
        for k, p in enumerate(parents):
            D = data["pose_rotations"][f, k]
            R.append(D if p < 0 else R[p] @ D)
            o.append(data["translation"][f] if p < 0 else o[p] + R[p] @ (rest[k] - rest[p]))
        assert np.abs(np.array(o) - data["joints_cam"][f]).max() < 1e-4
    assert abs(float(data["focal_length"][0]) - want["focal"]) < 1e-6
    for frame, joint, *point in want["points"]:
        row = int(np.flatnonzero(data["frame_index"] == frame)[0])
        assert np.abs(data["joints_cam"][row, joint] - point).max() < 1e-4
    json.loads(str(data["metadata"]))


def check_ply(folder, want):
    import trimesh
    mesh = trimesh.load(folder / want["file"], process=False)
    assert mesh.vertices.shape == (want["vertices"], 3) and mesh.faces.shape == (want["triangles"], 3)
    for index, *point in want["points"]:
        assert np.abs(mesh.vertices[index] - point).max() < 1e-5
    for index, *rgb in want["rgb"]:
        assert list(mesh.visual.vertex_colors[index][:3]) == rgb
    assert mesh.vertex_normals.shape == mesh.vertices.shape
    # Faces are counter-clockwise from outside: the volume is positive.
    assert mesh.volume > 0, mesh.volume


def main():
    folder, want = pathlib.Path(sys.argv[1]), json.load(open(sys.argv[2]))
    for entry in want["npz"]:
        check_npz(folder, entry)
    for entry in want["ply"]:
        check_ply(folder, entry)
    print(f"{len(want['npz'])} npz and {len(want['ply'])} ply files agree")


if __name__ == "__main__":
    main()
