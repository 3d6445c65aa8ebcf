// SPDX-License-Identifier: Apache-2.0

// Package drivers has the official Go driver at a real server, whose graph is emptied first:
// BOLT_ADDRESS and, where they apply, BOLT_USER, BOLT_PASSWORD and BOLT_TLS=1 (a certificate that
// nobody has signed).
package drivers

import (
	"context"
	"errors"
	"math"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
)

const endless = "UNWIND range(1, 1000000) AS a UNWIND range(1, 1000000) AS b RETURN count(a + b)"

var (
	background = context.Background()
	driver     neo4j.DriverWithContext
)

func connect(scheme string, password string) (neo4j.DriverWithContext, error) {
	if os.Getenv("BOLT_TLS") == "1" {
		scheme += "+ssc"
	}
	token := neo4j.NoAuth()
	if user := os.Getenv("BOLT_USER"); user != "" {
		token = neo4j.BasicAuth(user, password, "")
	}
	return neo4j.NewDriverWithContext(scheme+"://"+os.Getenv("BOLT_ADDRESS"), token)
}

func TestMain(m *testing.M) {
	var err error
	if driver, err = connect("bolt", os.Getenv("BOLT_PASSWORD")); err != nil {
		panic(err)
	}
	if _, err = query("MATCH (n) DETACH DELETE n", nil); err != nil {
		panic(err)
	}
	code := m.Run()
	driver.Close(background)
	os.Exit(code)
}

func query(text string, parameters map[string]any) (*neo4j.EagerResult, error) {
	return neo4j.ExecuteQuery(background, driver, text, parameters, neo4j.EagerResultTransformer)
}

func succeed(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The values of the first row.
func first(t *testing.T, text string, parameters map[string]any) []any {
	t.Helper()
	result, err := query(text, parameters)
	succeed(t, err)
	if len(result.Records) == 0 {
		t.Fatalf("%s gives no rows", text)
	}
	return result.Records[0].Values
}

func equal(t *testing.T, got any, wanted any) {
	t.Helper()
	if !reflect.DeepEqual(got, wanted) {
		t.Fatalf("got %#v, wanted %#v", got, wanted)
	}
}

func failsWith(t *testing.T, code string, err error) *neo4j.Neo4jError {
	t.Helper()
	var found *neo4j.Neo4jError
	if !errors.As(err, &found) {
		t.Fatalf("got %v, wanted %s", err, code)
	}
	equal(t, found.Code, code)
	return found
}

func open(t *testing.T, config neo4j.SessionConfig) neo4j.SessionWithContext {
	session := driver.NewSession(background, config)
	t.Cleanup(func() { session.Close(background) })
	return session
}

// Runs a statement to its end.
func consume(session neo4j.SessionWithContext, text string,
	options ...func(*neo4j.TransactionConfig)) error {
	result, err := session.Run(background, text, nil, options...)
	if err == nil {
		_, err = result.Consume(background)
	}
	return err
}

// Runs a statement of a transaction to its end.
func consumeIn(tx interface {
	Run(context.Context, string, map[string]any) (neo4j.ResultWithContext, error)
}, text string, parameters map[string]any) error {
	result, err := tx.Run(background, text, parameters)
	if err == nil {
		_, err = result.Consume(background)
	}
	return err
}

func values(t *testing.T) map[string]any {
	berlin, err := time.LoadLocation("Europe/Berlin")
	succeed(t, err)
	return map[string]any{
		"null": nil, "boolean": true, "small integer": int64(-17),
		"large integer": int64(math.MaxInt64), "smallest integer": int64(math.MinInt64),
		"float": 1.5, "small float": 5e-324, "infinite float": math.Inf(-1),
		"empty string": "", "string": "grün 😀", "long string": strings.Repeat("x", 100000),
		"bytes": []byte{1, 254, 3}, "empty list": []any{},
		"list":            []any{int64(1), "two", []any{3.5}, nil},
		"map":             map[string]any{"a": int64(1), "b": map[string]any{"c": []any{}}},
		"date":            neo4j.DateOf(time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)),
		"local time":      neo4j.LocalTimeOf(time.Date(0, 1, 1, 23, 59, 59, 999999999, time.UTC)),
		"time":            neo4j.OffsetTimeOf(time.Date(0, 1, 1, 1, 2, 3, 4, time.FixedZone("", -3600))),
		"local date time": neo4j.LocalDateTimeOf(time.Date(2020, 1, 2, 3, 4, 5, 6, time.UTC)),
		"date time":       time.Date(2020, 7, 2, 3, 4, 5, 6, time.FixedZone("Offset", 7200)),
		"zoned date time": time.Date(2020, 7, 2, 3, 4, 5, 6, berlin),
		"duration":        neo4j.DurationOf(14, 3, -5, 250000000),
		"plane point":     neo4j.Point2D{X: 1.5, Y: -2.5, SpatialRefId: 7203},
		"space point":     neo4j.Point3D{X: 12.5, Y: 55.5, Z: 100, SpatialRefId: 4979},
	}
}

// The driver gives times a zone of its own making; the text of a value tells whether it is the same.
func sameValue(t *testing.T, got any, wanted any) {
	t.Helper()
	equal(t, reflect.TypeOf(got), reflect.TypeOf(wanted))
	switch value := wanted.(type) {
	case time.Time:
		equal(t, got.(time.Time).Format(time.RFC3339Nano), value.Format(time.RFC3339Nano))
	case interface{ String() string }:
		equal(t, got.(interface{ String() string }).String(), value.String())
	default:
		equal(t, got, wanted)
	}
}

func TestConnectsAndKnowsTheServer(t *testing.T) {
	succeed(t, driver.VerifyConnectivity(background))
	info, err := driver.GetServerInfo(background)
	succeed(t, err)
	equal(t, strings.HasPrefix(info.Agent(), "Neo4j/5."), true)
}

func TestGivesEveryValueBack(t *testing.T) {
	for kind, value := range values(t) {
		t.Run(kind, func(t *testing.T) {
			sameValue(t, first(t, "RETURN $x AS x", map[string]any{"x": value})[0], value)
		})
	}
}

func TestKeepsValuesInProperties(t *testing.T) {
	kept := values(t)
	for _, kind := range []string{"null", "list", "map"} {
		delete(kept, kind)
	}
	for kind, value := range kept {
		t.Run(kind, func(t *testing.T) {
			back := first(t, "CREATE (n:Value {v: $v}) RETURN n.v", map[string]any{"v": value})
			sameValue(t, back[0], value)
		})
	}
}

func TestReadsNodesRelationshipsAndPaths(t *testing.T) {
	row := first(t, "CREATE p = (n:Person:User {name: 'Ann'})-[r:KNOWS {since: 2020}]->"+
		"(:Person {name: 'Bob'}) RETURN n, r, p", nil)
	node, relationship, path := row[0].(neo4j.Node), row[1].(neo4j.Relationship), row[2].(neo4j.Path)
	equal(t, len(node.Labels), 2)
	equal(t, node.Props, map[string]any{"name": "Ann"})
	equal(t, relationship.Type, "KNOWS")
	equal(t, relationship.Props, map[string]any{"since": int64(2020)})
	equal(t, relationship.StartElementId, node.ElementId)
	equal(t, path.Nodes[1].Props["name"], "Bob")
	equal(t, path.Relationships[0].ElementId, relationship.ElementId)
	found := first(t, "MATCH (n) WHERE elementId(n) = $id RETURN n.name",
		map[string]any{"id": node.ElementId})
	equal(t, found, []any{"Ann"})
}

func TestTellsWhatWasChanged(t *testing.T) {
	result, err := query("CREATE (:Counted {x: 1})-[:T]->(:Counted {x: 2})", nil)
	succeed(t, err)
	equal(t, result.Summary.StatementType(), neo4j.StatementTypeWriteOnly)
	counters := result.Summary.Counters()
	equal(t, []int{counters.NodesCreated(), counters.RelationshipsCreated(),
		counters.PropertiesSet(), counters.LabelsAdded()}, []int{2, 1, 2, 2})
	result, err = query("MATCH (n:Counted) DETACH DELETE n", nil)
	succeed(t, err)
	counters = result.Summary.Counters()
	equal(t, []int{counters.NodesDeleted(), counters.RelationshipsDeleted()}, []int{2, 1})
}

func TestManagedTransactionsLoseNoIncrementUnderConflict(t *testing.T) {
	const increments, clients = 20, 4
	_, err := query("CREATE (:Counter {n: 0})", nil)
	succeed(t, err)
	increment := func(tx neo4j.ManagedTransaction) (any, error) {
		return nil, consumeIn(tx, "MATCH (c:Counter) SET c.n = c.n + 1", nil)
	}
	failures := make([]error, clients)
	var group sync.WaitGroup
	for client := 0; client < clients; client++ {
		group.Add(1)
		go func(failure *error) {
			defer group.Done()
			session := driver.NewSession(background, neo4j.SessionConfig{})
			defer session.Close(background)
			for i := 0; i < increments && *failure == nil; i++ {
				_, *failure = session.ExecuteWrite(background, increment)
			}
		}(&failures[client])
	}
	group.Wait()
	for _, failure := range failures {
		succeed(t, failure)
	}
	equal(t, first(t, "MATCH (c:Counter) RETURN c.n", nil), []any{int64(increments * clients)})
}

// The first attempt reads a value that another transaction changes before it writes.
func TestManagedTransactionsAreRepeatedWhenAnotherOneWasFirst(t *testing.T) {
	_, err := query("CREATE (:Contested {n: 0})", nil)
	succeed(t, err)
	attempts := 0
	_, err = open(t, neo4j.SessionConfig{}).ExecuteWrite(background,
		func(tx neo4j.ManagedTransaction) (any, error) {
			result, err := tx.Run(background, "MATCH (c:Contested) RETURN c.n", nil)
			if err != nil {
				return nil, err
			}
			record, err := result.Single(background)
			if err != nil {
				return nil, err
			}
			if attempts++; attempts == 1 {
				if _, err = query("MATCH (c:Contested) SET c.n = 10", nil); err != nil {
					return nil, err
				}
			}
			return nil, consumeIn(tx, "MATCH (c:Contested) SET c.n = $n + 1",
				map[string]any{"n": record.Values[0]})
		})
	succeed(t, err)
	equal(t, attempts, 2)
	equal(t, first(t, "MATCH (c:Contested) RETURN c.n", nil), []any{int64(11)})
}

func TestConflictsAreTransientToWhoRepeatsByHand(t *testing.T) {
	_, err := query("CREATE (:Fought {n: 0})", nil)
	succeed(t, err)
	tx, err := open(t, neo4j.SessionConfig{}).BeginTransaction(background)
	succeed(t, err)
	succeed(t, consumeIn(tx, "MATCH (c:Fought) RETURN c.n", nil))
	_, err = query("MATCH (c:Fought) SET c.n = 10", nil)
	succeed(t, err)
	err = consumeIn(tx, "MATCH (c:Fought) SET c.n = 1", nil)
	if err == nil {
		err = tx.Commit(background)
	}
	failsWith(t, "Neo.TransientError.Transaction.DeadlockDetected", err)
	equal(t, neo4j.IsRetryable(err), true)
}

func TestBookmarksShowATransactionToTheNextOneThroughRoutingToo(t *testing.T) {
	routed, err := connect("neo4j", os.Getenv("BOLT_PASSWORD"))
	succeed(t, err)
	defer routed.Close(background)
	writer := routed.NewSession(background, neo4j.SessionConfig{})
	defer writer.Close(background)
	_, err = writer.ExecuteWrite(background, func(tx neo4j.ManagedTransaction) (any, error) {
		return nil, consumeIn(tx, "CREATE (:Marked)", nil)
	})
	succeed(t, err)
	equal(t, len(writer.LastBookmarks()), 1)
	reader := routed.NewSession(background, neo4j.SessionConfig{
		Bookmarks: writer.LastBookmarks(), AccessMode: neo4j.AccessModeRead})
	defer reader.Close(background)
	count, err := reader.ExecuteRead(background, func(tx neo4j.ManagedTransaction) (any, error) {
		result, err := tx.Run(background, "MATCH (m:Marked) RETURN count(m)", nil)
		if err != nil {
			return nil, err
		}
		record, err := result.Single(background)
		if err != nil {
			return nil, err
		}
		return record.Values[0], nil
	})
	succeed(t, err)
	equal(t, count, int64(1))
}

func TestFetchesManyRowsInSmallPortions(t *testing.T) {
	session := open(t, neo4j.SessionConfig{FetchSize: 10})
	result, err := session.Run(background, "UNWIND range(1, 100000) AS x RETURN x", nil)
	succeed(t, err)
	count := int64(0)
	for result.Next(background) {
		count++
		equal(t, result.Record().Values[0], count)
	}
	succeed(t, result.Err())
	equal(t, count, int64(100000))
}

func TestLeavesAResultInTheMiddle(t *testing.T) {
	session := open(t, neo4j.SessionConfig{FetchSize: 10})
	result, err := session.Run(background, "UNWIND range(1, 1000000) AS x RETURN x", nil)
	succeed(t, err)
	for i := int64(1); i <= 15; i++ {
		equal(t, result.Next(background), true)
		equal(t, result.Record().Values[0], i)
	}
	summary, err := result.Consume(background)
	succeed(t, err)
	equal(t, summary.StatementType(), neo4j.StatementTypeReadOnly)
	succeed(t, consume(session, "RETURN 1"))
}

// The driver closes the connection of a statement whose context ends; the server stops what runs.
func TestWhatRunsEndsWithItsContext(t *testing.T) {
	limited, cancel := context.WithTimeout(background, 300*time.Millisecond)
	defer cancel()
	session := open(t, neo4j.SessionConfig{})
	begun := time.Now()
	tx, err := session.BeginTransaction(background)
	succeed(t, err)
	succeed(t, consumeIn(tx, "CREATE (:Interrupted)", nil))
	result, err := tx.Run(limited, endless, nil)
	if err == nil {
		_, err = result.Consume(limited)
	}
	equal(t, err != nil, true)
	equal(t, time.Since(begun) < 30*time.Second, true)
	equal(t, first(t, "MATCH (n:Interrupted) RETURN count(n)", nil), []any{int64(0)})
}

func TestWhatIsRolledBackIsNotThere(t *testing.T) {
	tx, err := open(t, neo4j.SessionConfig{}).BeginTransaction(background)
	succeed(t, err)
	succeed(t, consumeIn(tx, "CREATE (:RolledBack)", nil))
	succeed(t, tx.Rollback(background))
	equal(t, first(t, "MATCH (n:RolledBack) RETURN count(n)", nil), []any{int64(0)})
}

func TestErrorsHaveTheirCodesAndPlaces(t *testing.T) {
	for text, code := range map[string]string{
		"RETRUN 1":                     "Neo.ClientError.Statement.SyntaxError",
		"RETURN $x":                    "Neo.ClientError.Statement.ParameterMissing",
		"UNWIND [0] AS x RETURN 1 / x": "Neo.ClientError.Statement.ArithmeticError",
	} {
		_, err := query(text, nil)
		failsWith(t, code, err)
	}
	_, err := query("MATCH (n)\nRETURN n.x + wrong", nil)
	syntax := failsWith(t, "Neo.ClientError.Statement.SyntaxError", err)
	equal(t, strings.Contains(syntax.Msg, "line 2, column 14"), true)
	_, err = query("CREATE (:Held)-[:BY]->(:Holder)", nil)
	succeed(t, err)
	_, err = query("MATCH (n:Held) DELETE n", nil)
	failsWith(t, "Neo.ClientError.Schema.ConstraintValidationFailed", err)
	reader := open(t, neo4j.SessionConfig{AccessMode: neo4j.AccessModeRead})
	failsWith(t, "Neo.ClientError.Statement.AccessMode", consume(reader, "CREATE (:N)"))
	other := open(t, neo4j.SessionConfig{DatabaseName: "other"})
	failsWith(t, "Neo.ClientError.Database.DatabaseNotFound", consume(other, "RETURN 1"))
}

func TestAStatementThatTakesTooLongEnds(t *testing.T) {
	begun := time.Now()
	session := open(t, neo4j.SessionConfig{})
	err := consume(session, endless, neo4j.WithTxTimeout(300*time.Millisecond))
	failsWith(t, "Neo.ClientError.Transaction.TransactionTimedOut", err)
	equal(t, time.Since(begun) < 30*time.Second, true)
}

func TestLetsNobodyElseIn(t *testing.T) {
	if os.Getenv("BOLT_USER") == "" {
		t.Skip("nobody has to log in")
	}
	wrong, err := connect("bolt", "wrong")
	succeed(t, err)
	defer wrong.Close(background)
	failsWith(t, "Neo.ClientError.Security.Unauthorized", wrong.VerifyConnectivity(background))
}
