#!/usr/bin/env bash
# PyPI's huey 3.5.4, the crontab() of its periodic tasks.
#
# Of a list, what crontab() does not understand is dropped without a word: `hour='9, 17'` runs at 9 only, for the blank
# that everybody writes behind a comma in Python, and `day_of_week='1,3,fri'` leaves Friday out. It is refused only
# where nothing is left of the field, so that `fri` alone is an error, and it hides that a list was not read;
# `strict=True`, which is not the default, refuses all of these.
# One would have guessed: understood, or refused, alone and in a list alike.
#
# Seen:
#                                        as it comes               strict=True
#   hour='9, 17'                         9                         ValueError
#   minute='0, 20, 40'                   0                         ValueError
#   minute='0,30-50/10,5/25'             0 30 40 50                ValueError
#   day_of_week='1,3,fri'                Mon Wed                   ValueError
#   day_of_week='fri'                    ValueError                ValueError

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check huey==3.5.4

"$work/venv/bin/python" - <<'END_OF_PYTHON' | tee "$work/told"
from datetime import datetime, timedelta

from huey import crontab

WEEK = [datetime(2026, 11, 2) + timedelta(minutes=minute) for minute in range(7 * 24 * 60)]
SHOWN = {"hour": "{:%-H}", "minute": "{:%-M}", "day_of_week": "{:%a}"}


def told(field, text, strict):
    try:
        is_due = crontab(**{field: text}, strict=strict)
    except ValueError:
        return "ValueError"
    return " ".join(dict.fromkeys(SHOWN[field].format(at) for at in WEEK if is_due(at)))


print(f"{'':36} {'as it comes':25} strict=True")
for field, text in (
    ("hour", "9, 17"),
    ("minute", "0, 20, 40"),
    ("minute", "0,30-50/10,5/25"),
    ("day_of_week", "1,3,fri"),
    ("day_of_week", "fri"),
):
    print(f"{field + '=' + repr(text):36} {told(field, text, False):25} {told(field, text, True)}")
END_OF_PYTHON
grep -Eq "^hour='9, 17' +9 +ValueError" "$work/told" ||
  { echo 'not seen any more: 9, 17 is both or refused' >&2; exit 1; }
