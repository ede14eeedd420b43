#!/usr/bin/env bash
# Sets up (with LibTorch), builds and runs every test. The last line says "N passed, N failed, N skipped".
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
bash packaging/setup.sh --torch "$torch" || exit 1
python=$root/build/venv/bin/python
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
  env -u WAYLAND_DISPLAY -u DISPLAY QT_QPA_PLATFORM=xcb LIBGL_ALWAYS_SOFTWARE=1 LC_ALL=C.UTF-8 TBB_ENABLE_SANITIZERS=1 \
    xvfb-run -a -s '-screen 0 1920x1080x24' \
    "${wrap[@]}" ctest --test-dir "build/$preset" --output-on-failure --no-tests=ignore --timeout 600 \
    --output-junit "$xml" "$@" || true
  if [ -s "$xml" ]; then results+=("$xml"); else printf 'test: ctest left no results for %s\n' "$preset" >&2; broken=1; fi
}

if build release; then check release all; else broken=1; fi

if [ $full = yes ]; then
  # The networks' run times are not instrumented: without LibTorch, and memory that drivers keep is not our leak.
  export UBSAN_OPTIONS=print_stacktrace=1
  if build asan -DBODY4D_TORCH=OFF; then
    export LSAN_OPTIONS="suppressions=$root/packaging/sanitizers/lsan.supp:print_suppressions=0"
    ASAN_OPTIONS=detect_leaks=1 check asan core -LE '^(gui|gl|weights|gpu)$'
    ASAN_OPTIONS=detect_leaks=0 check asan window -L '^(gui|gl)$'
  else
    broken=1
  fi
  if build tsan -DBODY4D_TORCH=OFF; then
    TSAN_OPTIONS="ignore_noninstrumented_modules=1:second_deadlock_stack=1" check tsan all -LE '^(weights|gpu)$'
  else
    broken=1
  fi
fi

"$python" packaging/count_tests.py "$broken" "${results[@]}"
