// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "exec/operation.h"
#include "storage/shard.h"

namespace tidemark::exec {

// Runs the reading operations of one batch, one after the other, in slices.
// Owner: BatchExecutor. Threads: the shard's loop.
class OperationReader {
 public:
  // Does not own the shard.
  OperationReader(storage::Shard* shard, storage::View view);

  // Goes on with the operation (begins it when the one before was done), taking from `*units`.
  // True when it is done. REQUIRES: it is a read, and the one of the call before unless that was
  // done. Rows stop at the operation's limit or at about kMaxResultBytes; then the
  // result has a cursor.
  absl::StatusOr<bool> Run(const Operation& operation, int64_t* units, OperationResult* result);

 private:
  absl::StatusOr<bool> Scan(const Operation& operation, int64_t* units, OperationResult* result);
  // Appends the rows of one chunk of at most `max_count`; moves cursor_ behind the last row taken.
  absl::Status ScanVertices(const Operation& operation, size_t max_count, OperationResult* result);
  // Moves cursor_ behind the next `count` vertices, which are there.
  absl::Status SkipVertices(const Operation& operation, size_t count);
  void ScanEdges(const Operation& operation, size_t max_count, OperationResult* result);
  void SkipEdges(const Operation& operation, size_t count);
  void NextEdges(const Operation& operation, size_t max_count);
  void Expand(const Operation& operation, size_t max_count, OperationResult* result);
  absl::Status NextVertices(const Operation& operation, size_t max_count);
  void AppendVertex(VertexId id, bool ids_only, OperationResult* result);
  void AppendEdge(EdgeId id, OperationResult* result);
  bool IsFull(const Operation& operation, const OperationResult& result) const;

  storage::Shard* const shard_;
  const storage::View view_;
  // Of the scan that is under way.
  bool under_way_ = false;
  OperationKind kind_ = OperationKind::kScanLabel;
  storage::Shard::Cursor cursor_;
  size_t result_bytes_ = 0;  // about
  std::vector<VertexId> ids_;
  std::vector<storage::EdgeEnds> ends_;
  std::vector<storage::Neighbour> neighbours_;
};

}  // namespace tidemark::exec
