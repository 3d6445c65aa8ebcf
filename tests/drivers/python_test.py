#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The official Python driver at Tidemark as one process, with TLS and a login, and as a cluster:
python_test.py TIDEMARK FOLDER. The driver is installed by pip below FOLDER, in the version of
tests/drivers/python/requirements.txt."""

import pathlib
import sys

import servers


def main(binary, folder):
    folder = pathlib.Path(folder)
    python, reason = servers.python_with_driver(folder)
    if reason is not None:
        print(f"SKIPPED Python driver: {reason}")
        return 0
    servers.make_certificate(folder)
    cert, key, password = (folder / name for name in ("cert.pem", "key.pem", "password"))
    password.write_text("secret\n", encoding="utf-8")
    secure = [f"--tls-ca={cert}", f"--tls-cert={cert}", f"--tls-key={key}", "--auth-user=ann",
              f"--auth-password-file={password}"]
    login = {"BOLT_TLS": "1", "BOLT_USER": "ann", "BOLT_PASSWORD": "secret"}
    failed = 0
    for kind, workers, options, environment in (
            ("server", 2, [], {}), ("server", 1, secure, login), ("cluster", 3, [], {})):
        with servers.tidemark(binary, kind, workers, options, folder) as address:
            print(f"--- {kind} with {workers} workers", flush=True)
            failed |= servers.run([python, servers.PYTHON_SOURCES / "graph_test.py"], folder,
                                  {"BOLT_ADDRESS": address, **environment})
    return failed


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
