// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ids.h"
#include "exec/fragment_step.h"
#include "query/batch/batch.h"
#include "session/backend.h"
#include "session/fragment_calls.h"
#include "session/operation.h"
#include "session/part_windows.h"
#include "session/read_plan.h"
#include "session/result_room.h"

namespace tidemark::session {

// The reading operations of a batch that follow each other. Each becomes rows for fragments at
// workers; rows of one fragment for one worker go together, at most kMaxPartOperationCount in a run
// of it, and a window of runs is under way at each worker. An answer may ask for more: the vertex
// of a key at its owner, when another one keeps it, the next page of a scan at the next worker.
//
// Operations are made ready and sent some at a time, each time in a step of the loop.
//
// Owner: TypedBatch; give it up by Cancel. Threads: the session's loop. Errors: those of the
// workers, and of PlanRead, with the number of an operation; kResourceExhausted of ResultRoom.
class TypedReads : public std::enable_shared_from_this<TypedReads> {
 public:
  // What it works for: operations `begin` to `end`, whose results go to the places of their
  // numbers. All of it stays until `done` is called, or Cancel.
  struct Batch {
    Backend* backend = nullptr;
    TxId tx;
    Csn read_csn;
    const std::vector<Operation>* operations = nullptr;
    std::vector<OperationResult>* results = nullptr;
    ResultRoom* room = nullptr;
  };

  // `done` is called once, within Start or later, unless Cancel comes before.
  TypedReads(const Batch& batch, size_t begin, size_t end, std::function<void(absl::Status)> done);
  TypedReads(const TypedReads&) = delete;
  TypedReads& operator=(const TypedReads&) = delete;

  void Start() { Step(); }
  void Cancel();

 private:
  struct Queued {
    size_t operation = 0;
    PlannedRead read;
  };
  // A run of a fragment that is under way.
  struct Part {
    NodeId worker;
    std::shared_ptr<const ReadPlan> plan;
    std::vector<Queued> reads;
    size_t bytes = 0;
  };

  // Makes some operations ready and sends what may go.
  void Step();
  void StepLater();
  absl::Status PlanSome();
  bool can_send() const;
  void Queue(size_t operation, PlannedRead read);
  void SendSome();
  Part TakeFront(NodeId worker, std::deque<Queued>* queue);
  void Send(Part part);
  query::BatchRef MakeInput(const Part& part) const;
  void OnRows(const Part& part, const absl::StatusOr<exec::FragmentRows>& rows);
  absl::Status TakeRows(const Part& part, const exec::FragmentRows& rows);
  absl::Status TakeRow(const Part& part, const query::Batch& rows, uint16_t row);
  absl::Status TakeElement(const Queued& asked, ReadShape shape, const query::Batch& rows,
                           uint16_t row);
  // The scan's page at this worker has ended.
  void EndPage(NodeId worker, const Queued& asked, std::string position);
  void GoOn();
  void Finish(absl::Status status);

  const Batch batch_;
  const size_t end_;
  size_t next_;  // operation to be made ready
  std::function<void(absl::Status)> done_;
  std::optional<FragmentCalls> calls_;  // none once it is cancelled
  std::map<std::string, std::shared_ptr<const ReadPlan>, std::less<>> plans_;  // by their bytes
  std::map<NodeId, std::deque<Queued>> queues_;
  size_t queued_count_ = 0;
  size_t part_count_ = 0;  // under way
  PartWindows windows_;
  bool stepping_ = false;  // a step will come
};

}  // namespace tidemark::session
