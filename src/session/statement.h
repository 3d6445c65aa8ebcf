// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "catalog/names.h"
#include "catalog/schema.h"
#include "graph/value.h"
#include "query/plan/fragment.h"
#include "query/planner/statistics.h"
#include "session/backend.h"
#include "session/front.h"
#include "session/schema_command.h"

namespace tidemark::session {

enum class StatementMode : uint8_t { kRun, kExplain, kProfile };

// A statement has no more notifications, the first that there are: nobody reads thousands, and each
// goes to the client with the summary.
inline constexpr size_t kMaxNotificationCount = 100;
// An error names no more parameters that are missing.
inline constexpr size_t kMaxNamedParameterCount = 100;

// A statement made ready to run. Never changes; runs may share it.
struct PreparedStatement {
  graph::Value text;  // a string
  StatementMode mode = StatementMode::kRun;
  StatementType type = StatementType::kRead;
  std::vector<std::string> columns;
  std::vector<std::string> parameters;  // their names, by number
  std::vector<Notification> notifications;
  bool writes = false;
  // Names that the catalog does not know. A statement that writes is made ready again when it does,
  // because it may look for what it makes.
  std::vector<NameRequest> unresolved;
  query::plan::Plan plan;
  // Instead of a plan.
  std::optional<SchemaCommand> command;
};

// What a statement is made ready against: the graph as the transaction sees it that will run it.
struct StatementContext {
  const catalog::NameTable* names = nullptr;
  const catalog::SchemaTable* schema = nullptr;
  uint32_t worker_count = 1;
  Csn read_csn;
  std::shared_ptr<const query::Statistics> statistics = nullptr;  // nullptr: unknown
  size_t max_variables = std::numeric_limits<size_t>::max();
};

// Parses, binds and plans. Parsing and binding take time in proportion to the text, planning up to
// the square of the number of variables: of a statement that has more of them than the context
// allows nothing is made (nullptr). The text is a string. Threads: any, one at a time for each
// context. Errors: query::Error.
absl::StatusOr<std::shared_ptr<const PreparedStatement>> Prepare(graph::Value statement_text,
                                                                 const StatementContext& context);

// The values of the statement's parameters by number, or an error that names those that are
// missing. REQUIRES: `parameters` is a map or null.
absl::StatusOr<std::vector<graph::Value>> BindParameters(const PreparedStatement& statement,
                                                         const graph::Value& parameters);

// Those of the notifications that the client wants.
std::vector<Notification> Wanted(const std::vector<Notification>& notifications,
                                 const NotificationFilter& filter);

}  // namespace tidemark::session
