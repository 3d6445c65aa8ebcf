# SPDX-License-Identifier: Apache-2.0
"""Programs that serve Bolt, and the drivers that speak to them, for the tests of this folder."""

import contextlib
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile

SOURCES = pathlib.Path(__file__).resolve().parent / "javascript"
INSTALL = ["npm", "install", "--no-audit", "--no-fund", "--silent", "--prefer-offline",
           "--fetch-retries=1", "--fetch-timeout=20000"]
PYTHON_SOURCES = SOURCES.parent / "python"
LIMIT_SECONDS = 240
READY = re.compile(r"ready bolt(?:\+s)?://(\S+)")


def run(command, folder, environment=None, limit_seconds=LIMIT_SECONDS):
    return subprocess.run(command, cwd=folder, env={**os.environ, **(environment or {})},
                          stdin=subprocess.DEVNULL, timeout=limit_seconds, check=False).returncode


def why_without_drivers(folder):
    """Installs the drivers below folder, from npm's cache or the registry; why not, or nothing."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "node and npm are not installed"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "driver_test.mjs", "graph_test.mjs"):
        shutil.copyfile(SOURCES / name, folder / name)
    wanted = (SOURCES / "package.json").read_text(encoding="utf-8")
    stamp = folder / "installed"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return None
    try:
        if run(INSTALL, folder) != 0:
            return "npm cannot install them (no registry)"
    except subprocess.TimeoutExpired:
        return "npm does not come to an end (no registry)"
    stamp.write_text(wanted, encoding="utf-8")
    return None


def python_with_driver(folder):
    """A Python below folder that has the driver of its language; or why there is none."""
    environment = folder / "python"
    python = environment / "bin" / "python"
    requirements = PYTHON_SOURCES / "requirements.txt"
    wanted = requirements.read_text(encoding="utf-8")
    stamp = environment / "installed"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return python, None
    shutil.rmtree(environment, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
               "--retries=1", "--timeout=20", "-r", requirements]
    try:
        if run([sys.executable, "-m", "venv", environment], folder) != 0:
            return None, "python3-venv is not installed"
        if run(install, folder) != 0:
            return None, "pip cannot install it (no registry)"
    except subprocess.TimeoutExpired:
        return None, "pip does not come to an end (no registry)"
    stamp.write_text(wanted, encoding="utf-8")
    return python, None


def program_folder(folder):
    """Where programs find a driver by the name that it has in the registry."""
    link = folder / "programs" / "node_modules" / "neo4j-driver"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.exists():
        link.symlink_to(folder.resolve() / "node_modules" / "neo4j-driver-5")
    return folder / "programs"


def make_certificate(folder):
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
               "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
               "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
               "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def first_address(lines):
    """The host:port of the ready line of Bolt; everything before it is shown."""
    for line in lines:
        match = READY.match(line)
        if match:
            return match.group(1)
        print(line, end="")
    raise RuntimeError("the server has ended and never said that it serves Bolt")


@contextlib.contextmanager
def serving(command):
    """Runs a program that prints its ready line and stops by SIGTERM; gives host:port."""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          text=True) as process:
        try:
            yield first_address(process.stdout)
        finally:
            process.terminate()
            process.communicate(timeout=LIMIT_SECONDS)
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}")


@contextlib.contextmanager
def tidemark(binary, kind, workers, options, folder):
    """A server or cluster with an empty graph below folder; gives the host:port of Bolt."""
    with tempfile.TemporaryDirectory(dir=folder) as data:
        command = [binary, kind, f"--data-dir={data}/graph", f"--workers={workers}",
                   f"--bolt-port={free_port()}", f"--grpc-port={free_port()}", *options]
        with serving(command) as address:
            yield address
