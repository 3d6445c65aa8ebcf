#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks image, compose file and flag files as far as that goes without a container engine.

usage: deployment_test.py files|flags TIDEMARK_BINARY
`flags` compares every flag that these files and the README use with `tidemark COMMAND --help`.
"""

import pathlib
import re
import subprocess
import sys
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
FLAG_FILES = {"master.flags": ("master",), "worker.flags": ("worker",),
              "cluster.flags": ("cluster", "server")}
binary = None


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def compose():
    return yaml.safe_load(read("docker/compose.yaml"))


def flag_name(word):
    match = re.match(r"--(?:no-)?([a-z][a-z0-9-]*)", word)
    return match.group(1) if match else None


class Files(unittest.TestCase):
    def test_compose_has_a_master_and_three_workers(self):
        services = compose()["services"]
        self.assertEqual(sorted(services), ["master", "worker-1", "worker-2", "worker-3"])
        workers = next(w for w in services["master"]["command"] if w.startswith("--workers="))
        self.assertEqual(int(workers.split("=")[1]), len(services) - 1)

    def test_every_service_has_its_own_volume_and_the_secret(self):
        document = compose()
        volumes = []
        for name, service in document["services"].items():
            volumes += service["volumes"]
            self.assertIn("--data-dir=/data", service["command"], name)
            self.assertEqual(service["secrets"], ["cluster-secret"], name)
            self.assertIn("--cluster-secret-file=/run/secrets/cluster-secret", service["command"])
        self.assertEqual(len(set(volumes)), len(volumes))
        self.assertEqual({v.split(":")[0] for v in volumes}, set(document["volumes"]))
        self.assertEqual(list(document["secrets"]), ["cluster-secret"])

    def test_only_the_clients_ports_are_published_and_on_loopback(self):
        document = compose()
        self.assertTrue(document["networks"]["nodes"]["internal"])
        published = [p for s in document["services"].values() for p in s.get("ports", [])]
        self.assertEqual(published, ["127.0.0.1:7687:7687", "127.0.0.1:7690:7690"])
        for name, service in document["services"].items():
            self.assertEqual("clients" in service["networks"], name == "master")

    def test_image_is_built_in_two_stages_and_runs_without_root(self):
        lines = read("docker/Dockerfile").splitlines()
        stages = [line for line in lines if line.startswith("FROM ")]
        self.assertEqual(len(stages), 2)
        self.assertTrue(all("debian:12" in line for line in stages))
        last = lines.index(stages[-1])
        self.assertIn("USER tidemark", lines[last:])
        self.assertTrue(any(line.startswith("HEALTHCHECK") for line in lines[last:]))
        self.assertTrue(any('"status"' in line for line in lines[last:]))
        self.assertTrue(any(line.startswith("ENTRYPOINT") for line in lines[last:]))

    def test_image_exposes_what_is_published(self):
        exposed = re.search(r"^EXPOSE (.+)$", read("docker/Dockerfile"), re.M).group(1).split()
        for port in compose()["services"]["master"]["ports"]:
            self.assertIn(port.rsplit(":", 1)[1], exposed)

    def test_what_the_image_copies_exists(self):
        for match in re.finditer(r"^COPY (?!--from)(.+) \S+$", read("docker/Dockerfile"), re.M):
            for source in match.group(1).split():
                self.assertTrue((ROOT / source).exists(), source)

    def test_flag_files_hold_flags_and_comments_only(self):
        for name in FLAG_FILES:
            for line in read(f"config/{name}").splitlines():
                self.assertRegex(line, r"^(?:|# .*|#?--[a-z][a-z-]*(?:=\S+)?)$", name)


class Flags(unittest.TestCase):
    def defaults(self, command):
        """Every flag of a command with its default, None where the help names none."""
        result = subprocess.run([binary, command, "--help"], stdin=subprocess.DEVNULL,
                                capture_output=True, text=True, check=True)
        found = {}
        for flag, help_text in re.findall(r"^  (--\S+).*\n((?:      .*\n)+)", result.stdout, re.M):
            match = re.search(r"\(default: (.*)\)$", help_text.strip())
            found[flag_name(flag)] = match.group(1) if match else None
        return found

    def known(self, command):
        return set(self.defaults(command))

    def expect_known(self, command, words, where):
        used = {flag_name(word) for word in words} - {None}
        self.assertEqual(sorted(used - self.known(command)), [], f"{where}: {command}")

    def test_flag_files(self):
        for name, commands in FLAG_FILES.items():
            text = read(f"config/{name}")
            for command in commands:
                self.expect_known(command, re.findall(r"^(--\S+)", text, re.M), name)
            known = {}
            for command in reversed(commands):
                known.update(self.defaults(command))
            for flag, value in re.findall(r"^#--([a-z-]+)=(\S+)", text, re.M):
                self.assertIn(flag, known, name)
                self.assertIn(known[flag], (value, None), f"{name}: the default of --{flag}")

    def test_compose(self):
        for name, service in compose()["services"].items():
            self.expect_known(service["command"][0], service["command"][1:], name)

    def test_image(self):
        for words in re.findall(r"^(?:  )?CMD \[(.+)\]$", read("docker/Dockerfile"), re.M):
            words = re.findall(r'"([^"]+)"', words)
            words = words[1:] if words[0] == "tidemark" else words
            self.expect_known(words[0], words[1:], "Dockerfile")

    def test_commands_of_the_readme(self):
        text = read("README.md").replace("\\\n", " ")
        commands = re.findall(r"^(?:build/release/bin/)?tidemark (\w+)((?: .*)?)$", text, re.M)
        self.assertTrue(commands)
        for command, rest in commands:
            self.expect_known(command, rest.split("#")[0].split(), "README.md")


def main():
    global binary
    part, binary = sys.argv[1], sys.argv[2]
    if part == "flags" and not pathlib.Path(binary).is_file():
        print(f"SKIPPED deployment.flags: {binary} is not built")
        return 0
    tests = unittest.defaultTestLoader.loadTestsFromTestCase(Flags if part == "flags" else Files)
    return 0 if unittest.TextTestRunner().run(tests).wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
