// SPDX-License-Identifier: Apache-2.0
#include "tests/bolt/fake_rows.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace tidemark::bolt {
namespace {

using graph::Value;
using graph::ValueSink;

constexpr VertexId kAnn{SlotId(1), 1};
constexpr VertexId kBob{SlotId(1), 2};
constexpr EdgeId kKnows{SlotId(1), 1};

// One row of values, with a summary.
class ValueRow : public FakeRows {
 public:
  ValueRow(std::vector<std::string> columns, std::vector<Value> values,
           session::Summary summary = {})
      : FakeRows(columns.empty() ? 0 : 1),
        columns_(std::move(columns)),
        values_(std::move(values)),
        summary_(std::move(summary)) {}

  std::vector<std::string> columns() const override { return columns_; }
  void Write(ValueSink* sink) override {
    --left_;
    for (const Value& value : values_) graph::WriteValue(value, sink);
  }
  session::Summary summary() const override { return summary_; }

 private:
  const std::vector<std::string> columns_;
  const std::vector<Value> values_;
  const session::Summary summary_;
};

// Many rows: a number and a text.
class ManyRows : public FakeRows {
 public:
  explicit ManyRows(int64_t count) : FakeRows(count), count_(count) {}

  std::vector<std::string> columns() const override { return {"i", "text"}; }
  void Write(ValueSink* sink) override {
    sink->Integer(count_ - left_--);
    sink->String(text_);
  }

 private:
  const int64_t count_;
  const std::string text_ = std::string(100, 'x');
};

// The numbers from 1 on.
class Range : public FakeRows {
 public:
  explicit Range(int64_t count) : FakeRows(count), count_(count) {}

  std::vector<std::string> columns() const override { return {"i"}; }
  void Write(ValueSink* sink) override { sink->Integer(count_ - --left_); }

 private:
  const int64_t count_;
};

// A failure that comes with the first rows.
class LateFailure : public FakeRows {
 public:
  LateFailure() : FakeRows(1) {}
  std::vector<std::string> columns() const override { return {"n"}; }
  void Write(ValueSink*) override {}
  std::optional<session::Failure> failure() const override {
    return session::Failure{.code = "Neo.TransientError.Transaction.DeadlockDetected",
                            .message = "another transaction has written n",
                            .gql_status = "50N05",
                            .gql_description =
                                "error: general processing exception - deadlock "
                                "detected.",
                            .retryable = true};
  }
};

session::Summary CreateSummary() {
  return {
      .type = session::StatementType::kWrite,
      .counters = {
          .nodes_created = 2, .relationships_created = 1, .properties_set = 3, .labels_added = 4}};
}

void WritePerson(VertexId vertex, std::string_view name, ValueSink* sink) {
  const std::string_view labels[] = {"Person", "User"};
  sink->BeginVertex({.vertex = vertex, .labels = labels, .property_count = 1});
  sink->Key("name");
  sink->String(name);
  sink->EndVertex();
}

void WriteKnows(const graph::EdgeRef& edge, ValueSink* sink) {
  sink->BeginEdge({.edge = edge, .type = "KNOWS", .property_count = 1});
  sink->Key("since");
  sink->Integer(2020);
  sink->EndEdge();
}

// A node, a relationship, and a path that walks the relationship there and back.
class ElementRow : public FakeRows {
 public:
  ElementRow() : FakeRows(1) {}
  std::vector<std::string> columns() const override { return {"n", "r", "p"}; }
  void Write(ValueSink* sink) override {
    --left_;
    const graph::EdgeRef knows{kKnows, kAnn, kBob, TypeId(1)};
    WritePerson(kAnn, "Ann", sink);
    WriteKnows(knows, sink);
    const graph::Path path{.vertices = {kAnn, kBob, kAnn}, .edges = {knows, knows}};
    sink->BeginPath(path);
    WritePerson(kAnn, "Ann", sink);
    WritePerson(kBob, "Bob", sink);
    WriteKnows(knows, sink);
    sink->EndPath();
  }
  session::Summary summary() const override { return CreateSummary(); }
};

std::unique_ptr<FakeRows> ScalarRow() {
  const graph::DateTime offset{.epoch_second = 1'600'000'000, .nanos = 5, .offset_seconds = 7200};
  graph::DateTime zoned = offset;
  zoned.zone = "Europe/Berlin";
  return std::make_unique<ValueRow>(
      std::vector<std::string>{"null", "boolean", "integer", "float", "string", "bytes", "date",
                               "time", "localTime", "dateTime", "zoned", "localDateTime",
                               "duration", "point", "point3d"},
      std::vector<Value>{
          Value::Null(), Value::Boolean(true), Value::Integer(1ll << 40), Value::Float(1.5),
          Value::String("grün"), Value::Bytes("\x01\x02"), Value::Of(graph::Date{18'000}),
          Value::Of(graph::Time{3'600'000'000'001, 3600}), Value::Of(graph::LocalTime{7}),
          Value::Of(offset), Value::Of(zoned), Value::Of(graph::LocalDateTime{1'600'000'000, 9}),
          Value::Of(graph::Duration{.months = 14, .days = 3, .seconds = -1, .nanos = 500'000'000}),
          Value::Of(graph::Point{graph::Crs::kCartesian, {1, 2, 0}}),
          Value::Of(graph::Point{graph::Crs::kWgs84_3d, {12.5, 55.5, 100}})});
}

session::Summary ProfileSummary() {
  session::PlanNode scan{.operator_type = "AllNodesScan",
                         .identifiers = {"n"},
                         .arguments = {{"EstimatedRows", Value::Float(10)}},
                         .rows = 7,
                         .db_hits = 8,
                         .time_nanos = 9};
  session::PlanNode produce{.operator_type = "ProduceResults",
                            .identifiers = {"n"},
                            .children = {std::move(scan)},
                            .rows = 7};
  return {.plan = std::move(produce), .profiled = true};
}

session::Summary NoteSummary() {
  return {.notifications = {{.code = "Neo.ClientNotification.Statement.UnknownLabelWarning",
                             .title = "The label is not known",
                             .description = "No node has the label `Persn`",
                             .gql_status = "01N50",
                             .gql_description = "warn: label does not exist. The label `Persn` "
                                                "does not exist.",
                             .category = "UNRECOGNIZED",
                             .severity = session::Severity::kWarning,
                             .position = {{.offset = 9, .line = 1, .column = 10}}}}};
}

// $n; clients of tests that send anything at all may send anything.
int64_t CountOf(const session::Statement& statement) {
  constexpr int64_t kMaxCount = 1'000'000;
  const Value& count = statement.parameters.Get("n");
  if (count.type() != graph::ValueType::kInteger) return 0;
  return std::clamp<int64_t>(count.integer(), 0, kMaxCount);
}

}  // namespace

std::unique_ptr<FakeRows> FindRows(const session::Statement& statement) {
  const auto row = [](std::string column, Value value, session::Summary summary = {}) {
    return std::make_unique<ValueRow>(std::vector<std::string>{std::move(column)},
                                      std::vector<Value>{std::move(value)}, std::move(summary));
  };
  const std::string text(statement.text.string());
  if (text == "RETURN 1 AS one") return row("one", Value::Integer(1));
  if (text == "RETURN 1") return row("1", Value::Integer(1));
  if (text == "RETURN $x AS x") return row("x", statement.parameters.Get("x"));
  if (text == "RETURN $xs AS xs") return row("xs", statement.parameters.Get("xs"));
  if (text == "ROWS $n") {
    return std::make_unique<ManyRows>(CountOf(statement));
  }
  if (text == "UNWIND range(1, $n) AS i RETURN i") {
    return std::make_unique<Range>(CountOf(statement));
  }
  if (text.starts_with("CREATE p = (n:Person:User {name: 'Ann'})")) {
    return std::make_unique<ElementRow>();
  }
  if (text == "ELEMENTS") return std::make_unique<ElementRow>();
  if (text == "VALUES") return ScalarRow();
  if (text == "CREATE") {
    return std::make_unique<ValueRow>(std::vector<std::string>(), std::vector<Value>(),
                                      CreateSummary());
  }
  if (text == "PROFILE") return row("n", Value::Integer(7), ProfileSummary());
  if (text == "NOTIFY") return row("n", Value::Null(), NoteSummary());
  if (text == "WIDE") return row(std::string(1'100'000, 'n'), Value::Integer(1), {});
  if (text == "PARTS") return row("list", Value::Null());
  if (text == "HUGE") {
    const Value part = Value::String(std::string(size_t{1} << 20, 'x'));
    return row("n", Value::List(std::vector<Value>(200, part)), {});
  }
  if (text == "CONFLICT") return std::make_unique<LateFailure>();
  return nullptr;
}

session::Failure UnknownStatement(std::string_view text) {
  return {
      .code = "Neo.ClientError.Statement.SyntaxError",
      .message = absl::StrCat("Invalid input '", ToAbsl(text), "' (line 1, column 1 (offset: 0))"),
      .gql_status = "42001",
      .gql_description = "error: syntax error or access rule violation - invalid syntax",
      .position = {{.offset = 0, .line = 1, .column = 1}}};
}

}  // namespace tidemark::bolt
