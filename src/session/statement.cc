// SPDX-License-Identifier: Apache-2.0
#include "session/statement.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "exec/operators/operator.h"
#include "query/binder/binder.h"
#include "query/parser/parser.h"
#include "query/planner/planner.h"
#include "query/text/error.h"
#include "session/procedures.h"

namespace tidemark::session {

namespace bound = query::bound;

namespace {

struct NotificationRow {
  bound::NotificationKind kind;
  std::string_view code;
  std::string_view title;
  std::string_view description;  // $ stands for the name
  std::string_view gql_status;
  std::string_view category;
  Severity severity;
};

constexpr NotificationRow kNotifications[] = {
    {bound::NotificationKind::kUnknownLabel, "Neo.ClientNotification.Statement.UnknownLabelWarning",
     "The provided label is not in the database.", "No vertex has ever had the label `$`", "01N50",
     "UNRECOGNIZED", Severity::kWarning},
    {bound::NotificationKind::kUnknownType,
     "Neo.ClientNotification.Statement.UnknownRelationshipTypeWarning",
     "The provided relationship type is not in the database.",
     "No relationship has ever had the type `$`", "01N51", "UNRECOGNIZED", Severity::kWarning},
    {bound::NotificationKind::kUnknownKey,
     "Neo.ClientNotification.Statement.UnknownPropertyKeyWarning",
     "The provided property key is not in the database", "No element has ever had the property `$`",
     "01N52", "UNRECOGNIZED", Severity::kWarning},
    {bound::NotificationKind::kIgnoredOption, "Neo.ClientNotification.Statement.UnsupportedOption",
     "An option of the statement is ignored.", "The option `$` has no meaning here and is ignored",
     "03N98", "GENERIC", Severity::kInformation},
    {bound::NotificationKind::kIgnoredHint, "Neo.ClientNotification.Statement.HintIgnored",
     "A hint is ignored.", "The hint `$` is ignored; the planner chooses by itself", "03N98",
     "HINT", Severity::kInformation},
};

Notification ToNotification(const bound::Notification& from, std::string_view text) {
  const auto* const row =
      std::find_if(std::begin(kNotifications), std::end(kNotifications),
                   [&](const NotificationRow& candidate) { return candidate.kind == from.kind; });
  Notification notification;
  notification.code = row->code;
  notification.title = row->title;
  const size_t at = row->description.find('$');
  notification.description = absl::StrCat(ToAbsl(row->description.substr(0, at)), ToAbsl(from.name),
                                          ToAbsl(row->description.substr(at + 1)));
  notification.gql_status = row->gql_status;
  notification.gql_description = row->title;
  notification.category = row->category;
  notification.severity = row->severity;
  const query::Position position = query::PositionAt(text, from.source.offset);
  notification.position = {position.offset, position.line, position.column};
  return notification;
}

StatementType TypeOf(bound::StatementKind kind) {
  switch (kind) {
    case bound::StatementKind::kRead:
      return StatementType::kRead;
    case bound::StatementKind::kWrite:
      return StatementType::kWrite;
    case bound::StatementKind::kReadWrite:
      return StatementType::kReadWrite;
    case bound::StatementKind::kSchema:
      return StatementType::kSchema;
  }
  return StatementType::kRead;
}

StatementMode ModeOf(bound::StatementMode mode) {
  switch (mode) {
    case bound::StatementMode::kRun:
      return StatementMode::kRun;
    case bound::StatementMode::kExplain:
      return StatementMode::kExplain;
    case bound::StatementMode::kProfile:
      return StatementMode::kProfile;
  }
  return StatementMode::kRun;
}

absl::Status PrepareQuery(const bound::Statement& statement, const StatementContext& context,
                          PreparedStatement* prepared) {
  query::PlannerInput input;
  input.worker_count = context.worker_count;
  input.schema = context.schema;
  input.read_csn = context.read_csn;
  input.statistics = context.statistics.get();
  ASSIGN_OR_RETURN(prepared->plan, query::MakePlan(statement, input));
  prepared->writes = statement.query->writes;
  for (const bound::UnresolvedName& name : statement.unresolved) {
    prepared->unresolved.push_back({name.kind, std::string(name.text)});
  }
  for (const bound::Column& column : statement.query->columns) {
    prepared->columns.emplace_back(column.name);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::shared_ptr<const PreparedStatement>> Prepare(graph::Value statement_text,
                                                                 const StatementContext& context) {
  auto prepared = std::make_shared<PreparedStatement>();
  prepared->text = std::move(statement_text);
  const std::string_view text = prepared->text.string();
  query::Arena tree_arena;
  query::Arena bound_arena;
  ASSIGN_OR_RETURN(const query::Statement* const tree, query::Parse(text, &tree_arena));
  const ProcedureTable procedures;
  ASSIGN_OR_RETURN(const bound::Statement* const statement,
                   query::Bind(*tree, {context.names, &procedures}, &bound_arena));
  if (statement->variables.size() > context.max_variables) return {nullptr};
  prepared->mode = ModeOf(statement->mode);
  prepared->type = TypeOf(statement->kind);
  if (statement->command != nullptr) {
    ASSIGN_OR_RETURN(prepared->command, MakeSchemaCommand(*statement->command, text));
  } else {
    RETURN_IF_ERROR(PrepareQuery(*statement, context, prepared.get()));
  }
  for (const bound::ParameterUse& parameter : statement->parameters) {
    prepared->parameters.emplace_back(parameter.name);
  }
  for (const bound::Notification& notification :
       statement->notifications.subspan(0, kMaxNotificationCount)) {
    prepared->notifications.push_back(ToNotification(notification, text));
  }
  return std::shared_ptr<const PreparedStatement>(std::move(prepared));
}

absl::StatusOr<std::vector<graph::Value>> BindParameters(const PreparedStatement& statement,
                                                         const graph::Value& parameters) {
  std::vector<graph::Value> values;
  std::vector<absl::string_view> missing;
  const auto given = parameters.is_null() ? absl::Span<const graph::MapEntry>() : parameters.map();
  for (const std::string& name : statement.parameters) {
    const auto it = std::lower_bound(
        given.begin(), given.end(), name,
        [](const graph::MapEntry& entry, const std::string& key) { return entry.first < key; });
    if (it == given.end() || it->first != name) {
      missing.push_back(ToAbsl(name));
    } else {
      values.push_back(it->second);
    }
  }
  if (missing.empty()) return values;
  const size_t named_count = std::min(missing.size(), kMaxNamedParameterCount);
  std::string names = absl::StrJoin(missing.begin(), missing.begin() + named_count, ", ");
  if (named_count < missing.size()) {
    absl::StrAppend(&names, " and ", missing.size() - named_count, " more");
  }
  return ToStatus(query::MakeError(query::ErrorId::kMissingParameter, {std::move(names)}));
}

std::vector<Notification> Wanted(const std::vector<Notification>& notifications,
                                 const NotificationFilter& filter) {
  std::vector<Notification> wanted;
  if (filter.minimum == Severity::kOff) return wanted;
  for (const Notification& notification : notifications) {
    const auto& disabled = filter.disabled_categories;
    const bool is_disabled =
        std::find(disabled.begin(), disabled.end(), notification.category) != disabled.end();
    if (!is_disabled && notification.severity >= filter.minimum) wanted.push_back(notification);
  }
  return wanted;
}

}  // namespace tidemark::session
