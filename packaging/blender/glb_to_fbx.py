"""Converts an exported GLB to FBX with Blender (3.6 or later; tried with 4.2), in the background.

    blender --background --python glb_to_fbx.py -- IN.glb OUT.fbx [--fps N] [--only NAME] [--no-mesh]

    --fps N      frames per second of the FBX; without it the rate that the animation's keys have
    --only NAME  only armatures whose name contains NAME (one person of several)
    --no-mesh    skeletons and their animation alone, for retargeting

It also runs under the PyPI package bpy: `python glb_to_fbx.py IN.glb OUT.fbx`.

FBX knows one frame rate for the whole file: keys are baked once per frame at that rate. Units stay metres (FBX says so
by a scale of 100 in centimetres); Y is up and -Z forward, as most programs that read FBX expect. The camera of the GLB
comes along. While a person is hidden, the root bone has a scale of 1/10000. Ends with status 1 and a sentence where the
input holds no animated skeleton.
"""

import argparse
import math
import sys
from pathlib import Path

try:
    import bpy
except ImportError:
    sys.exit("glb_to_fbx: run this inside Blender: blender --background --python glb_to_fbx.py -- IN.glb OUT.fbx")


def arguments():
    own = sys.argv[sys.argv.index("--") + 1:] if "--" in sys.argv else sys.argv[1:]
    parser = argparse.ArgumentParser(prog="glb_to_fbx", description="GLB to FBX by Blender")
    parser.add_argument("input", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--fps", type=float)
    parser.add_argument("--only", default="")
    parser.add_argument("--no-mesh", action="store_true")
    return parser.parse_args(own)


def curves_of(action):
    """The action's curves; Blender 4.4 and later keeps them in layers."""
    if getattr(action, "fcurves", None) is not None:
        return list(action.fcurves)
    return [curve for layer in action.layers for strip in layer.strips for bag in strip.channelbags
            for curve in bag.fcurves]


def key_seconds(action, scene_fps):
    times = sorted({point.co.x for curve in curves_of(action) for point in curve.keyframe_points})
    return [t / scene_fps for t in times]


def rate_of_keys(seconds):
    """Frames per second of evenly spaced keys: the median step, so that single gaps do not matter."""
    steps = sorted(b - a for a, b in zip(seconds, seconds[1:]) if b - a > 1e-6)
    return 1 / steps[len(steps) // 2] if steps else 30.0


def set_rate(scene, rate):
    """Blender's rate is an integer over a base: 29.97 is 30 over 1.001."""
    whole = max(1, math.ceil(rate - 1e-6))
    scene.render.fps = whole
    scene.render.fps_base = whole / rate


def hide_by_bones(armature, times):
    """Moves the hiding of a person from the object to the root bones.

    The GLB hides people by a scale of zero on their node. FBX takes an object's scale at the moment of the export into
    the bind pose: zero there, and the skeleton has no size for ever. Bones have a rest pose of their own, so their
    scale can come and go.
    """
    action = armature.animation_data.action if armature.animation_data else None
    curves = [c for c in curves_of(action) if c.data_path == "scale"] if action else []
    if not curves:
        return
    nearly = 1e-3  # of a frame: rounding must not delay a change to the next frame
    shown = [(t - nearly, min(c.evaluate(t + nearly) for c in curves) > 0.5) for t in times]
    for curve in curves:
        remove_curve(action, curve)
    armature.scale = (1, 1, 1)
    if all(visible for _, visible in shown):
        return
    for bone in armature.pose.bones:
        if bone.parent is not None:
            continue
        for t, visible in shown:
            bone.scale = (1, 1, 1) if visible else (1e-4, 1e-4, 1e-4)
            bone.keyframe_insert("scale", frame=t)
    for curve in curves_of(action):
        if curve.data_path.endswith(".scale"):
            for point in curve.keyframe_points:
                point.interpolation = "CONSTANT"


def remove_curve(action, curve):
    if getattr(action, "fcurves", None) is not None:
        action.fcurves.remove(curve)
        return
    for layer in action.layers:
        for strip in layer.strips:
            for bag in strip.channelbags:
                if any(c == curve for c in bag.fcurves):
                    bag.fcurves.remove(curve)
                    return


def main() -> int:
    options = arguments()
    if not options.input.is_file():
        print(f"glb_to_fbx: there is no file {options.input}", file=sys.stderr)
        return 1
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    # Keys land on fractions of a frame; a high rate keeps them where they are until the rate is known.
    set_rate(scene, 1000.0)
    bpy.ops.import_scene.gltf(filepath=str(options.input.resolve()))

    armatures = [o for o in scene.objects if o.type == "ARMATURE" and options.only in o.name]
    actions = [o.animation_data.action for o in armatures if o.animation_data and o.animation_data.action]
    if not actions:
        print(f"glb_to_fbx: {options.input} has no animated skeleton"
              + (f" named like '{options.only}'" if options.only else ""), file=sys.stderr)
        return 1
    seconds = sorted(s for action in actions for s in key_seconds(action, 1000.0))
    rate = options.fps or rate_of_keys(sorted(set(seconds)))

    # The same moments at the wanted rate. The importer placed keys at milliseconds.
    for action in bpy.data.actions:
        for curve in curves_of(action):
            for point in curve.keyframe_points:
                for handle in (point.co, point.handle_left, point.handle_right):
                    handle.x *= rate / 1000.0
    set_rate(scene, rate)
    scene.frame_start = math.floor(seconds[0] * rate + 1e-3)
    scene.frame_end = math.ceil(seconds[-1] * rate - 1e-3)
    times = sorted({s * rate for s in seconds})
    for armature in armatures:
        hide_by_bones(armature, times)
    scene.frame_set(scene.frame_start)

    kept = set(armatures) | {o for o in scene.objects if o.type == "CAMERA"}
    if not options.no_mesh:
        kept |= {o for o in scene.objects if o.type == "MESH" and o.find_armature() in armatures}
    for item in scene.objects:
        item.select_set(item in kept)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    bpy.ops.export_scene.fbx(
        filepath=str(options.output.resolve()), use_selection=True,
        object_types={"ARMATURE", "CAMERA"} if options.no_mesh else {"ARMATURE", "CAMERA", "MESH"},
        axis_forward="-Z", axis_up="Y", apply_unit_scale=True, add_leaf_bones=False, use_armature_deform_only=False,
        bake_anim=True, bake_anim_use_all_bones=True, bake_anim_use_nla_strips=False, bake_anim_use_all_actions=False,
        bake_anim_force_startend_keying=True, bake_anim_step=1.0, bake_anim_simplify_factor=0.0)
    print(f"glb_to_fbx: {len(armatures)} skeleton(s), frames {scene.frame_start} to {scene.frame_end} "
          f"at {rate:.3f} per second: {options.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
