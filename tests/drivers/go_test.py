#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The official Go driver at Tidemark: go_test.py TIDEMARK FOLDER. The driver is fetched by go into
its cache of modules, in the version of tests/drivers/go/go.mod."""

import pathlib
import sys

import servers


def main(binary, folder):
    folder = pathlib.Path(folder).resolve()
    command, reason = servers.go_program(folder)
    if reason is not None:
        print(f"SKIPPED Go driver: {reason}")
        return 0
    return servers.try_every_way(binary, command, folder)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
