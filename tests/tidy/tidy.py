#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the rules of the house: tidy.py [ROOT]. Prints one line per problem, exits 0 or 1."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import anonymous  # noqa: E402
import calls  # noqa: E402
import formatting  # noqa: E402
import protocols  # noqa: E402
import rows  # noqa: E402
import sizes  # noqa: E402
import source  # noqa: E402
import texts  # noqa: E402

CHECKS = (
    rows.check_arrows,
    rows.check_cycles,
    rows.check_cmake,
    anonymous.check_anonymous_names,
    calls.check_calls,
    calls.check_proto_maps,
    sizes.check_files,
    sizes.check_functions,
    texts.check_licence_line,
    texts.check_headers,
    texts.check_words,
    texts.check_versions,
    protocols.check_messages,
    formatting.check_format,
)


def problems_of(root):
    tree = source.Tree(str(root))
    found = [problem for check in CHECKS for problem in check(tree)]
    return sorted(found, key=lambda p: (p.path, p.line, p.rule, p.text)), len(tree.files)


def main(arguments):
    default = pathlib.Path(__file__).resolve().parents[2]
    root = pathlib.Path(arguments[0] if arguments else default)
    found, file_count = problems_of(root)
    for problem in found:
        print(problem)
    if not formatting.is_available():
        print("SKIPPED format: clang-format is not installed")
    print(f"tidy: {file_count} files, {len(found)} problems")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
