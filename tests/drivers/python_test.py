#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The official Python driver at Tidemark: python_test.py TIDEMARK FOLDER. The driver is installed
by pip below FOLDER, in the version of tests/drivers/python/requirements.txt."""

import pathlib
import sys

import servers


def main(binary, folder):
    folder = pathlib.Path(folder).resolve()
    python, reason = servers.python_with_driver(folder)
    if reason is not None:
        print(f"SKIPPED Python driver: {reason}")
        return 0
    command = [python, servers.SOURCES / "python" / "graph_test.py"]
    return servers.try_every_way(binary, command, folder)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
