// SPDX-License-Identifier: Apache-2.0
#include "query/binder/statement_binder.h"

#include <algorithm>
#include <string>

namespace tidemark::query {

absl::StatusOr<const bound::Statement*> Bind(const Statement& statement, const BindContext& context,
                                             Arena* arena) {
  return StatementBinder(statement, context, arena).Run();
}

absl::StatusOr<const bound::Statement*> StatementBinder::Run() {
  NoteOptions();
  const bound::Query* query = nullptr;
  const bound::Command* command = nullptr;
  if (statement_.query != nullptr) {
    query = BindQuery(*statement_.query, {nullptr, nullptr, true});
  } else if (statement_.command->kind == CommandKind::kShow) {
    query = BindShow(As<ShowCommand>(*statement_.command));
  } else {
    command = BindCommand(*statement_.command);
  }
  if (!status_.ok()) return status_;
  if (!last_status_.ok()) return last_status_;
  return Finish(query, command);
}

const bound::Statement* StatementBinder::Finish(const bound::Query* query,
                                                const bound::Command* command) {
  auto* statement = arena_->New<bound::Statement>();
  statement->text = statement_.text;
  statement->mode = static_cast<bound::StatementMode>(statement_.mode);
  if (command != nullptr) {
    statement->kind = bound::StatementKind::kSchema;
  } else if (query->writes) {
    statement->kind =
        query->columns.empty() ? bound::StatementKind::kWrite : bound::StatementKind::kReadWrite;
  }
  statement->variables = Keep(variables_);
  statement->parameters = Keep(parameters_);
  statement->unresolved = Keep(unresolved_);
  statement->notifications = Keep(notifications_);
  statement->query = query;
  statement->command = command;
  return statement;
}

void StatementBinder::NoteOptions() {
  for (const StatementOption& option : statement_.options) {
    notifications_.push_back(
        {bound::NotificationKind::kIgnoredOption, Keep(option.key.text), option.key.source});
  }
}

void StatementBinder::Fail(ErrorId id, Source source,
                           std::initializer_list<std::string_view> arguments) {
  if (failed()) return;
  status_ = ToStatus(MakeError(id, statement_.text, source.offset, arguments));
}

void StatementBinder::FailWith(absl::Status status) {
  const auto error = ErrorOf(status);
  absl::Status& kept =
      error.has_value() && error->id == ErrorId::kNotSupported ? last_status_ : status_;
  if (kept.ok()) kept = std::move(status);
}

void StatementBinder::FailLast(ErrorId id, Source source,
                               std::initializer_list<std::string_view> arguments) {
  if (!last_status_.ok()) return;
  last_status_ = ToStatus(MakeError(id, statement_.text, source.offset, arguments));
}

void StatementBinder::NotYet(std::string_view what, Source source) {
  FailLast(ErrorId::kNotSupported, source, {what});
}

bound::VariableId StatementBinder::NewVariable(std::string_view name, bound::VariableKind kind,
                                               CypherType type, Source source) {
  variables_.push_back({Keep(name), kind, type, source});
  return static_cast<bound::VariableId>(variables_.size() - 1);
}

bound::Name StatementBinder::Resolve(graph::NameKind kind, const Name& name, bool is_read) {
  const std::optional<uint32_t> id = context_.names->Find(kind, name.text);
  const std::string_view text = Keep(name.text);
  if (id.has_value()) return {text, *id};
  const auto [it, is_new] = unknown_.try_emplace(std::pair(kind, ToAbsl(text)), false);
  if (is_new) unresolved_.push_back({kind, text});
  if (is_read && !it->second) {
    it->second = true;
    constexpr bound::NotificationKind kKinds[] = {bound::NotificationKind::kUnknownLabel,
                                                  bound::NotificationKind::kUnknownType,
                                                  bound::NotificationKind::kUnknownKey};
    notifications_.push_back({kKinds[static_cast<size_t>(kind) - 1], text, name.source});
  }
  return {text, 0};
}

bound::Expression StatementBinder::TraitsOf(bound::ExpressionKind kind, CypherType type,
                                            Source source, absl::Span<const Expr> parts) {
  bound::Expression traits{kind, false, false, true, false, bound::kNoVariable, type, source};
  for (const Expr part : parts) {
    if (part == nullptr) continue;
    traits.may_raise = traits.may_raise || part->may_raise;
    traits.is_volatile = traits.is_volatile || part->is_volatile;
    traits.is_constant = traits.is_constant && part->is_constant;
    traits.has_subplan = traits.has_subplan || part->has_subplan;
    traits.lowest_variable = std::min(traits.lowest_variable, part->lowest_variable);
  }
  return traits;
}

StatementBinder::Expr StatementBinder::Null(Source source) {
  return Make<bound::NullLiteral>(CypherType::Null(), source, {});
}

StatementBinder::Expr StatementBinder::ReferTo(bound::VariableId variable, Source source) {
  bound::Expression traits =
      TraitsOf(bound::VariableReference::kKind, At(variable).type, source, {});
  traits.is_constant = false;
  traits.lowest_variable = variable;
  return arena_->New<bound::VariableReference>(traits, variable);
}

}  // namespace tidemark::query
