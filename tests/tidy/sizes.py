# SPDX-License-Identifier: Apache-2.0
"""Sizes: a file or function that grows too long is two things. There is no list of exemptions."""

import functions

MAX_FUNCTION_LINES = 60
MAX_FILE_LINES = 500
MAX_LINE_CHARACTERS = 100
MAX_PARAMETERS = 5

_SUFFIXES = (".h", ".cc", ".py", ".proto", ".sh")


def _is_code(path):
    return path.endswith(_SUFFIXES) or path in ("dev", ".ci/run")


def check_files(tree):
    for file in tree.files:
        if not _is_code(file.path):
            continue
        if len(file.lines) > MAX_FILE_LINES:
            yield file.problem(MAX_FILE_LINES + 1, "file-size",
                               f"{len(file.lines)} lines; at most {MAX_FILE_LINES}")
        for number, line in enumerate(file.lines, 1):
            if len(line) > MAX_LINE_CHARACTERS:
                yield file.problem(number, "line-size",
                                   f"{len(line)} characters; at most {MAX_LINE_CHARACTERS}")


def check_functions(tree):
    for file in tree.files:
        if not file.is_cpp:
            continue
        for function in functions.Scanner(file.code).functions:
            if function.line_count > MAX_FUNCTION_LINES:
                yield file.problem(function.first_line, "function-size",
                                   f"{function.name} has {function.line_count} lines; "
                                   f"at most {MAX_FUNCTION_LINES}")
            if function.parameter_count > MAX_PARAMETERS:
                yield file.problem(function.first_line, "parameters",
                                   f"{function.name} has {function.parameter_count}; "
                                   f"at most {MAX_PARAMETERS}")
