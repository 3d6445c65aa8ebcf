#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the processor seconds that each room took to compile: build_cost.py LOG [COMPILER].

LOG has a line "USER SYSTEM OBJECT" per compilation (cmake/timed.sh). One machine needs three times
as long as another one, so a room is allowed so many times what a small file takes here and now.
The limit is twice what a room takes, so that only a real step backwards is found, such as a large
header that every file includes. Files that came from the compiler cache cost next to nothing, so a
warm build always passes.
"""

import re
import resource
import subprocess
import sys
import tempfile

MAX_TIMES_SAMPLE = 150
_SAMPLE = """
#include <algorithm>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

int main(int count, char** arguments) {
  std::map<std::string, std::vector<int>> places;
  std::unordered_map<std::string, std::function<void()>> calls;
  for (int i = 0; i < count; ++i) {
    places[arguments[i]].push_back(i);
    calls[arguments[i]] = [&places] { std::cout << places.size(); };
  }
  for (auto& [name, call] : calls) call();
  for (auto& [name, all] : places) std::sort(all.begin(), all.end());
}
"""
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


def sample_seconds(compiler):
    """What the sample takes, the better of two times."""
    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        output = folder + "/sample.o"
        command = [compiler, "-std=c++20", "-O2", "-x", "c++", "-c", "-", "-o", output]
        for _ in range(2):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(command, input=_SAMPLE, text=True, check=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(seconds)


def main(arguments):
    with open(arguments[0], encoding="utf-8") as log:
        totals = seconds_by_target(log)
    print("seconds  units  target")
    for target, (count, seconds) in sorted(totals.items(), key=lambda item: -item[1][1]):
        print(f"{seconds:7.1f}  {count:5}  {target}")
    print(f"{sum(seconds for _, seconds in totals.values()):7.1f}  processor seconds in all")
    sample = sample_seconds(arguments[1] if len(arguments) > 1 else "c++")
    allowed = MAX_TIMES_SAMPLE * sample
    print(f"{sample:7.1f}  processor seconds for a small file, {allowed:.0f} allowed for a room")
    slow = sorted(t for t, (_, seconds) in totals.items() if seconds > allowed)
    for target in slow:
        print(f"{target} took {totals[target][1]:.0f} processor seconds, {allowed:.0f} are "
              "allowed: look for a new heavy header (-ftime-report), or split the room")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
