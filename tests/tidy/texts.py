# SPDX-License-Identifier: Apache-2.0
"""Rules about text: licence line, header comments, words and references that do not belong."""

import re

import functions

SPDX = "SPDX-License-Identifier: Apache-2.0"
_LICENSED = (".h", ".cc", ".proto", ".py", ".sh")

# Written in two pieces, so that this file does not break its own rule.
_UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
_OUTSIDE = re.compile(r"\.\./sha" r"red\b|/wo" r"rk/|\b[Ii]ssue\s+#?\d")
# What a merge leaves where both sides changed the same lines.
_CONFLICT = re.compile(r"^(?:<{7}|>{7})(?:\s|$)")
_VERSION_IN_NAME = re.compile(r"\b(?!\w*[Ii]Pv[46])\w*(?:_v\d+|[a-z0-9]V\d+)\b")
_VERSION_IN_PATH = re.compile(r"[_-]v\d+\b")


def check_licence_line(tree):
    for file in tree.files:
        if file.path.endswith(_LICENSED):
            first = file.lines[0] if file.lines else ""
            if first.startswith("#!") and len(file.lines) > 1:
                first = file.lines[1]
            if first not in (f"// {SPDX}", f"# {SPDX}"):
                yield file.problem(1, "licence", f"the first line is not the comment {SPDX}")


def check_headers(tree):
    for file in tree.cpp():
        if not file.path.endswith(".h"):
            continue
        if "#pragma once" not in file.lines:
            yield file.problem(1, "pragma-once", "the header has no #pragma once")
        for found in functions.Scanner(file.code).classes:
            if found.kind != "class" or found.is_nested or found.is_anonymous:
                continue
            if not _has_comment(file, found.line):
                yield file.problem(found.line, "class-comment", f"class {found.name}: say purpose, "
                                   "owner, threads, errors and limits in a comment above it")


def _has_comment(file, line):
    """Whether a comment stands above `line`; template heads and attributes may stand between."""
    index = line - 2
    while index >= 0 and re.match(r"\s*(?:template\b|requires\b|\[\[)", file.lines[index]):
        index -= 1
    return index >= 0 and file.lines[index].lstrip().startswith("//")


def check_words(tree):
    for file in tree.files:
        in_tests = file.path.startswith("tests/")
        for number, line in enumerate(file.lines, 1):
            if _CONFLICT.match(line):
                yield file.problem(number, "conflict", "a merge conflict is not resolved")
            if match := _UNFINISHED.search(line):
                yield file.problem(number, "unfinished", f"{match.group(0)}: finish it or drop it")
            if not in_tests and (match := _OUTSIDE.search(line)):
                yield file.problem(number, "outside", f"{match.group(0)}: the repository speaks of "
                                   "itself only")


def check_versions(tree):
    for file in tree.files:
        if _VERSION_IN_PATH.search(file.path):
            yield file.problem(1, "version-in-name", f"{file.path}: names carry no version")
        if not file.is_cpp or file.path.startswith("tests/"):
            continue
        for match in _VERSION_IN_NAME.finditer(file.code):
            yield file.problem(file.line_of(match.start()), "version-in-name",
                               f"{match.group(0)}: names carry no version")
