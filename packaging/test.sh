#!/usr/bin/env bash
# Sets up (with LibTorch and the programs that open our files in tests), builds and runs every test. The last line says
# "N passed, N failed, N skipped".
#
#   packaging/test.sh [--full] [--torch auto|on|off|keep]
#
#   --full    then again under AddressSanitizer with UndefinedBehaviorSanitizer, and under ThreadSanitizer
#   --torch   as for setup.sh; on by default
#
# Tests of the window run on a virtual screen. Ends with 0 only where nothing failed and something passed.
set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
full=no
torch=on
while [ $# -gt 0 ]; do
  case $1 in
    --full) full=yes ;;
    --torch) torch=${2:-}; shift ;;
    --torch=*) torch=${1#*=} ;;
    -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; exit 0 ;;
    *) printf 'test: unknown option %s (see --help)\n' "$1" >&2; exit 2 ;;
  esac
  shift
done

cd "$root" || exit 1
bash packaging/setup.sh --torch "$torch" --tests || exit 1
python=$root/build/venv/bin/python
if [ -e build/test-venv/.body4d-key ]; then export BODY4D_TEST_PYTHON=$root/build/test-venv/bin/python; fi
results=()
broken=0

build() { # preset, further arguments of cmake
  local preset=$1 log=build/test-build-$1.log
  shift
  printf '== building %s (log: %s)\n' "$preset" "$log"
  if ! { cmake --preset "$preset" -DBODY4D_TESTS=ON "$@" && cmake --build --preset "$preset"; } >"$log" 2>&1; then
    tail -n 60 "$log" >&2
    printf 'test: building %s failed; the last lines of %s are above\n' "$preset" "$log" >&2
    return 1
  fi
}

# A virtual screen of our own, software rendering, no desktop session: the same on every machine.
check() { # preset, part, arguments of ctest
  local preset=$1 part=$2 xml wrap=()
  shift 2
  xml=$root/build/test-$preset-$part.xml
  rm -f "$xml"
  if [ "$preset" = tsan ] && setarch -R true 2>/dev/null; then
    wrap=(setarch -R) # g++ 12's ThreadSanitizer does not cope with much address randomisation
  fi
  printf '== testing %s, %s\n' "$preset" "$part"
  env -u WAYLAND_DISPLAY -u DISPLAY QT_QPA_PLATFORM=xcb LIBGL_ALWAYS_SOFTWARE=1 LC_ALL=C.UTF-8 \
    xvfb-run -a -s '-screen 0 1920x1080x24' \
    "${wrap[@]}" ctest --test-dir "build/$preset" --output-on-failure --no-tests=ignore --output-junit "$xml" \
    --test-output-size-passed 1000000 "$@" || true
  if [ -s "$xml" ]; then results+=("$xml"); else printf 'test: ctest left no results for %s\n' "$preset" >&2; broken=1; fi
}

if build release; then check release all; else broken=1; fi

if [ $full = yes ]; then
  # Without LibTorch, which is not instrumented. What the networks compute is not checked again: a fake takes their
  # place. The sanitizers' own options are the tests' (packaging/cmake/Body4dTargets.cmake). Tests of the window come
  # one by one, since they share a screen.
  for preset in asan tsan; do
    if build $preset -DBODY4D_TORCH=OFF; then
      check $preset core -LE '^(gui|gl|weights|gpu)$' -j "$(nproc)"
      check $preset window -L '^(gui|gl)$'
    else
      broken=1
    fi
  done
fi

"$python" packaging/count_tests.py "$broken" "${results[@]}"
