#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds the simulator with the planted bugs and lets it look for each of them.

usage: planted_bugs_test.py SOURCE_DIR BUILD_DIR
Prints a table: bug, seed that found it, seconds. Fails when a bug is not found, or when the same
configuration fails without its bug: then what failed was no evidence.
"""

import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import time

MAX_SEEDS = 2000
# At least so many runs without the bug, and all up to the one that found it.
MIN_SOUND_SEEDS = 20


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


def first_failure(simulator, bug, seeds, *flags):
    """The first seed that fails; 0: none."""
    done = subprocess.run([simulator, f"--bug={bug}", f"--seeds={seeds}", "--stop-at-failure",
                           "--json", *flags], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL)
    try:
        return json.loads(done.stdout)["first_failing_seed"]
    except (json.JSONDecodeError, KeyError):
        sys.exit(f"{bug}: the simulator ended with {done.returncode} and said {done.stdout!r}")


def look_for(simulator, bug):
    """The first seed that finds the bug, the seconds it took, and the first that fails without."""
    begin = time.monotonic()
    seed = first_failure(simulator, bug, MAX_SEEDS)
    seconds = time.monotonic() - begin
    return seed, seconds, first_failure(simulator, bug, max(seed, MIN_SOUND_SEEDS),
                                        "--without_bug")


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
    unsound = 0
    for bug, (seed, seconds, without) in zip(bugs, results):
        missed += seed == 0
        unsound += without != 0
        note = f"  but seed {without} fails without it" if without else ""
        print(f"{bug:60} {seed or 'none':>5} {seconds:8.1f}{note}")
    print(f"{len(bugs) - missed} of {len(bugs)} found within {MAX_SEEDS} seeds")
    return 1 if missed or unsound or not bugs else 0


if __name__ == "__main__":
    sys.exit(main())
