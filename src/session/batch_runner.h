// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ids.h"
#include "session/backend.h"
#include "session/operation.h"
#include "session/translate.h"

namespace tidemark::session {

#ifdef TIDEMARK_TINY_LIMITS
inline constexpr size_t kMaxPartOperationCount = 4;
#else
// About 0.3 ms of work at the session, and of the answer.
inline constexpr size_t kMaxPartOperationCount = 512;
#endif

// Runs one batch of operations of an open transaction. The batch is cut into segments whose
// operations do not need each other's results; a segment is run in hops: every hop sends its
// operations to their workers, collects the answers, and what they say other owners must do
// (follow-ups) or where a scan goes on makes the next hop. A hop goes out in parts of at most
// kMaxPartOperationCount, one part per step of the loop, without waiting for the answers in
// between: a large batch holds up nobody else, and workers begin while the rest is prepared.
//
// Owner: shared by the callbacks it waits for; give it up by Cancel. Threads: the session's loop.
// Errors: those of the workers, with the number of the operation in the batch; kInvalidArgument
// beyond kMaxBatchOperationCount operations, kResourceExhausted beyond rpc::kMaxMessageBytes of
// results.
class BatchRunner : public std::enable_shared_from_this<BatchRunner> {
 public:
  using Done = std::function<void(absl::StatusOr<std::vector<OperationResult>>)>;

  // Does not own the backend, which outlives the runner.
  BatchRunner(Backend* backend, TxId tx, std::vector<Operation> operations, Done done);

  void Start();
  // `done` will not be called any more.
  void Cancel() { done_ = nullptr; }
  bool wrote() const { return wrote_; }

 private:
  // An operation for a worker, and which operation of the batch it belongs to (kNoOrigin for
  // follow-ups).
  struct Item {
    exec::Operation operation;
    size_t origin;
  };
  using Hop = std::map<NodeId, std::deque<Item>>;
  // A message to a worker that waits for its answer.
  struct Sent {
    NodeId worker;
    std::vector<exec::Operation> operations;
    std::vector<size_t> origins;
  };
  static constexpr size_t kNoOrigin = SIZE_MAX;

  void StartSegment();
  // Prepares and sends the next part of the hop under way.
  void Step();
  bool InternMissingNames(size_t end);
  absl::Status TranslateUpTo(size_t end);
  absl::Status Add(size_t index);
  bool CanJoinSegment(size_t index) const;
  VertexId Resolve(const VertexRef& ref) const;
  void SendSome();
  static Sent TakeFront(NodeId worker, std::deque<Item>* items, size_t count);
  void Send(Sent message);
  void OnReply(const Sent& sent, ExecuteReply reply);
  absl::Status ReadReply(const Sent& sent, const ExecuteReply& reply);
  static absl::Status DescribeFailure(const Sent& sent, const ExecuteReply& reply);
  void TakeResult(const Sent& sent, size_t index, exec::OperationResult result);
  void TakeScanResult(const Sent& sent, size_t index, exec::OperationResult result);
  bool has_more_to_send() const { return !segment_complete_ || !sending_.empty(); }
  void EndHopOnceAnswered();
  void Finish(absl::Status status);

  Backend* const backend_;
  const TxId tx_;
  const std::vector<Operation> operations_;
  Done done_;
  std::vector<OperationResult> results_;
  std::vector<bool> then_get_vertex_;
  size_t segment_begin_ = 0;
  size_t segment_end_ = 0;  // what is translated
  bool segment_complete_ = false;
  Hop sending_;  // what the hop under way has not sent yet
  Hop next_hop_;
  int waiting_ = 0;  // answers, and the step under way
  size_t result_bytes_ = 0;
  bool wrote_ = false;
  NodeId placement_;
};

}  // namespace tidemark::session
