// SPDX-License-Identifier: Apache-2.0
// The official Java driver at a real server, whose graph is emptied first: BOLT_ADDRESS and, where
// they apply, BOLT_USER, BOLT_PASSWORD and BOLT_TLS=1 (a certificate that nobody has signed).

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import org.neo4j.driver.*;
import org.neo4j.driver.exceptions.AuthenticationException;
import org.neo4j.driver.exceptions.ClientException;
import org.neo4j.driver.exceptions.Neo4jException;
import org.neo4j.driver.exceptions.TransientException;
import org.neo4j.driver.internal.InternalTransaction;
import org.neo4j.driver.summary.QueryType;
import org.neo4j.driver.types.Node;
import org.neo4j.driver.types.Path;
import org.neo4j.driver.types.Relationship;

public class GraphTest {
    interface Check {
        void run() throws Exception;
    }

    static final String ADDRESS = System.getenv("BOLT_ADDRESS");
    static final String SECURE = "1".equals(System.getenv("BOLT_TLS")) ? "+ssc" : "";
    static final String USER = System.getenv("BOLT_USER");
    static final String ENDLESS = "UNWIND range(1, 1000000) AS a UNWIND range(1, 1000000) AS b"
            + " RETURN count(a + b) AS c";
    static final SessionConfig SMALL_PORTIONS = SessionConfig.builder().withFetchSize(10).build();
    static Driver driver;

    static Driver connect(String scheme, AuthToken token) {
        Config config = Config.builder().withLogging(Logging.console(Level.SEVERE)).build();
        return GraphDatabase.driver(scheme + SECURE + "://" + ADDRESS, token, config);
    }

    static AuthToken login() {
        return USER == null ? AuthTokens.none()
                            : AuthTokens.basic(USER, System.getenv("BOLT_PASSWORD"));
    }

    static List<org.neo4j.driver.Record> rows(String text, Object... parameters) {
        return driver.executableQuery(text).withParameters(Values.parameters(parameters).asMap())
                .execute().records();
    }

    static void equal(Object got, Object wanted) {
        if (!Objects.equals(got, wanted)) {
            throw new AssertionError("got " + got + ", wanted " + wanted);
        }
    }

    static <E extends Exception> E fails(Class<E> kind, Callable<?> work) throws Exception {
        Object result;
        try {
            result = work.call();
        } catch (Exception error) {
            if (kind.isInstance(error)) return kind.cast(error);
            throw error;
        }
        throw new AssertionError("it does not fail, but gives " + result);
    }

    static Neo4jException failsWith(String code, String text) throws Exception {
        Neo4jException error = fails(Neo4jException.class, () -> rows(text));
        equal(error.code(), code);
        return error;
    }

    static Map<String, Value> values() {
        LocalDateTime moment = LocalDateTime.of(2020, 7, 2, 3, 4, 5, 6);
        Map<String, Value> values = new LinkedHashMap<>();
        values.put("null", Values.NULL);
        values.put("boolean", Values.value(true));
        values.put("small integer", Values.value(-17));
        values.put("large integer", Values.value(Long.MAX_VALUE));
        values.put("smallest integer", Values.value(Long.MIN_VALUE));
        values.put("float", Values.value(1.5));
        values.put("small float", Values.value(Double.MIN_VALUE));
        values.put("infinite float", Values.value(Double.NEGATIVE_INFINITY));
        values.put("empty string", Values.value(""));
        values.put("string", Values.value("grün 😀"));
        values.put("long string", Values.value("x".repeat(100_000)));
        values.put("bytes", Values.value(new byte[] {1, -2, 3}));
        values.put("empty list", Values.value(List.of()));
        values.put("list", Values.value(Arrays.asList(1, "two", List.of(3.5), null)));
        values.put("map", Values.value(Map.of("a", 1, "b", Map.of("c", List.of()))));
        values.put("date", Values.value(LocalDate.of(2024, 2, 29)));
        values.put("old date", Values.value(LocalDate.of(-9999, 1, 1)));
        values.put("local time", Values.value(LocalTime.of(23, 59, 59, 999_999_999)));
        values.put("time", Values.value(OffsetTime.of(1, 2, 3, 4, ZoneOffset.ofHours(-1))));
        values.put("local date time", Values.value(moment));
        values.put("date time", Values.value(ZonedDateTime.of(moment, ZoneOffset.ofHours(2))));
        values.put("zoned date time",
                Values.value(ZonedDateTime.of(moment, ZoneId.of("Europe/Berlin"))));
        values.put("duration", Values.isoDuration(14, 3, -5, 250_000_000));
        values.put("plane point", Values.point(7203, 1.5, -2.5));
        values.put("space point", Values.point(4979, 12.5, 55.5, 100.0));
        return values;
    }

    static void connectsAndKnowsTheServer() {
        driver.verifyConnectivity();
        equal(driver.supportsMultiDb(), true);
        var server = driver.executableQuery("RETURN 1").execute().summary().server();
        equal(server.agent().startsWith("Neo4j/5."), true);
        equal(server.protocolVersion(), "5.8");
    }

    static void givesEveryValueBack() {
        for (var entry : values().entrySet()) {
            Value back = rows("RETURN $x AS x", "x", entry.getValue()).get(0).get("x");
            equal(entry.getKey() + " " + back, entry.getKey() + " " + entry.getValue());
            equal(back, entry.getValue());
        }
    }

    static void keepsValuesInProperties() {
        Set<String> notKept = Set.of("null", "infinite float", "list", "map");
        for (var entry : values().entrySet()) {
            if (notKept.contains(entry.getKey())) continue;
            Value kept = rows("CREATE (n:Value {v: $v}) RETURN n.v", "v", entry.getValue())
                    .get(0).get(0);
            equal(kept, entry.getValue());
        }
    }

    static void readsNodesRelationshipsAndPaths() {
        var row = rows("CREATE p = (n:Person:User {name: 'Ann'})-[r:KNOWS {since: 2020}]->"
                + "(:Person {name: 'Bob'}) RETURN n, r, p").get(0);
        Node node = row.get("n").asNode();
        Set<String> labels = new TreeSet<>();
        node.labels().forEach(labels::add);
        equal(labels, Set.of("Person", "User"));
        equal(node.asMap(), Map.of("name", "Ann"));
        Relationship relationship = row.get("r").asRelationship();
        equal(relationship.type(), "KNOWS");
        equal(relationship.asMap(), Map.of("since", 2020L));
        equal(relationship.startNodeElementId(), node.elementId());
        Path path = row.get("p").asPath();
        equal(path.length(), 1);
        equal(path.end().get("name").asString(), "Bob");
        equal(path.relationships().iterator().next().elementId(), relationship.elementId());
        var found = rows("MATCH (n) WHERE elementId(n) = $id RETURN n.name", "id", node.elementId());
        equal(found.get(0).get(0).asString(), "Ann");
    }

    static void tellsWhatWasChanged() {
        var created = driver.executableQuery("CREATE (:Counted {x: 1})-[:T]->(:Counted {x: 2})")
                .execute().summary();
        equal(created.queryType(), QueryType.WRITE_ONLY);
        var counters = created.counters();
        equal(List.of(counters.nodesCreated(), counters.relationshipsCreated(),
                counters.propertiesSet(), counters.labelsAdded()), List.of(2, 1, 2, 2));
        var deleted = driver.executableQuery("MATCH (n:Counted) DETACH DELETE n").execute()
                .summary().counters();
        equal(List.of(deleted.nodesDeleted(), deleted.relationshipsDeleted()), List.of(2, 1));
    }

    static void managedTransactionsLoseNoIncrementUnderConflict() throws Exception {
        rows("CREATE (:Counter {n: 0})");
        int increments = 20;
        int clients = 4;
        Callable<Void> work = () -> {
            try (Session session = driver.session()) {
                for (int i = 0; i < increments; ++i) {
                    session.executeWriteWithoutResult(
                            tx -> tx.run("MATCH (c:Counter) SET c.n = c.n + 1").consume());
                }
            }
            return null;
        };
        var pool = Executors.newFixedThreadPool(clients);
        var results = pool.invokeAll(Collections.nCopies(clients, work));
        pool.shutdown();
        for (var result : results) result.get();
        equal(rows("MATCH (c:Counter) RETURN c.n").get(0).get(0).asInt(), increments * clients);
    }

    // The first attempt reads a value that another transaction changes before it writes.
    static void managedTransactionsAreRepeatedWhenAnotherOneWasFirst() {
        rows("CREATE (:Contested {n: 0})");
        List<Integer> read = new ArrayList<>();
        try (Session session = driver.session()) {
            session.executeWriteWithoutResult(tx -> {
                read.add(tx.run("MATCH (c:Contested) RETURN c.n").single().get(0).asInt());
                if (read.size() == 1) rows("MATCH (c:Contested) SET c.n = 10");
                tx.run("MATCH (c:Contested) SET c.n = $n + 1",
                        Values.parameters("n", read.get(read.size() - 1))).consume();
            });
        }
        equal(read, List.of(0, 10));
        equal(rows("MATCH (c:Contested) RETURN c.n").get(0).get(0).asInt(), 11);
    }

    static void conflictsAreTransientToWhoRepeatsByHand() throws Exception {
        rows("CREATE (:Fought {n: 0})");
        try (Session session = driver.session(); Transaction tx = session.beginTransaction()) {
            tx.run("MATCH (c:Fought) RETURN c.n").consume();
            rows("MATCH (c:Fought) SET c.n = 10");
            var error = fails(TransientException.class, () -> {
                tx.run("MATCH (c:Fought) SET c.n = 1").consume();
                tx.commit();
                return "a commit";
            });
            equal(error.code(), "Neo.TransientError.Transaction.DeadlockDetected");
        }
    }

    static void bookmarksShowATransactionToTheNextOneThroughRoutingToo() {
        try (Driver routed = connect("neo4j", login()); Session writer = routed.session()) {
            writer.executeWriteWithoutResult(tx -> tx.run("CREATE (:Marked)").consume());
            equal(writer.lastBookmarks().size(), 1);
            var config = SessionConfig.builder().withBookmarks(writer.lastBookmarks())
                    .withDefaultAccessMode(AccessMode.READ).build();
            try (Session reader = routed.session(config)) {
                int count = reader.executeRead(tx -> tx.run("MATCH (m:Marked) RETURN count(m)")
                        .single().get(0).asInt());
                equal(count, 1);
            }
        }
    }

    static void fetchesManyRowsInSmallPortions() {
        try (Session session = driver.session(SMALL_PORTIONS)) {
            Result result = session.run("UNWIND range(1, 100000) AS x RETURN x");
            long count = 0;
            while (result.hasNext()) equal(result.next().get(0).asLong(), ++count);
            equal(count, 100_000L);
        }
    }

    static void leavesAResultInTheMiddle() {
        try (Session session = driver.session(SMALL_PORTIONS)) {
            Result result = session.run("UNWIND range(1, 1000000) AS x RETURN x");
            for (int i = 1; i <= 15; ++i) equal(result.next().get(0).asInt(), i);
            equal(result.consume().queryType(), QueryType.READ_ONLY);
            equal(session.run("RETURN 1").single().get(0).asInt(), 1);
        }
        try (Session session = driver.session(SMALL_PORTIONS)) {
            session.run("UNWIND range(1, 1000000) AS x RETURN x").next();
        }
        equal(rows("RETURN 1").size(), 1);
    }

    // terminate() sends a RESET while the statement of the transaction runs.
    static void aResetInterruptsWhatRuns() throws Exception {
        var pool = Executors.newSingleThreadExecutor();
        try (Session session = driver.session(); Transaction tx = session.beginTransaction()) {
            tx.run("CREATE (:Interrupted)").consume();
            var running = pool.submit(() -> tx.run(ENDLESS).consume());
            Thread.sleep(300);
            ((InternalTransaction) tx).terminate();
            var error = fails(ExecutionException.class,
                    () -> running.get(30, TimeUnit.SECONDS));
            equal(error.getCause() instanceof ClientException, true);
        } finally {
            pool.shutdown();
        }
        equal(rows("MATCH (n:Interrupted) RETURN count(n)").get(0).get(0).asInt(), 0);
    }

    static void whatIsRolledBackIsNotThere() {
        try (Session session = driver.session()) {
            Transaction transaction = session.beginTransaction();
            transaction.run("CREATE (:RolledBack)").consume();
            transaction.rollback();
            equal(session.run("MATCH (n:RolledBack) RETURN count(n)").single().get(0).asInt(), 0);
        }
    }

    static void errorsHaveTheirCodesAndPlaces() throws Exception {
        failsWith("Neo.ClientError.Statement.SyntaxError", "RETRUN 1");
        failsWith("Neo.ClientError.Statement.ParameterMissing", "RETURN $x");
        failsWith("Neo.ClientError.Statement.ArithmeticError", "UNWIND [0] AS x RETURN 1 / x");
        var error = failsWith("Neo.ClientError.Statement.SyntaxError", "MATCH (n)\nRETURN n.x + wrong");
        equal(error.getMessage().contains("line 2, column 14"), true);
        equal(error instanceof ClientException, true);
        equal(error.gqlStatus().length(), 5);
        rows("CREATE (:Held)-[:BY]->(:Holder)");
        failsWith("Neo.ClientError.Schema.ConstraintValidationFailed", "MATCH (n:Held) DELETE n");
        var reading = SessionConfig.builder().withDefaultAccessMode(AccessMode.READ).build();
        try (Session session = driver.session(reading)) {
            var refused = fails(ClientException.class, () -> session.run("CREATE (:N)").consume());
            equal(refused.code(), "Neo.ClientError.Statement.AccessMode");
        }
        try (Session session = driver.session(SessionConfig.forDatabase("other"))) {
            var missing = fails(Neo4jException.class, () -> session.run("RETURN 1").consume());
            equal(missing.code(), "Neo.ClientError.Database.DatabaseNotFound");
        }
    }

    static void aStatementThatTakesTooLongEnds() throws Exception {
        var config = TransactionConfig.builder().withTimeout(java.time.Duration.ofMillis(300));
        long begun = System.nanoTime();
        try (Session session = driver.session()) {
            var error = fails(Neo4jException.class,
                    () -> session.run(ENDLESS, config.build()).consume());
            equal(error.code().contains("TransactionTimedOut"), true);
        }
        equal(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun) < 30, true);
    }

    static void letsNobodyElseIn() throws Exception {
        if (USER == null) return;
        try (Driver wrong = connect("bolt", AuthTokens.basic(USER, "wrong"))) {
            fails(AuthenticationException.class, () -> {
                wrong.verifyConnectivity();
                return "a connection";
            });
        }
    }

    static Map<String, Check> checks() {
        Map<String, Check> all = new LinkedHashMap<>();
        all.put("connects and knows the server", GraphTest::connectsAndKnowsTheServer);
        all.put("gives every value back", GraphTest::givesEveryValueBack);
        all.put("keeps values in properties", GraphTest::keepsValuesInProperties);
        all.put("reads nodes, relationships and paths", GraphTest::readsNodesRelationshipsAndPaths);
        all.put("tells what was changed", GraphTest::tellsWhatWasChanged);
        all.put("managed transactions lose no increment under conflict",
                GraphTest::managedTransactionsLoseNoIncrementUnderConflict);
        all.put("managed transactions are repeated when another one was first",
                GraphTest::managedTransactionsAreRepeatedWhenAnotherOneWasFirst);
        all.put("conflicts are transient to who repeats by hand",
                GraphTest::conflictsAreTransientToWhoRepeatsByHand);
        all.put("bookmarks show a transaction to the next one, through routing too",
                GraphTest::bookmarksShowATransactionToTheNextOneThroughRoutingToo);
        all.put("fetches many rows in small portions", GraphTest::fetchesManyRowsInSmallPortions);
        all.put("leaves a result in the middle", GraphTest::leavesAResultInTheMiddle);
        all.put("a RESET interrupts what runs", GraphTest::aResetInterruptsWhatRuns);
        all.put("what is rolled back is not there", GraphTest::whatIsRolledBackIsNotThere);
        all.put("errors have their codes and places", GraphTest::errorsHaveTheirCodesAndPlaces);
        all.put("a statement that takes too long ends", GraphTest::aStatementThatTakesTooLongEnds);
        all.put("lets nobody else in", GraphTest::letsNobodyElseIn);
        return all;
    }

    public static void main(String[] arguments) {
        int failed = 0;
        try (Driver opened = connect("bolt", login())) {
            driver = opened;
            rows("MATCH (n) DETACH DELETE n");
            for (var check : checks().entrySet()) {
                try {
                    check.getValue().run();
                    System.out.println("ok      " + check.getKey());
                } catch (Exception | AssertionError error) {
                    ++failed;
                    System.out.println("FAILED  " + check.getKey());
                    error.printStackTrace(System.out);
                }
            }
        }
        System.exit(failed == 0 ? 0 : 1);
    }
}
