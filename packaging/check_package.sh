#!/usr/bin/env bash
# Installs the package body4d in a bare Debian 12, as a stranger would, and runs it there: doctor, a video, the window.
#
#   packaging/check_package.sh BODY4D.deb [VIDEO [ARGUMENTS OF body4d run]]
#
# Without VIDEO: the sample clip of packaging/setup.sh with two people. Needs root (a chroot) and debootstrap; sources and
# certificates of apt are this machine's. ROOT=DIR keeps the chroot for the next call; without it a temporary one is
# removed at the end. Ends with 0 only where everything worked.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
fail() { printf 'check_package: %s\n' "$1" >&2; exit 1; }
[ $# -ge 1 ] || { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; exit 2; }
deb=$(realpath "$1")
[ -s "$deb" ] || fail "there is no package $1"
video=$(realpath "${2:-$root/build/samples/vtest.avi}")
[ -s "$video" ] || fail "there is no video $video"
work=("${@:3}")
if [ $# -lt 2 ]; then work=(--frames 0:60 --click '0:265,249@1' --click '0:514,190@2'); fi
[ "$(id -u)" = 0 ] || fail "a chroot needs root"
command -v debootstrap >/dev/null || fail "debootstrap is missing: apt-get install debootstrap"

bare=${ROOT:-}
if [ -z "$bare" ]; then
  bare=$(mktemp -d --tmpdir body4d-bare-XXXXXX)
  trap 'rm -rf "$bare"' EXIT
fi
if [ ! -e "$bare/.ready" ]; then
  mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null |
    sed -n 's/^[^#]*\(https\?:[^ ]*debian\)[/ ].*/\1/p;s/^[^#]*\(https\?:[^ ]*debian\)$/\1/p' | grep -v security | head -n 1 || true)
  printf '== a bare Debian 12 in %s\n' "$bare"
  debootstrap --variant=minbase --include=ca-certificates bookworm "$bare" ${mirror:+"$mirror"} >/dev/null
  cp -r /etc/apt/sources.list.d /etc/apt/apt.conf.d "$bare/etc/apt/"
  if [ -e /etc/apt/sources.list ]; then cp /etc/apt/sources.list "$bare/etc/apt/"
  elif [ -e "$bare/etc/apt/sources.list.d/debian.sources" ]; then rm -f "$bare/etc/apt/sources.list"; fi
  cp /etc/ssl/certs/ca-certificates.crt "$bare/etc/ssl/certs/"
  cp /etc/resolv.conf /etc/hosts "$bare/etc/" 2>/dev/null || true
  touch "$bare/.ready"
fi
cp "$deb" "$bare/mnt/body4d.deb"
cp "$video" "$bare/mnt/"
rm -rf "$bare/mnt/out"

# Mounts live in a name space of their own and go with the command, so that removing the folder is safe.
unshare --mount --propagation private bash -euc '
  bare=$1; shift
  for m in proc sys dev; do mount --rbind "/$m" "$bare/$m"; done
  proxies=$(env | grep -iE "^(https?|no)_proxy=" | tr "\n" " " || true)
  exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/mnt LANG=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive $proxies chroot "$bare" bash -euc "
      cd /mnt
      say() { printf \"== %s\n\" \"\$*\"; }
      say installing
      apt-get update -qq
      apt-get install -y -qq --reinstall ./body4d.deb >install.log 2>&1 || { tail -n 20 install.log; exit 1; }
      say body4d doctor
      body4d doctor
      say body4d run
      body4d run \"\$@\" -q -o out
      ls out/*.glb out/*.npz out/*_overlay.mp4 >/dev/null
      say body4d-studio
      apt-get install -y -qq --no-install-recommends xvfb xauth >install.log 2>&1
      QT_QPA_PLATFORM=xcb LIBGL_ALWAYS_SOFTWARE=1 timeout 120 xvfb-run -a body4d-studio --startup-time
    " bash "$@"' bash "$bare" "$(basename "$video")" "${work[@]}"
printf '== the package works\n'
