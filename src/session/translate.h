// SPDX-License-Identifier: Apache-2.0
// From a client's operations (names) to a worker's (ids).
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "catalog/names.h"
#include "catalog/schema.h"
#include "exec/operation.h"
#include "session/backend.h"
#include "session/operation.h"

namespace tidemark::session {

// Names that the operation writes and that have no id yet are appended to `missing`.
void CollectMissingNames(const Operation& operation, const catalog::NameTable& names,
                         std::vector<NameRequest>* missing);

// What an operation becomes: operations for workers. No operations: the result is empty (a name
// that nobody uses, say).
struct Translated {
  std::vector<exec::Operation> operations;
  // Must visit all workers one after the other until the limit is reached.
  bool every_worker = false;
  // A unique lookup: the vertex found is then read at its owner.
  bool then_get_vertex = false;
};

// `vertex` and `target` are the operation's references, resolved; the transaction reads at
// `read_csn`. REQUIRES: no missing names. kInvalidArgument and kNotFound say what is wrong;
// kAborted: the index of a lookup came online after the transaction had begun, so a new one may use
// it.
absl::StatusOr<Translated> Translate(const Operation& operation, VertexId vertex, VertexId target,
                                     const Backend& backend, Csn read_csn);

// A constraint as people know it, with the values of a key (none: a property is missing):
// `unique_User_id (:User {id: "a"})`, `exists_User_id (:User {id})`.
std::string DescribeConstraint(const graph::IndexDefinition& definition,
                               const catalog::NameTable& names, std::string_view key);
// `status` of a worker; when a constraint caused it, `refused` (ExecuteReply::results) says which.
// kAborted when it is being dropped: workers learn of that one after the other, so some may still
// claim what others do not free any more.
absl::Status NameConstraint(const absl::Status& status, std::string_view refused,
                            const Backend& backend);

// A name for an index that has none, for example "unique_User_id".
std::string MakeUpIndexName(const graph::IndexDefinition& definition,
                            const catalog::NameTable& names);

}  // namespace tidemark::session
