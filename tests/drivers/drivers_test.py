#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Official drivers against a server: drivers_test.py SERVER FOLDER.

SERVER prints "ready bolt://HOST:PORT", serves until its input ends and knows the options of
tests/bolt_server. The drivers are installed by npm below FOLDER, in the versions of
tests/drivers/javascript/package.json.
"""

import os
import pathlib
import shutil
import subprocess
import sys

SOURCES = pathlib.Path(__file__).resolve().parent / "javascript"
DRIVERS = ("neo4j-driver-5", "neo4j-driver-6")
PAGE_DRIVER = "neo4j-driver-6/lib/browser/neo4j-web.esm.min.js"
INSTALL = ["npm", "install", "--no-audit", "--no-fund", "--silent", "--prefer-offline",
           "--fetch-retries=1", "--fetch-timeout=20000"]
LIMIT_SECONDS = 240


def run(command, folder, environment=None):
    return subprocess.run(command, cwd=folder, env={**os.environ, **(environment or {})},
                          stdin=subprocess.DEVNULL, timeout=LIMIT_SECONDS, check=False).returncode


def install(folder):
    """Whether the drivers are there; npm's cache or the registry has them."""
    for name in ("package.json", "driver_test.mjs"):
        shutil.copyfile(SOURCES / name, folder / name)
    wanted = (SOURCES / "package.json").read_text(encoding="utf-8")
    stamp = folder / "installed"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return True
    try:
        if run(INSTALL, folder) != 0:
            return False
    except subprocess.TimeoutExpired:
        return False
    stamp.write_text(wanted, encoding="utf-8")
    return True


def make_certificate(folder):
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
               "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
               "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def try_drivers(server, options, environment, drivers, folder):
    """0 when these drivers pass at a server with these options."""
    with subprocess.Popen([server, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as process:
        try:
            address = process.stdout.readline().strip().removeprefix("ready bolt://")
            failed = 0
            for driver in drivers:
                variables = {"BOLT_ADDRESS": address, "BOLT_DRIVER": driver, **environment}
                failed |= run(["node", "--test", "--test-reporter=spec", "driver_test.mjs"],
                              folder, variables)
            return failed
        finally:
            process.stdin.close()
            process.wait(timeout=LIMIT_SECONDS)


def main(server, folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.which("node") is None or shutil.which("npm") is None:
        print("SKIPPED drivers: node and npm are not installed")
        return 0
    if not install(folder):
        print("SKIPPED drivers: npm cannot install them (no registry)")
        return 0
    make_certificate(folder)
    failed = try_drivers(server, [], {"BOLT_FAKE": "1"}, (*DRIVERS, PAGE_DRIVER), folder)
    options = ["--user=ann", "--password=secret", f"--cert={folder / 'cert.pem'}",
               f"--key={folder / 'key.pem'}"]
    environment = {"BOLT_FAKE": "1", "BOLT_TLS": "1", "BOLT_USER": "ann",
                   "BOLT_PASSWORD": "secret"}
    return failed | try_drivers(server, options, environment, DRIVERS, folder)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
