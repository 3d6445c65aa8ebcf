// SPDX-License-Identifier: Apache-2.0
#include "check/cypher_statement.h"

#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/status.h"

namespace tidemark::check {
namespace {

using graph::Value;
using graph::ValueType;

Value IdOf(auto id) { return Value::Integer(static_cast<int64_t>(id.value())); }

Value ToValue(const PropertyValue& property) {
  if (std::holds_alternative<int64_t>(property)) {
    return Value::Integer(std::get<int64_t>(property));
  }
  std::vector<Value> elements;
  for (const int64_t element : std::get<std::vector<int64_t>>(property)) {
    elements.push_back(Value::Integer(element));
  }
  return Value::List(std::move(elements));
}

Value ToMap(const Properties& properties) {
  std::vector<graph::MapEntry> entries;
  for (const auto& [key, value] : properties) entries.emplace_back(key, ToValue(value));
  return Value::Map(std::move(entries));
}

std::string Quoted(std::string_view name) {
  return absl::StrCat("`", absl::StrReplaceAll(ToAbsl(name), {{"`", "``"}}), "`");
}

absl::Status Unexpected(std::string_view what) {
  return absl::InternalError(absl::StrCat("the answer has ", ToAbsl(what)));
}

bool IsIntegers(absl::Span<const Value> values) {
  for (const Value& value : values) {
    if (value.type() != ValueType::kInteger) return false;
  }
  return true;
}

absl::StatusOr<Properties> ToProperties(const Value& map) {
  if (map.type() != ValueType::kMap) return Unexpected("something else than a map of properties");
  Properties properties;
  for (const auto& [key, value] : map.map()) {
    if (value.type() == ValueType::kInteger) {
      properties.emplace_back(key, value.integer());
      continue;
    }
    if (value.type() != ValueType::kList || !IsIntegers(value.list())) {
      return Unexpected("a property that no workload writes");
    }
    std::vector<int64_t> elements;
    for (const Value& element : value.list()) elements.push_back(element.integer());
    properties.emplace_back(key, std::move(elements));
  }
  return properties;
}

}  // namespace

CypherStatement StatementOf(const Operation& operation, std::string_view name) {
  const Value id = IdOf(operation.vertex);
  switch (operation.kind) {
    case OperationKind::kCreateVertex:
      return {absl::StrCat("CREATE (n:", Quoted(name), " $properties) RETURN id(n)"),
              Value::Map({{"properties", ToMap(operation.properties)}})};
    case OperationKind::kCreateEdge:
      return {absl::StrCat("MATCH (a) WHERE id(a) = $source MATCH (b) WHERE id(b) = $target "
                           "CREATE (a)-[r:",
                           Quoted(name), "]->(b) RETURN id(r)"),
              Value::Map({{"source", id}, {"target", IdOf(operation.target)}})};
    case OperationKind::kSetProperty:
      return {"MATCH (n) WHERE id(n) = $id SET n += $properties RETURN id(n)",
              Value::Map({{"id", id}, {"properties", ToMap(operation.properties)}})};
    case OperationKind::kDeleteVertex:
      return {"MATCH (n) WHERE id(n) = $id DETACH DELETE n RETURN id(n)", Value::Map({{"id", id}})};
    case OperationKind::kDeleteEdge:
      return {"MATCH ()-[r]->() WHERE id(r) = $id DELETE r RETURN id(r)",
              Value::Map({{"id", IdOf(operation.edge)}})};
    case OperationKind::kGetVertex:
      return {"MATCH (n) WHERE id(n) = $id RETURN id(n), properties(n)", Value::Map({{"id", id}})};
    case OperationKind::kFindVertex: {
      const auto& [key, value] = operation.properties[0];
      return {absl::StrCat("MATCH (n:", Quoted(name), ") WHERE n.", Quoted(key),
                           " = $value RETURN id(n), properties(n)"),
              Value::Map({{"value", ToValue(value)}})};
    }
    case OperationKind::kScanLabel:
      return {absl::StrCat("MATCH (n:", Quoted(name), ") RETURN id(n), properties(n)"),
              Value::Map({})};
    case OperationKind::kExpand:
      // A loop is met from both of its ends.
      return {
          "MATCH (n)-[r]->(m) WHERE id(n) = $id RETURN id(m) AS vertex, id(r) AS edge, "
          "true AS outgoing UNION ALL MATCH (n)<-[r]-(m) WHERE id(n) = $id "
          "RETURN id(m) AS vertex, id(r) AS edge, false AS outgoing",
          Value::Map({{"id", id}})};
  }
  return {};
}

CypherStatement UniqueConstraintStatement(std::string_view label, std::string_view key) {
  return {absl::StrCat("CREATE CONSTRAINT IF NOT EXISTS FOR (n:", Quoted(label), ") REQUIRE n.",
                       Quoted(key), " IS UNIQUE"),
          Value::Map({})};
}

absl::Status TakeRow(const Operation& operation, absl::Span<const Value> row,
                     OperationResult* result) {
  const size_t width = operation.kind == OperationKind::kExpand ? 3
                       : NeedsRow(operation.kind)               ? 1
                                                                : 2;
  if (row.size() != width || row[0].type() != ValueType::kInteger) {
    return Unexpected("another row than the statement gives");
  }
  const uint64_t id = static_cast<uint64_t>(row[0].integer());
  switch (operation.kind) {
    case OperationKind::kCreateVertex:
    case OperationKind::kSetProperty:
    case OperationKind::kDeleteVertex:
      result->vertex = VertexId(id);
      return absl::OkStatus();
    case OperationKind::kCreateEdge:
    case OperationKind::kDeleteEdge:
      result->edge = EdgeId(id);
      return absl::OkStatus();
    case OperationKind::kExpand:
      if (row[1].type() != ValueType::kInteger || row[2].type() != ValueType::kBoolean) {
        return Unexpected("another row than the statement gives");
      }
      result->neighbours.push_back(
          {VertexId(id), EdgeId(static_cast<uint64_t>(row[1].integer())), row[2].boolean()});
      return absl::OkStatus();
    case OperationKind::kGetVertex:
    case OperationKind::kFindVertex:
    case OperationKind::kScanLabel: {
      ASSIGN_OR_RETURN(Properties properties, ToProperties(row[1]));
      result->vertices.push_back({VertexId(id), std::move(properties)});
      return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

bool NeedsRow(OperationKind kind) {
  switch (kind) {
    case OperationKind::kCreateVertex:
    case OperationKind::kCreateEdge:
    case OperationKind::kSetProperty:
    case OperationKind::kDeleteVertex:
    case OperationKind::kDeleteEdge:
      return true;
    case OperationKind::kGetVertex:
    case OperationKind::kFindVertex:
    case OperationKind::kScanLabel:
    case OperationKind::kExpand:
      return false;
  }
  return false;
}

absl::Status StatusOfCode(std::string_view code, std::string_view message) {
  struct Row {
    std::string_view code;
    absl::StatusCode status;
  };
  static constexpr Row kRows[] = {
      {"Neo.ClientError.Schema.ConstraintValidationFailed", absl::StatusCode::kAlreadyExists},
      {"Neo.TransientError.Transaction.DeadlockDetected", absl::StatusCode::kAborted},
      {"Neo.TransientError.General.DatabaseUnavailable", absl::StatusCode::kUnavailable},
      {"Neo.TransientError.General.MemoryPoolOutOfMemoryError",
       absl::StatusCode::kResourceExhausted},
      {"Neo.ClientError.Transaction.InvalidBookmark", absl::StatusCode::kFailedPrecondition},
      {"Neo.ClientError.Transaction.TransactionTimedOut", absl::StatusCode::kDeadlineExceeded},
      {"Neo.ClientError.Transaction.TransactionCommitFailed", absl::StatusCode::kUnknown},
      {"Neo.ClientError.Statement.EntityNotFound", absl::StatusCode::kNotFound},
  };
  const std::string text = absl::StrCat(ToAbsl(code), ": ", ToAbsl(message));
  for (const Row& row : kRows) {
    if (row.code == code) return absl::Status(row.status, text);
  }
  return absl::InternalError(text);
}

}  // namespace tidemark::check
