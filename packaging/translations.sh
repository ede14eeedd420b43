#!/usr/bin/env bash
# Brings resources/translations/*.ts up to date with the texts of the window, or says what is missing there. Needs lupdate
# (Debian: qt6-l10n-tools).
#
#   packaging/translations.sh            new texts come in as unfinished, those that are gone go out
#   packaging/translations.sh --check    changes nothing; ends with 1 where a file is not up to date or not complete
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
check=no
case ${1:-} in
  '') ;;
  --check) check=yes ;;
  -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; exit 0 ;;
  *) printf 'translations: unknown option %s (see --help)\n' "$1" >&2; exit 2 ;;
esac
lupdate=$(PATH=$PATH:/usr/lib/qt6/bin type -P lupdate) || { printf 'translations: lupdate is not there (package qt6-l10n-tools)\n' >&2; exit 2; }
folder=$root/resources/translations
if [ $check = yes ]; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  cp "$root"/resources/translations/*.ts "$folder"
fi
cd "$root"
# Line numbers would change the files with every edit of the sources.
update() { "$lupdate" -silent ui app/gui -I . -I core -locations none -no-obsolete -source-language en "$@"; }
update -target-language de -ts "$folder/body4d_de.ts"
update -target-language zh_CN -ts "$folder/body4d_zh_CN.ts"
update -target-language en -pluralonly -ts "$folder/body4d_en.ts" # "1 frame", "2 frames"
bad=0
for file in "$folder"/*.ts; do
  name=$(basename "$file")
  if [ $check = yes ] && ! cmp -s "$root/resources/translations/$name" "$file"; then
    diff -u "$root/resources/translations/$name" "$file" | grep '^[+-]' | head -n 40 >&2 || true
    printf 'translations: %s is not up to date\n' "$name" >&2
    bad=1
  fi
  if grep -q 'type="unfinished"' "$file"; then
    printf 'translations: %s lacks %s texts\n' "$name" "$(grep -c 'type="unfinished"' "$file")" >&2
    bad=1
  fi
done
exit $bad
