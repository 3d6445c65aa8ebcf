# SPDX-License-Identifier: Apache-2.0
"""Finds functions and classes in clang-formatted C++ by following braces.

A scope is opened by `{`; what stands before it (its head) says what it is. Inside a function
nothing is looked at, so a function's length includes its lambdas and local classes.
"""

import dataclasses
import re

_CONTROL = re.compile(r"^\s*(?:if|for|while|switch|do|else|return)\b")
_CLASS = re.compile(r"(?:^|[;}\s>])(class|struct|union)\s+"
                    r"(?:\[\[[^\]]*\]\]\s*|alignas\([^)]*\)\s*)?"
                    r"(\w[\w:]*(?:<[^{]*>)?)\s*(?:final\s*)?(?::(?!:)[^{;]*)?$")
_ENUM = re.compile(r"(?:^|\s)enum\b")
_NAMESPACE = re.compile(r"(?:^|\s)(?:inline\s+)?namespace\b|extern\s*\"")
_NAME_AND_PAREN = re.compile(r"(operator\s*(?:\(\)|[^\w\s(]+|\w[\w:<>]*[*&]?)|~?\w[\w:]*)\s*\(")
_NO_FUNCTION_NAMES = frozenset({
    "decltype", "alignas", "noexcept", "requires", "explicit", "sizeof", "static_assert",
    "__attribute__", "if", "for", "while", "switch", "return", "operator"})


@dataclasses.dataclass(frozen=True)
class Function:
    name: str
    first_line: int
    last_line: int  # the closing brace; first_line for a declaration
    parameter_count: int

    @property
    def line_count(self):
        return self.last_line - self.first_line + 1


@dataclasses.dataclass(frozen=True)
class Class:
    kind: str
    name: str
    line: int
    is_nested: bool
    is_anonymous: bool  # in an unnamed namespace


def blank_preprocessor(code):
    """Directives and their continuation lines become empty lines."""
    return re.sub(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*",
                  lambda m: re.sub(r"[^\n]", " ", m.group(0)), code, flags=re.MULTILINE)


def _matching(text, start, opening, closing):
    """Offset of the bracket that closes the one at `start`, or -1."""
    depth = 0
    for i in range(start, len(text)):
        if text[i] == opening:
            depth += 1
        elif text[i] == closing:
            depth -= 1
            if depth == 0:
                return i
    return -1


def _parameter_count(parameters):
    if not parameters.strip() or parameters.strip() == "void":
        return 0
    depth, count = 0, 1
    text = parameters.replace("->", "  ")
    for c in text:
        if c in "([{<":
            depth += 1
        elif c in ")]}>":
            depth -= 1
        elif c == "," and depth == 0:
            count += 1
    return count


def signature(head):
    """(name, parameter count) when `head` ends a function's declaration, else None."""
    head = re.sub(r"\[\[.*?\]\]", lambda m: " " * len(m.group(0)), head, flags=re.DOTALL)
    head = re.sub(r"\b(?:public|protected|private):", "", head)
    if re.match(r"\s*(?:using|typedef|return|goto|friend class)\b", head):
        return None
    for match in _NAME_AND_PAREN.finditer(head):
        name = match.group(1)
        if name in _NO_FUNCTION_NAMES:
            continue
        before = head[:match.start()]
        if "=" in re.sub(r"operator\s*[=!<>]+|<[^<>]*>", "", before):
            return None  # the initializer of a variable
        end = _matching(head, match.end() - 1, "(", ")")
        if end < 0:
            return None
        return name, _parameter_count(head[match.end():end])
    return None


def _is_macro(name):
    return bool(re.fullmatch(r"[A-Z][A-Z0-9_]+", name)) or name.startswith(("DEFINE_", "DECLARE_"))


class Scanner:
    """One pass over a file's code; fills `functions` and `classes`."""

    def __init__(self, code):
        self._code = blank_preprocessor(code)
        self.functions = []
        self.classes = []
        self._stack = []  # (kind, offset of the head, signature)
        self._head = 0    # where the current head begins
        self._scan()

    def _line(self, offset):
        return self._code.count("\n", 0, offset) + 1

    def _scan(self):
        parens = 0
        for match in re.finditer(r"[{}();]", self._code):
            c, at = match.group(0), match.start()
            if c == "(":
                parens += 1
            elif c == ")":
                parens -= 1
            elif c == "{":
                self._open(at, parens)
            elif c == "}":
                self._close(at)
            elif parens == 0:
                self._declaration(at)

    def _in_function(self):
        return any(kind in ("function", "body") for kind, _, _ in self._stack)

    def _open(self, at, parens):
        head = self._code[self._head:at]
        # clang-format puts no space before the brace of an initializer, one before a body.
        is_initializer = parens > 0 or (at > 0 and self._code[at - 1] not in " \n")
        if self._in_function():
            self._stack.append(("inner", self._head, None))
        elif is_initializer:
            self._stack.append(("initializer", self._head, None))
            return
        else:
            self._stack.append((*self._classify(head),))
        self._head = at + 1

    def _classify(self, head):
        start = self._head + len(head) - len(head.lstrip())
        found = _CLASS.search(head.rstrip())
        if _NAMESPACE.search(head):
            named = re.search(r"namespace\s+\w", head)
            return ("namespace" if named or "extern" in head else "anonymous"), start, None
        if _ENUM.search(head):
            return "enum", start, None
        if found and "(" not in re.sub(r"alignas\([^)]*\)|<[^>]*>", "", found.group(0)):
            kinds = [kind for kind, _, _ in self._stack]
            line = self._line(self._head + found.start(1))
            self.classes.append(Class(found.group(1), found.group(2), line, "class" in kinds,
                                      "anonymous" in kinds))
            return "class", start, None
        if re.search(r"\]\s*(?:\(|$)", head.rstrip()) and "=" in head:  # a named lambda
            name = re.search(r"(\w+)\s*=", head)
            return "function", start, (name.group(1) if name else "lambda", 0)
        found = signature(head)
        if found and not _CONTROL.match(head):
            return "function", start, found
        return "body" if "=" not in head else "initializer", start, None

    def _close(self, at):
        if not self._stack:
            return
        kind, start, found = self._stack.pop()
        if kind == "function":
            self.functions.append(Function(found[0], self._line(start), self._line(at),
                                           0 if _is_macro(found[0]) else found[1]))
        if kind != "initializer":
            self._head = at + 1

    def _declaration(self, at):
        if self._in_function() or any(kind == "initializer" for kind, _, _ in self._stack):
            return
        head = self._code[self._head:at]
        found = signature(head)
        if found and not _is_macro(found[0]):
            line = self._line(self._head + len(head) - len(head.lstrip()))
            self.functions.append(Function(found[0], line, line, found[1]))
        self._head = at + 1
