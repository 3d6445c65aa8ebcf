#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Official drivers against servers: drivers_test.py FAKE TIDEMARK FOLDER.

FAKE knows the options of tests/bolt_server and serves rows without a graph until its input ends;
TIDEMARK is the program itself, as one process and as a cluster. The drivers are installed by npm
below FOLDER, in the versions of tests/drivers/javascript/package.json.
"""

import pathlib
import subprocess
import sys

import servers

DRIVERS = ("neo4j-driver-5", "neo4j-driver-6")
PAGE_DRIVER = "neo4j-driver-6/lib/browser/neo4j-web.esm.min.js"
LOGIN = {"BOLT_TLS": "1", "BOLT_USER": "ann", "BOLT_PASSWORD": "secret"}


def try_drivers(address, environment, drivers, folder):
    """0 when these drivers pass at this address."""
    tests = ["driver_test.mjs"] + ([] if "BOLT_FAKE" in environment else ["graph_test.mjs"])
    failed = 0
    for driver in drivers:
        variables = {"BOLT_ADDRESS": address, "BOLT_DRIVER": driver, **environment}
        for test in tests:
            command = ["node", "--test", "--test-reporter=spec", test]
            failed |= servers.run(command, folder, variables)
    return failed


def try_fake(server, options, environment, drivers, folder):
    with subprocess.Popen([server, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as process:
        try:
            address = servers.first_address(process.stdout)
            return try_drivers(address, {"BOLT_FAKE": "1", **environment}, drivers, folder)
        finally:
            process.stdin.close()
            process.wait(timeout=servers.LIMIT_SECONDS)


def try_tidemark(binary, folder):
    files = {"cert": folder / "cert.pem", "key": folder / "key.pem"}
    password = folder / "password"
    password.write_text("secret\n", encoding="utf-8")
    with servers.tidemark(binary, "server", 2, [], folder) as address:
        failed = try_drivers(address, {}, (*DRIVERS, PAGE_DRIVER), folder)
    options = [f"--tls-ca={files['cert']}", f"--tls-cert={files['cert']}",
               f"--tls-key={files['key']}", "--auth-user=ann", f"--auth-password-file={password}"]
    with servers.tidemark(binary, "server", 1, options, folder) as address:
        failed |= try_drivers(address, LOGIN, DRIVERS[1:], folder)
    with servers.tidemark(binary, "cluster", 3, [], folder) as address:
        failed |= try_drivers(address, {}, DRIVERS[:1], folder)
    return failed


def main(fake, binary, folder):
    folder = pathlib.Path(folder).resolve()
    reason = servers.why_without_drivers(folder)
    if reason is not None:
        print(f"SKIPPED drivers: {reason}")
        return 0
    servers.make_certificate(folder)
    failed = try_fake(fake, [], {}, (*DRIVERS, PAGE_DRIVER), folder)
    options = ["--user=ann", "--password=secret", f"--cert={folder / 'cert.pem'}",
               f"--key={folder / 'key.pem'}"]
    failed |= try_fake(fake, options, LOGIN, DRIVERS, folder)
    return failed | try_tidemark(binary, folder)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
