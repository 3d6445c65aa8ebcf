// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/aggregate.h"

#include <atomic>
#include <string>
#include <utility>

#include "base/status.h"
#include "exec/operators/rows.h"

namespace tidemark::exec {

using graph::Value;
using graph::ValueType;
using query::Batch;
using query::ColumnKind;
using query::RowRef;
using query::plan::AggregateCall;
using query::plan::AggregatePhase;

namespace {

// Hashing, finding and adding, in units.
constexpr int64_t kUnitsPerGroupedRow = 8;
// So many bytes of texts and lists are hashed and compared in a unit.
constexpr size_t kValueBytesPerUnit = 64;
// Of those that are taken in together.
constexpr int64_t kRowsPerUnit = 4;

enum class KeyKind : uint8_t { kInteger, kNull, kOther };

struct Key {
  KeyKind kind;
  int64_t integer;
};

Key KeyAt(const Batch& batch, uint32_t slot, uint16_t row) {
  const query::Column& column = batch.Resolve(slot, &row);
  if (column.IsNull(row)) return {KeyKind::kNull, 0};
  if (column.words() == nullptr) {
    const Value& value = column.values()[column.kind() == ColumnKind::kConstant ? 0 : row];
    if (value.type() != ValueType::kInteger) return {KeyKind::kOther, 0};
    return {KeyKind::kInteger, value.integer()};
  }
  if (column.TypeAt(row) != ValueType::kInteger) return {KeyKind::kOther, 0};
  return {KeyKind::kInteger, static_cast<int64_t>(column.words()[row])};
}

// The result, or of a part the state.
query::ValueOr ResultOf(const query::Aggregate& state, AggregatePhase phase) {
  if (phase != AggregatePhase::kPartial) return state.Finish();
  std::string bytes;
  RETURN_IF_ERROR(state.AppendState(&bytes));
  return Value::Bytes(bytes);
}

}  // namespace

// Shared with the job.
struct Aggregate::Finishing {
  std::unique_ptr<query::Aggregate> state;
  query::ValueOr result = Value();
  std::atomic<bool> is_done{false};
};

Aggregate::Aggregate(const query::plan::Operator& plan, RunContext* context)
    : Operator(plan, context),
      plan_(query::plan::As<query::plan::Aggregate>(plan)),
      groups_(context->pool, plan_.keys) {}

absl::StatusOr<Pulled> Aggregate::Next(query::BatchRef* batch) {
  if (!has_all_rows_) {
    ASSIGN_OR_RETURN(const Pulled pulled, TakeRows());
    if (pulled != Pulled::kEnd) return pulled;
    if (plan_.keys.empty() && groups_.size() == 0) {
      RETURN_IF_ERROR(AddOnlyGroup());
    }
    has_all_rows_ = true;
    batches_ = groups_.TakeBatches();
  }
  if (batches_.empty()) return Pulled::kEnd;
  Batch& output = *batches_.front();
  if (output.column_count() == plan_.keys.size()) {
    for (size_t i = 0; i < plan_.calls.size(); ++i) output.AddColumn(ColumnKind::kValue);
  }
  for (; output_row_ < output.row_count(); ++output_row_) {
    if (!TakeUnits(kUnitsPerGroupedRow)) return Pulled::kPause;
    ASSIGN_OR_RETURN(const bool is_finished, FinishRow(output_row_));
    if (!is_finished) return Pulled::kPause;
  }
  output_row_ = 0;
  ++made_count_;
  *batch = std::move(batches_.front());
  batches_.pop_front();
  Release();
  RETURN_IF_ERROR(Hold(BatchBytes(**batch)));
  return Pulled::kBatch;
}

absl::StatusOr<Pulled> Aggregate::TakeRows() {
  while (true) {
    if (!input_batch_ || next_row_ == input_batch_->selected_count()) {
      ASSIGN_OR_RETURN(const Pulled pulled, PullInput());
      if (pulled != Pulled::kBatch) return pulled;
    }
    while (next_row_ < input_batch_->selected_count()) {
      if (takes_known_rows_) {
        RETURN_IF_ERROR(TakeKnownRows());
        if (next_row_ == input_batch_->selected_count()) break;
      }
      if (!TakeUnits(kUnitsPerGroupedRow)) return Pulled::kPause;
      const RowRef row{input_batch_.get(), input_batch_->RowAt(next_row_)};
      RETURN_IF_ERROR(TakeRow(row));
      const size_t bytes = RowBytes(*input_batch_, value_slots_, row.row);
      context().units -= static_cast<int64_t>(bytes / kValueBytesPerUnit);
      ++next_row_;
    }
  }
}

absl::StatusOr<Pulled> Aggregate::PullInput() {
  input_batch_ = query::BatchRef();
  next_row_ = 0;
  ASSIGN_OR_RETURN(const Pulled pulled, input().Pull(&input_batch_));
  if (pulled != Pulled::kBatch) return pulled;
  const bool is_grouped = !plan_.keys.empty();
  if (!is_grouped && groups_.size() == 0) RETURN_IF_ERROR(AddOnlyGroup());
  row_calls_.clear();
  for (size_t i = 0; i < plan_.calls.size(); ++i) {
    bool is_taken = false;
    if (!is_grouped) {
      ASSIGN_OR_RETURN(is_taken, TryTakeBatch(i));
    }
    if (!is_taken) row_calls_.push_back(i);
  }
  std::vector<uint32_t> slots = plan_.keys;
  for (const size_t call : row_calls_) {
    const auto& arguments = plan_.calls[call].arguments;
    slots.insert(slots.end(), arguments.begin(), arguments.end());
  }
  value_slots_ = SlotsOfValues(*input_batch_, slots);
  takes_known_rows_ = CanTakeKnownRows();
  if (!is_grouped && row_calls_.empty()) next_row_ = input_batch_->selected_count();
  return Pulled::kBatch;
}

absl::Status Aggregate::AddOnlyGroup() {
  const query::BatchRef nothing = Batch::Make(context().pool, 1);
  return AddGroup(groups_.FindOrAdd({nothing.get(), 0}).group);
}

absl::StatusOr<bool> Aggregate::TryTakeBatch(size_t call) {
  if (plan_.phase == AggregatePhase::kFinal) return false;
  query::Aggregate* const state = states_[call].get();
  const size_t before = state->memory_bytes();
  ASSIGN_OR_RETURN(const bool is_taken,
                   state->TryAddRows(*input_batch_, plan_.calls[call].arguments));
  if (!is_taken) return false;
  context().units -= static_cast<int64_t>(input_batch_->selected_count()) / kRowsPerUnit;
  RETURN_IF_ERROR(CountGrowth(*state, before));
  return true;
}

bool Aggregate::CanTakeKnownRows() const {
  if (plan_.keys.size() != 1 || plan_.phase == AggregatePhase::kFinal) return false;
  for (const AggregateCall& call : plan_.calls) {
    if (call.is_distinct) return false;
    if (!query::CanAddEach(call.function->aggregate, *input_batch_, call.arguments)) return false;
  }
  return true;
}

absl::Status Aggregate::TakeKnownRows() {
  FindKnownGroups();
  if (known_groups_.empty()) return absl::OkStatus();
  for (size_t i = 0; i < plan_.calls.size(); ++i) {
    known_states_.clear();
    for (const uint32_t group : known_groups_) {
      known_states_.push_back(states_[group * plan_.calls.size() + i].get());
    }
    const query::RowsOfStates rows{*input_batch_, plan_.calls[i].arguments, next_row_};
    ASSIGN_OR_RETURN(const size_t growth, known_states_[0]->AddEach(rows, known_states_));
    if (growth > 0) RETURN_IF_ERROR(kept_.Add(context().account, growth));
  }
  context().units -= static_cast<int64_t>(known_groups_.size()) / kRowsPerUnit;
  next_row_ += known_groups_.size();
  return absl::OkStatus();
}

void Aggregate::FindKnownGroups() {
  known_groups_.clear();
  for (size_t i = next_row_; i < input_batch_->selected_count(); ++i) {
    const Key key = KeyAt(*input_batch_, plan_.keys[0], input_batch_->RowAt(i));
    if (key.kind == KeyKind::kOther) return;
    const uint32_t group = key.kind == KeyKind::kNull ? null_group_ : integers_.Find(key.integer);
    if (group == IntegerGroups::kUnknown) return;
    known_groups_.push_back(group);
  }
}

// A group that is known by an integer has an integer as its key, which stands for all that are
// equivalent: it need not be looked at again.
absl::StatusOr<size_t> Aggregate::GroupOf(const RowRef& row) {
  if (plan_.keys.empty()) return 0;
  Key key{KeyKind::kOther, 0};
  if (plan_.keys.size() == 1) key = KeyAt(*row.batch, plan_.keys[0], row.row);
  if (key.kind == KeyKind::kInteger) {
    const uint32_t known = integers_.Find(key.integer);
    if (known != IntegerGroups::kUnknown) return known;
  }
  const GroupTable::Found found = groups_.FindOrAdd(row);
  if (found.is_new) RETURN_IF_ERROR(AddGroup(found.group));
  if (key.kind == KeyKind::kNull) null_group_ = static_cast<uint32_t>(found.group);
  if (key.kind == KeyKind::kInteger) {
    const size_t before = integers_.memory_bytes();
    integers_.Remember(key.integer, static_cast<uint32_t>(found.group));
    const size_t growth = integers_.memory_bytes() - before;
    if (growth > 0) RETURN_IF_ERROR(kept_.Add(context().account, growth));
  }
  return found.group;
}

absl::Status Aggregate::TakeRow(const RowRef& row) {
  ASSIGN_OR_RETURN(const size_t group, GroupOf(row));
  for (const size_t call : row_calls_) {
    query::Aggregate* const state = states_[group * plan_.calls.size() + call].get();
    RETURN_IF_ERROR(AddToState(plan_.calls[call], row, state));
  }
  return absl::OkStatus();
}

absl::Status Aggregate::AddGroup(size_t group) {
  size_t bytes = GroupTable::kBytesPerGroup + plan_.calls.size() * sizeof(Value);
  for (size_t key = 0; key < plan_.keys.size(); ++key) {
    bytes += EstimateBytes(groups_.KeyOf(group, key));
  }
  for (const AggregateCall& call : plan_.calls) {
    states_.push_back(query::MakeAggregate(call.function->aggregate, call.is_distinct));
    bytes += states_.back()->memory_bytes();
  }
  return kept_.Add(context().account, bytes);
}

absl::Status Aggregate::AddToState(const AggregateCall& call, const RowRef& row,
                                   query::Aggregate* state) {
  arguments_.clear();
  for (const uint32_t slot : call.arguments) {
    arguments_.push_back(row.batch->ValueAt(slot, row.row));
  }
  if (arguments_.empty()) arguments_.push_back(Value::Boolean(true));  // count(*)
  const size_t before = state->memory_bytes();
  if (plan_.phase == AggregatePhase::kFinal) {
    ByteReader reader(arguments_[0].bytes());
    RETURN_IF_ERROR(state->MergeState(&reader));
  } else {
    RETURN_IF_ERROR(state->Add(arguments_, row.batch->MultiplicityAt(row.row)));
  }
  return CountGrowth(*state, before);
}

// What a state gives back, it gives back at the end.
absl::Status Aggregate::CountGrowth(const query::Aggregate& state, size_t before) {
  const size_t after = state.memory_bytes();
  return after > before ? kept_.Add(context().account, after - before) : absl::OkStatus();
}

absl::StatusOr<bool> Aggregate::FinishRow(uint16_t row) {
  const size_t call_count = plan_.calls.size();
  const size_t group = made_count_ * query::kMaxBatchRows + row;
  for (; output_call_ < call_count; ++output_call_) {
    query::Column* const column = batches_.front()->column(plan_.keys.size() + output_call_);
    ASSIGN_OR_RETURN(const bool is_finished,
                     Finish(&states_[group * call_count + output_call_], &column->values()[row]));
    if (!is_finished) return false;
  }
  output_call_ = 0;
  return true;
}

// Millions of values are sorted, copied and freed outside of the loop.
absl::StatusOr<bool> Aggregate::Finish(std::unique_ptr<query::Aggregate>* state, Value* result) {
  query::eval::Environment* const environment = context().environment;
  if (finishing_ == nullptr) {
    // The result is made beside the state.
    const size_t bytes = (*state)->memory_bytes();
    RETURN_IF_ERROR(kept_.Add(context().account, bytes));
    if (bytes <= kMaxFreeAtOnceBytes || environment->background == nullptr) {
      ASSIGN_OR_RETURN(*result, ResultOf(**state, plan_.phase));
      state->reset();
      return true;
    }
    finishing_ = std::make_shared<Finishing>();
    finishing_->state = std::move(*state);
    environment->background->Run([finishing = finishing_, phase = plan_.phase] {
      finishing->result = ResultOf(*finishing->state, phase);
      finishing->state = nullptr;
      finishing->is_done.store(true, std::memory_order_release);
    });
  }
  if (!finishing_->is_done.load(std::memory_order_acquire)) {
    environment->waits_for_call = true;
    return false;
  }
  ASSIGN_OR_RETURN(*result, std::exchange(finishing_, nullptr)->result);
  return true;
}

}  // namespace tidemark::exec
