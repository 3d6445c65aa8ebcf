#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds the simulator with the planted bugs and lets it look for each of them.

usage: planted_bugs_test.py SOURCE_DIR BUILD_DIR
Prints a table: bug, seed that found it, seconds. Fails when a bug is not found.
"""

import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import time

MAX_SEEDS = 2000


def build(source, folder):
    env = dict(os.environ, CCACHE_BASEDIR=str(source), CCACHE_NOHASHDIR="1")
    configure = ["cmake", "-S", str(source), "-B", str(folder), "-G", "Ninja",
                 "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_CXX_FLAGS_RELEASE=-O2 -g1",
                 "-DTIDEMARK_PLANTED_BUGS=ON", "-DTIDEMARK_BUILD_TESTS=OFF"]
    for command in (configure,
                    ["cmake", "--build", str(folder), "--target", "tidemark_sim"]):
        done = subprocess.run(command, env=env, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        if done.returncode != 0:
            sys.exit(done.stdout)
    return folder / "bin" / "tidemark_sim"


def look_for(simulator, bug):
    """The first seed that fails (0: none) and the seconds it took."""
    begin = time.monotonic()
    done = subprocess.run([simulator, f"--bug={bug}", f"--seeds={MAX_SEEDS}", "--stop-at-failure",
                           "--json"], text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        seed = json.loads(done.stdout)["first_failing_seed"]
    except (json.JSONDecodeError, KeyError):
        sys.exit(f"{bug}: the simulator ended with {done.returncode} and said {done.stdout!r}")
    return seed, time.monotonic() - begin


def main():
    source, folder = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    simulator = build(source, folder)
    listed = subprocess.run([simulator, "--bug=list"], text=True, stdout=subprocess.PIPE,
                            check=True).stdout
    bugs = [line.split(": ")[0] for line in listed.splitlines()]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda bug: look_for(simulator, bug), bugs))
    print(f"{'planted bug':60} {'seed':>5} {'seconds':>8}")
    missed = 0
    for bug, (seed, seconds) in zip(bugs, results):
        missed += seed == 0
        print(f"{bug:60} {seed or 'none':>5} {seconds:8.1f}")
    print(f"{len(bugs) - missed} of {len(bugs)} found within {MAX_SEEDS} seeds")
    return 1 if missed or not bugs else 0


if __name__ == "__main__":
    sys.exit(main())
