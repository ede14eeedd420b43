"""Converts a GLB by packaging/blender/glb_to_fbx.py, opens the FBX in Blender and compares joints, size and who is shown.

usage: check_fbx.py CONVERTER.py FILE.glb FILE.fbx EXPECTED.json     (EXPECTED as for check_blender.py)
Ends with 0 and a line of figures where everything agrees, with 1 and a reason where not.
"""
import json
import os
import runpy
import sys

import bpy
from mathutils import Vector


def convert(converter, glb, fbx):
    sys.argv = [converter, glb, fbx]
    try:
        runpy.run_path(converter, run_name="__main__")
    except SystemExit as end:
        assert not end.code, f"the converter ended with {end.code}"


def main():
    converter, glb, fbx, expected = sys.argv[1], sys.argv[2], sys.argv[3], json.load(open(sys.argv[4]))
    convert(converter, glb, fbx)
    rate = bpy.context.scene.render.fps / bpy.context.scene.render.fps_base
    start = bpy.context.scene.frame_start
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    bpy.ops.import_scene.fbx(filepath=fbx, use_anim=True, anim_offset=0.0)
    armatures = [o for o in scene.objects if o.type == "ARMATURE"]
    assert len(armatures) == len(expected["people"]), f"{len(armatures)} armatures for {len(expected['people'])} people"
    imported = scene.render.fps / scene.render.fps_base
    worst_mm, compared, hidden = 0.0, 0, 0
    for person in expected["people"]:
        armature = next(a for a in armatures if a.name.split(".")[0] == person["name"])
        meshes = [o for o in scene.objects if o.type == "MESH" and o.find_armature() == armature]
        assert len(meshes) == 1, f"{len(meshes)} meshes of {person['name']}"
        heights = [(meshes[0].matrix_world @ v.co).z for v in meshes[0].data.vertices]
        assert 0.3 < max(heights) - min(heights) < 3, f"the rest mesh is {max(heights) - min(heights)} m high"
        for frame in person["frames"]:
            # FBX has keys at whole frames of its rate only: others lie between two poses.
            at = frame["seconds"] * rate
            if abs(at - round(at)) > 0.02:
                continue
            at = round(at) * imported / rate
            scene.frame_set(int(at), subframe=at - int(at))
            root = next(b for b in armature.pose.bones if b.parent is None)
            scale = (armature.matrix_world @ root.matrix).to_scale().length
            if not frame["shown"]:
                assert scale < 0.02, f"{person['name']} is seen at {frame['seconds']} s (scale {scale})"
                hidden += 1
                continue
            assert scale > 1.5, f"{person['name']} is not seen at {frame['seconds']} s (scale {scale})"
            for name, point in zip(person["joints"], frame["points"]):
                head = armature.matrix_world @ armature.pose.bones[name].head
                x, y, z = point
                worst_mm = max(worst_mm, 1000 * (head - Vector((x, -z, y))).length)
                compared += 1
    assert compared > 0 and hidden > 0, f"{compared} joints and {hidden} hidden frames: nothing to compare"
    assert worst_mm < 1.0, f"joints {worst_mm:.3f} mm off"
    print(f"fbx: {len(armatures)} armatures at {rate:.3f} per second from frame {start}, {compared} joints within "
          f"{worst_mm:.4f} mm, {hidden} hidden frames")


if __name__ == "__main__":
    try:
        main()
    except BaseException as error:  # bpy ends with 0 on exceptions in some versions
        print(f"check failed: {type(error).__name__}: {error}")
        sys.stdout.flush()
        os._exit(1)
    sys.stdout.flush()
    os._exit(0)
