# SPDX-License-Identifier: Apache-2.0
"""The official Python driver at a real server, whose graph is emptied first: BOLT_ADDRESS and,
where they apply, BOLT_USER, BOLT_PASSWORD and BOLT_TLS=1 (a certificate that nobody has signed)."""

import os
import threading
import time
import unittest

import neo4j
import pytz
from neo4j import exceptions, spatial
from neo4j.time import Date, DateTime, Duration, Time

ADDRESS = os.environ["BOLT_ADDRESS"]
SECURE = "+ssc" if os.environ.get("BOLT_TLS") == "1" else ""
USER = os.environ.get("BOLT_USER")
AUTH = None if USER is None else (USER, os.environ["BOLT_PASSWORD"])
ZONE = pytz.FixedOffset(-90)

VALUES = {
    "null": None, "true": True, "small integer": -17, "large integer": 2**63 - 1,
    "smallest integer": -2**63, "float": 1.5, "small float": 5e-324,
    "infinite float": float("-inf"),
    "empty string": "", "string": "grün 😀", "long string": "x" * 100_000, "bytes": b"\x01\xfe\x03",
    "empty list": [], "list": [1, "two", [3.5], None], "map": {"a": 1, "b": {"c": []}},
    "date": Date(2024, 2, 29), "old date": Date(1, 1, 1),
    "local time": Time(23, 59, 59, 999_999_999),
    "time": Time(1, 2, 3, 4, tzinfo=ZONE),
    "local date time": DateTime(2020, 1, 2, 3, 4, 5, 6),
    "date time": DateTime(2020, 1, 2, 3, 4, 5, 6, tzinfo=ZONE),
    "duration": Duration(months=14, days=3, seconds=-5, nanoseconds=250_000_000),
    "plane point": spatial.CartesianPoint((1.5, -2.5)),
    "space point": spatial.WGS84Point((12.5, 55.5, 100.0)),
}


def connect(scheme="bolt", **options):
    return neo4j.GraphDatabase.driver(f"{scheme}{SECURE}://{ADDRESS}", auth=AUTH, **options)


class GraphTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.driver = connect()
        cls.driver.execute_query("MATCH (n) DETACH DELETE n")

    @classmethod
    def tearDownClass(cls):
        cls.driver.close()

    def rows(self, text, **parameters):
        return [record.values() for record in self.driver.execute_query(text, parameters).records]

    def fails(self, code, text, **parameters):
        with self.assertRaises(exceptions.Neo4jError) as raised:
            self.rows(text, **parameters)
        self.assertEqual(raised.exception.code, code)
        return raised.exception

    def test_connects_and_knows_the_server(self):
        self.driver.verify_connectivity()
        self.assertTrue(self.driver.get_server_info().agent.startswith("Neo4j/5."))

    def test_gives_every_value_back(self):
        for kind, value in VALUES.items():
            with self.subTest(kind):
                back = self.rows("RETURN $x AS x", x=value)[0][0]
                self.assertEqual(back, value)
                if not isinstance(value, bytes):  # comes back as bytes of one kind or another
                    self.assertEqual(type(back), type(value))

    def test_keeps_values_in_properties(self):
        for value in [True, 1, -1.5, "text ü", [1, 2], ["a", "b"], [True, False], [0.5],
                      Date(2024, 2, 29), Duration(months=1), spatial.CartesianPoint((1.0, 2.0))]:
            with self.subTest(value):
                kept = self.rows("CREATE (n:Value {v: $v}) RETURN n.v", v=value)
                self.assertEqual(kept, [[value]])

    def test_reads_nodes_relationships_and_paths(self):
        [[n, r, p]] = self.rows("CREATE p = (n:Person:User {name: 'Ann'})-[r:KNOWS {since: 2020}]->"
                                "(:Person {name: 'Bob'}) RETURN n, r, p")
        self.assertEqual((n.labels, dict(n)), (frozenset({"Person", "User"}), {"name": "Ann"}))
        self.assertEqual((r.type, dict(r)), ("KNOWS", {"since": 2020}))
        self.assertEqual(r.start_node.element_id, n.element_id)
        self.assertEqual([x["name"] for x in p.nodes], ["Ann", "Bob"])
        self.assertEqual(p.relationships[0].element_id, r.element_id)
        found = self.rows("MATCH (n) WHERE elementId(n) = $id RETURN n.name", id=n.element_id)
        self.assertEqual(found, [["Ann"]])

    def test_tells_what_was_changed(self):
        create = "CREATE (:Counted {x: 1})-[:T]->(:Counted {x: 2})"
        summary = self.driver.execute_query(create).summary
        self.assertEqual(summary.query_type, "w")
        counters = summary.counters
        self.assertEqual((counters.nodes_created, counters.relationships_created,
                          counters.properties_set, counters.labels_added), (2, 1, 2, 2))
        counters = self.driver.execute_query("MATCH (n:Counted) DETACH DELETE n").summary.counters
        self.assertEqual((counters.nodes_deleted, counters.relationships_deleted), (2, 1))

    def test_managed_transactions_lose_no_increment_under_conflict(self):
        self.rows("CREATE (:Counter {n: 0})")
        increments, clients = 20, 4

        # A driver each: of two threads that share one, a thread may still be at work with a
        # connection that its driver has given to the other (neo4j 6.4).
        def work():
            with connect() as driver, driver.session() as session:
                for _ in range(increments):
                    session.execute_write(
                        lambda tx: tx.run("MATCH (c:Counter) SET c.n = c.n + 1").consume())

        threads = [threading.Thread(target=work) for _ in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(self.rows("MATCH (c:Counter) RETURN c.n"), [[increments * clients]])

    def test_bookmarks_show_a_transaction_to_the_next_one_through_routing_too(self):
        with connect("neo4j") as routed, routed.session() as writer:
            writer.execute_write(lambda tx: tx.run("CREATE (:Marked)").consume())
            with routed.session(bookmarks=writer.last_bookmarks(),
                                default_access_mode=neo4j.READ_ACCESS) as reader:
                count = reader.execute_read(
                    lambda tx: tx.run("MATCH (m:Marked) RETURN count(m)").single()[0])
        self.assertEqual(count, 1)

    def test_fetches_many_rows_in_small_portions(self):
        with self.driver.session(fetch_size=10) as session:
            rows = [record[0] for record in session.run("UNWIND range(1, 100000) AS x RETURN x")]
        self.assertEqual((len(rows), sum(rows)), (100_000, 100_000 * 100_001 // 2))

    def test_leaves_a_result_in_the_middle(self):
        with self.driver.session(fetch_size=10) as session:
            result = session.run("UNWIND range(1, 1000000) AS x RETURN x")
            self.assertEqual([next(result)[0] for _ in range(15)], list(range(1, 16)))
            result.consume()
            self.assertEqual(session.run("RETURN 1").single()[0], 1)

    def test_what_is_rolled_back_is_not_there(self):
        with self.driver.session() as session:
            transaction = session.begin_transaction()
            transaction.run("CREATE (:RolledBack)").consume()
            transaction.rollback()
            self.assertEqual(session.run("MATCH (n:RolledBack) RETURN count(n)").single()[0], 0)

    def test_errors_have_their_codes_and_places(self):
        self.fails("Neo.ClientError.Statement.SyntaxError", "RETRUN 1")
        self.fails("Neo.ClientError.Statement.ParameterMissing", "RETURN $x")
        self.fails("Neo.ClientError.Statement.ArithmeticError", "UNWIND [0] AS x RETURN 1 / x")
        error = self.fails("Neo.ClientError.Statement.SyntaxError", "MATCH (n)\nRETURN n.x + wrong")
        self.assertIn("line 2, column 14", error.message)
        self.assertIsInstance(error, exceptions.ClientError)

    def test_a_statement_that_takes_too_long_ends(self):
        query = neo4j.Query("UNWIND range(1, 1000000000000) AS x RETURN count(x)", timeout=0.3)
        begun = time.monotonic()
        with self.driver.session() as session, self.assertRaises(exceptions.Neo4jError) as raised:
            session.run(query).consume()
        self.assertIn("TransactionTimedOut", raised.exception.code)
        self.assertLess(time.monotonic() - begun, 30)

    @unittest.skipIf(USER is None, "nobody has to log in")
    def test_lets_nobody_else_in(self):
        wrong = neo4j.GraphDatabase.driver(f"bolt{SECURE}://{ADDRESS}", auth=(USER, "wrong"))
        with wrong, self.assertRaises(exceptions.AuthError):
            wrong.verify_connectivity()


if __name__ == "__main__":
    unittest.main()
