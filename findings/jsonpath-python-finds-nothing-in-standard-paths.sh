#!/usr/bin/env bash
# PyPI's jsonpath-python 1.1.6, compared with python-jsonpath 2.2.2 and jsonpath-rfc9535 1.0.1.
#
# jsonpath-python answers standard (RFC 9535) paths with an empty list instead of an error: names in double quotes,
# `&&`, a negative index, a filter without parentheses. `!=` leaves out what lacks the field. A mapping of alert
# fields that was tried with another library matches nothing, silently. And it cannot be told from python-jsonpath
# at a glance: both install the module `jsonpath`, the one that comes later overwriting the other's files.
# One would have guessed: the same result, or a syntax error.
#
# Seen:
#                                                    python-jsonpath  jsonpath-rfc9535  jsonpath-python
#   $.alerts[0].labels['team']                       ['db']           ['db']            ['db']
#   $.alerts[0].labels["team"]                       ['db']           ['db']            []
#   $.alerts[-1].status                              ['resolved']     ['resolved']      []
#   $.alerts[?(@.status=='firing' && @.n>1)].n       [2]              [2]               []
#   $.alerts[?@.status=='firing'].n                  [2]              [2]               []
#   $.alerts[?(@.labels.team!='web')].n              [2, 3]           [2, 3]            [2]

set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
for package in python-jsonpath==2.2.2 jsonpath-rfc9535==1.0.1 jsonpath-python==1.1.6; do
  "$work/venv/bin/pip" -q install --disable-pip-version-check --target "$work/${package%%==*}" "$package"
done
cat > "$work/paths.py" <<'EOF'
import importlib
import sys

FIRING = {"status": "firing", "n": 2, "labels": {"team": "db"}}
RESOLVED = {"status": "resolved", "n": 3, "labels": {}}
ALERTS = {"alerts": [FIRING, RESOLVED]}
PATHS = (
    "$.alerts[0].labels['team']",
    '$.alerts[0].labels["team"]',
    "$.alerts[-1].status",
    "$.alerts[?(@.status=='firing' && @.n>1)].n",
    "$.alerts[?@.status=='firing'].n",
    "$.alerts[?(@.labels.team!='web')].n",
)
library = sys.argv[1]
module = importlib.import_module("jsonpath_rfc9535" if library == "jsonpath-rfc9535" else "jsonpath")
for path in PATHS:
    if library == "jsonpath-python":
        print(module.JSONPath(path).parse(ALERTS))
    elif library == "python-jsonpath":
        print(module.findall(path, ALERTS))
    else:
        print([node.value for node in module.find(path, ALERTS)])
EOF
ask() { PYTHONPATH=$work/$1 "$work/venv/bin/python" "$work/paths.py" "$1" > "$work/$1.told"; }
for library in python-jsonpath jsonpath-rfc9535 jsonpath-python; do ask "$library"; done
sed -n '/^PATHS/,/^)/s/^    .\(.*\).,$/\1/p' "$work/paths.py" > "$work/paths"
printf '%-48s %-16s %-17s %s\n' '' python-jsonpath jsonpath-rfc9535 jsonpath-python
paste -d'\t' "$work/paths" "$work/python-jsonpath.told" "$work/jsonpath-rfc9535.told" "$work/jsonpath-python.told" |
  while IFS=$'\t' read -r path first second third; do
    printf '%-48s %-16s %-17s %s\n' "$path" "$first" "$second" "$third"
  done
[[ $(sed -n 2p "$work/jsonpath-python.told") == '[]' ]] ||
  { echo 'not seen any more: double quotes are read' >&2; exit 1; }
