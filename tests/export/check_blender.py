"""Opens a GLB in Blender (PyPI package bpy) and compares what it finds with what the writer meant.

usage: check_blender.py FILE.glb EXPECTED.json [PICTURE.png]
EXPECTED: {"size": [w, h], "clip_seconds": s, "people": [{"name": ..., "joints": [names],
           "frames": [{"seconds": t, "shown": true, "points": [[x, y, z], ...], "pixels": [[u, v], ...]}]}]}
Ends with 0 and a line of figures where everything agrees, with 1 and a reason where not.
"""
import json
import sys

import bpy
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Vector

FPS = 100  # fine enough for key times between frames


def main():
    glb, expected = sys.argv[1], json.load(open(sys.argv[2]))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.fps = FPS
    scene.render.resolution_x, scene.render.resolution_y = expected["size"]
    bpy.ops.import_scene.gltf(filepath=glb)
    armatures = [o for o in scene.objects if o.type == "ARMATURE"]
    meshes = [o for o in scene.objects if o.type == "MESH" and o.find_armature() is not None]
    cameras = [o for o in scene.objects if o.type == "CAMERA"]
    assert len(armatures) == len(expected["people"]), f"{len(armatures)} armatures for {len(expected['people'])} people"
    assert len(meshes) == len(expected["people"]), f"{len(meshes)} skinned meshes"
    assert len(cameras) == 1, f"{len(cameras)} cameras"
    ends = [a.frame_range[1] for a in bpy.data.actions]
    length = max(ends) / FPS
    assert abs(length - expected["clip_seconds"]) < 1.5e-3, f"clip of {length} s, not {expected['clip_seconds']} s"
    worst_mm = worst_px = 0.0
    compared = 0
    for person in expected["people"]:
        # Blender numbers names that it has had before (mesh, armature and person share one).
        armature = next(a for a in armatures if all(j in a.pose.bones for j in person["joints"])
                        and (a.name.split(".")[0] == person["name"]))
        for frame in person["frames"]:
            at = frame["seconds"] * FPS
            scene.frame_set(int(at), subframe=at - int(at))
            scale = armature.matrix_world.to_scale().length
            if not frame["shown"]:
                assert scale < 1e-4, f"{person['name']} is seen at {frame['seconds']} s"
                continue
            assert scale > 1.7, f"{person['name']} is not seen at {frame['seconds']} s"
            for name, point, pixel in zip(person["joints"], frame["points"], frame["pixels"]):
                head = armature.matrix_world @ armature.pose.bones[name].head
                x, y, z = point
                worst_mm = max(worst_mm, 1000 * (head - Vector((x, -z, y))).length)
                seen = world_to_camera_view(scene, cameras[0], head)
                u, v = seen.x * expected["size"][0], (1 - seen.y) * expected["size"][1]
                worst_px = max(worst_px, ((u - pixel[0]) ** 2 + (v - pixel[1]) ** 2) ** 0.5)
                compared += 1
    assert compared > 0
    assert worst_mm < 1.0, f"joints {worst_mm:.3f} mm off"
    assert worst_px < 0.5, f"joints {worst_px:.3f} px off through the file's camera"
    print(f"blender {bpy.app.version_string}: {len(armatures)} armatures, clip {length:.3f} s, "
          f"{compared} joints within {worst_mm:.4f} mm and {worst_px:.4f} px")
    if len(sys.argv) > 3:
        bpy.ops.wm.save_as_mainfile(filepath=sys.argv[3])


if __name__ == "__main__":
    try:
        main()
    except Exception as error:  # bpy ends with 0 on exceptions in some versions
        print(f"check failed: {error}")
        sys.stdout.flush()
        import os
        os._exit(1)
