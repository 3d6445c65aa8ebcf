// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "exec/memory_account.h"
#include "exec/operators/operator.h"
#include "exec/operators/seek_keys.h"
#include "exec/worker_port.h"

namespace tidemark::exec {

// Sends the rows of a batch to the workers that they are for and gives what the fragment makes of
// them there. One batch of the input is under way at a time, at all its workers at once; of each
// worker one answer is awaited and few are kept, so a client that reads slowly slows the workers.
// Owner, threads: as of every Operator, at home alone. Errors: those of the workers.
class Remote final : public Operator {
 public:
  Remote(const query::plan::Operator& plan, RunContext* context);
  ~Remote() override;

 protected:
  absl::StatusOr<Pulled> Next(query::BatchRef* batch) override;

 private:
  // A batch that a worker gave, decoded or, until it is taken, as bytes.
  struct Answer {
    query::BatchRef batch;
    std::string packed;
    size_t held_bytes = 0;
  };
  // A run at one worker.
  struct Run {
    NodeId worker;
    std::unique_ptr<RemoteRun> remote;
    std::vector<uint16_t> rows;  // of the input batch, as they were sent
    std::list<Answer> answers;
    bool is_asked = false;
    bool has_ended = false;
  };

  const query::plan::Remote& remote() const { return query::plan::As<query::plan::Remote>(plan()); }
  absl::StatusOr<Pulled> PullInput();
  // is_independent: each row of the input with each row of the answers.
  absl::StatusOr<Pulled> NextIndependent(query::BatchRef* batch);
  query::BatchRef JoinAll(const query::Batch& answer, uint16_t row);
  query::BatchRef TakeGathered();
  absl::Status OpenRuns();
  // Which rows go to each worker, by its number - 1.
  absl::StatusOr<std::vector<std::vector<uint16_t>>> SplitRows();
  absl::StatusOr<NodeId> WorkerOf(const query::Cell& cell) const;
  // The same by the keys that the fragment looks for.
  absl::StatusOr<std::vector<std::vector<uint16_t>>> SplitByKey();
  absl::Status OpenRun(NodeId worker, std::vector<uint16_t> rows, std::vector<VertexId> found);
  // Vertices that the run has found go on to their owners, as runs of their own.
  absl::Status SendOn(size_t run, const std::vector<FoundVertex>& found);
  void Ask(size_t run);
  void OnAnswer(size_t run, absl::StatusOr<FragmentRows> rows);
  absl::Status Keep(Run* run, Answer answer);
  absl::Status Unpack(Answer* answer);
  absl::Status UnpackAll();
  bool HasEnded() const;
  // A batch of the answers, if one is there.
  absl::StatusOr<bool> TakeAnswer(query::BatchRef* batch);
  query::BatchRef Join(Run* run, const query::Batch& answer);
  // All answers in the order of the input's rows.
  absl::Status Stitch(query::BatchRef* batch);

  std::unique_ptr<SeekKeys> keys_;  // of Route::kKey
  // Of a batch of the input the rows that are not asked for yet, from a number on.
  query::BatchRef gathered_;
  size_t next_gathered_ = 0;
  query::BatchRef input_batch_;
  query::BatchRef asked_;  // the rows that were sent
  std::vector<Run> runs_;
  absl::Status error_;
  bool waits_ = false;
  size_t next_run_ = 0;
  // is_independent: the rows of the answers, and which is next for the present batch of the input.
  bool is_asked_ = false;
  std::vector<std::pair<const query::Batch*, uint16_t>> found_;
  size_t next_found_ = 0;
  MemoryHold answers_hold_;
  // Answers hold a weak reference; it is renewed with each batch of the input.
  std::shared_ptr<bool> turn_;
};

}  // namespace tidemark::exec
