#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The official Java driver at Tidemark: java_test.py TIDEMARK FOLDER. The driver is fetched by
Maven below FOLDER, in the version of tests/drivers/java/pom.xml."""

import pathlib
import sys

import servers


def main(binary, folder):
    folder = pathlib.Path(folder).resolve()
    command, reason = servers.java_program(folder)
    if reason is not None:
        print(f"SKIPPED Java driver: {reason}")
        return 0
    return servers.try_every_way(binary, command, folder)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
