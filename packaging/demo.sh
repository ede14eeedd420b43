#!/usr/bin/env bash
# Two people of a real video become moving 3D bodies: sets up, builds, runs the main job and says where the results are.
#
#   packaging/demo.sh [--no-window] [VIDEO]
#
# Without VIDEO: the first 100 frames of the pedestrian clip of Debian's package opencv-doc, with one click on each of
# two people. With VIDEO: the whole file, and everybody who is found in it. The results of the demo's last run on the
# same video are replaced. Where a display is there (and CI is not set), the window opens on the finished project.
# Ends with 0 only where every result is on disk.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$root/build/release
window=yes
video=

fail() { printf 'demo: %s\n' "$1" >&2; shift; for line in "$@"; do printf '      %s\n' "$line" >&2; done; exit 1; }

while [ $# -gt 0 ]; do
  case $1 in
    --no-window) window=no ;;
    -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; exit 0 ;;
    -*) printf 'demo: unknown option %s (see --help)\n' "$1" >&2; exit 2 ;;
    *) [ -z "$video" ] || { printf 'demo: one video at a time\n' >&2; exit 2; }; video=$1 ;;
  esac
  shift
done
if [ -n "$video" ]; then
  [ -e "$video" ] || { printf 'demo: there is no file %s\n' "$video" >&2; exit 3; }
  video=$(realpath "$video")
fi

begin=$SECONDS
bash "$root/packaging/setup.sh" --torch keep
if [ -z "$video" ]; then
  video=$root/build/samples/vtest.avi
  [ -s "$video" ] || fail "the sample clip could not be fetched" "give a video of your own: packaging/demo.sh VIDEO"
  people=(--frames 0:100 --click "0:265,249@1" --click "0:514,190@2")
else
  people=(--auto)
fi

log=$root/build/demo-build.log
printf '== building (the first time takes minutes; log: build/demo-build.log)\n'
cd "$root"
build_programs() { # the window is left out where the build was configured without it
  cmake --preset release || return 1
  local targets=(body4d)
  if cmake --build --preset release --target help | grep -q '^body4d-studio:'; then targets+=(body4d-studio); fi
  cmake --build --preset release --target "${targets[@]}"
}
if ! build_programs >"$log" 2>&1; then
  tail -n 40 "$log" >&2
  fail "the build failed; the last lines of build/demo-build.log are above"
fi

name=$(basename "$video")
name=${name%.*}
out=$root/build/demo/$name
rm -rf "$out"
mkdir -p "$out"
printf '== running the main job, %s s after the start\n' $((SECONDS - begin))
status=0
"$build/bin/body4d" run "$video" "${people[@]}" -o "$out" || status=$?
[ $status = 0 ] || { printf 'demo: the run ended with status %s\n' $status >&2; exit $status; }

project=$(find "$out" -maxdepth 1 -name '*.body4d' -type d | head -n 1)
[ -n "$project" ] || fail "the run left no project in $out"
missing=
for kind in glb ply npz mp4; do
  [ -n "$(find "$out" -path "$project" -prune -o -name "*.$kind" -size +0 -print -quit)" ] || missing="$missing $kind"
done
[ -z "$missing" ] || fail "the run ended well, but these results are missing in $out:$missing"

printf '\n== done in %s s. In %s:\n' $((SECONDS - begin)) "${out#"$PWD"/}"
count() { find "$out" -path "$project" -prune -o -name "*.$1" -print | wc -l; }
first() { find "$out" -path "$project" -prune -o -name "*.$1" -size +0 -print | sort | head -n 1; }
printf '   %-44s animated bodies, for Blender and the like\n' "$(realpath --relative-to="$out" "$(first glb)")"
printf '   %-44s the video with masks and bodies drawn in\n' "$(realpath --relative-to="$out" "$(first mp4)")"
printf '   %-44s parameters and joints, for numpy (%s files)\n' "$(realpath --relative-to="$out" "$(first npz)")" "$(count npz)"
printf '   %-44s one mesh per person and frame (%s files)\n' "$(dirname "$(realpath --relative-to="$out" "$(first ply)")")/" "$(count ply)"
printf '   %-44s the project: body4d-studio opens it\n' "$(basename "$project")/"

if [ ! -x "$build/bin/body4d-studio" ]; then
  printf '== this build has no window (BODY4D_STUDIO is off)\n'
elif [ $window = yes ] && [ -z "${CI:-}" ] && [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
  printf '== opening the window (build/release/bin/body4d-studio)\n'
  setsid "$build/bin/body4d-studio" "$project" >"$root/build/demo-window.log" 2>&1 </dev/null &
  pid=$!
  sleep 2
  if ! kill -0 $pid 2>/dev/null && ! wait $pid; then
    tail -n 10 "$root/build/demo-window.log" >&2
    fail "the window did not open; the results above are complete"
  fi
else
  printf '== to look at it: build/release/bin/body4d-studio %s\n' "$(realpath --relative-to="$root" "$project")"
fi
