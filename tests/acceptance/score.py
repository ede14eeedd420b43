#!/usr/bin/env python3
"""Recomputes the quality figures of a run from its exported files, independently of the program.

usage: score.py --body4d BINARY --clips CLIPS.yaml --videos FOLDER [--videos FOLDER] -o FOLDER [--only NAME]

CLIPS.yaml lists clips, frame ranges, clicks and the figures to reach (see the keys below). Each clip is run through
`body4d run`, then for every target, from its npz, masks and PLYs alone:
  kept        frames in which the tracker held the person, as the wanted figures count them; beside it those of them in
              full view ("visible") and all in which a body is followed, measured or completed
  error       over the kept frames: mean distance of the 12 limb landmarks (raw, visibility * presence over 0.5, inside
              the picture or at most 5 px beyond: farther out the network invents them) and the projected body
              keypoints, in % of the box side (crop side / 1.25). It is the definition with which the wanted figures
              were measured; "with outside" is the same with the points outside the picture
  iou         bare body's silhouette against the measured mask, up to 40 of the kept frames, at most 160 px a person:
              mean. Where a thing hides half of somebody the mask is half a person and the body a whole one: error and
              iou of the visible frames alone stand beside
  acceleration, m/s^2, of keypoints relative to the left hip over the visible frames: of the network's own points -> of
              the body
Of several people each must be kept as long as is wanted of them; error and iou are wanted of their mean.
Needs numpy, Pillow and PyYAML (for tests only; the program itself needs no Python).
"""
import argparse
import json
import pathlib
import subprocess
import sys
import time

import numpy as np
import yaml
from PIL import Image

OUTSIDE_MARGIN = 5  # pixels
LIMBS = (11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)


def read_ply(path):
    raw = path.read_bytes()
    end = raw.index(b"end_header\n") + len(b"end_header\n")
    count, fields, element = {}, {}, None
    for line in raw[:end].decode("ascii", "replace").splitlines():
        word = line.split()
        if word[:1] == ["element"]:
            element = word[1]
            count[element] = int(word[2])
            fields[element] = []
        elif word[:1] == ["property"] and element:
            fields[element].append(word[1:])
    types = {"float": "<f4", "uchar": "u1", "int": "<i4", "uint": "<u4", "double": "<f8"}
    vertex = np.dtype([(f[1], types[f[0]]) for f in fields["vertex"]])
    v = np.frombuffer(raw, vertex, count["vertex"], end)
    face = np.dtype([("n", "u1"), ("i", types[fields["face"][0][2]], 3)] +
                    [(f[1], types[f[0]]) for f in fields["face"][1:]])
    f = np.frombuffer(raw, face, count["face"], end + count["vertex"] * vertex.itemsize)
    return np.stack([v["x"], v["y"], v["z"]], 1).astype(float), f["i"].astype(int)


def silhouette(points, triangles, width, height):
    """Coverage of projected triangles on a width x height picture: densely sampled at 4x, then averaged."""
    fine = np.zeros((height * 4, width * 4), bool)
    steps = 7
    a, b = np.meshgrid(np.arange(steps + 1), np.arange(steps + 1), indexing="ij")
    keep = a + b <= steps
    bary = np.stack([a[keep], b[keep], steps - a[keep] - b[keep]], 1) / steps
    p = np.einsum("kc,tcd->tkd", bary, points[triangles] * 4).reshape(-1, 2)
    x, y = np.floor(p[:, 0]).astype(int), np.floor(p[:, 1]).astype(int)
    inside = (x >= 0) & (y >= 0) & (x < fine.shape[1]) & (y < fine.shape[0])
    fine[y[inside], x[inside]] = True
    return fine.reshape(height, 4, width, 4).mean((1, 3)) > 0.5



def acceleration(points, hip, fps, valid):
    rel = points - points[:, hip:hip + 1]
    a = np.linalg.norm(rel[2:] - 2 * rel[1:-1] + rel[:-2], axis=-1) * fps * fps
    ok = valid[2:] & valid[1:-1] & valid[:-2]
    return float(a[ok].mean()) if ok.any() else float("nan")


def body_ious(folder, stem, z, rows):
    """Overlap of the exported body with the exported mask for up to 40 of these rows."""
    ious = []
    for row in rows[::max(1, len(rows) // 40)]:
        frame = int(z["frame_index"][row])
        ply = next(iter(folder.glob(f"**/{stem}_{frame:06d}.ply")), None)
        png = next(iter(folder.glob(f"**/masks/{stem}/{frame:06d}.png")), None)
        if ply is None or png is None:
            continue
        vertices, triangles = read_ply(ply)
        extrinsics = z["extrinsics"][row].astype(float)
        cam = vertices @ extrinsics[:, :3].T + extrinsics[:, 3]
        k = z["intrinsics"]
        px = np.stack([k[0, 0] * cam[:, 0] / cam[:, 2] + k[0, 2], k[1, 1] * cam[:, 1] / cam[:, 2] + k[1, 2]], 1)
        image = Image.open(png).convert("L")
        scale = min(1.0, 160 / float(z["roi"][row, 2]))
        w, h = int(image.width * scale), int(image.height * scale)
        mask = np.asarray(image.resize((w, h), Image.BOX)) > 127
        body = silhouette(px * scale, triangles, w, h)
        ious.append((body & mask).sum() / max((body | mask).sum(), 1))
    return ious


def score_target(folder, npz_path):
    z = np.load(npz_path, allow_pickle=False)
    visible = z["visible"].astype(bool)
    held = np.isfinite(z["landmarks_score"])
    out = {"id": int(z["target_id"][0]), "frames": int(len(visible)), "kept": int(held.sum()),
           "visible": int(visible.sum()), "followed": int((z["state"] != 0).sum())}
    column = {int(k): i for i, k in enumerate(z["keypoint_landmark"])}
    limbs = [k for k in LIMBS if k in column]
    side = z["roi"][:, 2] / 1.25
    seen = (z["landmarks_visibility"] * z["landmarks_presence"])[:, limbs] > 0.5
    width, height = (int(v) for v in z["image_size"])
    at = z["landmarks_2d"][:, limbs]
    inside = ((at > -OUTSIDE_MARGIN) & (at < np.array([width, height]) + OUTSIDE_MARGIN)).all(-1)
    distance = np.linalg.norm(z["keypoints_2d"][:, [column[k] for k in limbs]] - z["landmarks_2d"][:, limbs], axis=-1)
    error = 100 * distance / side[:, None]
    seen &= np.isfinite(error)

    def mean_error(chosen):
        return float(error[chosen].mean()) if chosen.any() else float("nan")

    out["error"] = mean_error(seen & inside & held[:, None])
    out["error_visible"] = mean_error(seen & inside & visible[:, None])
    out["error_all"] = mean_error(seen & held[:, None])
    fps = float(z["fps"][0])
    order = [int(k) for k in z["keypoint_landmark"]]
    out["acceleration_raw"] = acceleration(z["landmarks_3d"][:, order], column[23], fps, visible)
    out["acceleration"] = acceleration(z["keypoints_3d"], column[23], fps, visible)
    for key, rows in (("iou", np.flatnonzero(held)), ("iou_visible", np.flatnonzero(visible))):
        ious = body_ious(folder, npz_path.stem, z, rows)
        out[key] = float(np.mean(ious)) if ious else float("nan")
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--body4d", required=True)
    parser.add_argument("--clips", required=True)
    parser.add_argument("--videos", action="append", required=True)
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("--only")
    args = parser.parse_args()
    failures = 0
    for clip in yaml.safe_load(open(args.clips)):
        name = clip["clip"]
        if args.only and args.only not in name:
            continue
        video = next((p for f in args.videos for p in [pathlib.Path(f) / name] if p.exists()), None)
        if video is None:
            print(f"{name}: not here, skipped")
            continue
        folder = pathlib.Path(args.output) / video.stem
        command = [args.body4d, "run", str(video), "--frames", "{}:{}".format(*clip["frames"]), "-o", str(folder)]
        for i, click in enumerate(clip["clicks"]):
            command += ["--click", f"{click['frame']}:{click['x']},{click['y']}@{i + 1}"]
        begin = time.time()
        done = subprocess.run(command, stdout=subprocess.DEVNULL)
        seconds = time.time() - begin
        if done.returncode != 0:
            print(f"{name}: body4d run failed with {done.returncode}")
            failures += 1
            continue
        speed = json.loads((folder / "metrics.json").read_text())["timing"]["person_frames_per_second"]
        wanted = clip["kept"] if isinstance(clip["kept"], list) else [clip["kept"]]
        rows = [score_target(folder, p) for p in sorted(folder.glob("**/*.npz")) if "cache" not in p.parts]
        for row, kept in zip(rows, wanted):
            print("{} {}: kept {kept}/{frames} (visible {visible}, followed {followed})  error {error:.2f} % "
                  "(visible {error_visible:.2f}, with outside {error_all:.2f})  iou {iou:.3f} (visible {iou_visible:.3f})  "
                  "acceleration {acceleration_raw:.1f} -> {acceleration:.1f} m/s2".format(name, row["id"], **row),
                  "OK" if row["kept"] >= kept else f"FEWER than the wanted {kept}", flush=True)
        # One figure is wanted for all people of a clip. It is rounded to its own digits, nothing more is forgiven.
        mean = {key: float(np.mean([row[key] for row in rows])) for key in ("error", "iou", "acceleration")}
        bad = [key for key, ok in (("people", len(rows) == len(wanted)),
                                   ("kept", all(row["kept"] >= kept for row, kept in zip(rows, wanted))),
                                   ("error", round(mean["error"], 2) <= clip["error"]),
                                   ("iou", round(mean["iou"], 3) >= clip["iou"]),
                                   ("acceleration", "acceleration" not in clip or
                                    round(mean["acceleration"], 1) <= clip["acceleration"][1])) if not ok]
        failures += bool(bad)
        print("{}: {} people, error {error:.2f} %, iou {iou:.3f}, acceleration {acceleration:.1f};".format(name, len(rows), **mean),
              f"{speed:.1f} person-frames/s, {seconds:.0f} s in all:",
              "OK" if not bad else f"MISSED: {', '.join(bad)} (wanted kept {clip['kept']}, error {clip['error']}, "
                                   f"iou {clip['iou']}, acceleration {clip.get('acceleration', '-')})", flush=True)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
