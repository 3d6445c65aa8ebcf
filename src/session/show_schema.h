// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "catalog/names.h"
#include "exec/procedure_port.h"
#include "graph/index_definition.h"
#include "session/backend.h"

namespace tidemark::session {

// The rows of "SHOW INDEXES" or "SHOW CONSTRAINTS", behind it a filter such as "UNIQUE"; their
// columns are those of query::ColumnsOf.
exec::ProcedurePort::Rows ShowSchema(const Backend& backend, std::string_view what);

// ":Person {name, age}": what a definition is over, for people.
std::string TextOfSchema(std::string_view label, const std::vector<std::string>& keys);

}  // namespace tidemark::session
