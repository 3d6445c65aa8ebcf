#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""openCypher's kit through an official driver: kit_test.py TIDEMARK FOLDER KIT [SUBFOLDER...].

KIT, or TIDEMARK_TCK, is a folder with features/, graphs/ and run.mjs, which takes a Bolt address,
a folder of features, --graphs, --folders and --verbose. Passed and failed scenarios are printed for
each folder. What Tidemark does not run yet it has to refuse, saying so: a scenario that fails in
any other way fails the test.
"""

import os
import pathlib
import re
import subprocess
import sys

import servers

CLUSTERS = (("server", 1), ("cluster", 1), ("cluster", 3))
LIMIT_SECONDS = 900
REFUSED = "[NotSupported]"
# Of a folder or of all; those of single files are left out.
FIGURES = re.compile(r"(?:[\w/-]+: )?\d+ passed, \d+ failed")


def run_features(address, features, kit, folder):
    """The scenarios that were refused and those that failed otherwise; prints all figures."""
    command = ["node", str(kit / "run.mjs"), f"bolt://{address}", str(features), "--graphs",
               str(kit / "graphs"), "--verbose", "--folders"]
    result = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True,
                            text=True, timeout=LIMIT_SECONDS, check=False)
    lines = result.stdout.splitlines()
    print("\n".join(x for x in lines if FIGURES.match(x)))
    if not lines or not FIGURES.match(lines[-1]) or lines[-1].startswith("0 passed"):
        return [], [f"the runner did not come to its end: {result.stderr}"]
    failed = [x for x in lines if x.startswith("FAIL ")]
    refused = [x for x in failed if REFUSED in x]
    print(f"{len(refused)} of the failed scenarios were refused as not supported yet", flush=True)
    return refused, [x for x in failed if REFUSED not in x]


def main(binary, folder, kit, parts):
    kit = pathlib.Path(os.environ.get("TIDEMARK_TCK", kit)).resolve()
    if not (kit / "run.mjs").is_file():
        print(f"SKIPPED kit: no run.mjs in {kit}")
        return 0
    folder = pathlib.Path(folder).resolve()
    reason = servers.why_without_drivers(folder)
    if reason is not None:
        print(f"SKIPPED kit: {reason}")
        return 0
    refused = {}
    wrong = []
    program_folder = servers.program_folder(folder)
    for kind, workers in CLUSTERS:
        with servers.tidemark(binary, kind, workers, [], folder) as address:
            for part in parts or [""]:
                print(f"--- {kind} with {workers} workers: features/{part}", flush=True)
                some = run_features(address, kit / "features" / part, kit, program_folder)
                refused.setdefault(part, {})[kind, workers] = some[0]
                wrong += some[1]
    for part, by_place in refused.items():
        first = next(iter(by_place.values()))
        print(f"--- not supported yet, features/{part}", *first, sep="\n")
        wrong += [f"other scenarios are refused by {kind} with {workers} workers"
                  for (kind, workers), lines in by_place.items() if lines != first]
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4], sys.argv[4:]))
