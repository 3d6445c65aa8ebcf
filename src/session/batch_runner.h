// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
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

// Runs one batch of operations of an open transaction. The batch is cut into segments whose
// operations do not need each other's results; a segment is run in hops: every hop sends its
// operations to their workers (at most exec::kMaxBatchOperationCount in one message, one message
// per worker at a time), collects the answers, and what they say other owners must do (follow-ups)
// or where a scan goes on makes the next hop.
// Owner: shared by the callbacks it waits for; give it up by Cancel. Threads: the session's loop.
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
  // What is to be sent to one worker in the next hop, and which operation of the batch each entry
  // belongs to (kNoOrigin for follow-ups).
  struct Outgoing {
    std::vector<exec::Operation> operations;
    std::vector<size_t> origins;
  };
  using Hop = std::map<NodeId, Outgoing>;
  static constexpr size_t kNoOrigin = SIZE_MAX;

  void RunSegment();
  absl::Status AddToHop(size_t index);
  absl::Status AddScan(size_t index, exec::Operation scan);
  bool CanJoinSegment(size_t index) const;
  VertexId Resolve(const VertexRef& ref) const;
  void Add(NodeId worker, exec::Operation operation, size_t origin);
  // Sends the next part of the hop under way, or begins the next one.
  void SendHop();
  // What fits into one message; `rest` keeps what does not.
  static Outgoing TakeFront(Outgoing* rest);
  void Send(NodeId worker, Outgoing part);
  void OnReply(NodeId worker, const std::vector<size_t>& origins,
               const std::vector<exec::Operation>& sent, ExecuteReply reply);
  absl::Status TakeResults(NodeId worker, const std::vector<size_t>& origins,
                           const std::vector<exec::Operation>& sent, exec::BatchResult batch);
  void TakeResult(NodeId worker, size_t origin, const exec::Operation& sent,
                  exec::OperationResult result);
  void Finish(absl::Status status);

  Backend* const backend_;
  const TxId tx_;
  const std::vector<Operation> operations_;
  Done done_;
  std::vector<OperationResult> results_;
  std::vector<bool> then_get_vertex_;
  size_t segment_begin_ = 0;
  size_t segment_end_ = 0;
  Hop hop_;      // what the next hop sends
  Hop sending_;  // what the hop under way has not sent yet
  int waiting_ = 0;
  bool wrote_ = false;
  NodeId placement_;
};

}  // namespace tidemark::session
