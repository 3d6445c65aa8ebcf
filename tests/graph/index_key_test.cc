// SPDX-License-Identifier: Apache-2.0
#include "graph/index_key.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "absl/strings/escaping.h"
#include "base/status.h"
#include "graph/property_set.h"
#include "graph/value_coding.h"
#include "graph/value_order.h"
#include "graph/value_text.h"
#include "tests/graph/golden_file.h"
#include "tests/graph/random_values.h"

namespace tidemark::graph {
namespace {

std::string KeyOf(const Value& value) {
  std::string key;
  const absl::Status status = AppendIndexKey(value, &key);
  EXPECT_TRUE(status.ok()) << status;
  return key;
}

int Sign(int order) { return (order > 0) - (order < 0); }

TEST(IndexKeyTest, OrdersLikeTheValues) {
  RandomValues random(6);
  for (int i = 0; i < 200'000; ++i) {
    const Value a = random.Property();
    const Value b = i % 4 == 0 ? Value::Integer(random.Integer()) : random.Property();
    ASSERT_EQ(Sign(KeyOf(a).compare(KeyOf(b))), Sign(Compare(a, b)))
        << ToText(a) << " " << ToText(b);
  }
}

TEST(IndexKeyTest, NumbersOrderExactlyAtEverySize) {
  RandomValues random(7);
  const auto number = [&random] {
    return random.Below(2) == 0 ? Value::Integer(random.Integer()) : Value::Float(random.Float());
  };
  for (int i = 0; i < 200'000; ++i) {
    const Value a = number();
    const Value b = number();
    ASSERT_EQ(Sign(KeyOf(a).compare(KeyOf(b))), Sign(Compare(a, b)))
        << ToText(a) << " " << ToText(b);
  }
  EXPECT_EQ(KeyOf(Value::Integer(1)), KeyOf(Value::Float(1.0)));
  EXPECT_EQ(KeyOf(Value::Integer(0)), KeyOf(Value::Float(-0.0)));
  EXPECT_EQ(KeyOf(Value::Of(Point{Crs::kCartesian, {-0.0, 1.0, 0.0}})),
            KeyOf(Value::Of(Point{Crs::kCartesian, {0.0, 1.0, 0.0}})));
  EXPECT_LE(KeyOf(Value::Integer(1'000'000)).size(), 6u);
}

TEST(IndexKeyTest, TuplesOrderLikeTuples) {
  RandomValues random(8);
  for (int i = 0; i < 50'000; ++i) {
    const Value a[] = {random.Property(), random.Property()};
    const Value b[] = {random.Below(2) == 0 ? a[0] : random.Property(), random.Property()};
    const int first = Compare(a[0], b[0]);
    const int expected = first != 0 ? first : Compare(a[1], b[1]);
    const std::string a_key = KeyOf(a[0]) + KeyOf(a[1]);
    const std::string b_key = KeyOf(b[0]) + KeyOf(b[1]);
    ASSERT_EQ(Sign(a_key.compare(b_key)), Sign(expected))
        << ToText(a[0]) << ToText(a[1]) << " " << ToText(b[0]) << ToText(b[1]);
  }
}

TEST(IndexKeyTest, PrefixRangesHoldExactlyTheStringsWithThePrefix) {
  RandomValues random(9);
  for (int i = 0; i < 50'000; ++i) {
    const std::string prefix = random.Text();
    const std::string text = random.Below(2) == 0 ? prefix + random.Text() : random.Text();
    const auto [first, last] = IndexKeyPrefixRange(prefix);
    const std::string key = KeyOf(Value::String(text));
    ASSERT_EQ(first <= key && key < last, text.substr(0, prefix.size()) == prefix);
    const std::string other = KeyOf(Value::Integer(static_cast<int64_t>(random.Below(9))));
    ASSERT_FALSE(first <= other && other < last);
  }
}

TEST(IndexKeyTest, TypeRangesAndSuccessors) {
  RandomValues random(10);
  for (int i = 0; i < 20'000; ++i) {
    const Value a = random.Property();
    const Value b = random.Property();
    const auto [first, last] = IndexKeyTypeRange(a.type());
    const std::string key = KeyOf(b);
    const bool same = a.type() == b.type() || (a.is_number() && b.is_number());
    ASSERT_EQ(first <= key && key < last, same) << ToText(a) << " " << ToText(b);
    // All tuples that begin with `a`, and no others, lie below the successor and not below `a`.
    const std::string tuple = KeyOf(b) + KeyOf(a);
    const bool inside = KeyOf(a) <= tuple && tuple < IndexKeySuccessor(KeyOf(a));
    ASSERT_EQ(inside, Compare(a, b) == 0) << ToText(a) << " " << ToText(b);
  }
}

TEST(IndexKeyTest, RefusesWhatHasNoKey) {
  std::string key = "kept";
  EXPECT_EQ(AppendIndexKey(Value(), &key).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(AppendIndexKey(Value::Map({}), &key).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(AppendIndexKey(Value::List({Value::Integer(1), Value()}), &key).ok());
  EXPECT_FALSE(AppendIndexKey(Value::String(std::string(9000, 'x')), &key).ok());
  EXPECT_FALSE(AppendIndexKey(Value::String(std::string(8000, '\0')), &key).ok());
  const std::vector<Value> many(100'000, Value::Integer(12345));
  EXPECT_FALSE(AppendIndexKey(Value::List(many), &key).ok());
  EXPECT_EQ(key, "kept");
  EXPECT_TRUE(AppendIndexKey(Value::String(std::string(8180, 'x')), &key).ok());
}

TEST(IndexKeyTest, KeysOfAPropertySet) {
  std::string set;
  ASSERT_TRUE(PackProperties({{KeyId(3), EncodeValue(Value::Integer(7))},
                              {KeyId(1), EncodeValue(Value::String("a"))}},
                             &set)
                  .ok());
  const auto both = IndexKeyOf(set, {KeyId(3), KeyId(1)});
  ASSERT_TRUE(both.ok());
  EXPECT_EQ(both->value(), KeyOf(Value::Integer(7)) + KeyOf(Value::String("a")));
  EXPECT_FALSE(IndexKeyOf(set, {KeyId(1), KeyId(2)})->has_value());
}

TEST(IndexKeyTest, SlotsSpreadAndStay) {
  std::set<uint16_t> slots;
  for (int i = 0; i < 4000; ++i) {
    slots.insert(SlotOfIndexKey(IndexId(1), KeyOf(Value::Integer(i))).value());
  }
  EXPECT_GT(slots.size(), 2300u);  // 4096 * (1 - 1/e) of them, about
  EXPECT_LT(*slots.rbegin(), kSlotCount);
  EXPECT_EQ(SlotOfIndexKey(IndexId(1), KeyOf(Value::Integer(5))),
            SlotOfIndexKey(IndexId(1), KeyOf(Value::Float(5))));
}

// Unique keys are logged, so their form is part of the file format, and so is their slot.
TEST(IndexKeyTest, MatchesTheGoldenFile) {
  const std::vector<GoldenLine> lines = ReadGoldenFile("index_key.golden");
  ASSERT_GE(lines.size(), 15u);
  for (const GoldenLine& line : lines) {
    // value's encoding, its slot under index 1, its text
    const size_t blank = line.text.find(' ');
    const size_t second = line.text.find(' ', blank + 1);
    const std::string encoded = absl::HexStringToBytes(line.text.substr(0, blank));
    const Value value = *DecodeValue(encoded);
    EXPECT_EQ(absl::BytesToHexString(KeyOf(value)), ToAbsl(line.hex)) << ToText(value);
    EXPECT_EQ(std::to_string(SlotOfIndexKey(IndexId(1), KeyOf(value)).value()),
              line.text.substr(blank + 1, second - blank - 1));
    EXPECT_EQ(ToText(value), line.text.substr(second + 1));
  }
}

}  // namespace
}  // namespace tidemark::graph
