// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/names.h"
#include "graph/value.h"
#include "query/plan/fragment.h"
#include "session/front.h"

namespace tidemark::session {

enum class StatementMode : uint8_t { kRun, kExplain, kProfile };

// A statement made ready to run. Never changes; runs may share it.
struct PreparedStatement {
  std::string text;
  StatementMode mode = StatementMode::kRun;
  StatementType type = StatementType::kRead;
  std::vector<std::string> columns;
  std::vector<std::string> parameters;  // their names, by number
  std::vector<Notification> notifications;
  query::plan::Plan plan;
};

// Parses, binds and plans. Takes time in proportion to the text. Threads: any, one at a time for
// each name table. Errors: query::Error.
absl::StatusOr<std::shared_ptr<const PreparedStatement>> Prepare(std::string text,
                                                                 const catalog::NameTable& names);

// The values of the statement's parameters by number, or an error that names those that are
// missing. REQUIRES: `parameters` is a map or null.
absl::StatusOr<std::vector<graph::Value>> BindParameters(const PreparedStatement& statement,
                                                         const graph::Value& parameters);

// Those of the notifications that the client wants.
std::vector<Notification> Wanted(const std::vector<Notification>& notifications,
                                 const NotificationFilter& filter);

}  // namespace tidemark::session
