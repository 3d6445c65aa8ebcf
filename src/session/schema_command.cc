// SPDX-License-Identifier: Apache-2.0
#include "session/schema_command.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "query/functions/failures.h"
#include "query/text/error.h"
#include "session/show_schema.h"

namespace tidemark::session {

namespace bound = query::bound;

using graph::IndexDefinition;
using graph::IndexKind;
using graph::NameKind;
using query::ErrorId;

namespace {

absl::Status Error(ErrorId id, const std::string& text) {
  return ToStatus(query::MakeError(id, {text}));
}

bool IsConstraint(IndexKind kind) {
  return kind == IndexKind::kUnique || kind == IndexKind::kExists;
}

bool Creates(bound::CommandKind kind) {
  return kind == bound::CommandKind::kCreateIndex || kind == bound::CommandKind::kCreateConstraint;
}

// Where a constraint and an index are meant alike.
std::string_view WordOf(IndexKind kind) { return IsConstraint(kind) ? "constraint" : "index"; }

// The definition over the label and keys of a command or a change, of that kind; nullptr when there
// is none.
template <typename T>
const IndexDefinition* FindSame(const T& schema, IndexKind kind, const Backend& backend) {
  const auto label = backend.names().Find(NameKind::kLabel, schema.label);
  if (!label.has_value()) return nullptr;
  IndexDefinition wanted;
  wanted.kind = kind;
  wanted.label = LabelId(*label);
  for (const std::string& key : schema.keys) {
    const auto id = backend.names().Find(NameKind::kKey, key);
    if (!id.has_value()) return nullptr;
    wanted.keys.push_back(KeyId(*id));
  }
  return backend.schema().FindEqual(wanted);
}

// Why the command has nothing to create, or OK.
absl::Status CheckNew(const SchemaCommand& command, const Backend& backend) {
  const std::string schema = TextOfSchema(command.label, command.keys);
  const bool is_constraint = IsConstraint(command.index);
  if (const IndexDefinition* same = FindSame(command, command.index, backend)) {
    if (command.name.empty() || same->name == command.name) {
      return Error(ErrorId::kEquivalentSchemaRuleExists,
                   absl::StrCat("An equivalent ", ToAbsl(WordOf(command.index)),
                                " already exists: '", same->name, "' over ", schema));
    }
    return Error(is_constraint ? ErrorId::kConstraintExists : ErrorId::kIndexExists,
                 absl::StrCat("There already exists ", is_constraint ? "a constraint" : "an index",
                              " over ", schema, ", with the name '", same->name, "'"));
  }
  if (!command.name.empty()) {
    if (const IndexDefinition* named = backend.schema().FindByName(command.name)) {
      const bool is_named_constraint = IsConstraint(named->kind);
      return Error(
          is_named_constraint ? ErrorId::kConstraintNameExists : ErrorId::kIndexNameExists,
          absl::StrCat("There already exists ", is_named_constraint ? "a constraint" : "an index",
                       " called '", command.name, "'; choose another name"));
    }
  }
  // A uniqueness constraint is an index too.
  if (command.index == IndexKind::kLabelProperty &&
      FindSame(command, IndexKind::kUnique, backend) != nullptr) {
    return Error(ErrorId::kConstraintExists,
                 absl::StrCat("There is a uniqueness constraint over ", schema,
                              ", so an index that matches this is there already"));
  }
  if (command.index == IndexKind::kUnique &&
      FindSame(command, IndexKind::kLabelProperty, backend) != nullptr) {
    return Error(ErrorId::kIndexExists,
                 absl::StrCat("There already exists an index over ", schema,
                              "; a constraint cannot be created until it has been dropped"));
  }
  return absl::OkStatus();
}

absl::Status CheckThere(const SchemaCommand& command, const Backend& backend) {
  const bool drops_index = command.kind == bound::CommandKind::kDropIndex;
  const IndexDefinition* named = backend.schema().FindByName(command.name);
  if (drops_index && (named == nullptr || named->kind == IndexKind::kExists)) {
    return Error(ErrorId::kIndexDropFailed,
                 absl::StrCat("Unable to drop index: there is no index '", command.name, "'"));
  }
  if (!drops_index && (named == nullptr || !IsConstraint(named->kind))) {
    return Error(
        ErrorId::kConstraintDropFailed,
        absl::StrCat("Unable to drop constraint: there is no constraint '", command.name, "'"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SchemaCommand> MakeSchemaCommand(const bound::Command& command,
                                                std::string_view statement) {
  SchemaCommand made;
  made.kind = command.kind;
  made.name = std::string(command.name);
  if (command.has_name_parameter) made.name_parameter = command.name_parameter;
  made.if_exists = command.if_exists;
  if (!Creates(command.kind)) return made;
  if (command.labels.size() != 1) {
    return ToStatus(query::MakeError(ErrorId::kNotSupported, statement, command.source.offset,
                                     {"An index over several labels"}));
  }
  if (command.kind == bound::CommandKind::kCreateConstraint) {
    const bool is_unique = command.constraint == bound::CommandConstraintKind::kUnique;
    made.index = is_unique ? IndexKind::kUnique : IndexKind::kExists;
  }
  made.label = std::string(command.labels[0].text);
  for (const bound::Name& key : command.keys) made.keys.emplace_back(key.text);
  return made;
}

absl::Status TakeName(const std::vector<graph::Value>& parameters, SchemaCommand* command) {
  if (!command->name_parameter.has_value()) return absl::OkStatus();
  const graph::Value& name = parameters[*command->name_parameter];
  if (name.type() != graph::ValueType::kString) return query::TypeMismatch("STRING", name);
  command->name = std::string(name.string());
  return absl::OkStatus();
}

absl::StatusOr<std::optional<SchemaChange>> PlanSchemaChange(const SchemaCommand& command,
                                                             const Backend& backend) {
  SchemaChange change{!Creates(command.kind), command.name, command.index, command.label,
                      command.keys};
  const absl::Status status =
      change.drops ? CheckThere(command, backend) : CheckNew(command, backend);
  if (!status.ok()) {
    if (command.if_exists) return std::nullopt;
    return status;
  }
  // The index of a constraint is dropped with it alone.
  if (command.kind == bound::CommandKind::kDropIndex &&
      IsConstraint(backend.schema().FindByName(command.name)->kind)) {
    return Error(ErrorId::kIndexDropFailed,
                 absl::StrCat("Unable to drop index: '", command.name,
                              "' belongs to a constraint; drop the constraint"));
  }
  return std::optional<SchemaChange>(std::move(change));
}

SchemaChange OppositeOf(const SchemaChange& change, const Backend& backend) {
  SchemaChange opposite = change;
  opposite.drops = !change.drops;
  if (!change.drops) return opposite;
  const IndexDefinition* const dropped = backend.schema().FindByName(change.name);
  if (dropped == nullptr) return opposite;  // then dropping it fails
  opposite.kind = dropped->kind;
  opposite.label = backend.names().Text(NameKind::kLabel, dropped->label.value());
  opposite.keys.clear();
  for (const KeyId key : dropped->keys) {
    opposite.keys.emplace_back(backend.names().Text(NameKind::kKey, key.value()));
  }
  return opposite;
}

std::string NameOf(const SchemaChange& change, const Backend& backend) {
  const IndexDefinition* const made = FindSame(change, change.kind, backend);
  return made == nullptr ? std::string() : made->name;
}

absl::Status SchemaFailure(const SchemaChange& change, const absl::Status& status) {
  const bool is_broken = status.code() == absl::StatusCode::kAlreadyExists ||
                         status.code() == absl::StatusCode::kFailedPrecondition;
  if (!change.drops && IsConstraint(change.kind) && is_broken) {
    return Error(ErrorId::kConstraintCreationFailed,
                 absl::StrCat("Unable to create a constraint over ",
                              TextOfSchema(change.label, change.keys), ": ", MessageOf(status)));
  }
  return status;
}

void CountSchemaChange(const SchemaCommand& command, Counters* counters) {
  switch (command.kind) {
    case bound::CommandKind::kCreateIndex:
      ++counters->indexes_added;
      return;
    case bound::CommandKind::kDropIndex:
      ++counters->indexes_removed;
      return;
    case bound::CommandKind::kCreateConstraint:
      ++counters->constraints_added;
      return;
    case bound::CommandKind::kDropConstraint:
      ++counters->constraints_removed;
      return;
  }
}

}  // namespace tidemark::session
