#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Official drivers against the real binary: graph_test.py TIDEMARK FOLDER.

A server with one worker and a cluster of three, each with the drivers of drivers_test.py.
"""

import pathlib
import shutil
import socket
import subprocess
import sys

import drivers_test

START_SECONDS = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(tidemark, kind, workers, folder):
    """The process and its Bolt address, once it is ready."""
    data = folder / f"data-{kind}"
    shutil.rmtree(data, ignore_errors=True)
    command = [tidemark, kind, f"--data-dir={data}", f"--workers={workers}",
               f"--bolt-port={free_port()}", f"--grpc-port={free_port()}"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                               stdin=subprocess.DEVNULL, text=True)
    address = None
    for line in process.stdout:
        if line.startswith("ready bolt://"):
            address = line.strip().removeprefix("ready bolt://")
        if line.startswith("ready grpc://"):
            break
    return process, address


def try_graph(tidemark, kind, workers, folder):
    """0 when all drivers pass."""
    failed = 0
    for driver in drivers_test.DRIVERS:
        process, address = start(tidemark, kind, workers, folder)
        try:
            if address is None:
                print(f"{kind} did not start")
                return 1
            failed |= drivers_test.run(["node", "--test", "--test-reporter=spec",
                                        "graph_test.mjs"], folder,
                                       {"BOLT_ADDRESS": address, "BOLT_DRIVER": driver})
        finally:
            process.terminate()
            process.wait(timeout=START_SECONDS)
    return failed


def main(tidemark, folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.which("node") is None or shutil.which("npm") is None:
        print("SKIPPED drivers: node and npm are not installed")
        return 0
    if not drivers_test.install(folder):
        print("SKIPPED drivers: npm cannot install them (no registry)")
        return 0
    shutil.copyfile(drivers_test.SOURCES / "graph_test.mjs", folder / "graph_test.mjs")
    return try_graph(tidemark, "server", 1, folder) | try_graph(tidemark, "cluster", 3, folder)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
