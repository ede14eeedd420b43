#!/usr/bin/env python3
"""Times the official programs of SAM 3D Body, to be run beside `body4d-engine-bench bodies` with the same weights:

    official_body.py MODE --weights DIR --code DIR [--dinov3 DIR] [--people N] [--frames N] [--batch N] [--device cuda]

MODE is body or full (facebookresearch/sam-3d-body, a picture with all its people a call, as its estimator takes it), or
4d: the stage of gaomingqi/sam-body4d that turns saved masks into bodies, windows of N frames, as its app runs it, without
its renderings. DIR of --weights holds sam3d_body/model.ckpt and mhr_model.pt. --code is a checkout of the program whose
MODE it is; --dinov3 a folder with the package dinov3 where the network is not to be got from torch.hub (SAM-Body4D brings
one: models/sam_3d_body/dinov3). Prints one line of JSON: milliseconds from pictures in main memory (4d: on disk, as there)
to bodies in main memory, processor time and the allocator's peak.
"""
import argparse
import json
import os
import resource
import struct
import sys
import tempfile
import time
import types

os.environ.setdefault("MOMENTUM_ENABLED", "0")
import numpy as np
import torch

DTYPES = {"F32": torch.float32, "F64": torch.float64, "BF16": torch.bfloat16, "F16": torch.float16, "I64": torch.int64}


def tensors_of(path):
    """All tensors of a safetensors file or a checkpoint of PyTorch's, and what the file says of itself."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
        return state.get("state_dict", state), {}
    except Exception:
        pass
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        start = file.tell()
    data = np.memmap(path, np.uint8, "c")
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            a, b = (start + offset for offset in entry["data_offsets"])
            tensors[name] = torch.frombuffer(data[a:b], dtype=DTYPES[entry["dtype"]]).reshape(entry["shape"])
    return tensors, header.get("__metadata__", {})


class BodyModel(torch.nn.Module):
    """MHR's mathematics with the tensors of a file that is no TorchScript module: joints level by level, all vertices, as
    the official module evaluates them."""

    def __init__(self, tensors):
        super().__init__()
        for name, value in tensors.items():
            self.register_buffer(name.replace(".", "__"), value.clone())
        character = {n: getattr(self, "character_torch__" + n.replace(".", "__")) for n in
                     ("skeleton.joint_parents", "skeleton.joint_prerotations")}
        parents = character["skeleton.joint_parents"].tolist()
        depth = []
        for parent in parents:
            depth.append(0 if parent < 0 else depth[parent] + 1)
        self.levels = [[j for j, d in enumerate(depth) if d == level] for level in range(max(depth) + 1)]
        self.above = [[max(parents[j], 0) for j in level] for level in self.levels]
        for i, (level, above) in enumerate(zip(self.levels, self.above)):
            self.register_buffer(f"level{i}", torch.tensor(level))
            self.register_buffer(f"above{i}", torch.tensor(above))
        corrective = "pose_correctives_model__pose_dirs_predictor__"
        hidden = getattr(self, corrective + "2__weight").shape[1]
        self.register_buffer("activation", torch.sparse_coo_tensor(
            getattr(self, corrective + "0__sparse_indices"), getattr(self, corrective + "0__sparse_weight"),
            (hidden, 6 * (len(parents) - 2))).coalesce())

    def forward(self, identity, parameters, expression=None, correctives=True):
        part = lambda name: getattr(self, name)
        batch = parameters.shape[0]
        identity = identity.expand(batch, -1)
        rest = part("character_torch__blend_shape__base_shape") + torch.einsum(
            "bi,ivc->bvc", identity, part("character_torch__blend_shape__shape_vectors"))
        if expression is not None:
            rest = rest + torch.einsum("bi,ivc->bvc", expression, part("face_expressions_model__shape_vectors"))
        transform = part("character_torch__parameter_transform__parameter_transform")
        local = (parameters @ transform[:, : parameters.shape[1]].t()).view(batch, -1, 7).double()
        angle = local[..., 3:6] / 2
        zero = torch.zeros_like(angle[..., 0])

        def product(a, b):
            av, aw, bv, bw = a[..., :3], a[..., 3:], b[..., :3], b[..., 3:]
            return torch.cat([aw * bv + bw * av + torch.cross(av, bv, dim=-1), aw * bw - (av * bv).sum(-1, True)], -1)

        def turned(q, v):
            t = 2 * torch.cross(q[..., :3], v, dim=-1)
            return v + q[..., 3:] * t + torch.cross(q[..., :3], t, dim=-1)

        def about(axis):
            parts = [zero, zero, zero, angle[..., axis].cos()]
            parts[axis] = angle[..., axis].sin()
            return torch.stack(parts, -1)

        def unit(q):
            return q / q.norm(dim=-1, keepdim=True)

        joints = local.shape[1]
        own = product(unit(part("character_torch__skeleton__joint_prerotations").double()).expand(batch, joints, 4),
                      product(about(2), product(about(1), about(0))))
        place = local[..., :3] + part("character_torch__skeleton__joint_translation_offsets").double()
        scale = torch.exp2(local[..., 6:])
        for i in range(1, len(self.levels)):
            here, above = part(f"level{i}"), part(f"above{i}")
            q, s = own[:, above], scale[:, above]
            place = place.index_copy(1, here, place[:, above] + s * turned(q, place[:, here]))
            own = own.index_copy(1, here, product(q, own[:, here]))
            scale = scale.index_copy(1, here, s * scale[:, here])
        state = torch.cat([place, own, scale], -1).float()
        if correctives:
            c, s = local[:, 2:, 3:6].float().cos(), local[:, 2:, 3:6].float().sin()
            (cx, cy, cz), (sx, sy, sz) = c.unbind(-1), s.unbind(-1)
            features = torch.stack([cy * cz - 1, cy * sz, -sy, sx * sy * cz - cx * sz, sx * sy * sz + cx * cz - 1, sx * cy], -1)
            active = torch.relu(torch.sparse.mm(self.activation, features.flatten(1).t()).t())
            rest = rest + (active @ part("pose_correctives_model__pose_dirs_predictor__2__weight").t()).view(batch, -1, 3)
        skin = "character_torch__linear_blend_skinning__"
        bind = part(skin + "inverse_bind_pose").float()
        q, s = unit(state[..., 3:7]), state[..., 7:]
        move = state[..., :3] + s * turned(q, bind[:, :3].expand(batch, -1, -1))
        q, s = product(q, unit(bind[:, 3:7]).expand(batch, -1, -1)), s * bind[:, 7:]
        joint, vertex = part(skin + "skin_indices_flattened"), part(skin + "vert_indices_flattened")
        points = move[:, joint] + turned(q[:, joint], s[:, joint] * rest[:, vertex])
        weights = part(skin + "skin_weights_flattened")[None, :, None]
        return torch.zeros_like(rest).index_add(1, vertex, weights * points), state


def load(a):
    """The official network with the weights of the folder."""
    from yacs.config import CfgNode
    state, stated = tensors_of(os.path.join(a.weights, "sam3d_body", "model.ckpt"))
    body_file = os.path.join(a.weights, "sam3d_body", "mhr_model.pt")
    of = lambda name: state[name].shape
    count = lambda prefix, leaf: sum(1 for k in state if k.startswith(prefix) and k.endswith(leaf) and
                                     k[len(prefix):-len(leaf)].isdigit())
    width, inner = of("backbone.encoder.norm.weight")[0], of("decoder.layers.0.self_attn.q_proj.weight")[0]
    depth = count("backbone.encoder.blocks.", ".norm1.weight")
    hidden = of("backbone.encoder.blocks.0.mlp.w1.weight")[0]
    heads = width // (4 * of("backbone.encoder.rope_embed.periods")[0])
    decoder_heads = int(stated.get("sam3d_body.decoder_heads", max(1, inner // 64)))
    size = int(stated.get("sam3d_body.image_size", 512))
    if a.dinov3:
        sys.path.insert(0, a.dinov3)

        def network(*_, **__):
            from dinov3.models.vision_transformer import DinoVisionTransformer
            made = DinoVisionTransformer(
                img_size=224, patch_size=16, pos_embed_rope_base=100, pos_embed_rope_normalize_coords="separate",
                pos_embed_rope_rescale_coords=2, pos_embed_rope_dtype="fp32", embed_dim=width, depth=depth, num_heads=heads,
                ffn_ratio=hidden * 1.5 / width, qkv_bias=True, layerscale_init=1e-5, norm_layer="layernormbf16",
                ffn_layer="swiglu", n_storage_tokens=4, mask_k_bias=True)
            made.init_weights()
            return made

        torch.hub.load = network
    script = torch.jit.load

    def body_model(path, map_location=None, **more):
        try:
            module = script(path, map_location=map_location, **more)
            if len(module.forward.schema.arguments) > 3:
                return module
            tensors = module.state_dict()  # the same values in a module that computes nothing
        except RuntimeError:
            tensors = tensors_of(path)[0]
        return BodyModel(tensors).to(map_location or "cpu")

    torch.jit.load = body_model
    if a.device == "cpu":
        torch.Tensor.cuda = lambda self, *_, **__: self

    def node(values):
        return CfgNode({k: node(v) if isinstance(v, dict) else v for k, v in values.items()}, new_allowed=True)

    mlp = {"MLP_DEPTH": 2, "MLP_CHANNEL_DIV_FACTOR": 1}
    config = node({
        "MODEL": {
            "IMAGE_SIZE": [size, size], "IMAGE_MEAN": [0.485, 0.456, 0.406], "IMAGE_STD": [0.229, 0.224, 0.225],
            "BACKBONE": {"TYPE": "dinov3_vith16plus", "DROP_PATH_RATE": 0.0},
            "PERSON_HEAD": {"POSE_TYPE": "mhr", "CAMERA_TYPE": "perspective"},
            "MHR_HEAD": {"MHR_MODEL_PATH": body_file, **mlp}, "CAMERA_HEAD": {"DEFAULT_SCALE_FACTOR_HAND": 10.0, **mlp},
            "PROMPT_ENCODER": {
                "ENABLE": True, "MAX_NUM_CLICKS": 1, "PROMPT_KEYPOINTS": "mhr70", "MASK_EMBED_TYPE": "v2", "MASK_PROMPT": "v1",
                "KEYPOINT_SAMPLER": {"TYPE": "v1", "KEYBODY_RATIO": 0.8, "WORST_RATIO": 0.8, "NEGATIVE_RATIO": 0.0,
                                     "DUMMY_RATIO": 0.1, "DISTANCE_THRESH": 0.0}},
            "DECODER": {
                "TYPE": "sam", "DIM": of("decoder.norm_final.weight")[0], "DEPTH": count("decoder.layers.", ".ln1.weight"),
                "HEADS": decoder_heads, "DIM_HEAD": inner // decoder_heads,
                "MLP_DIM": of("decoder.layers.0.ffn.layers.0.0.weight")[0], "LAYER_SCALE_INIT": 0.0, "DROP_RATE": 0.0,
                "ATTN_DROP_RATE": 0.0, "DROP_PATH_RATE": 0.0, "FFN_TYPE": "origin", "ENABLE_TWOWAY": False, "REPEAT_PE": True,
                "FROZEN": False, "DO_INTERM_PREDS": True, "DO_KEYPOINT_TOKENS": True, "KEYPOINT_TOKEN_UPDATE": "v2",
                "CONDITION_TYPE": "cliff", "USE_INTRIN_CENTER": True, "DO_HAND_DETECT_TOKENS": True,
                "DO_KEYPOINT3D_TOKENS": True}},
        "TRAIN": {"USE_FP16": a.device != "cpu", "FP16_TYPE": "bfloat16"}})
    from sam_3d_body.models.meta_arch import SAM3DBody
    model = SAM3DBody(config)
    with torch.no_grad():
        for head in (model.head_pose, model.head_pose_hand):
            head.keypoint_mapping = torch.nn.Parameter(torch.zeros(of("head_pose.keypoint_mapping")), requires_grad=False)
            head.faces = torch.nn.Parameter(torch.zeros(of("head_pose.faces"), dtype=torch.int64), requires_grad=False)
        known = model.state_dict()
        left = model.load_state_dict({k: v.to(known[k].dtype) for k, v in state.items() if k in known}, strict=False)
    missing = [k for k in left.missing_keys if ".mhr." not in k and not k.endswith(("hand_pose_comps_ori", "mask_token"))]
    if missing:
        sys.exit("official_body: the weights lack " + ", ".join(missing[:5]))
    model = model.to(a.device).eval()
    if a.device != "cpu":
        model.backbone.to(torch.bfloat16)
    import sam_3d_body.models.meta_arch.sam3d_body as arch
    import sam_3d_body.sam_3d_body_estimator as estimator
    if a.device == "cpu":
        stays = lambda x, to: on_cpu(x, to)
        arch.recursive_to = estimator.recursive_to = stays
    return estimator.SAM3DBodyEstimator(model, config)


def on_cpu(x, to):
    if isinstance(x, dict):
        return {k: on_cpu(v, to) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return [on_cpu(v, to) for v in x]
    return x.detach().cpu().numpy() if torch.is_tensor(x) and to == "numpy" else x


def masks_of(people, frame, width, height):
    y, x = np.mgrid[:height, :width]
    middle = [width * (p + 1) / (people + 1) + frame % 16 for p in range(people)]
    return np.stack([np.where(np.hypot(3 * (x - m), y - height / 2) < 0.3 * height, 255, 0) for m in middle]).astype(np.uint8)


def box_of(mask):
    y, x = np.nonzero(mask)
    return [x.min(), y.min(), x.max() + 1, y.max() + 1]


def picture(index, width, height):
    return np.random.default_rng(index).integers(0, 256, (height, width, 3), np.uint8)


def pictures_in_turn(a, estimator, frames):
    seen = [picture(i, a.width, a.height) for i in range(8)]
    masks = [masks_of(a.people, f, a.width, a.height) for f in range(16)]
    boxes = [np.array([box_of(m) for m in of], np.float32) for of in masks]

    def run():
        for f in range(frames):
            estimator.process_one_image(seen[f % 8], bboxes=boxes[f % 16], masks=masks[f % 16], use_mask=True,
                                        inference_type=a.mode)
    return run


def windows(a, estimator, frames, folder):
    """As SAM-Body4D's app asks for bodies: pictures and masks as files, a window of `batch` frames a call."""
    from PIL import Image
    for name in ("pyrender", "trimesh"):
        sys.modules.setdefault(name, types.ModuleType(name))
    source = os.path.join(a.code, "models", "sam_3d_body", "notebook", "utils.py")
    with open(source) as file:
        text = file.read()
    # Only the function that feeds the estimator: the rest of the file wants what draws.
    start = text.index("def process_image_with_mask(")
    end = text.find("\ndef ", start + 1)
    names = {"np": np, "cv2": __import__("cv2"), "Image": Image, "os": os}
    exec(compile(text[start:end if end > 0 else None], source, "exec"), names)
    images, masks = [], []
    for f in range(frames):
        images.append(os.path.join(folder, f"{f:08d}.jpg"))
        masks.append(os.path.join(folder, f"{f:08d}.png"))
        if not os.path.exists(images[-1]):
            Image.fromarray(picture(f % 8, a.width, a.height)).save(images[-1])
            index = np.zeros((a.height, a.width), np.uint8)
            for i, mask in enumerate(masks_of(a.people, f, a.width, a.height)):
                index[mask > 0] = i + 1
            Image.fromarray(index, "P").save(masks[-1])

    def run():
        shapes = {}
        for i in range(0, frames, a.batch):
            window = slice(i, min(frames, i + a.batch))
            visible = {p + 1: [1] * (window.stop - window.start) for p in range(a.people)}
            names["process_image_with_mask"](estimator, images[window], masks[window], {}, {}, shapes, visible)
    return run


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("mode", choices=["body", "full", "4d"])
    parser.add_argument("--weights", required=True)
    parser.add_argument("--code", required=True)
    parser.add_argument("--dinov3", default="")
    parser.add_argument("--people", type=int, default=5)
    parser.add_argument("--frames", type=int, default=90)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--picture", default="1280x720")
    parser.add_argument("--warm-up", type=int, default=2, help="frames before the clock starts")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    a = parser.parse_args()
    a.width, a.height = (int(n) for n in a.picture.split("x"))
    if a.threads:
        torch.set_num_threads(a.threads)
    sys.path.insert(0, a.code)
    if a.mode == "4d":
        sys.path.insert(0, os.path.join(a.code, "models", "sam_3d_body"))
    gpu = a.device != "cpu"
    if gpu:  # as SAM-Body4D's app; the other program leaves it off
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = a.mode == "4d"
    chatter, sys.stdout = sys.stdout, sys.stderr
    estimator = load(a)
    with tempfile.TemporaryDirectory() as folder:
        prepare = (lambda n: windows(a, estimator, n, folder)) if a.mode == "4d" else (lambda n: pictures_in_turn(a, estimator, n))
        if a.warm_up:
            prepare(a.warm_up)()
        run = prepare(a.frames)
        if gpu:
            torch.cuda.synchronize()
            torch.cuda.reset_peak_memory_stats()
        used = resource.getrusage(resource.RUSAGE_SELF)
        start = time.perf_counter()
        run()
        if gpu:
            torch.cuda.synchronize()
        seconds = time.perf_counter() - start
    now = resource.getrusage(resource.RUSAGE_SELF)
    cpu = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    count = a.people * a.frames
    sys.stdout = chatter
    print(json.dumps({
        "bodies": "sam-body4d" if a.mode == "4d" else "sam-3d-body", "mode": a.mode, "people": a.people, "frames": a.frames,
        "batch": a.batch if a.mode == "4d" else a.people, "device": torch.cuda.get_device_name() if gpu else "cpu",
        "torch": torch.__version__, "seconds": seconds, "ms_per_person_frame": 1e3 * seconds / count,
        "cpu_ms_per_person_frame": 1e3 * cpu / count, "peak_bytes": torch.cuda.max_memory_allocated() if gpu else None}))


if __name__ == "__main__":
    with torch.no_grad():
        main()
