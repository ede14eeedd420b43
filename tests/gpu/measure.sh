#!/usr/bin/env bash
# All measurements of the LibTorch engines on a machine with an NVIDIA GPU, in one command:
#
#   tests/gpu/measure.sh [--build DIR] [--torch DIR] [--models DIR] [--out DIR] [--quick] [--only PART]
#                        [--python FILE] [--vggt DIR] [--sam3d-body DIR] [--sam-body4d DIR]
#
#   --build DIR    where the program was built with LibTorch (build/release)
#   --torch DIR    LibTorch with CUDA: the folder that holds lib/libtorch_cuda.so; by default $BODY4D_TORCH_ROOT, else
#                  the package torch of the machine's python3
#   --models DIR   of the pose networks, for blazepose_torch ($BODY4D_MODELS)
#   --out DIR      receives measure.log and measure.jsonl (build/gpu)
#   --quick        fewer frames: does everything run at all?
#   --only PART    trackers, poses, scenes or bodies
#   --python FILE  Python with torch and, for a comparison with the official programs in the same call, with the package
#                  depth-anything-3
#   --vggt DIR     checkout of the official VGGT, for that Python
#   --sam3d-body DIR, --sam-body4d DIR    checkouts of facebookresearch/sam-3d-body and of gaomingqi/sam-body4d, which are
#                  then timed with the same weights; their Python wants cv2, einops, pytorch-lightning, yacs, roma,
#                  braceexpand and omegaconf beside torch (a folder of those may come by PYTHONPATH)
#
# Bodies: SAM 3D Body of full size with random weights (3 GB, written once and removed again), five people on 90 frames:
# body mode in batches of 1 to 64 with the allocator's peak, full mode, and the official programs on the same weights. The
# last lines are the ratios. A lease of ten minutes holds `--only bodies`; there it is one command.
#
# Scenes: the sweep over memory in full (tiny and VGGT-1B; files in sweep-*), VGGT-1B and Depth Anything 3 by frames
# beside the official programs, 200 frames of 518x518. A lease of half an hour holds `--only scenes`.
#
# Needs nothing but the programs sam3_bench, body4d-engine-bench and test_blazepose_torch of the build, LibTorch
# and a driver; without a GPU it measures the tiny networks on the CPU, to try the script out. SAM 3 and EdgeTAM run with
# random weights, written once as checkpoints of the official layout and loaded from there. What was measured with what
# stands in the lines of measure.jsonl.
set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$root/build/release torch=${BODY4D_TORCH_ROOT:-} models=${BODY4D_MODELS:-} out=$root/build/gpu quick=no
only=all python= vggt= sam3d_body= sam_body4d=
while [ $# -gt 0 ]; do
  case $1 in
    --build) build=$2; shift ;;
    --torch) torch=$2; shift ;;
    --models) models=$2; shift ;;
    --out) out=$2; shift ;;
    --quick) quick=yes ;;
    --only) only=$2; shift ;;
    --python) python=$2; shift ;;
    --vggt) vggt=$2; shift ;;
    --sam3d-body) sam3d_body=$2; shift ;;
    --sam-body4d) sam_body4d=$2; shift ;;
    -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; exit 0 ;;
    *) printf 'measure: unknown option %s (see --help)\n' "$1" >&2; exit 2 ;;
  esac
  shift
done

if [ -z "$torch" ]; then
  torch=$(python3 -c 'import importlib.util as u; print(u.find_spec("torch").submodule_search_locations[0])' 2>/dev/null)
fi
if [ ! -e "$torch/lib/libtorch_cpu.so" ]; then
  printf 'measure: no LibTorch at "%s"; give --torch\n' "$torch" >&2
  exit 2
fi
find_program() { find "$build" "$root" -maxdepth 3 -name "$1" -type f -perm -u+x 2>/dev/null | head -1; }
bench=$(find_program sam3_bench)
engines=$(find_program body4d-engine-bench)
wanted() { [ "$only" = all ] || [ "$only" = "$1" ]; }
if [ -z "$bench" ] && wanted trackers; then
  printf 'measure: no sam3_bench under "%s"; build that target first\n' "$build" >&2
  exit 2
fi
mkdir -p "$out" || exit 2
log=$out/measure.log lines=$out/measure.jsonl
: >"$log"; : >"$lines"
# LibTorch's own CUDA libraries lie beside the package.
export LD_LIBRARY_PATH=$torch/lib:$(find "$(dirname "$torch")/nvidia" -maxdepth 3 -name lib -type d 2>/dev/null | tr '\n' ':')${LD_LIBRARY_PATH:-}
export BODY4D_TORCH_ROOT=$torch

device=-1 size=tiny
if [ -e "$torch/lib/libtorch_cuda.so" ] && nvidia-smi -L >/dev/null 2>&1; then
  device=0 size=full
  nvidia-smi --query-gpu=name,memory.total,driver_version,clocks.sm --format=csv | tee -a "$log"
else
  printf 'No GPU, or no LibTorch with CUDA: tiny networks on the CPU.\n' | tee -a "$log"
fi

failures=0
# measure NAME COMMAND...: keeps all output in the log and the JSON lines apart.
measure() {
  local name=$1 text rc
  shift
  printf '\n== %s\n' "$name" | tee -a "$log"
  text=$("$@" 2>&1)
  rc=$?
  printf '%s\n' "$text" | tee -a "$log"
  printf '%s\n' "$text" | sed -n "s/^{/{\"measurement\":\"$name\",/p" >>"$lines"
  if [ $rc -ne 0 ]; then
    printf 'measure: %s ended with %d\n' "$name" $rc | tee -a "$log"
    failures=$((failures + 1))
  fi
}

frames=300
if [ $quick = yes ] || [ $device -lt 0 ]; then frames=40; fi
for engine in sam3 edgetam; do
  wanted trackers || break
  weights=$out/$engine-$size.safetensors # random, written by the first run
  for objects in 1 5; do
    measure "$engine-$objects" "$bench" $engine $size $frames $objects --device $device --weights "$weights"
  done
  if [ $device -ge 0 ]; then
    measure "$engine-1-float32" "$bench" $engine $size 60 1 --device $device --float32 --weights "$weights"
  fi
done
if wanted poses && [ -n "$engines" ] && [ -n "$models" ]; then
  measure blazepose "$engines" "$models" --device $device
fi
tests=$(find_program test_blazepose_torch)
if wanted poses && [ -n "$tests" ] && [ -n "$models" ] && [ $device -ge 0 ]; then
  BODY4D_MODELS=$models measure blazepose-agrees "$tests" theGpuAgrees
fi
rm -f "$out"/*-"$size".safetensors

# official NAME MODEL FRAMES SIZE: the official program in the same call, where its Python is given.
official() {
  if [ -n "$python" ]; then
    PYTHONPATH=$vggt${PYTHONPATH:+:$PYTHONPATH} measure "$1" "$python" "$root/tests/gpu/official_scene.py" "$2" "$3" --size "$4"
  fi
}
if wanted scenes && [ -n "$engines" ]; then
  scenes() { measure "$1" "$engines" "${@:2}" --device $device; }
  if [ $device -lt 0 ]; then
    scenes sweep-small vram --model tiny --shrink 7 --most-frames 16 --warm-ups 1 --repeats 1 -o "$out/sweep-small"
    scenes inference-small inference --model da3-small --size 112x84 --frames 1,2 --repeats 1
    official official-da3-small da3-small 1,2 112x84
  else
    rows=1,8,20,100
    [ $quick = yes ] && rows=1,8
    scenes inference-vggt inference --model vggt-1b --size 518x392 --frames $rows -o "$out/inference-vggt.md"
    official official-vggt vggt-1b $rows 518x392
    scenes inference-da3-large inference --model da3-large --size 504x504 --frames $rows -o "$out/inference-da3-large.md"
    official official-da3-large da3-large $rows 504x504
    if [ $quick = no ]; then
      # The goal is 12 GB: this is the peak of the allocator, weights included.
      scenes vggt-200 inference --model vggt-1b --size 518x518 --frames 200 --repeats 1 -o "$out/vggt-200.md"
    fi
    most=256
    [ $quick = yes ] && most=16
    # A pass of the founding note's network with 256 frames takes minutes in float32: one of each variant.
    scenes sweep-tiny vram --model tiny --most-frames $((most / 2)) --repeats 2 -o "$out/sweep-tiny"
    scenes sweep-tiny-most vram --model tiny --rows ${most}frames_large_res --corrected-only --warm-ups 0 --repeats 1 -o "$out/sweep-tiny"
    scenes sweep-vggt vram --model vggt-1b --corrected-only --most-frames $most --warm-ups 1 --repeats 2 -o "$out/sweep-vggt"
    scenes sweep-da3 vram --model da3-large --corrected-only --most-frames $most --warm-ups 1 --repeats 2 -o "$out/sweep-da3"
  fi
fi
if wanted bodies && [ -n "$engines" ]; then
  weights=$out/bodies-$size shape=()
  mkdir -p "$weights"
  people=5 frames=90 few=18
  if [ $device -lt 0 ]; then shape=(--small) people=2 frames=6 few=3; fi
  if [ $quick = yes ]; then frames=12 few=4; fi
  ours() {
    measure "$1" "$engines" bodies --weights "$weights" --manifest "$root/tests/data/manifests/sam3d_body.txt" \
      --people $people --device $device "${shape[@]}" "${@:2}"
  }
  # theirs NAME CHECKOUT MODE FRAMES: the official program, where its checkout is given.
  theirs() {
    if [ -n "$2" ]; then
      local dinov3=()
      if [ -n "$sam_body4d" ]; then dinov3=(--dinov3 "$sam_body4d/models/sam_3d_body/dinov3"); fi
      measure "$1" "${python:-python3}" "$root/tests/gpu/official_body.py" "$3" --weights "$weights" --code "$2" \
        "${dinov3[@]}" --people $people --frames "$4" --device "$([ $device -lt 0 ] && echo cpu || echo cuda)"
    fi
  }
  ours bodies --frames $frames --batch 16,64,4
  ours bodies-one --frames $few --batch 1
  ours bodies-full --mode full --frames $frames --batch 16
  theirs official-body "$sam3d_body" body "$few"
  theirs official-full "$sam3d_body" full "$few"
  theirs official-4d "$sam_body4d" 4d "$frames"
  rm -rf "$weights"
  "${python:-python3}" - "$lines" <<'REPORT' | tee -a "$log"
import json, sys
each, peak = {}, {}
for line in open(sys.argv[1]):
    row = json.loads(line)
    if "bodies" in row:
        name = row["measurement"]
        if row["ms_per_person_frame"] < each.get(name, float("inf")):
            each[name] = row["ms_per_person_frame"]
        peak[name] = max(peak.get(name, 0), row["peak_bytes"] or 0)
for a, b, text in (("official-4d", "bodies-full", "full mode against SAM-Body4D's stage (asked 15, goal 50)"),
                   ("official-body", "bodies", "body mode against the official one (asked 3)"),
                   ("official-full", "bodies-full", "full mode against the official one")):
    if a in each and b in each:
        print(f"{each[a] / each[b]:.1f} times: {text}; {each[b]:.2f} and {each[a]:.2f} ms a person-frame")
for name in sorted(peak):
    if peak[name]:
        print(f"{peak[name] / 1e9:.2f} GB at most: {name}")
REPORT
fi
printf '\n%d measurements failed; %s\n' $failures "$lines"
[ $failures -eq 0 ]
