#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The pages stay true: links lead somewhere, files and functions that are named exist."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
# Pages whose every `Class::Function` must be found in src/.
NAMING_PAGES = ["docs/life-of-a-commit.md", "docs/architecture.md", "docs/import.md"]


def code_words():
    """Every word of src/."""
    words = set()
    for path in (ROOT / "src").rglob("*"):
        if path.suffix in (".h", ".cc"):
            words.update(re.findall(r"\w+", path.read_text(encoding="utf-8")))
    return words


class Documents(unittest.TestCase):
    def test_links(self):
        for page in PAGES:
            text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)
            for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
                if "://" not in target:
                    self.assertTrue((page.parent / target).exists(), f"{page}: {target}")

    def test_files_that_are_named_exist(self):
        for page in PAGES:
            text = page.read_text(encoding="utf-8")
            for path in re.findall(r"`((?:src|tests|proto|docs|config|docker)/[\w./-]+)`", text):
                self.assertTrue((ROOT / path).exists(), f"{page}: {path}")

    def test_functions_that_are_named_exist(self):
        words = code_words()
        for name in NAMING_PAGES:
            text = (ROOT / name).read_text(encoding="utf-8")
            for names in re.findall(r"[`( ]([A-Za-z]\w*(?:::\w+)+)[`),]", text):
                for word in names.split("::"):
                    self.assertIn(word, words, f"{name}: {names}")

    def test_every_page_can_be_reached(self):
        texts = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
        for page in PAGES[1:]:
            folder = page.parent.name + ")"
            self.assertTrue(f"{page.name})" in texts or f"{folder}" in texts, page)


if __name__ == "__main__":
    unittest.main()
