// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ids.h"
#include "exec/operation_coding.h"
#include "session/backend.h"
#include "session/operation.h"
#include "session/part_windows.h"
#include "session/translate.h"

namespace tidemark::session {

#ifdef TIDEMARK_TINY_LIMITS
inline constexpr size_t kMaxPartOperationCount = 4;
// Of rows, results and follow-ups together.
inline constexpr size_t kMaxReadPerStep = 8;
inline constexpr size_t kMaxPartBytes = 512;
#else
// About 0.1 ms of work at the session, and of the answer.
inline constexpr size_t kMaxPartOperationCount = 128;
inline constexpr size_t kMaxReadPerStep = 256;
// A part is cut off behind the operation that brings it here.
inline constexpr size_t kMaxPartBytes = size_t{128} << 10;
#endif

// Runs one batch of operations of an open transaction. The batch is cut into segments whose
// operations do not need each other's results; a segment is run in hops: every hop sends its
// operations to their workers, collects the answers, and what they say other owners must do
// (follow-ups) or where a scan goes on makes the next hop. At every worker a hop keeps the order of
// the operations of the batch that caused it. Where one operation may free a unique key and another
// may take it, all key changes of the segment go into its second hop, so that the keys of every
// worker change in the order of the batch, whoever keeps the vertices.
//
// A hop goes out in parts of at most kMaxPartOperationCount, one part per step of the loop: a large
// batch holds up nobody else, and workers begin while the rest is prepared. Per worker a window of
// parts is under way; the next one leaves when an answer has been read, so that a batch never fills
// the streams of others. Large
// answers are read in the order in which they came, kMaxReadPerStep per step of the loop, and what
// a batch held is given back as slowly.
//
// Owner: shared by the callbacks it waits for; give it up by Cancel. Threads: the session's loop.
// Errors: those of the workers, with the number of the operation in the batch; kResourceExhausted
// beyond kMaxBatchOperationCount operations, beyond rpc::kMaxMessageBytes of results, or when the
// results of all sessions find no room (Backend::result_memory()).
class BatchRunner : public std::enable_shared_from_this<BatchRunner> {
 public:
  using Done = std::function<void(absl::StatusOr<std::vector<OperationResult>>)>;

  // Does not own the backend, which outlives the runner.
  BatchRunner(Backend* backend, TxId tx, Csn read_csn, std::vector<Operation> operations,
              Done done);

  void Start();
  // `done` will not be called any more.
  void Cancel();
  bool wrote() const { return wrote_; }
  // Of the results. Once, when `done` was called with them.
  MemoryCharge TakeMemory() { return std::move(memory_); }

 private:
  // What an operation for a worker is to the one of the batch that caused it.
  enum class Role : uint8_t { kPart, kFollowUp };  // its result is a part of the answer, or nothing
  struct Item {
    exec::Operation operation;
    Role role = Role::kPart;
  };
  // By the number of the operation of the batch that caused it.
  using Items = std::multimap<size_t, Item>;
  using Hop = std::map<NodeId, Items>;
  // A message to a worker that waits for its answer.
  struct Sent {
    NodeId worker;
    std::vector<exec::Operation> operations;
    std::vector<size_t> origins;
    std::vector<Role> roles;
    size_t bytes = 0;  // encoded
  };
  enum class SegmentClass : uint8_t;
  // An answer that is not read to its end. Stays in its place: the reader points into the bytes.
  struct Reply {
    Reply(std::shared_ptr<const Sent> to, std::string encoded)
        : sent(std::move(to)), bytes(std::move(encoded)), reader(bytes) {}
    Reply(const Reply&) = delete;
    Reply& operator=(const Reply&) = delete;

    const std::shared_ptr<const Sent> sent;
    const std::string bytes;
    exec::BatchResultReader reader;
    size_t next_result = 0;
  };

  void StartSegment();
  // Prepares and sends the next part of the hop under way.
  void Step();
  // Does so in a step of its own, once a window is open for what is there to be sent.
  void StepLater();
  bool can_send() const;
  size_t backlog_count() const;
  bool InternMissingNames(size_t end);
  absl::Status TranslateUpTo(size_t end);
  absl::Status Add(size_t index);
  SegmentClass ClassOf(const Operation& operation) const;
  bool MayFreeKey(const Operation& operation) const;
  bool CanJoinSegment(size_t index) const;
  VertexId Resolve(const VertexRef& ref) const;
  void SendSome();
  Sent TakeFront(NodeId worker, Items* items, size_t count) const;
  absl::Status TakeMemoryFor(size_t bytes);
  void Send(Sent message);
  void OnReply(const std::shared_ptr<const Sent>& sent, ExecuteReply reply);
  absl::Status TakeReply(const std::shared_ptr<const Sent>& sent, ExecuteReply reply);
  // Reads a slice of the answers that are there, oldest first, and goes on in a later step.
  void ReadSome();
  // Takes what it reads from `*units`. True when the answer is read to its end.
  absl::StatusOr<bool> ReadSlice(Reply* reply, size_t* units);
  absl::Status ReadResult(Reply* reply, size_t* units);
  absl::Status ReadFollowUp(Reply* reply);
  static absl::Status Malformed(const Sent& sent, const absl::Status& status);
  absl::Status DescribeFailure(const Sent& sent, const ExecuteReply& reply) const;
  void TakeResult(const Sent& sent, size_t index, exec::OperationResult result);
  void TakeScanResult(const Sent& sent, size_t index, exec::OperationResult result);
  bool has_more_to_send() const { return !segment_complete_ || !sending_.empty(); }
  void EndHopOnceAnswered();
  void Finish(absl::Status status);
  // Gives back what the runner holds, in later steps when it is much. REQUIRES: done.
  void Drop();
  void DropSome();

  Backend* const backend_;
  const TxId tx_;
  const Csn read_csn_;
  std::vector<Operation> operations_;
  Done done_;
  std::vector<OperationResult> results_;
  std::vector<bool> then_get_vertex_;
  size_t segment_begin_ = 0;
  size_t segment_end_ = 0;  // what is translated
  bool segment_complete_ = false;
  SegmentClass segment_class_{};
  bool first_hop_ = true;  // of the segment
  Hop sending_;            // what the hop under way has not sent yet
  Hop next_hop_;
  std::deque<Reply> replies_;
  PartWindows windows_;
  bool stepping_ = false;  // a step is under way or will come
  MemoryCharge memory_;
  int waiting_ = 0;  // answers that are not read to their end, and the step under way
  size_t result_bytes_ = 0;
  bool wrote_ = false;
  NodeId placement_;
};

}  // namespace tidemark::session
