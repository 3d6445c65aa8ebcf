# SPDX-License-Identifier: Apache-2.0
"""Reads the tree once: which files there are, their text, and C++ without comments and strings."""

import dataclasses
import os
import re

FOLDERS = ("src", "tests", "proto", "docs", "cmake", "config", "docker", "bench", ".ci")
ROOT_FILES = ("README.md", "CMakeLists.txt", "CMakePresets.json", "dev")
SKIPPED_FOLDERS = ("__pycache__",)

# One pass over C++: raw strings, comments, strings, characters.
_TOKENS = re.compile(
    r'R"(?P<tag>[^()\\ ]*)\((?:.|\n)*?\)(?P=tag)"'
    r'|//[^\n]*'
    r'|/\*(?:.|\n)*?\*/'
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|(?<![0-9a-fA-F])'(?:[^'\\\n]|\\.)*'"
)


def _blank(match):
    text = match.group(0)
    spaces = re.sub(r"[^\n]", " ", text)
    if text[0] in "\"'R":  # keep the quotes: a string is still an operand
        return '"' + spaces[1:-1] + '"' if len(text) > 1 else text
    return spaces


@dataclasses.dataclass(frozen=True)
class Problem:
    """One broken rule, as it is printed."""

    path: str
    line: int
    rule: str
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: [{self.rule}] {self.text}"


class SourceFile:
    """One text file of the tree; `path` is relative to the root."""

    def __init__(self, path, text):
        self.path = path
        self.text = text
        self.lines = text.split("\n")
        if self.lines and self.lines[-1] == "":
            self.lines.pop()
        self._code = None

    @property
    def is_cpp(self):
        return self.path.endswith((".h", ".cc"))

    @property
    def room(self):
        """The room of a file below src/, else None."""
        parts = self.path.split("/")
        return parts[1] if parts[0] == "src" and len(parts) > 2 else None

    @property
    def code(self):
        """The text with comments and strings blanked; offsets and lines stay the same."""
        if self._code is None:
            self._code = _TOKENS.sub(_blank, self.text)
        return self._code

    def line_of(self, offset):
        return self.text.count("\n", 0, offset) + 1

    def problem(self, line, rule, text):
        return Problem(self.path, line, rule, text)


class Tree:
    """All text files of the repository that the rules look at."""

    def __init__(self, root):
        self.root = root
        self.files = [self._read(path) for path in sorted(self._walk())]
        self.by_path = {file.path: file for file in self.files}

    def _walk(self):
        for name in ROOT_FILES:
            if os.path.isfile(os.path.join(self.root, name)):
                yield name
        for folder in FOLDERS:
            for parent, folders, names in os.walk(os.path.join(self.root, folder)):
                folders[:] = [name for name in folders if name not in SKIPPED_FOLDERS]
                for name in names:
                    yield os.path.relpath(os.path.join(parent, name), self.root)

    def _read(self, path):
        with open(os.path.join(self.root, path), "rb") as file:
            data = file.read()
        binary = b"\0" in data
        return SourceFile(path, "" if binary else data.decode("utf-8", "replace"))

    def cpp(self, folder="src"):
        return [f for f in self.files if f.is_cpp and f.path.startswith(folder + "/")]
