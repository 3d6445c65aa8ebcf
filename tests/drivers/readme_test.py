#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The beginning of the README as a newcomer types it, in an empty folder, to its end:
readme_test.py TIDEMARK FOLDER. The blocks are taken out of the README word for word; only the
folder /tmp and the ports become those of the test, so that nothing else on the machine is touched.
Programs of drivers that cannot be installed are left out, by name."""

import contextlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

import servers

README = pathlib.Path(__file__).resolve().parents[2] / "README.md"
OPEN_SECONDS = 60
SHOWS_WHO = "[:FOLLOWS]->(v:User) RETURN u.name AS who"


class Newcomer:
    def __init__(self, binary, folder, drivers):
        self.folder = pathlib.Path(folder).resolve()
        self.drivers = drivers  # where they are installed
        self.bolt, self.grpc = servers.free_port(), servers.free_port()
        text = README.read_text(encoding="utf-8")
        self.start = text[text.index("\n## Start\n"):text.index("\n### Copies\n")]
        self.said = re.findall(r"[Ee]ach prints `([^`]*)`", self.start)[0]
        self.variables = {**os.environ, "TIDEMARK_BOLT_PORT": str(self.bolt),
                          "TIDEMARK_GRPC_PORT": str(self.grpc),
                          "PATH": f"{pathlib.Path(binary).resolve().parent}:{os.environ['PATH']}"}

    def block(self, word, language=""):
        """The one block that has the word in it, as it is typed."""
        blocks = re.findall(r"^```(\w*)\n(.*?)^```$", self.start, re.S | re.M)
        found = [text for kind, text in blocks if kind == language and word in text]
        expect(len(found), 1, f"blocks of the README with {word}")
        return (found[0].replace("/tmp/", f"{self.folder}/").replace("7687", str(self.bolt))
                .replace("7690", str(self.grpc)))

    def type(self, text, address, limit_seconds=servers.LIMIT_SECONDS):
        """Runs what was typed to its end; what it printed."""
        print(text, flush=True)
        variables = {**self.variables, "TIDEMARK_ADDRESS": f"127.0.0.1:{address}"}
        result = subprocess.run(["bash", "-e", "-c", text], cwd=self.folder, env=variables,
                                stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                timeout=limit_seconds, check=False)
        print(result.stdout + result.stderr, flush=True)
        if result.returncode != 0:
            raise AssertionError(f"{text} ended with {result.returncode}")
        return result.stdout

    def shell(self, word):
        return self.type(self.block(word), self.bolt)

    @contextlib.contextmanager
    def cluster(self, line):
        """Starts what `line` says in a terminal of its own, until Ctrl-C or the end of all."""
        print(line, flush=True)
        with open(self.folder / "terminal", "w+b") as screen, subprocess.Popen(
                ["bash", "-c", f"exec {line}"], cwd=self.folder, env=self.variables,
                stdin=subprocess.DEVNULL, stdout=screen, stderr=screen,
                start_new_session=True) as process:
            try:
                self.wait_for(f"ready bolt://127.0.0.1:{self.bolt}")
                self.wait_for(f"ready grpc://127.0.0.1:{self.grpc}")
                yield process
                if process.poll() is None:
                    process.send_signal(signal.SIGINT)
                    expect(process.wait(servers.LIMIT_SECONDS), 0, "Ctrl-C")
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)

    def wait_for(self, text):
        end = time.monotonic() + OPEN_SECONDS
        while text not in (self.folder / "terminal").read_text(errors="replace").splitlines():
            if time.monotonic() > end:
                raise AssertionError(f"the cluster never said {text}")
            time.sleep(0.05)

    def run_program(self, language, name, command):
        (self.folder / name).write_text(self.block("neo4j", language), encoding="utf-8")
        expect(self.type(f"{command} {name}", self.bolt), self.said + "\n", name)


def expect(found, wanted, what):
    if found != wanted:
        raise AssertionError(f"{what}: {found!r}, not {wanted!r}")


def shows(text, *words):
    for word in words:
        if word not in text:
            raise AssertionError(f"{word} is not in {text!r}")


def run_programs(newcomer):
    """Those whose drivers can be had; without any the shell writes what they would."""
    reason = servers.why_without_drivers(newcomer.drivers)
    if reason is None:
        modules = servers.program_folder(newcomer.drivers) / "node_modules"
        (newcomer.folder / "node_modules").symlink_to(modules)
        newcomer.run_program("js", "first.mjs", "node")
    else:
        print(f"left out: first.mjs ({reason})")
    python, missing = servers.python_with_driver(newcomer.drivers)
    if missing is None:
        newcomer.run_program("python", "first.py", python)
    else:
        print(f"left out: first.py ({missing})")
    if reason is not None and missing is not None:
        newcomer.type("tidemark shell -c \"CREATE (:User {name: 'Ann'})-[:FOLLOWS]->"
                      "(:User {name: 'Bob'})\"", newcomer.bolt)


def pids(newcomer):
    """Of the master and the workers, by the status."""
    status = newcomer.type("tidemark status", newcomer.grpc)
    shows(status, "open", "master", "worker 1", "worker 2", "worker 3")
    return [int(pid) for pid in re.findall(r"pid (\d+)", status)]


def kill_a_worker(newcomer):
    killed = pids(newcomer)[2]
    os.kill(killed, signal.SIGKILL)
    end = time.monotonic() + OPEN_SECONDS
    while True:
        with contextlib.suppress(AssertionError):  # it is not open yet
            if killed not in pids(newcomer):
                break
        if time.monotonic() > end:
            raise AssertionError("the cluster did not start its worker again")
        time.sleep(0.2)
    shows(newcomer.shell(SHOWS_WHO), "Ann", "Bob")


def main(binary, drivers):
    drivers = pathlib.Path(drivers).resolve()
    drivers.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=drivers) as folder:
        newcomer = Newcomer(binary, folder, drivers)
        start = newcomer.block("--synchronous-commit").splitlines()[-1]
        with newcomer.cluster(start) as process:
            pids(newcomer)
            shows(newcomer.shell("Cleo"), "name", "Cleo")
            run_programs(newcomer)
            kill_a_worker(newcomer)
            for pid in [process.pid, *pids(newcomer)]:
                os.kill(pid, signal.SIGKILL)
            process.wait(servers.LIMIT_SECONDS)
        with newcomer.cluster(start):
            shows(newcomer.shell(SHOWS_WHO), "Ann", "Bob")
        loading = newcomer.block("users.csv").splitlines()
        newcomer.type("\n".join(loading[:-1]), newcomer.bolt)
        with newcomer.cluster(loading[-1]):
            shows(newcomer.shell("[:LINK]->"), "Ann", "Bob")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
