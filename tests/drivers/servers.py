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

SOURCES = pathlib.Path(__file__).resolve().parent
INSTALL = ["npm", "install", "--no-audit", "--no-fund", "--silent", "--prefer-offline",
           "--fetch-retries=1", "--fetch-timeout=20000"]
FETCH_JAVA = ["mvn", "-B", "-q", "-Dmaven.wagon.http.retryHandler.count=1",
              "dependency:copy-dependencies", "-DoutputDirectory=."]
JAVA_VERSION = (17,)
GO_VERSION = (1, 18)
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
        shutil.copyfile(SOURCES / "javascript" / name, folder / name)
    wanted = (SOURCES / "javascript" / "package.json").read_text(encoding="utf-8")
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
    requirements = SOURCES / "python" / "requirements.txt"
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


def version_of(command):
    """The version that a program prints, as numbers; () when there is no such program."""
    if shutil.which(command[0]) is None:
        return ()
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    found = re.search(r"\d+(\.\d+)*", said)
    return tuple(int(part) for part in found.group().split(".")) if found else ()


def fetch_java_driver(libraries):
    """Fetches the Java driver and what it needs into a folder; why not, or nothing."""
    wanted = (SOURCES / "java" / "pom.xml").read_text(encoding="utf-8")
    stamp = libraries / "installed"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return None
    shutil.rmtree(libraries, ignore_errors=True)
    libraries.mkdir(parents=True)
    shutil.copyfile(SOURCES / "java" / "pom.xml", libraries / "pom.xml")
    try:
        if run(FETCH_JAVA, libraries) != 0:
            return "Maven cannot fetch it (no registry)"
    except subprocess.TimeoutExpired:
        return "Maven does not come to an end (no registry)"
    stamp.write_text(wanted, encoding="utf-8")
    return None


def java_program(folder):
    """The command of tests/drivers/java, built below folder with the Java driver; or why not."""
    if version_of(["javac", "-version"]) < JAVA_VERSION or shutil.which("mvn") is None:
        return None, "a JDK of version 17 and Maven are not installed"
    libraries = folder / "java"
    classes = ["-cp", f"{libraries}/*:{libraries}"]
    compiler = ["javac", "-d", libraries, *classes, SOURCES / "java" / "GraphTest.java"]
    reason = fetch_java_driver(libraries)
    if reason is not None:
        return None, reason
    if run(compiler, libraries) != 0:
        raise RuntimeError("the program of tests/drivers/java cannot be built")
    return ["java", *classes, "GraphTest"], None


def go_program(folder):
    """The command of tests/drivers/go, built below folder with the Go driver; or why not."""
    if version_of(["go", "version"]) < GO_VERSION:
        return None, "go of version 1.18 or newer is not installed"
    module = folder / "go"
    shutil.copytree(SOURCES / "go", module, dirs_exist_ok=True)
    environment = {"GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly", "GOWORK": "off"}
    try:
        if run(["go", "mod", "download"], module, environment) != 0:
            return None, "go cannot fetch it (no registry)"
    except subprocess.TimeoutExpired:
        return None, "go does not come to an end (no registry)"
    if run(["go", "test", "-c", "-o", "graph.test", "."], module, environment) != 0:
        raise RuntimeError("the program of tests/drivers/go cannot be built")
    return [module / "graph.test", "-test.v"], None


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


def try_every_way(binary, command, folder):
    """0 when a program passes at one process, with TLS and a login, and at a cluster."""
    make_certificate(folder)
    cert, key, password = (folder / name for name in ("cert.pem", "key.pem", "password"))
    password.write_text("secret\n", encoding="utf-8")
    secure = [f"--tls-ca={cert}", f"--tls-cert={cert}", f"--tls-key={key}", "--auth-user=ann",
              f"--auth-password-file={password}"]
    login = {"BOLT_TLS": "1", "BOLT_USER": "ann", "BOLT_PASSWORD": "secret"}
    failed = 0
    for kind, workers, options, environment in (
            ("server", 2, [], {}), ("server", 1, secure, login), ("cluster", 3, [], {})):
        with tidemark(binary, kind, workers, options, folder) as address:
            print(f"--- {kind} with {workers} workers", flush=True)
            failed |= run(command, folder, {"BOLT_ADDRESS": address, **environment})
    return failed
