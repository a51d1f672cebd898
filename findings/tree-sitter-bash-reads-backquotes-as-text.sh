#!/usr/bin/env bash
# PyPI's tree-sitter 0.26.1 with tree-sitter-bash 0.25.1, compared with shfmt-py 4.2.0 (shfmt 3.14.1).
#
# In a here-document, and in the default of `${name:-…}`, tree-sitter-bash takes a command in backquotes for plain
# text, while the same command as `$(…)` stands in its tree. bash runs both. No node is marked as an error, so an
# inventory of what a script runs, made from the tree, lacks it silently; in double quotes and in arithmetic
# backquotes are read.
# One would have guessed: the two ways to write a command substitution give the same tree wherever they may stand.
#
# Seen (is the command `date` in the tree?):
#                                        tree-sitter-bash  shfmt  what bash prints
#   "$(date +%Y)" in double quotes       yes               yes    the year
#   "`date +%Y`" in double quotes        yes               yes    the year
#   $(date +%Y) in a here-document       yes               yes    the year
#   `date +%Y` in a here-document        no                yes    the year
#   ${none:-$(date +%Y)}                 yes               yes    the year
#   ${none:-`date +%Y`}                  no                yes    the year

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check \
  tree-sitter==0.26.1 tree-sitter-bash==0.25.1 shfmt-py==4.2.0

PATH=$work/venv/bin:$PATH "$work/venv/bin/python" - <<'EOF'
import json
import subprocess
import sys
from datetime import date

import tree_sitter
import tree_sitter_bash

parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))
SCRIPTS = {
    '"$(date +%Y)" in double quotes': 'echo "$(date +%Y)"\n',
    '"`date +%Y`" in double quotes': 'echo "`date +%Y`"\n',
    "$(date +%Y) in a here-document": "cat <<END\n$(date +%Y)\nEND\n",
    "`date +%Y` in a here-document": "cat <<END\n`date +%Y`\nEND\n",
    "${none:-$(date +%Y)}": "echo ${none:-$(date +%Y)}\n",
    "${none:-`date +%Y`}": "echo ${none:-`date +%Y`}\n",
}


def tree_sitter_has(script):
    def names(node):
        if node.type == "command_name":
            yield node.text
        for child in node.children:
            yield from names(child)

    root = parser.parse(script.encode()).root_node
    assert not root.has_error
    return b"date" in names(root)


def shfmt_has(script):
    def calls(node):
        if isinstance(node, dict):
            if node.get("Type") == "CallExpr":
                yield node["Args"][0]["Parts"][0].get("Value")
            for value in node.values():
                yield from calls(value)
        elif isinstance(node, list):
            for value in node:
                yield from calls(value)

    told = subprocess.run(["shfmt", "--to-json"], input=script, capture_output=True, text=True, check=True).stdout
    return "date" in calls(json.loads(told))


def printed(script):
    told = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout
    return "the year" if told.strip() == str(date.today().year) else told


word = {True: "yes", False: "no"}
print(f"{'':<36} {'tree-sitter-bash':<17} {'shfmt':<6} what bash prints")
seen = []
for name, script in SCRIPTS.items():
    seen.append(tree_sitter_has(script))
    print(f"{name:<36} {word[seen[-1]]:<17} {word[shfmt_has(script)]:<6} {printed(script)}")
if seen != [True, True, True, False, True, False]:
    sys.exit("not seen any more: another command is in the tree, or is not")
EOF
