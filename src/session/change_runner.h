// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ids.h"
#include "exec/change.h"
#include "exec/fragment_step.h"
#include "exec/graph_writer.h"
#include "session/backend.h"
#include "session/fragment_calls.h"
#include "session/part_windows.h"

namespace tidemark::session {

// Makes one batch of changes in an open transaction. The batch is cut into segments whose changes
// do not need each other's results; a segment is run in hops: every hop sends its changes to their
// workers, as the rows of fragments, collects the answers, and what they say other owners must do
// (follow-ups) makes the next hop. At every worker a hop keeps the order of the changes of the
// batch that caused it. Where one change may free a unique key and another may take it, all key
// changes of the segment go into its second hop, so that the keys of every worker change in the
// order of the batch, whoever keeps the vertices.
//
// A hop goes out in parts of at most kMaxPartOperationCount, one part per step of the loop: a large
// batch holds up nobody else, and workers begin while the rest is prepared. Per worker a window of
// parts is under way; the next one leaves when an answer has been read, so that a batch never fills
// the streams of others.
//
// Owner: shared by the callbacks it waits for; give it up by Cancel. Threads: the session's loop.
// Errors: those of the workers, with the number of the change.
class ChangeRunner : public std::enable_shared_from_this<ChangeRunner> {
 public:
  using Done = std::function<void(absl::StatusOr<std::vector<exec::CreatedElement>>)>;

  struct Options {
    Backend* backend = nullptr;  // outlives the runner
    TxId tx;
    // Messages name operations: the number of the first, or nothing when who asks names none.
    std::optional<size_t> first_operation;
  };

  ChangeRunner(const Options& options, std::vector<exec::GraphChange> changes, Done done);

  void Start();
  // `done` will not be called any more.
  void Cancel();

 private:
  // By the number of the change of the batch that caused it.
  using Items = std::multimap<size_t, exec::Change>;
  using Hop = std::map<NodeId, Items>;
  // A part at a worker that waits for its answer.
  struct Sent {
    NodeId worker;
    std::vector<exec::Change> changes;
    std::vector<size_t> origins;
    size_t bytes = 0;  // about
  };
  enum class SegmentClass : uint8_t;

  void StartSegment();
  // Prepares and sends the next part of the hop under way.
  void Step();
  // Does so in a step of its own, behind what is small, once a window is open for what is there to
  // be sent.
  void StepLater();
  bool can_send() const;
  size_t backlog_count() const;
  bool InternMissingNames(size_t end);
  absl::Status TranslateUpTo(size_t end);
  absl::Status Add(size_t index);
  SegmentClass ClassOf(const exec::GraphChange& change) const;
  bool MayFreeKey(const exec::GraphChange& change) const;
  bool CanJoinSegment(size_t index) const;
  VertexId Resolve(const exec::ChangedVertex& ref) const;
  void SendSome();
  Sent TakeFront(NodeId worker, Items* items, size_t count) const;
  void Send(Sent part);
  void OnRows(const Sent& sent, const absl::StatusOr<exec::FragmentRows>& rows);
  absl::Status TakeRows(const Sent& sent, const exec::FragmentRows& rows);
  void TakeMade(size_t origin, const exec::Change& made);
  // Says which operation it was, with the kind of its change unless that is empty.
  absl::Status OfOperation(const absl::Status& status, size_t index, std::string_view kind) const;
  absl::Status DescribeFailure(const Sent& sent, const absl::Status& status) const;
  bool has_more_to_send() const { return !segment_complete_ || !sending_.empty(); }
  void EndHopOnceAnswered();
  void Finish(absl::Status status);
  // Gives back what the runner holds, in later steps when it is much. REQUIRES: done.
  void Drop();
  void DropSome();

  Backend* const backend_;
  const std::optional<size_t> first_operation_;
  std::vector<exec::GraphChange> changes_;
  Done done_;
  std::optional<FragmentCalls> calls_;  // none once it is cancelled
  std::vector<exec::CreatedElement> created_;
  size_t segment_begin_ = 0;
  size_t segment_end_ = 0;  // what is translated
  bool segment_complete_ = false;
  SegmentClass segment_class_{};
  bool first_hop_ = true;  // of the segment
  Hop sending_;            // what the hop under way has not sent yet
  Hop next_hop_;
  PartWindows windows_;
  bool stepping_ = false;  // a step is under way or will come
  int waiting_ = 0;        // answers that are not complete, and the step under way
  NodeId placement_;
};

}  // namespace tidemark::session
