#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the processor seconds that each room took to compile: build_cost.py LOG.

LOG has a line "USER SYSTEM OBJECT" per compilation (cmake/timed.sh). Processor time hardly depends
on what else the machine does. The limit is far above what a room takes, so that only a real step
backwards is found, such as a large header that every file includes. Files that came from the
compiler cache cost next to nothing, so a warm build always passes.
"""

import re
import sys

MAX_ROOM_SECONDS = 90
_OBJECT = re.compile(r"(?:^|/)CMakeFiles/([^/]+)\.dir/")


def seconds_by_target(lines):
    """The newest compilation of each object counts."""
    newest = {}
    for line in lines:
        user, system, path = line.rstrip("\n").split(" ", 2)
        if _OBJECT.search(path):
            newest[path] = float(user) + float(system)
    totals = {}
    for path, seconds in newest.items():
        target = _OBJECT.search(path).group(1)
        count, total = totals.get(target, (0, 0.0))
        totals[target] = count + 1, total + seconds
    return totals


def main(arguments):
    with open(arguments[0], encoding="utf-8") as log:
        totals = seconds_by_target(log)
    print("seconds  units  target")
    for target, (count, seconds) in sorted(totals.items(), key=lambda item: -item[1][1]):
        print(f"{seconds:7.1f}  {count:5}  {target}")
    print(f"{sum(seconds for _, seconds in totals.values()):7.1f}  processor seconds in all")
    slow = sorted(t for t, (_, seconds) in totals.items() if seconds > MAX_ROOM_SECONDS)
    for target in slow:
        print(f"{target} took {totals[target][1]:.0f} processor seconds, {MAX_ROOM_SECONDS} are "
              "allowed: look for a new heavy header (-ftime-report), or split the room")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
