#!/usr/bin/env python3
"""Times the official program of a scene network, to be run beside body4d's own measurement of the same:

    official_scene.py MODEL FRAMES[,FRAMES...] [--size WxH] [--weights FILE] [--repeats N] [--warm-ups N] [--device cuda]

MODEL is vggt-1b (needs the official package vggt to be importable) or a da3-* (needs the package depth-anything-3).
Without --weights the network keeps the random weights that it is made with. Prints one line of JSON for each number of
frames: milliseconds from pictures in main memory to depths and cameras in main memory, and the allocator's peak. As the
official programs run: the transformer under autocast, heads in float32.
"""
import argparse
import json
import time

import torch


def vggt(weights):
    from vggt.models.vggt import VGGT

    model = VGGT(enable_point=False, enable_track=False)
    if weights:
        if weights.endswith(".safetensors"):
            from safetensors.torch import load_file
            state = load_file(weights)
        else:
            state = torch.load(weights, map_location="cpu", weights_only=True)
        known = model.state_dict()
        model.load_state_dict({k: v for k, v in state.items() if k in known})
    return model


def vggt_pass(model, images, dtype):
    with torch.autocast(images.device.type, dtype=dtype, enabled=dtype != torch.float32):
        tokens, start = model.aggregator(images[None])
    with torch.autocast(images.device.type, enabled=False):
        poses = model.camera_head(tokens)[-1]
        depth, confidence = model.depth_head(tokens, images=images[None], patch_start_idx=start)
    return depth, confidence, poses


def da3(name, weights):
    from depth_anything_3.cfg import create_object, load_config
    from depth_anything_3.registry import MODEL_REGISTRY

    model = create_object(load_config(MODEL_REGISTRY[name]))
    if weights:
        from safetensors.torch import load_file
        model.load_state_dict({k.removeprefix("model."): v for k, v in load_file(weights).items()}, strict=False)
    return model


def da3_pass(model, images, dtype):
    with torch.autocast(images.device.type, dtype=dtype, enabled=dtype != torch.float32):
        out = model(images[None], None, None, [], False)
    return out.depth, out.depth_conf, out.extrinsics


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("frames")
    parser.add_argument("--size", default="518x392")
    parser.add_argument("--weights", default="")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--warm-ups", type=int, default=2)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    a = parser.parse_args()
    width, height = (int(n) for n in a.size.split("x"))
    gpu = a.device != "cpu"
    dtype = torch.float32
    if gpu:
        dtype = torch.bfloat16 if torch.cuda.get_device_capability()[0] >= 8 else torch.float16
    model = (vggt(a.weights) if a.model == "vggt-1b" else da3(a.model, a.weights)).to(a.device).eval()
    run = vggt_pass if a.model == "vggt-1b" else da3_pass
    for frames in (int(n) for n in a.frames.split(",")):
        pictures = torch.rand(frames, 3, height, width)
        row = {"official": a.model, "frames": frames, "size": a.size, "torch": torch.__version__,
               "device": torch.cuda.get_device_name() if gpu else "cpu", "dtype": str(dtype).removeprefix("torch."),
               "weights": "file" if a.weights else "random"}
        try:
            times = []
            with torch.inference_mode():
                for i in range(a.warm_ups + a.repeats):
                    if gpu:
                        torch.cuda.synchronize()
                        if i == a.warm_ups:
                            torch.cuda.empty_cache()
                            torch.cuda.reset_peak_memory_stats()
                    start = time.perf_counter()
                    kept = [x.float().cpu() for x in run(model, pictures.to(a.device), dtype)]
                    del kept
                    if i >= a.warm_ups:
                        times.append(time.perf_counter() - start)
            row["seconds"] = sum(times) / len(times)
            row["frames_per_second"] = frames / row["seconds"]
            row["peak_bytes"] = torch.cuda.max_memory_allocated() if gpu else None
        except torch.OutOfMemoryError as e:
            row["failure"] = str(e).split("\n")[0]
            torch.cuda.empty_cache()
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
