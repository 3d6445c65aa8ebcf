// SPDX-License-Identifier: Apache-2.0
#include "session/show_schema.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "base/status.h"

namespace tidemark::session {

using graph::IndexDefinition;
using graph::IndexKind;
using graph::IndexState;
using graph::NameKind;
using graph::Value;

namespace {

constexpr std::string_view kIndexes = "SHOW INDEXES";
constexpr std::string_view kConstraints = "SHOW CONSTRAINTS";
constexpr std::string_view kRangeProvider = "range-1.0";
constexpr std::string_view kTypeProvider = "token-lookup-1.0";

std::string Quoted(std::string_view name) {
  return absl::StrCat("`", absl::StrReplaceAll(ToAbsl(name), {{"`", "``"}}), "`");
}

class SchemaRow {
 public:
  SchemaRow(const IndexDefinition& definition, const catalog::NameTable& names)
      : definition_(definition) {
    if (definition.label.value() != 0) {
      label_ = names.Text(NameKind::kLabel, definition.label.value());
    }
    if (definition.type.value() != 0) {
      label_ = names.Text(NameKind::kType, definition.type.value());
    }
    for (const KeyId key : definition.keys)
      keys_.push_back(names.Text(NameKind::kKey, key.value()));
  }

  std::vector<Value> AsIndex() const {
    const bool is_online = definition_.state == IndexState::kOnline;
    const bool is_unique = definition_.kind == IndexKind::kUnique;
    const std::string_view provider = is_of_type() ? kTypeProvider : kRangeProvider;
    return {Value::Integer(static_cast<int64_t>(definition_.id.value())),
            Value::String(definition_.name),
            Value::String(is_online ? "ONLINE" : "POPULATING"),
            Value::Float(is_online ? 100.0 : 0.0),
            Value::String(is_of_type() ? "LOOKUP" : "RANGE"),
            Entity(),
            Texts({label_}),
            is_of_type() ? Value::Null() : Texts(keys_),
            Value::String(provider),
            is_unique ? Value::String(definition_.name) : Value::Null(),
            Value::Null(),
            Value::Null(),
            Value::Null(),
            Options(provider),
            Value::String(""),
            is_of_type() ? Value::Null() : Value::String(is_unique ? Constraint() : Index())};
  }

  std::vector<Value> AsConstraint() const {
    const bool is_unique = definition_.kind == IndexKind::kUnique;
    return {Value::Integer(static_cast<int64_t>(definition_.id.value())),
            Value::String(definition_.name),
            Value::String(is_unique ? "UNIQUENESS" : "NODE_PROPERTY_EXISTENCE"),
            Entity(),
            Texts({label_}),
            Texts(keys_),
            is_unique ? Value::String(definition_.name) : Value::Null(),
            Value::Null(),
            is_unique ? Options(kRangeProvider) : Value::Null(),
            Value::String(Constraint())};
  }

 private:
  bool is_of_type() const { return definition_.kind == IndexKind::kEdgeType; }
  Value Entity() const { return Value::String(is_of_type() ? "RELATIONSHIP" : "NODE"); }

  static Value Texts(const std::vector<std::string>& texts) {
    std::vector<Value> values;
    for (const std::string& text : texts) values.push_back(Value::String(text));
    return Value::List(std::move(values));
  }
  static Value Options(std::string_view provider) {
    return Value::Map(
        {{"indexConfig", Value::Map({})}, {"indexProvider", Value::String(provider)}});
  }

  std::string Keys() const {
    return absl::StrJoin(keys_, ", ", [](std::string* out, const std::string& key) {
      absl::StrAppend(out, "n.", Quoted(key));
    });
  }
  std::string Index() const {
    return absl::StrCat("CREATE RANGE INDEX ", Quoted(definition_.name), " FOR (n:", Quoted(label_),
                        ") ON (", Keys(), ")");
  }
  std::string Constraint() const {
    const bool is_unique = definition_.kind == IndexKind::kUnique;
    return absl::StrCat("CREATE CONSTRAINT ", Quoted(definition_.name), " FOR (n:", Quoted(label_),
                        ") REQUIRE (", Keys(), ") IS ", is_unique ? "UNIQUE" : "NOT NULL");
  }

  const IndexDefinition& definition_;
  std::string label_;
  std::vector<std::string> keys_;
};

bool IsShownIndex(IndexKind kind, std::string_view filter) {
  if (kind == IndexKind::kExists) return false;
  if (filter.empty() || filter == "ALL") return true;
  return filter == (kind == IndexKind::kEdgeType ? "LOOKUP" : "RANGE");
}

bool IsShownConstraint(IndexKind kind, std::string_view filter) {
  if (kind != IndexKind::kUnique && kind != IndexKind::kExists) return false;
  if (filter.empty() || filter == "ALL") return true;
  // All constraints are on nodes.
  if (filter.starts_with("REL")) return false;
  return absl::StrContains(ToAbsl(filter), kind == IndexKind::kUnique ? "UNIQUE" : "EXIST");
}

}  // namespace

exec::ProcedurePort::Rows ShowSchema(const Backend& backend, std::string_view what) {
  const bool shows_indexes = what.starts_with(kIndexes);
  std::string_view filter = what.substr((shows_indexes ? kIndexes : kConstraints).size());
  if (filter.starts_with(' ')) filter.remove_prefix(1);
  exec::ProcedurePort::Rows rows;
  for (const IndexDefinition& definition : backend.schema().all()) {
    const SchemaRow row(definition, backend.names());
    if (shows_indexes && IsShownIndex(definition.kind, filter)) rows.push_back(row.AsIndex());
    if (!shows_indexes && IsShownConstraint(definition.kind, filter)) {
      rows.push_back(row.AsConstraint());
    }
  }
  return rows;
}

std::string TextOfSchema(std::string_view label, const std::vector<std::string>& keys) {
  return absl::StrCat("(:", ToAbsl(label), " {", absl::StrJoin(keys, ", "), "})");
}

}  // namespace tidemark::session
