# SPDX-License-Identifier: Apache-2.0
"""Release compiles the files of a room together: names in their anonymous namespaces differ."""

import re

_NAMESPACE = re.compile(r"^namespace ([\w:]+) \{")
_CONSTANT = re.compile(r"(?:inline |static )*(?:constexpr|const|constinit)\b[^=({]*?[ *&](\w+)"
                       r"(?:\[\w*\])?\s*(?:=|\{|\()")
_TYPE = re.compile(r"(?:(?:class|struct|union|enum class|enum)\s+(\w+)\b(?![^{]*;)|using (\w+) =)")
_FUNCTION = re.compile(r"[\w:][\w:<>,&*\[\] ]*?[ *&](\w+)\(")
_MACRO = re.compile(r"[A-Z][A-Z0-9_]*\(|DE(?:FINE|CLARE)_")


def _name(line):
    """(name, whether it is a function) of what a line without indentation declares, or None."""
    if not line or not (line[0].isalpha() or line[0] == "_") or _MACRO.match(line):
        return None
    found = _CONSTANT.match(line) or _TYPE.match(line)
    if found:
        return next(group for group in found.groups() if group), False
    found = _FUNCTION.match(line)
    return (found.group(1), True) if found else None


def _declarations(file):
    """(namespace, name, line) of what other files of a batch could mean by the same name."""
    namespace, is_anonymous, is_header = "", False, file.path.endswith(".h")
    for number, line in enumerate(file.code.split("\n"), 1):
        if match := _NAMESPACE.match(line):
            namespace = match.group(1)
        elif line.startswith("namespace {"):
            is_anonymous = True
        elif line.startswith("}") and is_anonymous and file.lines[number - 1] == "}  // namespace":
            is_anonymous = False
        elif found := _name(line):
            name, is_function = found
            if is_anonymous or (is_header and not is_function):
                yield namespace, name, number


def _batch(file):
    """Files with the same value may be compiled together."""
    return file.room or "tests"


def check_anonymous_names(tree):
    first = {}
    for file in tree.cpp() + tree.cpp("tests"):
        for namespace, name, number in _declarations(file):
            other = first.setdefault((_batch(file), namespace, name), file)
            if other is not file and (file.path.endswith(".cc") or other.path.endswith(".cc")):
                yield file.problem(number, "anonymous", f"{name} is also in {other.path}; release "
                                   "compiles both together, so give it a name of its own")
