// SPDX-License-Identifier: Apache-2.0
// From what a transaction changes (names) to what workers do (ids).
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "catalog/names.h"
#include "catalog/schema.h"
#include "exec/change.h"
#include "exec/graph_writer.h"
#include "session/backend.h"

namespace tidemark::session {

// Names that the change writes and that have no id yet are appended to `missing`.
void CollectMissingNames(const exec::GraphChange& change, const catalog::NameTable& names,
                         std::vector<NameRequest>* missing);

// What a change becomes; nothing when there is nothing to be done (a removed property that nobody
// has, say). `vertex` and `target` are the change's references, resolved. REQUIRES: no missing
// names. kInvalidArgument and kNotFound say what is wrong.
absl::StatusOr<std::vector<exec::Change>> ToWorkerChanges(const exec::GraphChange& change,
                                                          VertexId vertex, VertexId target,
                                                          const Backend& backend);

// A constraint as people know it, with the values of a key (none: a property is missing):
// `unique_User_id (:User {id: "a"})`, `exists_User_id (:User {id})`.
std::string DescribeConstraint(const graph::IndexDefinition& definition,
                               const catalog::NameTable& names, std::string_view key);
// `status` of changes at a worker, without its payload (exec::FailureOf); when a constraint caused
// it, the message says which. kAborted when it is being dropped: workers learn of that one after
// the other, so some may still claim what others do not free any more.
absl::Status NameConstraint(const absl::Status& status, const Backend& backend);

// A name for an index that has none, for example "unique_User_id".
std::string MakeUpIndexName(const graph::IndexDefinition& definition,
                            const catalog::NameTable& names);

}  // namespace tidemark::session
