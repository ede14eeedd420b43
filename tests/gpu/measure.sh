#!/usr/bin/env bash
# All measurements of the LibTorch engines on a machine with an NVIDIA GPU, in one command:
#
#   tests/gpu/measure.sh [--build DIR] [--torch DIR] [--models DIR] [--out DIR] [--quick] [--only PART]
#                        [--python FILE] [--vggt DIR] [--sam3 DIR] [--sam3d-body DIR] [--sam-body4d DIR]
#
#   --build DIR    where the program was built with LibTorch (build/release)
#   --torch DIR    LibTorch with CUDA: the folder that holds lib/libtorch_cuda.so; by default $BODY4D_TORCH_ROOT, else
#                  the package torch of the machine's python3
#   --models DIR   of the pose networks, for blazepose_torch ($BODY4D_MODELS)
#   --out DIR      receives measure.log and measure.jsonl (build/gpu)
#   --quick        fewer frames: does everything run at all?
#   --only PART    trackers, poses, scenes or bodies; of scenes also one of scenes-speed, scenes-tiny, scenes-tiny-most,
#                  scenes-vggt and scenes-da3, each of which should end within ten minutes on an H100
#   --python FILE  Python with torch and, for a comparison with the official programs in the same call, with the package
#                  depth-anything-3
#   --vggt DIR     checkout of the official VGGT, for that Python
#   --sam3d-body DIR, --sam-body4d DIR    checkouts of facebookresearch/sam-3d-body and of gaomingqi/sam-body4d, which are
#                  then timed with the same weights; their Python wants cv2, einops, pytorch-lightning, yacs, roma,
#                  braceexpand and omegaconf beside torch (a folder of those may come by PYTHONPATH)
#   --sam3 DIR     checkout of the official SAM 3, for a comparison with its tracker in the same call, with the same
#                  weights: as SAM-Body4D's application runs it, and under bfloat16; its Python files are enough
#
# Trackers should take about five minutes of a lease with both comparisons (reckoned).
#
# Bodies: SAM 3D Body of full size with random weights (3 GB, written once and removed again), five people on 90 frames:
# body mode in batches of 1 to 64 with the allocator's peak, full mode, and the official programs on the same weights. The
# last lines are the ratios. A lease of ten minutes holds `--only bodies`; there it is one command.
#
# Scenes: VGGT-1B and Depth Anything 3 by frames beside the official programs and 200 frames of 518x518 (scenes-speed),
# and the sweep over memory in full: the founding note's network (scenes-tiny, its longest row in scenes-tiny-most),
# VGGT-1B and Depth Anything 3 (files in sweep-*). Goals are judged at the end, from the files in --out, so that parts may
# come from several calls with one --out.
#
# Needs nothing but the programs sam3_bench, body4d-engine-bench and test_blazepose_torch of the build, LibTorch
# and a driver; without a GPU it measures the tiny networks on the CPU, to try the script out. SAM 3 and EdgeTAM run with
# random weights, written once as checkpoints of the official layout and loaded from there. What was measured with what
# stands in the lines of measure.jsonl.
set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$root/build/release torch=${BODY4D_TORCH_ROOT:-} models=${BODY4D_MODELS:-} out=$root/build/gpu quick=no
only=all python= vggt= sam3= sam3d_body= sam_body4d=
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
    --sam3) sam3=$2; shift ;;
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
touch "$log" "$lines"
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
most_seconds=570 # of one measurement: what follows is to be measured, too
# measure NAME COMMAND...: keeps all output in the log and the JSON lines apart.
measure() {
  local name=$1 text rc
  shift
  printf '\n== %s\n' "$name" | tee -a "$log"
  text=$(timeout $most_seconds "$@" 2>&1)
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
  # The official tracker on the same weights; it keeps the whole clip on the device, so fewer frames.
  if [ $engine = sam3 ] && [ -n "$sam3" ]; then
    modes="app bf16" official_frames=80
    if [ $device -lt 0 ]; then modes=app official_frames=30; fi # a CPU emulates bfloat16
    for mode in $modes; do
      for objects in 1 5; do
        LD_LIBRARY_PATH= measure "sam3-official-$mode-$objects" "${python:-python3}" "$root/tests/gpu/official_tracker.py" \
          "$sam3" $mode $official_frames $objects --size $size --weights "$weights"
      done
    done
  fi
done
# How many times as fast ours is, from the lines of this call.
ratios() {
  awk -F'"' '
    match($0, /"ms_per_frame": ?[0-9.]+/) { text = substr($0, RSTART, RLENGTH); sub(/.*: ?/, "", text); ms[$4] = text }
    END {
      for (objects = 1; objects <= 5; objects += 4)
        for (mode in wanted) if (ms["sam3-" objects] > 0 && ms["sam3-official-" mode "-" objects] > 0)
          printf "sam3, %d object(s): official (%s) %.1f ms, ours %.1f ms: %.2f times as fast, wanted %s\n", objects, mode,
            ms["sam3-official-" mode "-" objects], ms["sam3-" objects],
            ms["sam3-official-" mode "-" objects] / ms["sam3-" objects], wanted[mode]
    }
    BEGIN { wanted["app"] = "5"; wanted["bf16"] = "1.6" }' "$lines"
}
if [ -n "$sam3" ] && wanted trackers; then ratios | tee -a "$log"; fi
if wanted poses && [ -n "$engines" ] && [ -n "$models" ]; then
  measure blazepose "$engines" "$models" --device $device
fi
tests=$(find_program test_blazepose_torch)
if wanted poses && [ -n "$tests" ] && [ -n "$models" ] && [ $device -ge 0 ]; then
  BODY4D_MODELS=$models measure blazepose-agrees "$tests" theGpuAgrees
fi
rm -f "$out"/*-"$size".safetensors

# official NAME MODEL FRAMES SIZE [OPTION...]: the official program in the same call, where its Python is given.
official() {
  if [ -n "$python" ]; then
    PYTHONPATH=$vggt${PYTHONPATH:+:$PYTHONPATH} measure "$1" "$python" "$root/tests/gpu/official_scene.py" "$2" "$3" --size "$4" "${@:5}"
  fi
}
# vggt_beside_official FRAMES SIZE [OPTION...]: VGGT-1B, and with the official code there both with the same weights (random,
# 4.6 GB, removed again), and how far the depths of the same pictures are apart.
vggt_beside_official() {
  local weights=$out/vggt-1b.safetensors depths=$out/vggt-depths.npz same=()
  if [ -n "$python" ] && [ -n "$vggt" ]; then
    official make-vggt vggt-1b 1 "$2" --make --weights "$weights" --device cpu
    same=(--weights "$weights" --depths "$depths")
  fi
  scenes inference-vggt inference --model vggt-1b --size "$2" --frames "$1" "${same[@]}" "${@:3}" -o "$out/inference-vggt.md"
  if [ -e "$depths" ]; then
    official official-vggt vggt-1b "$1" "$2" --weights "$weights" --compare "$depths" "${@:3}"
  fi
  rm -f "$weights" "$depths"
}
# scenes NAME COMMAND...: with the program's JSON as one line; tables go to the files that -o names.
scenes() { measure "$1" bash -c 'set -o pipefail; "$@" | tr -s "\n " " "; printf "\n"' bash "$engines" "${@:2}" --device $device --json --quiet; }
part() { wanted scenes || [ "$only" = "$1" ]; }
if [ -n "$engines" ] && [ $device -lt 0 ]; then
  if part scenes-tiny; then
    scenes sweep-small vram --model tiny --shrink 7 --most-frames 16 --warm-ups 1 --repeats 1 -o "$out/sweep-small"
  fi
  if part scenes-speed; then
    scenes inference-da3-small inference --model da3-small --size 112x84 --frames 1,2 --repeats 1 -o "$out/inference-da3-small.md"
    official official-da3-small da3-small 1,2 112x84
    # Full size. One thread each, so that other programs on the machine disturb both alike; the first frame of all only
    # brings the weights into memory.
    if [ -n "$vggt" ]; then
      vggt_beside_official 1,1,8,20 56x56 --threads 1 --warm-ups 0 --repeats 1
    fi
  fi
elif [ -n "$engines" ]; then
  rows=1,8,20,100 most=256
  if [ $quick = yes ]; then rows=1,8 most=16; fi
  if part scenes-speed; then
    vggt_beside_official $rows 518x392
    if [ $quick = no ]; then
      # The goal is 12 GB: this is the peak of the allocator, weights included.
      scenes vggt-200 inference --model vggt-1b --size 518x518 --frames 200 --warm-ups 0 --repeats 1 -o "$out/vggt-200.md"
    fi
    scenes inference-da3-large inference --model da3-large --size 504x504 --frames $rows -o "$out/inference-da3-large.md"
    official official-da3-large da3-large $rows 504x504
  fi
  # Passes of the founding note's network with many frames take half a minute and more in float32.
  if part scenes-tiny; then
    scenes sweep-tiny vram --model tiny --most-frames $((most / 4)) --repeats 2 -o "$out/sweep-tiny"
    scenes sweep-tiny-half vram --model tiny --rows $((most / 2))frames_large_res --corrected-only --warm-ups 0 --repeats 1 -o "$out/sweep-tiny-half"
  fi
  if part scenes-tiny-most; then
    scenes sweep-tiny-most vram --model tiny --rows ${most}frames_large_res --corrected-only --warm-ups 0 --repeats 1 -o "$out/sweep-tiny-most"
  fi
  if part scenes-vggt; then
    scenes sweep-vggt vram --model vggt-1b --corrected-only --most-frames $most --warm-ups 1 --repeats 2 -o "$out/sweep-vggt"
  fi
  if part scenes-da3; then
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

# What the figures say of the goals, of all parts that --out holds.
for csv in "$out"/sweep-*/*.csv; do
  [ -e "$csv" ] || continue
  # Fields with commas are quoted and stand behind all that is read here.
  awk -F, -v name="$(basename "$(dirname "$csv")")" 'NR > 1 && $28 != "" {
      if (worst == "" || $28 < worst) worst = $28
      if ($4 >= 128 && $5 >= 500) printf "%s: %d frames of %d px: %.1f %% less peak memory (asked: 50)\n", name, $4, $5, $28
    } END { if (worst != "") printf "%s: worst row %+.2f %% less peak memory (asked: at least -1)\n", name, worst }' "$csv" | tee -a "$log"
done
if command -v python3 >/dev/null; then
  python3 - "$lines" <<'END' | tee -a "$log"
import json, sys
ours, official = {}, {}
for line in open(sys.argv[1]):
    try:
        row = json.loads(line)
    except ValueError:
        continue
    name = row.get("measurement", "")
    if "largest_relative_difference" in row:
        print(f"{row['official']}: depths of {row['compared_frames']} frames differ from the official ones by at most "
              f"{row['largest_relative_difference']:.2g} of each, median {row['median_relative_difference']:.2g}")
    if name.startswith("official-") and "seconds" in row:
        official[name[9:], row["frames"]] = row
    elif name.startswith("inference-") or name == "vggt-200":
        for r in row.get("rows", []):
            if "seconds" in r:
                ours[name.removeprefix("inference-"), r["frames"]] = r
for (model, frames), r in sorted(ours.items()):
    text = f"{model}: {frames} frames in {r['seconds']:.4g} s, peak {r['peak_bytes'] / 1e9:.2f} GB"
    if (model, frames) in official:
        other = official[model, frames]
        text += f"; {other['seconds'] / r['seconds']:.2f} times the official frames/s"
        if other.get("device") == "cpu" and r.get("processor_seconds"):
            text += f", {other['processor_seconds'] / r['processor_seconds']:.2f} times by processor time, peaks of the" \
                    f" processes {r['process_peak_bytes'] / 1e9:.2f} and {other['process_peak_bytes'] / 1e9:.2f} GB"
        if other.get("peak_bytes"):
            text += f", official peak {other['peak_bytes'] / 1e9:.2f} GB"
    print(text)
END
fi
printf '\n%d measurements failed; %s\n' $failures "$lines"
[ $failures -eq 0 ]
