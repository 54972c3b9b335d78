#!/usr/bin/env bash
# Takes new texts of the sources into signalbox_zh_CN.ts (all) and signalbox_en.ts (those with a number: one and many) and
# drops those that are gone. Translations stay; new ones are `unfinished` until someone writes them.
# With a file: does so in that copy of the former instead, and leaves the latter alone.
set -euo pipefail
ts=$(realpath "${1:-$(dirname "${BASH_SOURCE[0]}")/signalbox_zh_CN.ts}")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

lupdate=$(command -v lupdate6 || command -v /usr/lib/qt6/bin/lupdate || command -v lupdate)
# Titles of charts and the stories of fire drills come from tables.
titles=$(mktemp -d)
trap 'rm -r "$titles"' EXIT
sed -n 's/.*"title": \("[^"]*"\).*/QT_TRANSLATE_NOOP("MetricFamilies", \1)/p' resources/metric-families.json >"$titles/titles.cpp"
sed -nE 's/.*"(title|briefing|task|fault|text|fasterPath)": ("([^"\\]|\\.)*").*/QT_TRANSLATE_NOOP("DrillStory", \2)/p' resources/drills.json \
  >>"$titles/titles.cpp"

# What is printed stays English, for scripts read it: app/cli, app/commands and app/console/tour are left out.
update() { # FILE LANGUAGE OPTION...
  "$lupdate" -silent -I . -locations none -no-obsolete -source-language en -target-language "$2" "${@:3}" \
    models services ui app/console/*.cpp app/console/*.h app/wiring "$titles/titles.cpp" -ts "$1" 2>&1 |
    { grep -v 'lacks Q_OBJECT macro' >&2 || true; }
  echo "$(grep -c 'type="unfinished"' "$1" || true) to translate in $(basename "$1")"
}
update "$ts" zh_CN
if (($# == 0)); then
  update "$(dirname "$ts")/signalbox_en.ts" en -pluralonly
fi
