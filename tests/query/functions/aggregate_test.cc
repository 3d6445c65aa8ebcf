// SPDX-License-Identifier: Apache-2.0
#include "query/functions/aggregate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "graph/value_coding.h"
#include "graph/value_order.h"
#include "tests/graph/random_values.h"
#include "tests/query/batch/random_batch.h"
#include "tests/query/functions/test_environment.h"

namespace tidemark::query {
namespace {

using graph::Value;

constexpr double kNanNumber = std::numeric_limits<double>::quiet_NaN();

using Rows = std::vector<std::vector<Value>>;

Rows OneColumn(const std::vector<V>& values) {
  Rows rows;
  for (const V& value : values) rows.push_back({value});
  return rows;
}

Rows WithPercentile(const std::vector<V>& values, const V& percentile) {
  Rows rows;
  for (const V& value : values) rows.push_back({value, percentile});
  return rows;
}

std::string ResultOfRows(AggregateKind kind, const Rows& rows, bool distinct = false) {
  const std::unique_ptr<Aggregate> aggregate = MakeAggregate(kind, distinct);
  for (const std::vector<Value>& row : rows) {
    if (absl::Status status = aggregate->Add(row, 1); !status.ok()) return Shown(status);
  }
  return Shown(aggregate->Finish());
}

std::string ResultOf(AggregateKind kind, const std::vector<V>& values, bool distinct = false) {
  return ResultOfRows(kind, OneColumn(values), distinct);
}

TEST(AggregateTest, OfNothingAndOfNulls) {
  for (const std::vector<V>& none : {std::vector<V>{}, std::vector<V>{kNullValue}}) {
    EXPECT_EQ(ResultOf(AggregateKind::kCount, none), "0");
    EXPECT_EQ(ResultOf(AggregateKind::kSum, none), "0");
    EXPECT_EQ(ResultOf(AggregateKind::kAvg, none), "null");
    EXPECT_EQ(ResultOf(AggregateKind::kMin, none), "null");
    EXPECT_EQ(ResultOf(AggregateKind::kMax, none), "null");
    EXPECT_EQ(ResultOf(AggregateKind::kCollect, none), "[]");
    EXPECT_EQ(ResultOf(AggregateKind::kStDev, none), "0.0");
    EXPECT_EQ(ResultOf(AggregateKind::kStDevP, none), "0.0");
    EXPECT_EQ(ResultOfRows(AggregateKind::kPercentileCont, WithPercentile(none, 0.5)), "null");
    EXPECT_EQ(ResultOfRows(AggregateKind::kPercentileDisc, WithPercentile(none, 0.5)), "null");
    EXPECT_EQ(ResultOf(AggregateKind::kCount, none, true), "0");
  }
}

TEST(AggregateTest, Sums) {
  constexpr int64_t kMax = INT64_MAX;
  EXPECT_EQ(ResultOf(AggregateKind::kSum, {1, 2, kNullValue}), "3");
  EXPECT_EQ(ResultOf(AggregateKind::kSum, {1, 2.5}), "3.5");
  EXPECT_EQ(ResultOf(AggregateKind::kSum, {kMax, 1}), "!IntegerOverflow");
  EXPECT_EQ(ResultOf(AggregateKind::kSum, {kMax, 1, -1}), "9223372036854775807");
  EXPECT_EQ(ResultOf(AggregateKind::kSum, {kMax, 1, 0.5}), "9223372036854775808.0");
  EXPECT_EQ(ResultOf(AggregateKind::kSum, {1e16, 1.0, -1e16}), "1.0");
  EXPECT_EQ(ResultOf(AggregateKind::kSum, {kNanNumber, 1}), "NaN");
  EXPECT_EQ(ResultOf(AggregateKind::kSum, {"a"}), "!InvalidArgumentType");
  EXPECT_EQ(ResultOf(AggregateKind::kSum, {true}), "!InvalidArgumentType");
  EXPECT_EQ(ResultOf(AggregateKind::kAvg, {1, 2}), "1.5");
  EXPECT_EQ(ResultOf(AggregateKind::kAvg, {kMax, kMax}), "9223372036854775808.0");
  EXPECT_EQ(ResultOf(AggregateKind::kAvg, {1.7e308, 1.7e308}), "1.7e+308");
  const auto duration = [](int64_t months, int64_t days, int64_t seconds, int32_t nanos) {
    return V(Value::Of(graph::Duration{months, days, seconds, nanos}));
  };
  const V day = duration(0, 1, 0, 0);
  const V hour = duration(0, 0, 3600, 0);
  EXPECT_EQ(ResultOf(AggregateKind::kSum, {day, hour}), "duration(\"P1DT1H\")");
  EXPECT_EQ(ResultOf(AggregateKind::kAvg, {day, hour}), "duration(\"PT12H30M\")");
  EXPECT_EQ(ResultOf(AggregateKind::kAvg, {duration(1, 0, 0, 0), day, day}),
            "duration(\"P10DT19H29M42S\")");
  EXPECT_EQ(ResultOf(AggregateKind::kSum,
                     {duration(0, 0, 1, 600'000'000), duration(0, 0, 1, 600'000'000)}),
            "duration(\"PT3.2S\")");
  EXPECT_EQ(ResultOf(AggregateKind::kSum, {duration(0, 0, -1, 500'000'000), duration(0, 0, -1, 0)}),
            "duration(\"PT-1.5S\")");
  EXPECT_EQ(ResultOf(AggregateKind::kSum, {duration(0, 0, INT64_MAX, 0), hour}),
            "!IntegerOverflow");
  EXPECT_EQ(ResultOf(AggregateKind::kSum, {day, 1}), "!InvalidArgumentValue");
  EXPECT_EQ(ResultOf(AggregateKind::kAvg, {1, day}), "!InvalidArgumentValue");
}

TEST(AggregateTest, ExtremesFollowTheOrderOfOrderBy) {
  const std::vector<V> mixed = {1, "a", kNullValue, ListValue({1, 2}), 0.2, "b"};
  EXPECT_EQ(ResultOf(AggregateKind::kMax, mixed), "1");
  EXPECT_EQ(ResultOf(AggregateKind::kMin, mixed), "[1, 2]");
  EXPECT_EQ(ResultOf(AggregateKind::kMax, {kNanNumber, 1}), "NaN");
  EXPECT_EQ(ResultOf(AggregateKind::kMin, {kNanNumber, 1}), "1");
  EXPECT_EQ(ResultOf(AggregateKind::kMax, {ListValue({1}), ListValue({2}), ListValue({2, 1})}),
            "[2, 1]");
  EXPECT_EQ(ResultOf(AggregateKind::kMax, {1.0, 1}), "1");
  EXPECT_EQ(ResultOf(AggregateKind::kMax, {1, 1.0}), "1");
}

TEST(AggregateTest, DistinctTakesOneOfEquivalentValues) {
  EXPECT_EQ(ResultOf(AggregateKind::kCollect, {1.0, 1, 2, kNullValue, 1}, true), "[1, 2]");
  EXPECT_EQ(ResultOf(AggregateKind::kCollect, {-0.0, 0.0}, true), "[0.0]");
  EXPECT_EQ(ResultOf(AggregateKind::kCollect, {ListValue({1.0}), ListValue({1})}, true), "[[1]]");
  EXPECT_EQ(ResultOf(AggregateKind::kCount, {kNanNumber, kNanNumber, 1, 1.0}, true), "2");
  EXPECT_EQ(ResultOf(AggregateKind::kSum, {1.0, 1, 2}, true), "3");
  EXPECT_EQ(ResultOf(AggregateKind::kSum, {1, "a"}, true), "!InvalidArgumentType");
  EXPECT_EQ(ResultOf(AggregateKind::kCount, {int64_t{9007199254740993}, 9007199254740992.0}, true),
            "2");
  EXPECT_EQ(
      ResultOfRows(AggregateKind::kPercentileCont, WithPercentile({1, 2, 2, 3, 4}, 0.3), true),
      "1.9");
}

TEST(AggregateTest, Percentiles) {
  const std::vector<V> values = {6, 7, 1, 1, 1, 76, 4, 4, 5, 748};
  const auto cont = [&](const V& share) {
    return ResultOfRows(AggregateKind::kPercentileCont, WithPercentile(values, share));
  };
  const auto disc = [&](const V& share) {
    return ResultOfRows(AggregateKind::kPercentileDisc, WithPercentile(values, share));
  };
  EXPECT_EQ(cont(0.5), "4.5");
  EXPECT_EQ(cont(0.9), "143.19999999999976");
  EXPECT_EQ(cont(0), "1");
  EXPECT_EQ(cont(1), "748");
  EXPECT_EQ(disc(0.5), "4");
  EXPECT_EQ(disc(0.9), "76");
  EXPECT_EQ(disc(0.0), "1");
  EXPECT_EQ(disc(1.0), "748");
  EXPECT_EQ(cont(1.5), "!NumberOutOfRange");
  EXPECT_EQ(disc(-0.1), "!NumberOutOfRange");
  EXPECT_EQ(disc(kNanNumber), "!NumberOutOfRange");
  EXPECT_EQ(cont("a"), "!InvalidArgumentType");
  EXPECT_EQ(cont(kNullValue), "!InvalidArgumentType");
  EXPECT_EQ(ResultOfRows(AggregateKind::kPercentileCont, Rows{{V(1), V(0.3)}, {V(2), V(0.6)}}),
            "!InvalidArgumentValue");
  EXPECT_EQ(ResultOfRows(AggregateKind::kPercentileDisc, WithPercentile({"a"}, 0.5)),
            "!InvalidArgumentType");
}

TEST(AggregateTest, Deviations) {
  EXPECT_EQ(ResultOf(AggregateKind::kStDev, {1, 2, 3}), "1.0");
  EXPECT_EQ(ResultOf(AggregateKind::kStDevP, {1, 2, 3}), "0.816496580927726");
  EXPECT_EQ(ResultOf(AggregateKind::kStDev, {5}), "0.0");
  EXPECT_EQ(ResultOf(AggregateKind::kStDev, {kNanNumber, 1}), "NaN");
  EXPECT_EQ(ResultOf(AggregateKind::kStDev, {"a"}), "!InvalidArgumentType");
}

TEST(AggregateTest, RowsCountSeveralTimes) {
  const auto with_times = [](AggregateKind kind, uint64_t times) {
    const std::unique_ptr<Aggregate> aggregate = MakeAggregate(kind, false);
    const Value row[] = {Value::Integer(3)};
    if (absl::Status status = aggregate->Add(row, times); !status.ok()) return Shown(status);
    return Shown(aggregate->Finish());
  };
  EXPECT_EQ(with_times(AggregateKind::kCount, 5), "5");
  EXPECT_EQ(with_times(AggregateKind::kCount, 0), "0");
  EXPECT_EQ(with_times(AggregateKind::kCount, UINT64_MAX), "!IntegerOverflow");
  EXPECT_EQ(with_times(AggregateKind::kSum, 5), "15");
  EXPECT_EQ(with_times(AggregateKind::kSum, uint64_t{1} << 62), "!IntegerOverflow");
  EXPECT_EQ(with_times(AggregateKind::kAvg, uint64_t{1} << 62), "3.0");
  EXPECT_EQ(with_times(AggregateKind::kMax, 0), "null");
  EXPECT_EQ(with_times(AggregateKind::kCollect, 3), "[3, 3, 3]");
  EXPECT_EQ(with_times(AggregateKind::kCollect, uint64_t{1} << 40), "!ValueTooLarge");
  EXPECT_EQ(with_times(AggregateKind::kStDev, 4), "0.0");
}

constexpr AggregateKind kAllKinds[] = {
    AggregateKind::kCount,         AggregateKind::kSum,    AggregateKind::kAvg,
    AggregateKind::kMin,           AggregateKind::kMax,    AggregateKind::kCollect,
    AggregateKind::kStDev,         AggregateKind::kStDevP, AggregateKind::kPercentileCont,
    AggregateKind::kPercentileDisc};

bool NeedsNumbers(AggregateKind kind) {
  return kind != AggregateKind::kCount && kind != AggregateKind::kMin &&
         kind != AggregateKind::kMax && kind != AggregateKind::kCollect;
}

// What a result is whatever the order of the rows was: collect() sorted, numbers to the bit.
std::string Fixed(AggregateKind kind, const Value& result) {
  if (kind != AggregateKind::kCollect) return graph::EncodeValue(result);
  std::vector<std::string> elements;
  for (const Value& element : result.list()) elements.push_back(graph::EncodeValue(element));
  std::sort(elements.begin(), elements.end());
  std::string text;
  for (const std::string& element : elements) text += element + '\0';
  return text;
}

// One state over all rows against several that are merged as bytes in any order, in all kinds, with
// and without DISTINCT: the same result to the last bit.
TEST(AggregateTest, SplitsAndOrderDoNotShow) {
  graph::RandomValues random(41);
  for (int round = 0; round < 600; ++round) {
    for (const AggregateKind kind : kAllKinds) {
      const bool distinct = random.Below(2) == 0;
      const size_t parts = 1 + random.Below(4);
      const std::unique_ptr<Aggregate> whole = MakeAggregate(kind, distinct);
      std::vector<std::unique_ptr<Aggregate>> split;
      for (size_t i = 0; i < parts; ++i) split.push_back(MakeAggregate(kind, distinct));
      for (uint64_t i = random.Below(30); i > 0; --i) {
        Value value = random.Below(2) == 0 ? Value::Integer(random.Integer() / 1000)
                                           : Value::Float(random.Float());
        if (!NeedsNumbers(kind) && random.Below(2) == 0) value = random.Any(2);
        if (random.Below(8) == 0) value = Value();
        const std::vector<Value> row = {value, Value::Float(0.3)};
        const size_t count = kind >= AggregateKind::kPercentileCont ? 2 : 1;
        const uint64_t times = random.Below(3);
        ASSERT_TRUE(whole->Add(absl::MakeConstSpan(row).first(count), times).ok());
        ASSERT_TRUE(
            split[random.Below(parts)]->Add(absl::MakeConstSpan(row).first(count), times).ok());
      }
      const std::unique_ptr<Aggregate> merged = MakeAggregate(kind, distinct);
      for (size_t i = parts; i-- > 0;) {
        std::string bytes;
        ASSERT_TRUE(split[i]->AppendState(&bytes).ok());
        ByteReader reader(bytes);
        ASSERT_TRUE(merged->MergeState(&reader).ok());
        ASSERT_TRUE(reader.done());
      }
      ASSERT_EQ(Fixed(kind, *whole->Finish()), Fixed(kind, *merged->Finish()))
          << static_cast<int>(kind) << distinct;
    }
  }
}

// Columns as operators make them: of any kind, or such that are taken in fast.
BatchRef AnyRows(RandomBatches* batches, SlabPool* pool) {
  graph::RandomValues& random = *batches->values();
  if (random.Below(3) == 0) return batches->Any();
  BatchRef batch = Batch::Make(pool, kMaxBatchRows);
  batch->set_row_count(1 + random.Below(kMaxBatchRows));
  Column* const tagged = batch->AddColumn(ColumnKind::kTagged);
  const uint64_t shape = random.Below(4);
  for (size_t row = 0; row < batch->row_count(); ++row) {
    if (random.Below(8) == 0) continue;  // null
    const bool is_float = shape == 1 || (shape == 2 && random.Below(2) == 0);
    const bool is_odd = shape == 3 && random.Below(4) == 0;
    tagged->SetValue(row, is_odd     ? random.Property()
                          : is_float ? Value::Float(random.Float())
                                     : Value::Integer(random.Integer()));
  }
  Column* const vertices = batch->AddColumn(ColumnKind::kVertex);
  for (size_t row = 0; row < batch->row_count(); ++row) {
    vertices->SetWord(row, VertexId(SlotId(3), 1 + random.Below(40)).value());
    if (random.Below(8) == 0) vertices->SetNull(row);
  }
  if (random.Below(2) == 0) batch->Filter([&](uint16_t) { return random.Below(3) > 0; });
  if (random.Below(4) == 0) batch->MakeMultiplicity();
  return batch;
}

bool HasValues(const Batch& batch, size_t slot) {
  const Column& column = batch.SlotColumn(slot);
  return column.kind() != ColumnKind::kEdge || column.sources() != nullptr;
}

// Batches that are taken in at once, where that can be, against their rows one by one.
TEST(AggregateTest, RowsAtOnceAreTheSameAsOneByOne) {
  SlabPool pool;
  RandomBatches batches(5, &pool);
  size_t at_once_count = 0;
  for (int round = 0; round < 3000; ++round) {
    const AggregateKind kind = kAllKinds[batches.values()->Below(8)];
    const bool distinct = batches.values()->Below(3) == 0;
    const std::unique_ptr<Aggregate> at_once = MakeAggregate(kind, distinct);
    const std::unique_ptr<Aggregate> one_by_one = MakeAggregate(kind, distinct);
    absl::Status of_batches;
    absl::Status of_rows;
    for (uint64_t i = batches.values()->Below(4); i > 0 && of_rows.ok(); --i) {
      const BatchRef batch = AnyRows(&batches, &pool);
      if (batch->slot_count() == 0) continue;
      const auto slot = static_cast<uint32_t>(batches.values()->Below(batch->slot_count()));
      if (!HasValues(*batch, slot)) continue;
      const absl::StatusOr<bool> taken = at_once->TryAddRows(*batch, {slot});
      of_batches = taken.status();
      at_once_count += taken.ok() && *taken ? 1 : 0;
      batch->ForEachRow([&](uint16_t row) {
        const Value value = batch->ValueAt(slot, row);
        const uint64_t times = batch->MultiplicityAt(row);
        of_rows.Update(one_by_one->Add({&value, 1}, times));
        if (taken.ok() && !*taken) of_batches.Update(at_once->Add({&value, 1}, times));
      });
    }
    ASSERT_EQ(of_batches, of_rows);
    if (!of_rows.ok()) continue;  // the states are of no use
    const ValueOr result = at_once->Finish();
    const ValueOr wanted = one_by_one->Finish();
    ASSERT_EQ(result.status(), wanted.status());
    if (!result.ok()) continue;
    ASSERT_EQ(Fixed(kind, *result), Fixed(kind, *wanted));
  }
  EXPECT_GT(at_once_count, 500u);
}

TEST(AggregateTest, AnyBytesOfAStateAreSafe) {
  graph::RandomValues random(42);
  for (int round = 0; round < 3000; ++round) {
    for (const AggregateKind kind : kAllKinds) {
      const bool distinct = random.Below(2) == 0;
      const std::unique_ptr<Aggregate> sender = MakeAggregate(kind, distinct);
      for (uint64_t i = random.Below(5); i > 0; --i) {
        const std::vector<Value> row = {Value::Float(random.Float()), Value::Float(0.3)};
        ASSERT_TRUE(sender
                        ->Add(absl::MakeConstSpan(row).first(
                                  kind >= AggregateKind::kPercentileCont ? 2 : 1),
                              1)
                        .ok());
      }
      std::string bytes;
      ASSERT_TRUE(sender->AppendState(&bytes).ok());
      bytes = random.Damage(bytes);
      ByteReader reader(bytes);
      const std::unique_ptr<Aggregate> receiver = MakeAggregate(kind, distinct);
      if (receiver->MergeState(&reader).ok()) {
        const ValueOr result = receiver->Finish();
        EXPECT_TRUE(result.ok() || ErrorOf(result.status()).has_value());
      }
    }
  }
}

}  // namespace
}  // namespace tidemark::query
