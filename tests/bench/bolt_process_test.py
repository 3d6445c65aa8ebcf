#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tidemark bench bolt` at the program itself: bolt_process_test.py TIDEMARK FAKE FOLDER.

FAKE is a Bolt server without a graph; data goes below FOLDER.
"""

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "drivers"))
import servers  # noqa: E402

LIMIT_SECONDS = 120
TIDEMARK, FAKE, FOLDER = sys.argv[1:4]
SUITES = ["point-read", "vertex-write", "edge-write", "property-write", "hops-1", "hops-2",
          "hops-3", "hops-4", "aggregate", "edge-count", "transfer"]
SHORT = ("--seconds=1", "--runs=1", "--warmup-seconds=0")


def tidemark(*words):
    plain = {k: v for k, v in os.environ.items() if not k.startswith("TIDEMARK_")}
    return subprocess.run([TIDEMARK, *words], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=LIMIT_SECONDS, check=False, env=plain)


def bench(address, *words):
    return tidemark("bench", "bolt", f"--address={address}", *words)


def one_number(address, statement):
    done = tidemark("shell", f"--address={address}", "--format=json", "-c", statement)
    return next(iter(json.loads(done.stdout).values()))


@contextlib.contextmanager
def fake_server(*options):
    with subprocess.Popen([FAKE, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as process:
        yield servers.first_address(process.stdout)
        process.stdin.close()
        process.wait(timeout=LIMIT_SECONDS)


class BoltBenchTest(unittest.TestCase):
    def test_all_suites(self):
        with tempfile.TemporaryDirectory(dir=FOLDER) as folder, \
                servers.tidemark(TIDEMARK, "server", 2, [], folder) as address:
            self.try_all_suites(address)
            self.try_kept_graph(address)

    def try_all_suites(self, address):
        done = bench(address, *SHORT, "--connections=4", "--json", f"--server-pid={os.getpid()}")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr, "loading 10000 vertices and 121716 edges ...\nloaded\n")
        report = json.loads(done.stdout)
        self.assertEqual((report["vertices"], report["edges"]), (10_000, 121_716))
        self.assertTrue(report["server"].startswith("Neo4j/"), report)
        self.assertEqual([row["suite"] for row in report["rows"]], SUITES)
        for row in report["rows"]:
            self.assertGreater(row["operations"], 0, row)
            self.assertEqual((row["connections"], row["errors"]), (4, 0), row)
            self.assertGreater(row["p99_micros"][0], 0, row)
            self.assertEqual(len(row["server_cpu_micros"]), 1, row)
        # Transfers and what writes left: money is only moved, nothing temporary stays.
        for statement, number in (
                ("MATCH (n:BenchUser) RETURN sum(n.balance)", 10_000 * 1_000),
                ("MATCH (n:BenchUser) WHERE n.balance <> 1000 RETURN count(n) > 0", True),
                ("MATCH (n:BenchUser) RETURN count(DISTINCT n.id)", 10_000),
                ("MATCH (n:BenchUser) RETURN sum(n.visited) > 0", True),
                ("MATCH (n) RETURN count(n)", 10_001),
                ("MATCH ()-[r]->() RETURN count(r)", 121_716),
                ("MATCH (a)-[:BENCH_FRIEND]->(b) RETURN count(DISTINCT [a.id, b.id])", 121_716)):
            self.assertEqual(one_number(address, statement), number, statement)

    def try_kept_graph(self, address):
        done = bench(address, *SHORT, "--connections=1", "--suites=edge-count")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr, "the graph of 10000 vertices and 121716 edges is there\n")
        head, line = done.stdout.splitlines()
        self.assertEqual(head.split()[:2], ["suite", "connections"])
        self.assertEqual(line.split()[:2], ["edge-count", "1"])
        self.assertEqual(line.split()[5:], ["-", "0", "0"])

    def test_wrong_flags(self):
        for flag, reason in (("--suites=point-read,walk", 'no suite "walk"; there are: point-read'),
                             ("--connections=1,,8", '"" is not a number from 1 to 1000'),
                             ("--connections=1001", '"1001" is not a number from 1 to 1000'),
                             ("--server-pid=0", '"0" is not a number from 1'),
                             ("--address=http://h", "http://h"),
                             ("--graph=large", "small"),
                             ("--user=ann", "--user and --password-file belong together"),
                             ("--seconds=0", "--seconds")):
            done = tidemark("bench", "bolt", flag)
            self.assertEqual((done.returncode, done.stdout), (2, ""), flag)
            self.assertIn(reason, done.stderr)
        done = tidemark("bench", "bolt", "--server-pid=2000000000")
        self.assertEqual(done.returncode, 2)
        self.assertIn("no process 2000000000", done.stderr)
        self.assertIn("bench bolt", tidemark("bench", "--help").stdout)
        self.assertIn("--server-pid", tidemark("bench", "bolt", "--help").stdout)

    def test_nobody_there(self):
        done = bench(f"127.0.0.1:{servers.free_port()}")
        self.assertEqual((done.returncode, done.stdout), (4, ""))
        self.assertIn("127.0.0.1", done.stderr)

    def test_login(self):
        with tempfile.TemporaryDirectory(dir=FOLDER) as folder, \
                fake_server("--user=ann", "--password=secret") as address:
            password = pathlib.Path(folder) / "password"
            password.write_text("wrong\n", encoding="utf-8")
            done = bench(address, "--user=ann", f"--password-file={password}")
            self.assertEqual(done.returncode, 2)
            self.assertIn(f"{address}: Neo.ClientError.Security.Unauthorized: ", done.stderr)
            self.assertIn("--password-file", done.stderr)
            password.write_text("secret\n", encoding="utf-8")
            done = bench(address, "--user=ann", f"--password-file={password}")
            # The login is good; this server has no graph and does not know the first statement.
            self.assertEqual(done.returncode, 2)
            self.assertIn("the graph cannot be loaded: Neo.ClientError.Statement.SyntaxError: ",
                          done.stderr)
            done = bench(address, "--user=ann", f"--password-file={folder}/nothing")
            self.assertIn("nothing", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
