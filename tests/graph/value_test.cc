// SPDX-License-Identifier: Apache-2.0
#include "graph/value.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "graph/value_coding.h"
#include "graph/value_order.h"
#include "graph/value_text.h"
#include "tests/graph/random_values.h"

namespace tidemark::graph {
namespace {

Value List(std::vector<Value> elements) { return Value::List(std::move(elements)); }

TEST(ValueTest, KeepsWhatItWasGiven) {
  EXPECT_TRUE(Value().is_null());
  EXPECT_TRUE(Value::Boolean(true).boolean());
  EXPECT_EQ(Value::Integer(INT64_MIN).integer(), INT64_MIN);
  EXPECT_EQ(Value::Float(1.5).real(), 1.5);
  EXPECT_EQ(Value::String("").string(), "");
  EXPECT_EQ(Value::String("ab").string(), "ab");
  EXPECT_EQ(Value::Bytes(std::string_view("\0x", 2)).bytes().size(), 2u);
  EXPECT_EQ(Value::Of(Time{5, -3600}).time(), (Time{5, -3600}));
  EXPECT_EQ(Value::Of(LocalDateTime{-5, 7}).local_date_time(), (LocalDateTime{-5, 7}));
  EXPECT_EQ(Value::Of(DateTime{-5, 7, 3600, "Europe/Berlin"}).date_time().zone, "Europe/Berlin");
  const VertexId vertex(SlotId(4095), UINT32_MAX);
  EXPECT_EQ(Value::Of(vertex).vertex(), vertex);
}

TEST(ValueTest, CopiesAndMovesShareAndRelease) {
  Value a = Value::String("a text that is longer than any small buffer");
  Value b = a;
  EXPECT_EQ(a.string().data(), b.string().data());
  Value c = std::move(a);
  EXPECT_TRUE(a.is_null());  // NOLINT(bugprone-use-after-move): that is what is tested
  b = List({c, c});
  c = b;
  c = *&c;
  EXPECT_EQ(c.list()[1].string(), "a text that is longer than any small buffer");
  b = Value();
  EXPECT_EQ(c.list().size(), 2u);
}

TEST(ValueTest, CopiesMayBeUsedOnSeveralThreads) {
  const Value shared = List({Value::String("shared"), Value::Integer(1)});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([copy = shared] {
      for (int j = 0; j < 1000; ++j) {
        const Value mine = copy;
        ASSERT_EQ(mine.list()[0].string(), "shared");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(ValueTest, MapsAreSortedAndTheLastOfOneKeyCounts) {
  const Value map =
      Value::Map({{"b", Value::Integer(1)}, {"a", Value::Integer(2)}, {"b", Value::Integer(3)}});
  ASSERT_EQ(map.map().size(), 2u);
  EXPECT_EQ(map.map()[0].first, "a");
  EXPECT_EQ(map.Get("b").integer(), 3);
  EXPECT_TRUE(map.Get("c").is_null());
}

TEST(ValueTest, DepthIsBounded) {
  Value value;
  for (int i = 0; i < kMaxValueDepth; ++i) value = *MakeList({value});
  EXPECT_EQ(value.depth(), kMaxValueDepth);
  EXPECT_EQ(MakeList({value}).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(MakeMap({{"k", value}}).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_DEATH(Value::List({value}), "");
  EXPECT_TRUE(Equivalent(*DecodeValue(EncodeValue(value)), value));
}

TEST(ValueTest, WrongUseDies) {
  EXPECT_DEATH(Value::Integer(1).string(), "of type integer read as string");
  EXPECT_DEATH(Value::Of(Date{kMaxEpochDay + 1}), "");
  EXPECT_DEATH(Value::Of(VertexId()), "");
  EXPECT_DEATH(Value::Of(Point{Crs::kWgs84, {200, 0, 0}}), "");
}

TEST(ValueTest, WhatCanBeStored) {
  const Value one = Value::Integer(1);
  EXPECT_TRUE(CheckStorable(Value()).ok());
  EXPECT_TRUE(CheckStorable(one).ok());
  EXPECT_TRUE(CheckStorable(Value::Bytes("x")).ok());
  EXPECT_TRUE(CheckStorable(List({})).ok());
  EXPECT_TRUE(CheckStorable(List({one, Value::Float(2)})).ok());
  const Value refused[] = {
      Value::Map({}),
      List({one, Value()}),
      List({one, Value::String("a")}),
      List({List({one})}),
      List({Value::Bytes("x")}),
      List({Value::Of(Date{1}), Value::Of(LocalDateTime{1, 1})}),
      List({Value::Of(Point{}), Value::Of(Point{Crs::kWgs84, {1, 1, 0}})}),
      Value::Of(VertexId(SlotId(1), 1)),
      List({Value::Of(VertexId(SlotId(1), 1))}),
  };
  for (const Value& value : refused) {
    EXPECT_EQ(CheckStorable(value).code(), absl::StatusCode::kInvalidArgument) << ToText(value);
  }
  const Value large = Value::String(std::string(kMaxValueBytes, 'x'));
  EXPECT_EQ(CheckStorable(large).code(), absl::StatusCode::kResourceExhausted);
}

TEST(TemporalTest, CivilDaysRoundTripOverTheWholeRange) {
  EXPECT_EQ(DaysFromCivil(1970, 1, 1), 0);
  EXPECT_EQ(DaysFromCivil(2000, 3, 1), 11017);
  EXPECT_EQ(kMinEpochDay, -365243219162);
  EXPECT_EQ(kMaxEpochDay, 365241780471);
  RandomValues random(1);
  for (int i = 0; i < 20'000; ++i) {
    const int64_t day = i < 4000 ? i * 97 - 194'000 : random.AnyDate().epoch_day;
    const CivilDate civil = CivilFromDays(day);
    ASSERT_TRUE(IsValidCivil(civil)) << day;
    ASSERT_EQ(DaysFromCivil(civil.year, civil.month, civil.day), day);
  }
}

TEST(TemporalTest, DurationsOutsideTheRangeAreNotValid) {
  EXPECT_TRUE(IsValid(Duration{0, 0, INT64_MIN, 0}));
  EXPECT_FALSE(IsValid(Duration{1, 0, INT64_MAX, 0}));
  EXPECT_FALSE(IsValid(Duration{INT64_MAX, INT64_MIN, 0, 0}));
  EXPECT_FALSE(IsValid(Duration{0, 0, 0, -1}));
  EXPECT_FALSE(IsValid(Duration{0, 0, 0, 1'000'000'000}));
}

std::vector<std::function<void()>>& Disposed() {
  static std::vector<std::function<void()>> disposed;
  return disposed;
}

TEST(ValueTest, LargeListsAndMapsAreDestroyedByTheDisposer) {
  const Value shared = Value::String("a text that is shared");
  const auto list = [&](size_t count) { return List(std::vector<Value>(count, shared)); };
  Value::SetDisposer([](size_t bytes, std::function<void()> destroy) {
    EXPECT_GT(bytes, 100'000u);
    Disposed().push_back(destroy);
  });
  { const Value small = list(1000); }
  EXPECT_TRUE(Disposed().empty());
  {
    const Value large = list(100'000);
    const Value same = large;
  }
  EXPECT_EQ(Disposed().size(), 1u) << "the last value of it";
  {
    std::vector<MapEntry> entries;
    for (int i = 0; i < 10'000; ++i) entries.emplace_back(std::to_string(i), shared);
    const Value map = Value::Map(std::move(entries));
  }
  EXPECT_EQ(Disposed().size(), 2u);
  {
    // A short list of lists, known to be large because it was counted.
    const Value lists = List({list(5'000), list(5'000), list(5'000)});
    EXPECT_GT(lists.memory_bytes(), 15'000 * sizeof(Value));
  }
  EXPECT_EQ(Disposed().size(), 3u);
  for (const auto& destroy : Disposed()) destroy();
  Value::SetDisposer(nullptr);
  Disposed().clear();
}

TEST(ValueTest, MemoryCountsAllThatIsInside) {
  EXPECT_GE(Value::Integer(1).memory_bytes(), sizeof(Value));
  EXPECT_GE(Value::String(std::string(1000, 'x')).memory_bytes(), 1000u);
  const Value text = Value::String(std::string(1000, 'x'));
  const Value list = List({text, text});
  EXPECT_GE(list.memory_bytes(), 2 * text.memory_bytes());
  EXPECT_EQ(list.memory_bytes(), list.memory_bytes());
  const Value map = Value::Map({{std::string(500, 'k'), list}});
  EXPECT_GE(map.memory_bytes(), list.memory_bytes() + 500);
}

}  // namespace
}  // namespace tidemark::graph
