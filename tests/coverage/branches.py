#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Branch coverage from what gcov counted: branches.py ROOT BUILD [--list=FILE ...].

Prints a table of branches taken, per file of the rooms below; then, for every file that --list
names (a part of its path), the decisions of which a way was never taken. A line counts when its
text decides something: if, for, while, case, ?, &&, || and the two macros that return an error.
What the compiler adds (destructors, exceptions) and CHECKs, which no test may break, do not count.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

ROOMS = ("storage", "durability", "txn", "session", "master", "worker")
_DECIDES = re.compile(r"\b(?:if|for|while|case|RETURN_IF_ERROR|ASSIGN_OR_RETURN)\b"
                      r"|\?|&&|\|\|")
_CHECK = re.compile(r"\bD?CHECK(?:_\w+)?\(")
_COMMENT = re.compile(r"//.*")


def counted_by_gcov(path):
    """The JSON document of one .gcda file."""
    command = ["gcov", "--json-format", "--stdout", "--branch-probabilities", path.name]
    result = subprocess.run(command, cwd=path.parent, capture_output=True, text=True, check=False)
    if result.returncode != 0 or not result.stdout.strip():
        raise SystemExit(f"gcov {path}: {result.stderr.strip()}")
    return [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]


def add_document(document, root, taken):
    """Adds the counts to taken[file][line] = [count of each way]."""
    for file in document["files"]:
        path = os.path.normpath(os.path.join(document["current_working_directory"], file["file"]))
        path = os.path.relpath(path, root)
        parts = path.split("/")
        if parts[0] != "src" or parts[1] not in ROOMS:
            continue
        for line in file["lines"]:
            ways = [way["count"] for way in line["branches"] if not way["throw"]]
            if not ways:
                continue
            sums = taken[path].setdefault(line["line_number"], [])
            sums.extend([0] * (len(ways) - len(sums)))
            for i, count in enumerate(ways):
                sums[i] += count


def decisions(root, path, lines):
    """(line, text, ways taken, ways) of the lines that decide something."""
    source = (root / path).read_text(encoding="utf-8").split("\n")
    for number in sorted(lines):
        text = source[number - 1].strip()
        code = _COMMENT.sub("", text)
        if _DECIDES.search(code) and not _CHECK.search(code):
            ways = lines[number]
            yield number, text, sum(1 for count in ways if count > 0), len(ways)


def share(taken, total):
    return f"{taken:6} {total:6} {100.0 * taken / total if total else 100.0:6.1f} %"


def print_table(files):
    print(" taken    all    share  file")
    rooms = collections.OrderedDict((room, [0, 0]) for room in ROOMS)
    for path, rows in sorted(files.items()):
        taken, total = sum(row[2] for row in rows), sum(row[3] for row in rows)
        print(f"{share(taken, total)}  {path}")
        rooms[path.split("/")[1]][0] += taken
        rooms[path.split("/")[1]][1] += total
    for room, (taken, total) in rooms.items():
        print(f"{share(taken, total)}  {room}")


def print_missing(files, names):
    for name in names:
        for path, rows in sorted(files.items()):
            if name not in path:
                continue
            for number, text, taken, total in rows:
                if taken < total:
                    print(f"{path}:{number}: {taken} of {total}: {text}")


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--list", action="append", default=[])
    return parser.parse_args(arguments)


def main(arguments):
    options = parse(arguments)
    root = options.root.resolve()
    counted = sorted(options.build.resolve().rglob("*.gcda"))
    if not counted:
        print(f"{options.build} has no .gcda files; build with TIDEMARK_COVERAGE and run tests")
        return 2
    taken = collections.defaultdict(dict)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for documents in pool.map(counted_by_gcov, counted):
            for document in documents:
                add_document(document, root, taken)
    files = {path: list(decisions(root, path, lines)) for path, lines in taken.items()}
    print_table(files)
    print_missing(files, options.list)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
