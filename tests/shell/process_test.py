#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tidemark shell` at a Bolt server without a graph: process_test.py TIDEMARK BOLT_TEST_SERVER."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

LIMIT_SECONDS = 30
TIDEMARK, SERVER = sys.argv[1:3]


def environment(**variables):
    plain = {k: v for k, v in os.environ.items() if not k.startswith("TIDEMARK_")}
    return {**plain, **variables}


class Server:
    def __init__(self, *options):
        self.process = subprocess.Popen([SERVER, *options], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        text=True)
        self.address = self.process.stdout.readline().split()[1]

    def stop(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=LIMIT_SECONDS)


def shell(address, *words, text="", **variables):
    return subprocess.run([TIDEMARK, "shell", "--address", address, *words], input=text,
                          capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False,
                          env=environment(**variables))


class ShellTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.address = cls.server.address

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def test_table(self):
        done = shell(self.address, "--format=table", "-c", "RETURN 1 AS one;")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(done.stdout.startswith(
            "+-----+\n| one |\n+-----+\n|   1 |\n+-----+\n1 row, "), done.stdout)

    def test_input_with_parameters_and_formats(self):
        text = ":param n => 1\n:param one => 1\nRETURN 1 AS\n  one;\n"
        self.assertEqual(shell(self.address, text=text).returncode, 1, "the fake knows no such")
        text = ":param one => 1\n:param\nRETURN 1 AS one"
        done = shell(self.address, text=text)
        self.assertEqual((done.returncode, done.stdout), (0, "$one = 1\none\n1\n"), done.stderr)
        done = shell(self.address, "--format=json", "-c", "ELEMENTS")
        row = json.loads(done.stdout)
        self.assertEqual(row["n"]["labels"], ["Person", "User"])
        self.assertEqual([len(row["p"]), row["r"]["type"]], [5, "KNOWS"])
        self.assertIn("2 nodes created, 1 relationship created", done.stderr)
        done = shell(self.address, "--format=csv", "-c", "RETURN 1")
        self.assertEqual(done.stdout, "1\n1\n")

    def test_errors(self):
        text = "NONSENSE; RETURN 1;"
        done = shell(self.address, "-c", text)
        self.assertEqual((done.returncode, done.stdout), (1, "1\n1\n"))
        self.assertIn("Neo.ClientError.Statement.SyntaxError: Invalid input 'NONSENSE'",
                      done.stderr)
        done = shell(self.address, "--fail-fast", "-c", text)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(shell("127.0.0.1:1", "-c", "RETURN 1").returncode, 2)
        self.assertEqual(shell(self.address, "--format=xml").returncode, 2)

    def test_transactions(self):
        done = shell(self.address, text=":begin\nCREATE;\n:commit\n:begin\n:rollback\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        done = shell(self.address, text=":commit\n")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no transaction is open", done.stderr)

    def test_files(self):
        with tempfile.TemporaryDirectory() as folder:
            inner = os.path.join(folder, "inner.cypher")
            outer = os.path.join(folder, "outer.cypher")
            with open(inner, "w", encoding="utf-8") as file:
                file.write("RETURN 1; // done\n")
            with open(outer, "w", encoding="utf-8") as file:
                file.write(f":source {inner}\n:quit\nNONSENSE;\n")
            done = shell(self.address, "-f", outer)
            self.assertEqual((done.returncode, done.stdout), (0, "1\n1\n"), done.stderr)

    def test_interrupt(self):
        with subprocess.Popen([TIDEMARK, "shell", "--address", self.address, "-c", "SLOW"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env=environment()) as process:
            time.sleep(1)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=LIMIT_SECONDS)
            self.assertEqual(process.returncode, 1)
            self.assertIn("interrupted", errors)

    def test_login(self):
        server = Server("--user=ann", "--password=secret")
        try:
            done = shell(server.address, "-c", "RETURN 1", TIDEMARK_USER="ann",
                         TIDEMARK_PASSWORD="secret")
            self.assertEqual(done.returncode, 0, done.stderr)
            done = shell(server.address, "--user=ann", "-c", "RETURN 1", TIDEMARK_PASSWORD="x")
            self.assertEqual(done.returncode, 2)
            self.assertIn("unauthorized", done.stderr)
        finally:
            server.stop()


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
