#!/usr/bin/env python3
"""Times the official program of a scene network, to be run beside body4d's own measurement of the same:

    official_scene.py MODEL FRAMES[,FRAMES...] [--size WxH] [--weights FILE [--make]] [--repeats N] [--warm-ups N]
                      [--device cuda] [--threads N] [--compare FILE]

MODEL is vggt-1b (needs the official package vggt to be importable) or a da3-* (needs the package depth-anything-3).
Without --weights the network keeps the random weights that it is made with; --make writes random ones of a useful size to
that file, for both programs, and ends. --compare takes what `inference --depths` wrote with the same weights and tells how
far the depths of the same pictures are apart. Prints one line of JSON for each number of frames: seconds from pictures in
main memory to depths and cameras in main memory, processor time of all threads, and the peak: of the allocator on a GPU, of
the process's resident memory on a CPU. As the official programs run: the transformer under autocast, heads in float32.
"""
import argparse
import json
import time

import torch


def empty(make):
    """A network whose parameters have no memory, for weights that are mapped from a file: they are held once."""
    register = torch.nn.Module.register_parameter

    def without_values(module, name, parameter):
        if parameter is not None:
            parameter = torch.nn.Parameter(parameter.detach().to("meta"), requires_grad=False)
        register(module, name, parameter)

    torch.nn.Module.register_parameter = without_values
    try:
        return make()
    finally:
        torch.nn.Module.register_parameter = register


def vggt_network(file=None):
    from vggt.models.vggt import VGGT

    def make():
        return VGGT(enable_point=False, enable_track=False)

    if not file:
        return make()
    model = empty(make)
    if file.endswith(".safetensors"):
        from safetensors.torch import load_file
        state = load_file(file)
    else:
        state = torch.load(file, map_location="cpu", weights_only=True, mmap=True)
    known = model.state_dict()
    model.load_state_dict({k: v for k, v in state.items() if k in known}, assign=True)
    return model


def make_weights(model, file):
    """Random weights that keep activations in range, as the ones that body4d draws for itself."""
    from safetensors.torch import save_file

    generator = torch.Generator().manual_seed(7)
    made = {}
    for name, value in sorted(model.state_dict().items()):
        leaf = name.rsplit(".", 1)[-1]
        x = made[name] = torch.randn(value.shape, generator=generator)
        if leaf == "gamma":
            x.mul_(0.05).add_(0.3)
        elif leaf == "bias":
            x.mul_(0.02)
        elif leaf != "weight":
            x.mul_(0.5)
        elif x.dim() == 1:
            x.mul_(0.1).add_(1)
        else:
            x.div_(x[0].numel() ** 0.5)
    save_file(made, file, {"note": "random weights"})


def resident(word):
    """Bytes of this process from the kernel's table: VmHWM is the peak, VmRSS what is held now."""
    with open("/proc/self/status") as table:
        return next(1024 * int(line.split()[1]) for line in table if line.startswith(word))


def forget_peak():
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")


def vggt_pass(model, images, dtype):
    with torch.autocast(images.device.type, dtype=dtype, enabled=dtype != torch.float32):
        tokens, start = model.aggregator(images[None])
    with torch.autocast(images.device.type, enabled=False):
        poses = model.camera_head(tokens)[-1]
        depth, confidence = model.depth_head(tokens, images=images[None], patch_start_idx=start)
    return depth, confidence, poses


def da3(name, file=None):
    from depth_anything_3.cfg import create_object, load_config
    from depth_anything_3.registry import MODEL_REGISTRY

    model = create_object(load_config(MODEL_REGISTRY[name]))
    if file:
        from safetensors.torch import load_file
        model.load_state_dict({k.removeprefix("model."): v for k, v in load_file(file).items()}, strict=False)
    return model


def da3_pass(model, images, dtype):
    with torch.autocast(images.device.type, dtype=dtype, enabled=dtype != torch.float32):
        out = model(images[None], None, None, [], False)
    return out.depth, out.depth_conf, out.extrinsics


def compare(run, model, file, device, dtype):
    """How far depths that another program made of the same pictures are from this one's."""
    import numpy

    with numpy.load(file) as arrays:
        pictures = torch.from_numpy(arrays["image"]).permute(0, 3, 1, 2).float() / 255
        theirs = torch.from_numpy(arrays["depth"])
    with torch.inference_mode():
        own = run(model, pictures.to(device), dtype)[0].float().cpu().reshape(theirs.shape)
    difference = ((theirs - own).abs() / own.abs()).flatten()
    return {"compared_frames": len(pictures), "largest_relative_difference": difference.max().item(),
            "median_relative_difference": difference.median().item(),
            "depths_from": own.min().item(), "depths_to": own.max().item()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("frames")
    parser.add_argument("--size", default="518x392")
    parser.add_argument("--weights", default="")
    parser.add_argument("--make", action="store_true")
    parser.add_argument("--compare", default="")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--warm-ups", type=int, default=2)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    a = parser.parse_args()
    width, height = (int(n) for n in a.size.split("x"))
    gpu = a.device != "cpu"
    if a.threads:
        torch.set_num_threads(a.threads)
    dtype = torch.float32
    if gpu:
        dtype = torch.bfloat16 if torch.cuda.get_device_capability()[0] >= 8 else torch.float16
    network = vggt_network if a.model == "vggt-1b" else lambda file=None: da3(a.model, file)
    if a.make:
        make_weights(empty(network), a.weights)
        return
    model = network(a.weights).to(a.device).eval()
    run = vggt_pass if a.model == "vggt-1b" else da3_pass
    for frames in (int(n) for n in a.frames.split(",")):
        pictures = torch.rand(frames, 3, height, width)
        row = {"official": a.model, "frames": frames, "size": a.size, "torch": torch.__version__,
               "device": torch.cuda.get_device_name() if gpu else "cpu", "dtype": str(dtype).removeprefix("torch."),
               "weights": "file" if a.weights else "random"}
        try:
            times, processor = [], []
            with torch.inference_mode():
                for i in range(a.warm_ups + a.repeats):
                    if gpu:
                        torch.cuda.synchronize()
                    if i == a.warm_ups:
                        if gpu:
                            torch.cuda.empty_cache()
                            torch.cuda.reset_peak_memory_stats()
                        else:
                            forget_peak()
                    start, start_processor = time.perf_counter(), time.process_time()
                    kept = [x.float().cpu() for x in run(model, pictures.to(a.device), dtype)]
                    del kept
                    if i >= a.warm_ups:
                        times.append(time.perf_counter() - start)
                        processor.append(time.process_time() - start_processor)
            row["seconds"] = sum(times) / len(times)
            row["processor_seconds"] = sum(processor) / len(processor)
            row["frames_per_second"] = frames / row["seconds"]
            row["peak_bytes"] = torch.cuda.max_memory_allocated() if gpu else None
            row["process_peak_bytes"] = resident("VmHWM")
        except torch.OutOfMemoryError as e:
            row["failure"] = str(e).split("\n")[0]
            torch.cuda.empty_cache()
        print(json.dumps(row), flush=True)
    if a.compare:
        print(json.dumps({"official": a.model, **compare(run, model, a.compare, a.device, dtype)}), flush=True)


if __name__ == "__main__":
    main()
