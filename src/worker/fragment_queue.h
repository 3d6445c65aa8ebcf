// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "base/ids.h"
#include "exec/fragment_runs.h"
#include "exec/slice_pace.h"
#include "exec/write_gate.h"
#include "proto/cluster.pb.h"
#include "storage/shard.h"

namespace tidemark::worker {

// What the answers that are being made and those that wait to be sent may take together; beyond it
// only what gives little goes on, and one that gives much.
#ifdef TIDEMARK_TINY_LIMITS
inline constexpr size_t kMaxAnswerBytes = 4096;
inline constexpr size_t kLittleAnswerBytes = 256;
#else
inline constexpr size_t kMaxAnswerBytes = size_t{32} << 20;
inline constexpr size_t kLittleAnswerBytes = size_t{16} << 10;
#endif

// The steps of fragments that wait for their turn on the worker's loop: those of one transaction
// run in the order they came, transactions go round robin, a slice at a time. Owner: the worker.
// Threads: its loop. Limits: kMaxAnswerBytes, and one slice more of each transaction.
class FragmentQueue {
 public:
  // The answer to a step, or why there is none.
  using Answer = std::function<void(const wire::Execute&, absl::StatusOr<std::string>)>;
  // What the fragments of queries may take, who frees large ones in the background, what time it
  // is, and who is told that a job is done, see exec::FragmentRuns. Executor and clock outlive
  // this.
  FragmentQueue(uint64_t query_memory_bytes, Answer answer, env::Executor* executor = nullptr,
                env::Clock* clock = nullptr, std::function<void()> job_done = nullptr);

  // Does not own shard and gate, which outlive the step or Clear. A null gate is always open.
  void Add(storage::Shard* shard, wire::Execute execute, exec::WriteGate* gate = nullptr);
  // Forgets a transaction's steps, which are not answered, and its runs.
  void Remove(TxId tx);
  // Nobody reads below this csn any more.
  void SetHorizon(Csn csn) { runs_.RemoveBelow(csn); }
  void Clear();
  // So much time went into a slice of this transaction.
  void NoteTime(TxId tx, int64_t micros);
  // Runs one slice of one step and returns its transaction; nothing when there is no work, or when
  // all of it gives much and there are answers enough: `held_bytes` wait to be sent.
  std::optional<TxId> RunSlice(int64_t max_units, size_t held_bytes);
  // Since the last AskAgain() a step has begun to wait for room in the log, or for a job: it has no
  // slice before the next one.
  bool waits() const { return waits_; }
  bool has_work() const { return !std::all_of(queue_.begin(), queue_.end(), Waits); }
  void AskAgain();
  // The last slice has used up its units.
  bool pauses() const { return pauses_; }
  bool empty() const { return queue_.empty(); }
  // All that waits has had a slice, or belongs to what has worked for long.
  bool is_in_the_middle() const { return FirstNew() == queue_.end(); }
  void CheckInvariants() const;

 private:
  struct Step {
    wire::Execute execute;
    std::unique_ptr<exec::FragmentWork> work;
    bool begun = false;
  };
  // Of so many slices one goes to what is first in line, others to what has had none.
  static constexpr uint64_t kLongShare = 8;
  // Slices that take less do not make a transaction long; so many of others are remembered.
  static constexpr int64_t kNotedMicros = 20;
  static constexpr size_t kMaxNoted = 1'024;

  struct Line {
    TxId tx;
    std::list<Step> steps;  // not empty; mostly one
    bool waits = false;
    size_t made_bytes() const { return steps.front().work->answer_bytes(); }
  };
  static bool Waits(const Line& line) { return line.waits; }
  // The next line to run, of those that do not wait.
  std::deque<Line>::iterator Choose(size_t held_bytes);

  std::deque<Line>::const_iterator FirstNew() const;
  bool IsNew(const Line& line) const;

  Answer answer_;
  exec::FragmentRuns runs_;  // outlives their steps
  std::deque<Line> queue_;
  size_t made_bytes_ = 0;  // of all lines
  absl::flat_hash_map<TxId, int64_t> spent_micros_;
  bool waits_ = false;
  bool pauses_ = false;
  uint64_t slice_count_ = 0;
};

}  // namespace tidemark::worker
