#!/usr/bin/env bash
# Pictures of the window as people see it, for looking at and for the README. Needs xvfb-run and a build.
#
#   tests/ui/screenshots.sh [--build build/release] [--out build/screenshots] [--video FILE --clicks "F:X,Y F:X,Y" --frames A:B]
#                           [--scene-weights FILE]
#                           [--language CODE]
# The window itself says when everything is drawn, so slow machines make the same pictures.
#
# The picture of a reconstructed place needs weights of Depth Anything 3: those given, or da3-small of the models folder. What
# weights say of themselves ("random weights") stands in the picture.
# Without --video the pedestrian clip that packaging/setup.sh puts into build/samples (or that of $BODY4D_SAMPLES) is used;
# where that is missing, a drawn clip with a made-up engine. --language takes en, de or zh_CN, which needs a font with
# Chinese letters (Debian: fonts-wqy-microhei). Every picture is made in a home folder of its own that is thrown away.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$root/build/release
out=
video=
clicks="0:265,249 0:514,190 0:662,274"
frames=0:60
weights=
language=en
while [ $# -gt 0 ]; do
  case $1 in
    --build) build=$2 ;;
    --out) out=$2 ;;
    --video) video=$2 ;;
    --clicks) clicks=$2 ;;
    --frames) frames=$2 ;;
    --scene-weights) weights=$2 ;;
    --language) language=$2 ;;
    -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; exit 0 ;;
    *) printf 'screenshots: unknown option %s (see --help)\n' "$1" >&2; exit 2 ;;
  esac
  shift 2
done
out=${out:-$build/../screenshots}
mkdir -p "$out"
for known in "$root/build/samples/vtest.avi" "${BODY4D_SAMPLES:-}/vtest.avi"; do
  if [ -z "$video" ] && [ -f "$known" ]; then video=$known; fi
done

home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
export XDG_CONFIG_HOME=$home/config XDG_DATA_HOME=$home/data XDG_RUNTIME_DIR=$home/run LIBGL_ALWAYS_SOFTWARE=1
mkdir -m 700 "$home/run"
studio=$build/bin/body4d-studio
failed=0

shot() { # name, then arguments of the program
  local name=$1
  shift
  if xvfb-run -a -s '-screen 0 3840x2400x24' "$studio" --language "$language" --size 1480x900 --screenshot "$out/$name.png" "$@" >"$home/$name.log" 2>&1; then
    printf 'made %s\n' "$out/$name.png"
  else
    printf 'screenshots: %s failed:\n' "$name" >&2
    tail -n 5 "$home/$name.log" >&2
    failed=1
  fi
}

shot empty --after 4
shot empty-light --after 4 --theme light
if [ -n "$video" ]; then
  args=()
  for click in $clicks; do args+=(--click "$click"); done
  shot annotation "$video" "${args[@]}" --after 8 --action tool.brush
  "$build/bin/body4d" run "$video" "${args[@]}" --frames "$frames" -o "$home/results" >"$home/run.log" 2>&1 || tail -n 5 "$home/run.log" >&2
  project=$(ls -d "$home"/results/*.body4d)
  # A frame in the middle of the longest stretch in which somebody is hidden.
  "$build/bin/body4d" export "$project" --format csv -o "$home/states" >"$home/csv.log" 2>&1 || tail -n 5 "$home/csv.log" >&2
  hidden=$(cat "$home"/states/*_metrics.csv 2>/dev/null | awk -F, '
    $4 == "completed" || $4 == "occluded" { if ($1 == who && $2 == last + 1) n++; else { who = $1; n = 1 }
      last = $2; if (n > most) { most = n; at = $2 - int(n / 2) } }
    END { if (most) print at }')
  # One of the frames on which most people are seen, a little after the first of them.
  shown=$(cat "$home"/states/*_metrics.csv 2>/dev/null | awk -F, '
    $4 == "visible" { if (++n[$2] > most) most = n[$2]; if ($2 > last) last = $2 }
    END { for (f = 0; f <= last && k < 8; ++f) if (n[f] == most) { at = f; ++k }; print at + 0 }')
  shot running "$video" --run --frame "${shown:-0}" --after 45
  open=("$project" --frame "${shown:-0}" --after 4)
else
  # The drawn clip is a program of its own, with people who walk, hide and come back.
  studio=$build/tests/fake_studio
  args=(--click 0:330,360 --click 0:970,360)
  shot annotation clip.mp4 "${args[@]}" --after 6 --action tool.brush
  open=(clip.mp4 "${args[@]}" --run --frame 60 --after 20)
fi
shot finished "${open[@]}" --action playback.zoomRange
shot finished-light "${open[@]}" --theme light --action playback.zoomRange
shot camera "${open[@]}" --action view.camera
shot camera-light "${open[@]}" --theme light --action view.camera
shot bones "${open[@]}" --action view.bones
shot wipe "${open[@]}" --action view.wipe
for theme in dark light; do
  shot "video-colours-$theme" "${open[@]}" --theme "$theme" --action view.video
  shot "difference-$theme" "${open[@]}" --theme "$theme" --action view.difference
  shot "doubt-$theme" "${open[@]}" --theme "$theme" --action view.doubt
  shot "seen-$theme" "${open[@]}" --theme "$theme" --action view.confidence
done
shot completion "${open[@]}" --action compare.completion --action view.wipe
if [ -d "$home/results/ply" ]; then shot meshes "$home/results/ply" --after 8; fi
shot settings "${open[@]}" --action edit.preferences
shot shortcuts "${open[@]}" --action help.shortcuts
shot palette "${open[@]}" --action help.palette
shot log "${open[@]}" --action view.log
shot export "${open[@]}" --action export.dialog
shot models "${open[@]}" --action help.models
shot lanes "${open[@]}" --action playback.zoomRange --action view.history
if [ -n "${hidden:-}" ]; then
  shot occlusion "$project" --frame "$hidden" --after 8 --action playback.zoomRange
elif [ -n "$video" ]; then
  printf 'screenshots: nobody is hidden in %s of %s, so there is no picture of that\n' "$frames" "$video" >&2
else
  shot occlusion "${open[@]}" --action playback.zoomRange
fi
models=${BODY4D_MODELS:-$root/build/models}
if [ -z "$weights" ] && [ -f "$models/da3-small/model.safetensors" ]; then weights=$models/da3-small/model.safetensors; fi
if [ -n "$video" ] && [ -n "$weights" ]; then
  if "$build/bin/body4d" run "$project" --set engines.scene=da3-small --set "scene.weights=$weights" --set scene.process_res=252 \
      --no-export >"$home/scene.log" 2>&1; then
    shot scene "$project" --frame "${shown:-0}" --after 15
    shot scene-light "$project" --frame "${shown:-0}" --after 15 --theme light
  else
    tail -n 5 "$home/scene.log" >&2
    failed=1
  fi
else
  printf 'screenshots: no picture of a place: da3-small/model.safetensors is not in %s (or give --scene-weights)\n' "$models" >&2
fi
shot small "${open[@]}" --size 1280x720
shot large "${open[@]}" --size 3840x2160
for scale in 1.5 2; do
  QT_SCALE_FACTOR=$scale shot "scale-$scale" "${open[@]}"
done
exit "$failed"
