// SPDX-License-Identifier: Apache-2.0
#include "query/functions/aggregate.h"

#include <optional>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/status.h"
#include "graph/value_coding.h"
#include "graph/value_order.h"
#include "query/functions/aggregate_state.h"
#include "query/functions/failures.h"
#include "query/functions/hash_index.h"
#include "query/functions/piece_vector.h"
#include "query/functions/vertex_set.h"

namespace tidemark::query {

using graph::Value;
using graph::ValueType;

namespace {

using AggregateArguments = absl::Span<const Value>;

bool IsNullAt(const Batch& batch, uint32_t slot, uint16_t row) {
  return batch.Resolve(slot, &row).IsNull(row);
}

class CountAggregate final : public Aggregate {
 public:
  absl::StatusOr<bool> TryAddRows(const Batch& batch,
                                  absl::Span<const uint32_t> arguments) override {
    if (batch.has_multiplicity()) {
      batch.ForEachRow([&](uint16_t row) {
        const bool counts = arguments.empty() || !IsNullAt(batch, arguments[0], row);
        count_ += counts ? batch.MultiplicityAt(row) : 0;
      });
    } else if (arguments.empty()) {
      count_ += batch.selected_count();
    } else {
      uint32_t count = 0;
      batch.ForEachRow([&](uint16_t row) { count += IsNullAt(batch, arguments[0], row) ? 0 : 1; });
      count_ += count;
    }
    return true;
  }
  absl::StatusOr<size_t> AddEach(const RowsOfStates& rows,
                                 absl::Span<Aggregate* const> states) override {
    const Batch& batch = rows.batch;
    const bool has_multiplicity = batch.has_multiplicity();
    for (size_t i = 0; i < states.size(); ++i) {
      const uint16_t row = batch.RowAt(rows.first + i);
      if (!rows.arguments.empty() && IsNullAt(batch, rows.arguments[0], row)) continue;
      static_cast<CountAggregate*>(states[i])->count_ +=
          has_multiplicity ? batch.MultiplicityAt(row) : 1;
    }
    return 0;
  }
  absl::Status Add(AggregateArguments arguments, uint64_t times) override {
    if (!arguments[0].is_null()) count_ += times;
    return absl::OkStatus();
  }
  absl::Status AppendState(std::string* out) const override {
    AppendWideInteger(count_, out);
    return absl::OkStatus();
  }
  absl::Status MergeState(ByteReader* reader) override {
    __int128 sum = 0;
    if (__builtin_add_overflow(count_, ReadWideInteger(reader), &sum)) reader->Fail();
    count_ = sum;
    return reader->ok() ? absl::OkStatus() : MalformedState();
  }
  ValueOr Finish() const override {
    if (count_ > INT64_MAX) return IntegerOverflow("count()");
    return Value::Integer(static_cast<int64_t>(count_));
  }
  size_t memory_bytes() const override { return sizeof(*this); }

 private:
  __int128 count_ = 0;
};

// min() and max(): `direction` is -1 or 1.
class ExtremeAggregate final : public Aggregate {
 public:
  explicit ExtremeAggregate(int direction) : direction_(direction) {}

  absl::StatusOr<bool> TryAddRows(const Batch& batch,
                                  absl::Span<const uint32_t> arguments) override {
    if (batch.has_multiplicity()) return false;
    if (!HoldsOnly(batch.SlotColumn(arguments[0]), {ValueType::kInteger})) return false;
    std::optional<int64_t> extreme;
    ForEachWord(batch, arguments[0], [&](ValueType, uint64_t word) {
      const auto value = static_cast<int64_t>(word);
      const bool is_beyond = !extreme || (direction_ < 0 ? value < *extreme : value > *extreme);
      if (is_beyond) extreme = value;
    });
    if (extreme.has_value()) Take(Value::Integer(*extreme));
    return true;
  }
  absl::StatusOr<size_t> AddEach(const RowsOfStates& rows,
                                 absl::Span<Aggregate* const> states) override {
    ForEachStateWord(rows, states, [](Aggregate* state, ValueType, uint64_t word, uint64_t times) {
      if (times > 0) static_cast<ExtremeAggregate*>(state)->TakeInteger(static_cast<int64_t>(word));
    });
    return 0;  // an integer takes no more than what it replaces
  }
  absl::Status Add(AggregateArguments arguments, uint64_t times) override {
    if (!arguments[0].is_null() && times > 0) Take(arguments[0]);
    return absl::OkStatus();
  }
  absl::Status AppendState(std::string* out) const override {
    return AppendEncodedValue(extreme_, out);
  }
  absl::Status MergeState(ByteReader* reader) override {
    const Value other = ReadEncodedValue(reader);
    if (!reader->ok()) return MalformedState();
    if (!other.is_null()) Take(other);
    return absl::OkStatus();
  }
  ValueOr Finish() const override { return extreme_; }
  size_t memory_bytes() const override { return sizeof(*this) + extreme_.memory_bytes(); }

 private:
  void TakeInteger(int64_t value) {
    if (extreme_.type() == ValueType::kInteger) {
      const int64_t known = extreme_.integer();
      if (direction_ < 0 ? known <= value : known >= value) return;
    }
    Take(Value::Integer(value));
  }
  void Take(const Value& value) {
    if (extreme_.is_null()) {
      extreme_ = value;
      return;
    }
    const int order = graph::Compare(value, extreme_) * direction_;
    if (order > 0) extreme_ = value;
    if (order == 0) extreme_ = graph::Representative(value, extreme_);
  }

  const int direction_;
  Value extreme_;
};

class CollectAggregate final : public Aggregate {
 public:
  absl::Status Add(AggregateArguments arguments, uint64_t times) override {
    if (arguments[0].is_null() || times == 0) return absl::OkStatus();
    if (times > kMaxListElements) return CheckListSize(times);
    RETURN_IF_ERROR(CheckListSize(values_.size() + times));
    values_.Append(arguments[0], times);
    content_bytes_ += arguments[0].memory_bytes();
    return absl::OkStatus();
  }
  absl::Status AppendState(std::string* out) const override {
    AppendVarint(out, values_.size());
    for (size_t i = 0; i < values_.size(); ++i)
      RETURN_IF_ERROR(AppendEncodedValue(values_[i], out));
    return absl::OkStatus();
  }
  absl::Status MergeState(ByteReader* reader) override {
    const uint64_t count = reader->Varint();
    if (count > reader->remaining()) return MalformedState();
    RETURN_IF_ERROR(CheckListSize(values_.size() + count));
    for (uint64_t i = 0; i < count; ++i) {
      const Value value = ReadEncodedValue(reader);
      if (!reader->ok()) return MalformedState();
      RETURN_IF_ERROR(Add({&value, 1}, 1));
    }
    return absl::OkStatus();
  }
  ValueOr Finish() const override { return graph::MakeList(values_.ToVector()); }
  size_t memory_bytes() const override {
    return sizeof(*this) + values_.memory_bytes() + content_bytes_;
  }

 private:
  PieceVector<Value> values_;
  size_t content_bytes_ = 0;
};

// Gives each of several equivalent values once to the function inside, when all rows are in. Of
// vertices that are counted no more than which they are is kept.
class DistinctAggregate final : public Aggregate {
 public:
  explicit DistinctAggregate(AggregateKind kind)
      : kind_(kind), checker_(MakeAggregate(kind, false)) {}

  absl::StatusOr<bool> TryAddRows(const Batch& batch,
                                  absl::Span<const uint32_t> arguments) override {
    if (kind_ != AggregateKind::kCount || batch.has_multiplicity()) return false;
    if (!HoldsOnly(batch.SlotColumn(arguments[0]), {ValueType::kVertex})) return false;
    const bool is_own = !batch.has_selection() && arguments[0] >= batch.first_slot();
    const Column& column = batch.SlotColumn(arguments[0]);
    if (is_own && column.kind() == ColumnKind::kVertex && !column.has_nulls()) {
      vertices_.InsertAll(absl::MakeConstSpan(column.words(), batch.row_count()));
      return true;
    }
    uint64_t ids[kMaxBatchRows];
    size_t count = 0;
    ForEachWord(batch, arguments[0], [&](ValueType, uint64_t word) { ids[count++] = word; });
    vertices_.InsertAll(absl::MakeConstSpan(ids, count));
    return true;
  }
  absl::Status Add(AggregateArguments arguments, uint64_t times) override {
    if (times == 0) return absl::OkStatus();
    const bool is_new = !arguments[0].is_null() && Take(arguments[0]);
    const bool has_other_parameter =
        arguments.size() > 1 && graph::Equals(arguments[1], parameter_) != graph::Ternary::kTrue;
    if (!is_new && !has_other_parameter) return absl::OkStatus();
    if (kind_ == AggregateKind::kCollect || kind_ == AggregateKind::kCount) return absl::OkStatus();
    // Wrong types and percentiles are errors at once, as without DISTINCT.
    RETURN_IF_ERROR(checker_->Add(arguments, 1));
    if (arguments.size() > 1) parameter_ = arguments[1];
    return absl::OkStatus();
  }
  absl::Status AppendState(std::string* out) const override {
    RETURN_IF_ERROR(AppendEncodedValue(parameter_, out));
    AppendVarint(out, values_.size() + vertices_.size());
    for (size_t i = 0; i < values_.size(); ++i)
      RETURN_IF_ERROR(AppendEncodedValue(values_[i], out));
    vertices_.ForEach([&](VertexId vertex) { graph::AppendValue(Value::Of(vertex), out); });
    return absl::OkStatus();
  }
  absl::Status MergeState(ByteReader* reader) override {
    const Value parameter = ReadEncodedValue(reader);
    const uint64_t count = reader->Varint();
    if (count > reader->remaining()) return MalformedState();
    for (uint64_t i = 0; i < count; ++i) {
      const Value row[] = {ReadEncodedValue(reader), parameter};
      if (!reader->ok()) return MalformedState();
      RETURN_IF_ERROR(Add(absl::MakeConstSpan(row).first(parameter.is_null() ? 1 : 2), 1));
    }
    return reader->ok() ? absl::OkStatus() : MalformedState();
  }
  ValueOr Finish() const override {
    if (kind_ == AggregateKind::kCount) {
      return Value::Integer(static_cast<int64_t>(values_.size() + vertices_.size()));
    }
    const std::unique_ptr<Aggregate> inner = MakeAggregate(kind_, false);
    for (size_t i = 0; i < values_.size(); ++i) {
      const Value row[] = {values_[i], parameter_};
      RETURN_IF_ERROR(inner->Add(absl::MakeConstSpan(row).first(parameter_.is_null() ? 1 : 2), 1));
    }
    return inner->Finish();
  }
  size_t memory_bytes() const override {
    return sizeof(*this) + values_.memory_bytes() + values_.size() * HashIndex::kBytesPerNumber +
           content_bytes_ + checker_->memory_bytes() + vertices_.memory_bytes();
  }

 private:
  // True for a value that is equivalent to none before it.
  bool Take(const Value& value) {
    if (kind_ == AggregateKind::kCount && value.type() == ValueType::kVertex) {
      return vertices_.Insert(value.vertex());
    }
    const std::optional<uint32_t> place =
        index_.FindOrAdd(graph::ValueHash()(value),
                         [&](uint32_t i) { return graph::ValueEquivalent()(values_[i], value); });
    if (!place.has_value()) {
      values_.Append(value);
      content_bytes_ += value.memory_bytes();
      return true;
    }
    Value& known = values_[*place];
    known = graph::Representative(known, value);
    return false;
  }

  const AggregateKind kind_;
  const std::unique_ptr<Aggregate> checker_;
  Value parameter_;
  PieceVector<Value> values_;  // in the order in which they came
  HashIndex index_;
  VertexSet vertices_;
  size_t content_bytes_ = 0;
};

}  // namespace

absl::StatusOr<bool> Aggregate::TryAddRows(const Batch&, absl::Span<const uint32_t>) {
  return false;
}

absl::StatusOr<size_t> Aggregate::AddEach(const RowsOfStates&, absl::Span<Aggregate* const>) {
  LOG(FATAL) << "an aggregate that takes each row by itself";
}

absl::Status MalformedState() { return absl::DataLossError("malformed state of an aggregate"); }

bool HoldsOnly(const Column& column, std::initializer_list<ValueType> types) {
  uint32_t allowed = 1u << static_cast<int>(ValueType::kNull);
  for (const ValueType type : types) allowed |= 1u << static_cast<int>(type);
  return (column.PossibleTypes() & ~allowed) == 0;
}

Value ReadEncodedValue(ByteReader* reader) {
  const std::string_view rest(reader->position(), reader->remaining());
  const absl::StatusOr<size_t> size = graph::EncodedValueSize(rest);
  if (!size.ok()) {
    reader->Fail();
    return {};
  }
  return graph::DecodeTrusted(reader->Raw(*size).data());
}

absl::Status AppendEncodedValue(const Value& value, std::string* out) {
  RETURN_IF_ERROR(graph::CheckEncodable(value));
  graph::AppendValue(value, out);
  return absl::OkStatus();
}

void AppendWideInteger(__int128 value, std::string* out) {
  AppendFixed64(out, static_cast<uint64_t>(value));
  AppendFixed64(out, static_cast<uint64_t>(value >> 64));
}

__int128 ReadWideInteger(ByteReader* reader) {
  const uint64_t low = reader->Fixed64();
  const uint64_t high = reader->Fixed64();
  return static_cast<__int128>(static_cast<unsigned __int128>(high) << 64 | low);
}

bool CanAddEach(AggregateKind kind, const Batch& batch, absl::Span<const uint32_t> arguments) {
  switch (kind) {
    case AggregateKind::kCount:
      return true;
    case AggregateKind::kMin:
    case AggregateKind::kMax:
      return HoldsOnly(batch.SlotColumn(arguments[0]), {ValueType::kInteger});
    case AggregateKind::kSum:
    case AggregateKind::kAvg:
      return HoldsOnly(batch.SlotColumn(arguments[0]), {ValueType::kInteger, ValueType::kFloat});
    default:
      return false;
  }
}

std::unique_ptr<Aggregate> MakeAggregate(AggregateKind kind, bool distinct) {
  // min and max are the same with DISTINCT.
  const bool is_extreme = kind == AggregateKind::kMin || kind == AggregateKind::kMax;
  if (distinct && !is_extreme) return std::make_unique<DistinctAggregate>(kind);
  switch (kind) {
    case AggregateKind::kCount:
      return std::make_unique<CountAggregate>();
    case AggregateKind::kSum:
      return MakeSum(false);
    case AggregateKind::kAvg:
      return MakeSum(true);
    case AggregateKind::kMin:
      return std::make_unique<ExtremeAggregate>(-1);
    case AggregateKind::kMax:
      return std::make_unique<ExtremeAggregate>(1);
    case AggregateKind::kCollect:
      return std::make_unique<CollectAggregate>();
    case AggregateKind::kStDev:
      return MakeDeviation(false);
    case AggregateKind::kStDevP:
      return MakeDeviation(true);
    case AggregateKind::kPercentileCont:
      return MakePercentile(false);
    case AggregateKind::kPercentileDisc:
      return MakePercentile(true);
    case AggregateKind::kNone:
      break;
  }
  LOG(FATAL) << "not an aggregate";
}

}  // namespace tidemark::query
