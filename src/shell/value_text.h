// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "bolt_client/value.h"
#include "cli/json.h"
#include "graph/value.h"

namespace tidemark::shell {

// As one would write it in Cypher: {a: 1}, (:Person {name: "Ann"}), [:KNOWS {since: 2020}],
// (:Person)-[:KNOWS]->(:Person). Control characters are escaped.
std::string CypherText(const bolt_client::Value& value);

// Nodes as {"id", "labels", "properties"}, relationships as {"id", "type", "start", "end",
// "properties"}, paths as lists of these; what JSON does not have as the text of Cypher.
void WriteJson(const bolt_client::Value& value, cli::JsonWriter* json);

// As a parameter. kInvalidArgument for elements, which no client can send.
absl::StatusOr<graph::Value> AsParameter(const bolt_client::Value& value);

}  // namespace tidemark::shell
