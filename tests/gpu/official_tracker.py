#!/usr/bin/env python3
"""Times the official SAM 3 tracker, to be run beside sam3_bench with the same weights:

    official_tracker.py CHECKOUT MODE FRAMES OBJECTS [--size full|tiny] [--weights FILE] [--video WxH] [--device cuda]

CHECKOUT is a clone of facebookresearch/sam3. MODE is
    app   as SAM-Body4D's application runs it: handlers of its web interface run on worker threads, where the autocast
          that the tracker enters in its constructor does not hold, so in float32 with TF32 products; every object's mask
          goes to main memory at the size of the video by itself
    bf16  under bfloat16 autocast, as the official notebooks run it

--weights takes a safetensors file of the official names (sam3_bench --weights writes one); without it the weights are
those that the network is made with. Frames are a ball that rolls over noise, ready on the device as the official loader
leaves them; drawing, decoding and writing do not count. Prints one line of JSON. Needs torch, torchvision, timm, numpy;
what else the package imports and the tracker does not use may be missing.
"""
import argparse
import json
import os
import resource
import sys
import threading
import time
from unittest.mock import MagicMock

import numpy as np
import torch

# Detector, training and loaders, and what only they need.
UNUSED = ["decord", "ftfy", "iopath", "iopath.common", "iopath.common.file_io", "pkg_resources", "pycocotools",
          "pycocotools.mask"]
UNUSED_PARTS = ["train", "train.data", "train.data.collator", "train.masks_ops", "train.loss", "train.utils",
                "model.sam3_video_inference", "model.sam3_video_predictor", "model.sam3_image",
                "model.geometry_encoders", "model.text_encoder_ve", "model.tokenizer_ve", "model.sam1_task_predictor"]
TINY = {"ViT": dict(img_size=168, pretrain_img_size=56, embed_dim=64, depth=4, num_heads=2, window_size=4,
                    global_att_blocks=(1, 3)),
        "SimpleMaskDownSampler": dict(interpol_size=[192, 192]), "Sam3TrackerPredictor": dict(image_size=168)}


def stand_in(names):
    for name in names:
        try:
            __import__(name)
        except ImportError:
            sys.modules[name] = MagicMock()


def build(checkout, size, gpu):
    sys.path.insert(0, checkout)
    stand_in(UNUSED)
    sys.modules.update({"sam3." + part: MagicMock() for part in UNUSED_PARTS})
    if not gpu:
        torch.Tensor.cuda = lambda self, *a, **k: self
        torch.Tensor.pin_memory = lambda self, *a, **k: self
    import sam3.model_builder as builder

    changes = dict(TINY) if size == "tiny" else {}
    if not gpu:
        changes["PositionEmbeddingSine"] = dict(precompute_resolution=None)
    for name, other in changes.items():
        made = getattr(builder, name)
        setattr(builder, name, lambda made=made, other=other, **k: made(**{**k, **other}))
    return builder.build_tracker(True, with_backbone=True).eval()


def load(tracker, weights):
    from safetensors.torch import load_file

    state = {}
    for key, value in load_file(weights).items():
        state[key.removeprefix("tracker.") if key.startswith("tracker.") else key.removeprefix("detector.")] = value
    missing, unknown = tracker.load_state_dict(state, strict=False)
    # Not read by the tracker: the detector's neck, the smallest level, tables that are computed.
    used = [k for k in missing if "freqs" not in k and ".convs." not in k and "sam2_convs.3" not in k
            and "no_mem_pos_enc" not in k]
    if used or unknown:
        raise SystemExit(f"official_tracker: weights do not fit: missing {used[:5]}, unknown {unknown[:5]}")


def pictures(frames, width, height, side, device):
    unit = height / 720
    y, x = np.mgrid[0:side, 0:side]
    x, y = (x + 0.5) * width / side, (y + 0.5) * height / side
    noise = np.random.default_rng(5).integers(0, 32, (side, side, 1))
    out = torch.empty(frames, 3, side, side, device=device)
    for t in range(frames):
        ball = (x - (300 + 8 * (t % 80)) * unit) ** 2 + (y - 360 * unit) ** 2 < (150 * unit) ** 2
        image = np.where(ball[..., None], 150 + 30 * np.arange(3), 60) + noise
        out[t] = torch.from_numpy(image / 127.5 - 1).permute(2, 0, 1)
    return out


def cpu_seconds():
    use = resource.getrusage(resource.RUSAGE_SELF)
    return use.ru_utime + use.ru_stime


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("checkout")
    parser.add_argument("mode", choices=["app", "bf16"])
    parser.add_argument("frames", type=int)
    parser.add_argument("objects", type=int)
    parser.add_argument("--size", default="full", choices=["full", "tiny"])
    parser.add_argument("--weights", default="")
    parser.add_argument("--video", default="1280x720")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    a = parser.parse_args()
    width, height = (int(n) for n in a.video.split("x"))
    gpu = a.device != "cpu"
    device = torch.device(a.device)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    torch.set_grad_enabled(False)
    tracker = build(os.path.abspath(a.checkout), a.size, gpu)
    if a.weights:
        load(tracker, a.weights)
    tracker.to(device)
    result = {}

    def run():
        torch.set_grad_enabled(False)
        state = tracker.init_state(video_height=height, video_width=width, num_frames=a.frames)
        state["device"] = state["storage_device"] = device
        state["images"] = pictures(a.frames, width, height, tracker.image_size, device)
        for i in range(1, a.objects + 1):
            tracker.add_new_points_or_box(state, 0, i, points=torch.tensor([[0.156 * i, 0.5]]),
                                          labels=torch.tensor([1], dtype=torch.int32))
        tracker.propagate_in_video_preflight(state)
        warm = min(a.frames // 2, 24)
        seen = found = 0
        start = cpu = 0.0
        for _, _, _, masks, _ in tracker.propagate_in_video(state, 0, None, False, tqdm_disable=True):
            for mask in masks:
                found += int((mask > 0).cpu().numpy().any())
            seen += 1
            if seen == warm:
                if gpu:
                    torch.cuda.synchronize()
                start, cpu = time.perf_counter(), cpu_seconds()
        if gpu:
            torch.cuda.synchronize()
        counted = seen - warm
        result.update(ms_per_frame=1000 * (time.perf_counter() - start) / counted,
                      cpu_ms_per_frame=1000 * (cpu_seconds() - cpu) / counted, found=found)

    if a.mode == "app":
        worker = threading.Thread(target=run)
        worker.start()
        worker.join()
    else:
        with torch.autocast(device.type, dtype=torch.bfloat16):
            run()
    if not result:
        raise SystemExit(1)
    peak = torch.cuda.max_memory_allocated() if gpu else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"program": "official sam3, " + a.mode, "size": a.size,
                      "device": torch.cuda.get_device_name() if gpu else "CPU", "objects": a.objects,
                      "frames": a.frames, **result, "peak_bytes": peak}))


if __name__ == "__main__":
    main()
