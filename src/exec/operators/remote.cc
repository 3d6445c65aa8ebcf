// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/remote.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/status.h"
#include "exec/operators/for_each_row.h"
#include "exec/operators/rows.h"
#include "graph/index_key.h"
#include "query/batch/batch_coding.h"

namespace tidemark::exec {

using query::Batch;
using query::BatchRef;
using query::Column;
using query::plan::Route;

namespace {

// Answers of one worker that wait to be taken; with as many the worker is not asked for more.
constexpr size_t kMaxKeptAnswers = 4;
constexpr int64_t kUnitsPerRequest = 16;
// What the rows of one call may have: most batches have a hundredth of it.
constexpr size_t kMaxAskedBytes = size_t{2} << 20;
// So many bytes of an answer are decoded in a unit.
constexpr size_t kDecodedBytesPerUnit = 2;

}  // namespace

Remote::Remote(const query::plan::Operator& plan, RunContext* context) : Operator(plan, context) {
  CHECK(context->workers != nullptr) << "a worker asks workers";
  if (remote().route != Route::kKey) return;
  keys_ = std::make_unique<SeekKeys>(KeySeekOf(remote().fragment).values, context->environment);
}

Remote::~Remote() = default;

absl::StatusOr<Pulled> Remote::Next(BatchRef* batch) {
  if (remote().is_independent) return NextIndependent(batch);
  while (true) {
    RETURN_IF_ERROR(error_);
    if (!runs_.empty()) {
      if (remote().is_one_to_one) {
        if (!HasEnded()) break;
        RETURN_IF_ERROR(Stitch(batch));
        runs_.clear();
        input_batch_ = asked_ = BatchRef();
        return Pulled::kBatch;
      }
      ASSIGN_OR_RETURN(const bool is_taken, TakeAnswer(batch));
      if (is_taken) {
        Release();
        RETURN_IF_ERROR(Hold(BatchBytes(**batch)));
        return Pulled::kBatch;
      }
      if (!HasEnded()) break;
      runs_.clear();
      input_batch_ = asked_ = BatchRef();
    }
    ASSIGN_OR_RETURN(const Pulled pulled, PullInput());
    if (pulled != Pulled::kBatch) return pulled;
    context().units -= kUnitsPerRequest;
  }
  waits_ = true;
  return Pulled::kWait;
}

absl::StatusOr<Pulled> Remote::PullInput() {
  if (!gathered_) {
    BatchRef batch;
    ASSIGN_OR_RETURN(const Pulled pulled, input().Pull(&batch));
    if (pulled != Pulled::kBatch) return pulled;
    // Selected rows alone, without parents: their numbers are those of the rows that count.
    gathered_ = query::Gather(context().pool, *batch);
    next_gathered_ = 0;
  }
  input_batch_ = TakeGathered();
  asked_ = input_batch_;
  RETURN_IF_ERROR(OpenRuns());
  return Pulled::kBatch;
}

// Many rows that share a large value are few until they are sent.
BatchRef Remote::TakeGathered() {
  const size_t first = next_gathered_;
  const size_t count = RowsWithin(*gathered_, remote().sent, first, kMaxAskedBytes);
  next_gathered_ += count;
  const bool is_last = next_gathered_ == gathered_->row_count();
  if (first == 0 && is_last) return std::exchange(gathered_, BatchRef());
  std::vector<uint32_t> slots(gathered_->slot_count());
  std::iota(slots.begin(), slots.end(), 0);
  std::vector<uint16_t> rows(count);
  std::iota(rows.begin(), rows.end(), static_cast<uint16_t>(first));
  BatchRef some = CopyRows(context().pool, *gathered_, rows, slots);
  if (is_last) gathered_ = BatchRef();
  return some;
}

absl::StatusOr<Pulled> Remote::NextIndependent(BatchRef* batch) {
  RETURN_IF_ERROR(error_);
  if (!std::exchange(is_asked_, true)) {
    asked_ = Batch::Make(context().pool, 1);
    asked_->set_row_count(1);
    RETURN_IF_ERROR(OpenRuns());
  }
  while (true) {
    if (!input_batch_) {
      BatchRef rows;
      ASSIGN_OR_RETURN(const Pulled pulled, input().Pull(&rows));
      if (pulled != Pulled::kBatch) return pulled;
      input_batch_ = query::Gather(context().pool, *rows);
      found_.clear();
      next_found_ = 0;
    }
    if (!std::all_of(runs_.begin(), runs_.end(), [](const Run& run) { return run.has_ended; })) {
      waits_ = true;
      return Pulled::kWait;
    }
    RETURN_IF_ERROR(UnpackAll());
    if (found_.empty()) {
      for (const Run& run : runs_) {
        for (const Answer& answer : run.answers) {
          const Batch* const rows = answer.batch.get();
          rows->ForEachRow([&](uint16_t row) { found_.emplace_back(rows, row); });
        }
      }
    }
    if (next_found_ < found_.size()) {
      const auto& [answer, row] = found_[next_found_++];
      *batch = JoinAll(*answer, row);
      Release();
      RETURN_IF_ERROR(Hold(BatchBytes(**batch)));
      return Pulled::kBatch;
    }
    input_batch_ = BatchRef();
    if (!TakeUnits(16)) return Pulled::kPause;
  }
}

BatchRef Remote::JoinAll(const Batch& answer, uint16_t row) {
  const size_t count = input_batch_->row_count();
  BatchRef output = Batch::MakeChild(context().pool, input_batch_, count);
  output->set_row_count(count);
  for (size_t i = 0; i < count; ++i) output->parent_rows()[i] = static_cast<uint16_t>(i);
  for (size_t i = 1; i < answer.column_count(); ++i) {
    const Column& column = *answer.column(i);
    Column* const copy = output->AddColumn(column.kind());
    if (column.sources() != nullptr) copy->MakeEnds();
    const bool is_constant = column.kind() == query::ColumnKind::kConstant;
    for (size_t k = 0; k < (is_constant ? 1 : count); ++k) {
      copy->CopyCell(k, column, is_constant ? 0 : row);
    }
  }
  return output;
}

absl::Status Remote::OpenRuns() {
  turn_ = std::make_shared<bool>(true);
  next_run_ = 0;
  answers_hold_.Clear();
  ASSIGN_OR_RETURN(std::vector<std::vector<uint16_t>> rows, SplitRows());
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].empty()) continue;
    RETURN_IF_ERROR(OpenRun(NodeId(static_cast<uint32_t>(i + 1)), std::move(rows[i]), {}));
  }
  if (runs_.empty() && remote().is_one_to_one) {
    // All rows are null: one run without anything stands for the answers.
    runs_.emplace_back().has_ended = true;
    return absl::OkStatus();
  }
  const size_t opened = runs_.size();
  for (size_t i = 0; i < opened; ++i) Ask(i);
  return absl::OkStatus();
}

absl::Status Remote::OpenRun(NodeId worker, std::vector<uint16_t> rows,
                             std::vector<VertexId> found) {
  FragmentInput input{CopyRows(context().pool, *asked_, rows, remote().sent), std::move(found)};
  Run& run = runs_.emplace_back();
  run.worker = worker;
  run.rows = std::move(rows);
  ASSIGN_OR_RETURN(run.remote, context().workers->Open(worker, remote(), std::move(input)));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::vector<uint16_t>>> Remote::SplitRows() {
  if (remote().route == Route::kKey) return SplitByKey();
  std::vector<std::vector<uint16_t>> rows(context().workers->worker_count());
  absl::Status status;
  asked_->ForEachRow([&](uint16_t row) {
    if (remote().route == Route::kAll) {
      for (auto& of_worker : rows) of_worker.push_back(row);
      return;
    }
    const absl::StatusOr<NodeId> worker = WorkerOf(asked_->CellAt(remote().route_slot, row));
    if (!worker.ok()) return status.Update(worker.status());
    if (worker->value() != 0) rows[worker->value() - 1].push_back(row);
  });
  RETURN_IF_ERROR(status);
  return rows;
}

absl::StatusOr<std::vector<std::vector<uint16_t>>> Remote::SplitByKey() {
  const query::plan::KeySeek seek = KeySeekOf(remote().fragment);
  std::vector<std::vector<uint16_t>> rows(context().workers->worker_count());
  const auto add = [&](uint16_t row, SlotId slot) {
    auto& of_worker = rows[context().workers->OwnerOf(slot).value() - 1];
    // Two keys of a row may be at one worker.
    if (of_worker.empty() || of_worker.back() != row) of_worker.push_back(row);
  };
  // The keys are computed from the columns that the fragment gets.
  const BatchRef sent = CopySlots(context().pool, *asked_, remote().sent);
  RETURN_IF_ERROR(keys_->Open(sent.get(), &context().units));
  for (uint16_t row = 0; row < sent->row_count(); ++row) {
    if (!seek.unique_index.has_value()) {
      // Of an edge too: it has the slot of its source.
      const VertexId element(keys_->IdAt(row));
      if (element.valid()) add(row, element.slot());
      continue;
    }
    ASSIGN_OR_RETURN(const std::vector<std::string> keys, keys_->UniqueKeysAt(row));
    for (const std::string& key : keys) {
      add(row, graph::SlotOfIndexKey(IndexId(*seek.unique_index), key));
    }
  }
  return rows;
}

absl::Status Remote::SendOn(size_t run, const std::vector<FoundVertex>& found) {
  std::map<NodeId, std::pair<std::vector<uint16_t>, std::vector<VertexId>>> by_owner;
  for (const FoundVertex& one : found) {
    if (one.row >= runs_[run].rows.size()) return absl::DataLossError("a row that was not sent");
    auto& [rows, vertices] = by_owner[context().workers->OwnerOf(one.vertex)];
    rows.push_back(runs_[run].rows[one.row]);
    vertices.push_back(one.vertex);
  }
  for (auto& [owner, part] : by_owner) {
    RETURN_IF_ERROR(OpenRun(owner, std::move(part.first), std::move(part.second)));
    Ask(runs_.size() - 1);
  }
  return absl::OkStatus();
}

// No worker for null.
absl::StatusOr<NodeId> Remote::WorkerOf(const query::Cell& cell) const {
  if (cell.type == graph::ValueType::kNull) return NodeId();
  if (remote().route == Route::kEdge && cell.type == graph::ValueType::kEdge) {
    return context().workers->OwnerOf(cell.edge());
  }
  ASSIGN_OR_RETURN(const VertexId vertex, VertexOf(cell));
  return context().workers->OwnerOf(vertex);
}

void Remote::Ask(size_t run) {
  runs_[run].is_asked = true;
  runs_[run].remote->Next(
      [this, run, turn = std::weak_ptr<bool>(turn_)](absl::StatusOr<FragmentRows> rows) {
        if (!turn.expired()) OnAnswer(run, std::move(rows));
      });
}

void Remote::OnAnswer(size_t number, absl::StatusOr<FragmentRows> rows) {
  runs_[number].is_asked = false;
  error_.Update(rows.status());
  if (rows.ok()) {
    Run& run = runs_[number];
    run.has_ended = rows->is_end;
    if (profiled() != nullptr) {
      context().profile->Add(profiled(), remote().fragment, run.worker, *rows);
    }
    for (BatchRef& batch : rows->batches) {
      const size_t bytes = BatchBytes(*batch);
      error_.Update(Keep(&run, {std::move(batch), {}, bytes}));
    }
    for (std::string& packed : rows->packed) {
      const size_t bytes = packed.size();
      error_.Update(Keep(&run, {{}, std::move(packed), bytes}));
    }
    const bool has_room =
        remote().is_one_to_one || remote().is_independent || run.answers.size() < kMaxKeptAnswers;
    if (run.has_ended) {
      run.remote.reset();
    } else if (error_.ok() && has_room) {
      Ask(number);
    }
    // The runs may move from here on.
    if (error_.ok()) error_.Update(SendOn(number, rows->found_elsewhere));
  }
  if (std::exchange(waits_, false)) context().wake();
}

absl::Status Remote::Keep(Run* run, Answer answer) {
  const size_t bytes = answer.held_bytes;
  run->answers.push_back(std::move(answer));
  return answers_hold_.Add(context().account, bytes);
}

absl::Status Remote::Unpack(Answer* answer) {
  if (answer->batch) return absl::OkStatus();
  context().units -= static_cast<int64_t>(answer->packed.size() / kDecodedBytesPerUnit);
  ASSIGN_OR_RETURN(answer->batch, query::DecodeBatch(context().pool, answer->packed));
  answer->packed = std::string();
  return absl::OkStatus();
}

absl::Status Remote::UnpackAll() {
  for (Run& run : runs_) {
    for (Answer& answer : run.answers) RETURN_IF_ERROR(Unpack(&answer));
  }
  return absl::OkStatus();
}

bool Remote::HasEnded() const {
  return std::all_of(runs_.begin(), runs_.end(),
                     [](const Run& run) { return run.has_ended && run.answers.empty(); }) ||
         (remote().is_one_to_one &&
          std::all_of(runs_.begin(), runs_.end(), [](const Run& run) { return run.has_ended; }));
}

// The workers in turn.
absl::StatusOr<bool> Remote::TakeAnswer(BatchRef* batch) {
  for (size_t i = 0; i < runs_.size(); ++i) {
    Run& run = runs_[(next_run_ + i) % runs_.size()];
    if (run.answers.empty()) continue;
    next_run_ = (next_run_ + i + 1) % runs_.size();
    Answer taken = std::move(run.answers.front());
    run.answers.pop_front();
    RETURN_IF_ERROR(Unpack(&taken));
    answers_hold_.Remove(taken.held_bytes);
    const BatchRef answer = std::move(taken.batch);
    const size_t number = static_cast<size_t>(&run - runs_.data());
    if (!run.has_ended && !run.is_asked && run.answers.size() < kMaxKeptAnswers) Ask(number);
    *batch = remote().keeps_input ? Join(&run, *answer) : answer;
    context().units -= static_cast<int64_t>((*batch)->row_count() * (*batch)->column_count());
    return true;
  }
  return false;
}

BatchRef Remote::Join(Run* run, const Batch& answer) {
  const size_t count = answer.row_count();
  BatchRef output = Batch::MakeChild(context().pool, input_batch_, count);
  output->set_row_count(count);
  for (size_t row = 0; row < count; ++row) {
    output->parent_rows()[row] = run->rows[answer.column(0)->words()[row]];
  }
  AddCopies(answer, /*first_column=*/1, output.get());
  return output;
}

absl::Status Remote::Stitch(BatchRef* batch) {
  RETURN_IF_ERROR(UnpackAll());
  const size_t first_slot = input_batch_->slot_count();
  const size_t width = remote().returned.size() - 1;
  for (size_t i = 0; i < width; ++i) {
    // The workers' columns may be of several kinds, and rows without an answer are null.
    Column* to = nullptr;
    for (const Run& run : runs_) {
      for (const Answer& kept : run.answers) {
        const BatchRef& answer = kept.batch;
        const Column& from = *answer->column(i + 1);
        const bool is_value =
            from.kind() == query::ColumnKind::kValue || from.kind() == query::ColumnKind::kConstant;
        if (to == nullptr) {
          to = input_batch_->AddColumn(is_value ? query::ColumnKind::kValue
                                                : query::ColumnKind::kTagged);
        }
        for (size_t row = 0; row < answer->row_count(); ++row) {
          const uint16_t target = run.rows[answer->column(0)->words()[row]];
          if (from.kind() == to->kind()) {
            to->CopyCell(target, from, row);
          } else {
            to->SetValue(target, from.ValueAt(row));
          }
        }
      }
    }
    if (to == nullptr) input_batch_->AddColumn(query::ColumnKind::kTagged);
  }
  CHECK_EQ(input_batch_->slot_count(), first_slot + width);
  Release();
  RETURN_IF_ERROR(Hold(BatchBytes(*input_batch_)));
  *batch = input_batch_;
  return absl::OkStatus();
}

}  // namespace tidemark::exec
