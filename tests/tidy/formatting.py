# SPDX-License-Identifier: Apache-2.0
"""Every C++ file is formatted by the repository's .clang-format."""

import concurrent.futures
import os
import re
import shutil
import subprocess

_BATCH_COUNT = 16


def is_available():
    return shutil.which("clang-format") is not None


def _unformatted(root, paths):
    result = subprocess.run(["clang-format", "--dry-run", "--ferror-limit=1", *paths], cwd=root,
                            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return re.findall(r"^(\S+?):(\d+):\d+: \w+: code should be clang-formatted", result.stderr,
                      re.MULTILINE)


def check_format(tree):
    if not is_available():
        return
    paths = [file.path for file in tree.files if file.is_cpp]
    batches = [paths[i:i + _BATCH_COUNT] for i in range(0, len(paths), _BATCH_COUNT)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for found in pool.map(lambda batch: _unformatted(tree.root, batch), batches):
            for path in sorted({path for path, _ in found}):
                line = min(int(line) for p, line in found if p == path)
                yield tree.by_path[path].problem(line, "format", "run ./dev format")
