// SPDX-License-Identifier: Apache-2.0
// Commands of the schema: CREATE and DROP of an INDEX or a CONSTRAINT.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "graph/index_definition.h"
#include "graph/value.h"
#include "query/binder/bound.h"
#include "session/backend.h"
#include "session/front.h"

namespace tidemark::session {

// A command made ready to run: names as texts, because it may name what nobody has named before.
struct SchemaCommand {
  query::bound::CommandKind kind = query::bound::CommandKind::kCreateIndex;
  std::string name;                        // empty: see `name_parameter`; neither: it gets one
  std::optional<uint32_t> name_parameter;  // its number
  bool if_exists = false;  // IF EXISTS, IF NOT EXISTS: no error when there is nothing to do
  graph::IndexKind index = graph::IndexKind::kLabelProperty;
  std::string label;
  std::vector<std::string> keys;
};

// Errors: query::Error for what the node does not offer.
absl::StatusOr<SchemaCommand> MakeSchemaCommand(const query::bound::Command& command,
                                                std::string_view statement);
// Takes the name out of the parameters.
absl::Status TakeName(const std::vector<graph::Value>& parameters, SchemaCommand* command);

// What the command changes in the schema as it is now; nothing when IF (NOT) EXISTS says so.
// Errors: query::Error, in Neo4j's words.
absl::StatusOr<std::optional<SchemaChange>> PlanSchemaChange(const SchemaCommand& command,
                                                             const Backend& backend);
// What takes a change back that is about to be made. The name of what gets one while it is made is
// known behind it.
SchemaChange OppositeOf(const SchemaChange& change, const Backend& backend);
// The name of what the change has created; empty when it is not there.
std::string NameOf(const SchemaChange& change, const Backend& backend);
// What a change that failed is told to the client.
absl::Status SchemaFailure(const SchemaChange& change, const absl::Status& status);

void CountSchemaChange(const SchemaCommand& command, Counters* counters);

}  // namespace tidemark::session
