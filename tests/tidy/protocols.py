# SPDX-License-Identifier: Apache-2.0
"""Every message of proto/*.proto says what it is for and stands in a page of docs/protocols/."""

import re

_MESSAGE = re.compile(r"^\s*message\s+(\w+)")


def check_messages(tree):
    pages = "\n".join(f.text for f in tree.files if f.path.startswith("docs/protocols/"))
    words = set(re.findall(r"\w+", pages))
    for file in tree.files:
        if not file.path.endswith(".proto"):
            continue
        for number, line in enumerate(file.lines, 1):
            match = _MESSAGE.match(line)
            if not match:
                continue
            if number < 2 or not file.lines[number - 2].lstrip().startswith("//"):
                yield file.problem(number, "message-comment",
                                   f"message {match.group(1)}: say sender, receiver, retry rule")
            if match.group(1) not in words:
                yield file.problem(number, "message-page",
                                   f"message {match.group(1)} is in no page of docs/protocols/")
