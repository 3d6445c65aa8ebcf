// SPDX-License-Identifier: Apache-2.0
// sum(), avg(), stDev(), stDevP(), percentileCont(), percentileDisc().
#include <algorithm>
#include <bit>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "graph/value_order.h"
#include "query/functions/aggregate_state.h"
#include "query/functions/exact_sum.h"
#include "query/functions/failures.h"
#include "query/functions/piece_vector.h"

namespace tidemark::query {

using graph::Duration;
using graph::Value;
using graph::ValueType;

namespace {

using AggregatedRow = absl::Span<const Value>;

// False when the sum does not fit.
bool AddTimes(int64_t value, uint64_t times, __int128* sum) {
  const __int128 product = static_cast<__int128>(value) * static_cast<__int128>(times);
  return !__builtin_add_overflow(*sum, product, sum);
}

// Durations part by part; the mean carries what is left of a part to the next smaller one.
struct DurationSum {
  __int128 months = 0;
  __int128 days = 0;
  __int128 seconds = 0;
  __int128 nanos = 0;

  bool Add(const Duration& duration, uint64_t times) {
    return AddTimes(duration.months, times, &months) && AddTimes(duration.days, times, &days) &&
           AddTimes(duration.seconds, times, &seconds) && AddTimes(duration.nanos, times, &nanos);
  }
  DurationSum DividedBy(uint64_t count) const {
    const auto n = static_cast<__int128>(count);
    constexpr __int128 kNanosPerMonth =
        static_cast<__int128>(graph::kSecondsPerMeanMonth) * graph::kNanosPerSecond;
    const __int128 of_months = months % n * kNanosPerMonth / n;
    const __int128 of_days = days % n * graph::kNanosPerDay / n;
    const __int128 of_seconds = seconds % n * graph::kNanosPerSecond / n;
    return {months / n, days / n + of_months / graph::kNanosPerDay, seconds / n,
            of_months % graph::kNanosPerDay + of_days + of_seconds + nanos / n};
  }
  ValueOr Result(std::string_view what) const {
    constexpr __int128 kBillion = graph::kNanosPerSecond;
    __int128 carry = nanos / kBillion;
    __int128 rest = nanos % kBillion;
    if (rest < 0) {
      rest += kBillion;
      --carry;
    }
    const __int128 whole = seconds + carry;
    const auto fits = [](__int128 part) { return part >= INT64_MIN && part <= INT64_MAX; };
    if (!fits(months) || !fits(days) || !fits(whole)) return IntegerOverflow(what);
    const Duration duration{static_cast<int64_t>(months), static_cast<int64_t>(days),
                            static_cast<int64_t>(whole), static_cast<int32_t>(rest)};
    if (!graph::IsValid(duration)) return IntegerOverflow(what);
    return Value::Of(duration);
  }
};

// Integers, floats and durations are added up side by side.
class SumAggregate final : public Aggregate {
 public:
  explicit SumAggregate(bool is_mean) : is_mean_(is_mean) {}

  absl::StatusOr<bool> TryAddRows(const Batch& batch,
                                  absl::Span<const uint32_t> arguments) override {
    if (batch.has_multiplicity()) return false;
    const Column& column = batch.SlotColumn(arguments[0]);
    if (!HoldsOnly(column, {ValueType::kInteger, ValueType::kFloat})) return false;
    __int128 integers = 0;
    uint64_t integer_count = 0;
    uint64_t float_count = 0;
    ForEachWord(batch, arguments[0], [&](ValueType type, uint64_t word) {
      if (type == ValueType::kInteger) {
        integers += static_cast<int64_t>(word);
        ++integer_count;
      } else {
        floats_.Add(std::bit_cast<double>(word));
        ++float_count;
      }
    });
    has_integers_ = has_integers_ || integer_count > 0;
    has_floats_ = has_floats_ || float_count > 0;
    if (__builtin_add_overflow(integers_, integers, &integers_) ||
        __builtin_add_overflow(count_, integer_count + float_count, &count_)) {
      return IntegerOverflow(name());
    }
    RETURN_IF_ERROR(CheckNotMixed());
    return true;
  }
  absl::StatusOr<size_t> AddEach(const RowsOfStates& rows,
                                 absl::Span<Aggregate* const> states) override {
    size_t growth = 0;
    bool all_fit = true;
    bool is_mixed = false;
    ForEachStateWord(rows, states,
                     [&](Aggregate* state, ValueType type, uint64_t word, uint64_t times) {
                       if (times == 0) return;
                       auto& sum = static_cast<SumAggregate&>(*state);
                       if (type == ValueType::kInteger) {
                         all_fit = sum.AddInteger(static_cast<int64_t>(word), times) && all_fit;
                       } else {
                         const size_t before = sum.floats_.memory_bytes();
                         sum.AddFloat(std::bit_cast<double>(word), times);
                         const size_t after = sum.floats_.memory_bytes();
                         growth += after > before ? after - before : 0;
                       }
                       if (__builtin_add_overflow(sum.count_, times, &sum.count_)) all_fit = false;
                       is_mixed = is_mixed || sum.has_durations_;
                     });
    if (!all_fit) return IntegerOverflow(name());
    if (is_mixed) return Mixed();
    return growth;
  }
  absl::Status Add(AggregatedRow arguments, uint64_t times) override {
    const Value& value = arguments[0];
    if (value.is_null() || times == 0) return absl::OkStatus();
    bool fits = true;
    switch (value.type()) {
      case ValueType::kInteger:
        fits = AddInteger(value.integer(), times);
        break;
      case ValueType::kFloat:
        AddFloat(value.real(), times);
        break;
      case ValueType::kDuration:
        fits = durations_.Add(value.duration(), times);
        has_durations_ = true;
        break;
      default:
        return TypeMismatch("INTEGER | FLOAT | DURATION", value);
    }
    if (!fits || __builtin_add_overflow(count_, times, &count_)) return IntegerOverflow(name());
    return CheckNotMixed();
  }
  absl::Status AppendState(std::string* out) const override {
    AppendFixed8(out, (has_integers_ ? 1 : 0) | (has_floats_ ? 2 : 0) | (has_durations_ ? 4 : 0));
    AppendVarint(out, count_);
    if (has_integers_) AppendWideInteger(integers_, out);
    if (has_floats_) floats_.AppendTo(out);
    if (has_durations_) {
      for (const __int128 part :
           {durations_.months, durations_.days, durations_.seconds, durations_.nanos}) {
        AppendWideInteger(part, out);
      }
    }
    return absl::OkStatus();
  }
  absl::Status MergeState(ByteReader* reader) override {
    const uint8_t flags = reader->Fixed8();
    bool fits = !__builtin_add_overflow(count_, reader->Varint(), &count_);
    if ((flags & 1) != 0) {
      fits = !__builtin_add_overflow(integers_, ReadWideInteger(reader), &integers_) && fits;
      has_integers_ = true;
    }
    if ((flags & 2) != 0) {
      ExactSum other;
      other.ReadFrom(reader);
      floats_.Merge(other);
      has_floats_ = true;
    }
    if ((flags & 4) != 0) {
      for (__int128* const part :
           {&durations_.months, &durations_.days, &durations_.seconds, &durations_.nanos}) {
        fits = !__builtin_add_overflow(*part, ReadWideInteger(reader), part) && fits;
      }
      has_durations_ = true;
    }
    if (!reader->ok()) return MalformedState();
    if (!fits) return IntegerOverflow(name());
    return CheckNotMixed();
  }
  ValueOr Finish() const override {
    if (count_ == 0) return is_mean_ ? Value() : Value::Integer(0);
    if (has_durations_) {
      return is_mean_ ? durations_.DividedBy(count_).Result(name()) : durations_.Result(name());
    }
    if (!is_mean_ && !has_floats_) {
      if (integers_ < INT64_MIN || integers_ > INT64_MAX) return IntegerOverflow(name());
      return Value::Integer(static_cast<int64_t>(integers_));
    }
    ExactSum total;
    total.Merge(floats_);
    if (has_integers_) total.AddInteger(integers_);
    return Value::Float(is_mean_ ? total.Mean(count_) : total.Sum());
  }
  size_t memory_bytes() const override { return sizeof(*this) + floats_.memory_bytes(); }

 private:
  std::string_view name() const { return is_mean_ ? "avg()" : "sum()"; }
  // False when the sum does not fit.
  bool AddInteger(int64_t value, uint64_t times) {
    has_integers_ = true;
    return AddTimes(value, times, &integers_);
  }
  void AddFloat(double value, uint64_t times) {
    has_floats_ = true;
    floats_.Add(value, times);
  }
  absl::Status CheckNotMixed() const {
    return has_durations_ && (has_integers_ || has_floats_) ? Mixed() : absl::OkStatus();
  }
  absl::Status Mixed() const {
    return Failure(ErrorId::kInvalidTypeArgumentValue,
                   {std::string(name()) + " cannot mix numbers and durations"});
  }

  const bool is_mean_;
  bool has_integers_ = false;
  bool has_floats_ = false;
  bool has_durations_ = false;
  uint64_t count_ = 0;
  __int128 integers_ = 0;
  ExactSum floats_;
  DurationSum durations_;
};

class DeviationAggregate final : public Aggregate {
 public:
  explicit DeviationAggregate(bool of_population) : of_population_(of_population) {}

  absl::Status Add(AggregatedRow arguments, uint64_t times) override {
    const Value& value = arguments[0];
    if (value.is_null()) return absl::OkStatus();
    if (!value.is_number()) return TypeMismatch("INTEGER | FLOAT", value);
    moments_.Add(
        value.type() == ValueType::kInteger ? static_cast<double>(value.integer()) : value.real(),
        times);
    return absl::OkStatus();
  }
  absl::Status AppendState(std::string* out) const override {
    moments_.AppendTo(out);
    return absl::OkStatus();
  }
  absl::Status MergeState(ByteReader* reader) override {
    ExactMoments other;
    other.ReadFrom(reader);
    if (!reader->ok()) return MalformedState();
    moments_.Merge(other);
    return absl::OkStatus();
  }
  ValueOr Finish() const override { return Value::Float(moments_.Deviation(of_population_)); }
  size_t memory_bytes() const override { return sizeof(*this) + moments_.memory_bytes(); }

 private:
  const bool of_population_;
  ExactMoments moments_;
};

// Of equivalent numbers integers come first and 0.0 before -0.0, so that the sorted values are the
// same whatever their order was.
bool ComesBefore(const Value& a, const Value& b) {
  if (const int order = graph::Compare(a, b); order != 0) return order < 0;
  if (a.type() != b.type()) return a.type() == ValueType::kInteger;
  return a.type() == ValueType::kFloat && !std::signbit(a.real()) && std::signbit(b.real());
}

// Keeps all values.
class PercentileAggregate final : public Aggregate {
 public:
  explicit PercentileAggregate(bool is_discrete) : is_discrete_(is_discrete) {}

  absl::Status Add(AggregatedRow arguments, uint64_t times) override {
    RETURN_IF_ERROR(SetPercentile(arguments[1]));
    const Value& value = arguments[0];
    if (value.is_null() || times == 0) return absl::OkStatus();
    if (!value.is_number()) return TypeMismatch("INTEGER | FLOAT", value);
    if (times > kMaxListElements) return CheckListSize(times);
    RETURN_IF_ERROR(CheckListSize(values_.size() + times));
    values_.Append(value, times);
    return absl::OkStatus();
  }
  absl::Status AppendState(std::string* out) const override {
    RETURN_IF_ERROR(AppendEncodedValue(percentile_, out));
    AppendVarint(out, values_.size());
    for (size_t i = 0; i < values_.size(); ++i)
      RETURN_IF_ERROR(AppendEncodedValue(values_[i], out));
    return absl::OkStatus();
  }
  absl::Status MergeState(ByteReader* reader) override {
    const Value percentile = ReadEncodedValue(reader);
    const uint64_t count = reader->Varint();
    if (!reader->ok() || count > reader->remaining()) return MalformedState();
    if (percentile.is_null() && count == 0) return absl::OkStatus();
    for (uint64_t i = 0; i < count; ++i) {
      const Value row[] = {ReadEncodedValue(reader), percentile};
      if (!reader->ok()) return MalformedState();
      RETURN_IF_ERROR(Add(row, 1));
    }
    return SetPercentile(percentile);
  }
  ValueOr Finish() const override {
    if (values_.empty()) return Value();
    std::vector<Value> values = values_.ToVector();
    return is_discrete_ ? Discrete(&values) : Continuous(&values);
  }
  size_t memory_bytes() const override { return sizeof(*this) + values_.memory_bytes(); }

 private:
  static double AsDouble(const Value& number) {
    return number.type() == ValueType::kInteger ? static_cast<double>(number.integer())
                                                : number.real();
  }

  absl::Status SetPercentile(const Value& percentile) {
    if (!percentile_.is_null()) {
      if (graph::Equals(percentile, percentile_) == graph::Ternary::kTrue) return absl::OkStatus();
      return Failure(ErrorId::kInvalidArgumentValue,
                     {"The percentile must be the same for all rows of a group, not " +
                      DescribeValue(percentile_) + " and " + DescribeValue(percentile)});
    }
    if (!percentile.is_number()) return TypeMismatch("INTEGER | FLOAT", percentile);
    if (const double share = AsDouble(percentile); !(share >= 0 && share <= 1)) {
      return Failure(ErrorId::kNumberOutOfRange, {"A percentile is a number from 0.0 to 1.0, not " +
                                                  DescribeValue(percentile)});
    }
    percentile_ = percentile;
    return absl::OkStatus();
  }

  // The value at a place of their order, behind those that come before it.
  static std::vector<Value>::iterator Select(size_t place, std::vector<Value>* values) {
    const auto at = values->begin() + static_cast<ptrdiff_t>(place);
    std::nth_element(values->begin(), at, values->end(), ComesBefore);
    return at;
  }
  // The value itself where the place is a whole number, else between two.
  Value Continuous(std::vector<Value>* values) const {
    const double place = AsDouble(percentile_) * static_cast<double>(values->size() - 1);
    const double below = std::floor(place);
    const auto at = Select(static_cast<size_t>(below), values);
    if (below == place || at + 1 == values->end()) return *at;
    const Value& next = *std::min_element(at + 1, values->end(), ComesBefore);
    return Value::Float(AsDouble(*at) * (below + 1 - place) + AsDouble(next) * (place - below));
  }
  Value Discrete(std::vector<Value>* values) const {
    const double place = std::ceil(AsDouble(percentile_) * static_cast<double>(values->size()));
    const size_t i = place < 1 ? 0 : static_cast<size_t>(place) - 1;
    return *Select(std::min(i, values->size() - 1), values);
  }

  const bool is_discrete_;
  Value percentile_;
  PieceVector<Value> values_;
};

}  // namespace

std::unique_ptr<Aggregate> MakeSum(bool is_mean) { return std::make_unique<SumAggregate>(is_mean); }

std::unique_ptr<Aggregate> MakeDeviation(bool of_population) {
  return std::make_unique<DeviationAggregate>(of_population);
}

std::unique_ptr<Aggregate> MakePercentile(bool is_discrete) {
  return std::make_unique<PercentileAggregate>(is_discrete);
}

}  // namespace tidemark::query
