// SPDX-License-Identifier: Apache-2.0
#include "graph/index_key.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/str_join.h"
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

bool IsNan(const Value& value) {
  return value.type() == ValueType::kFloat && std::isnan(value.real());
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
    const bool same = (a.type() == b.type() || (a.is_number() && b.is_number())) && !IsNan(b);
    ASSERT_EQ(first <= key && key < last, same) << ToText(a) << " " << ToText(b);
    // All tuples that begin with `a`, and no others, lie below the successor and not below `a`.
    const std::string tuple = KeyOf(b) + KeyOf(a);
    const bool inside = KeyOf(a) <= tuple && tuple < IndexKeySuccessor(KeyOf(a));
    ASSERT_EQ(inside, Compare(a, b) == 0) << ToText(a) << " " << ToText(b);
  }
}

// A value is between two bounds when it is of their type, which has no NaN, and not below the one
// nor at or above the other.
bool IsBetween(const std::optional<Value>& first, const std::optional<Value>& last,
               const Value& value) {
  if (IsNan(value)) return false;
  for (const std::optional<Value>* bound : {&first, &last}) {
    if (!bound->has_value()) continue;
    const Value& b = **bound;
    if (Equals(b, b) != Ternary::kTrue) return false;
    if (b.type() != value.type() && !(b.is_number() && value.is_number())) return false;
  }
  return (!first.has_value() || Compare(*first, value) <= 0) &&
         (!last.has_value() || Compare(value, *last) < 0);
}

TEST(IndexKeyTest, RangesReachOverTheTypeOfTheirBounds) {
  RandomValues random(11);
  int inside_count = 0;
  for (int i = 0; i < 200'000; ++i) {
    const Value value = random.Property();
    const auto bound = [&]() -> std::optional<Value> {
      if (random.Below(3) == 0) return std::nullopt;
      for (int tries = 0; tries < 30; ++tries) {
        Value drawn = random.Property();
        if (drawn.type() == value.type() || random.Below(20) == 0) return drawn;
      }
      return random.Property();
    };
    const std::optional<Value> first = bound();
    const std::optional<Value> last = bound();
    const auto range = IndexKeyRangeBetween(first, last);
    if (!first.has_value() && !last.has_value()) {
      ASSERT_EQ(range.status().code(), absl::StatusCode::kInvalidArgument);
      continue;
    }
    ASSERT_TRUE(range.ok()) << range.status();
    const std::string key = KeyOf(value);
    const bool inside = range->has_value() && (*range)->first <= key && key < (*range)->second;
    ASSERT_EQ(inside, IsBetween(first, last, value))
        << (first.has_value() ? ToText(*first) : "open") << " "
        << (last.has_value() ? ToText(*last) : "open") << " " << ToText(value);
    inside_count += inside ? 1 : 0;
  }
  EXPECT_GT(inside_count, 20'000);
  EXPECT_FALSE(IndexKeyRangeBetween(Value(), std::nullopt)->has_value());
  EXPECT_FALSE(IndexKeyRangeBetween(std::nullopt, Value::Float(std::nan("")))->has_value());
  EXPECT_FALSE(IndexKeyRangeBetween(Value::Integer(1), Value::String("a"))->has_value());
  EXPECT_FALSE(IndexKeyRangeBetween(Value::Map({}), std::nullopt).ok());
}

std::string SetOf(const Value& value) { return WithProperty("", KeyId(1), EncodeValue(value)); }

// Two values clash under a uniqueness constraint exactly when they are equal, -0.0 and 0.0 apart;
// a lookup finds exactly what is equal.
TEST(IndexKeyTest, UniqueKeysClashWhereValuesAreEqual) {
  RandomValues random(12);
  const KeyId keys[] = {KeyId(1)};
  int equal_count = 0;
  const auto is_negative_zero = [](const Value& value) {
    return value.type() == ValueType::kFloat && value.real() == 0 && std::signbit(value.real());
  };
  for (int i = 0; i < 200'000; ++i) {
    const Value a = random.Property();
    const Value b = random.Below(3) == 0 ? a : random.Property();
    const auto a_key = UniqueKeyOf(SetOf(a), keys);
    const auto b_key = UniqueKeyOf(SetOf(b), keys);
    ASSERT_TRUE(a_key.ok() && b_key.ok());
    const bool equal = Equals(a, b) == Ternary::kTrue;
    const bool clash = a_key->has_value() && *a_key == *b_key;
    ASSERT_EQ(clash, equal && is_negative_zero(a) == is_negative_zero(b))
        << ToText(a) << " " << ToText(b);
    const auto wanted = UniqueKeysEqualTo({a});
    ASSERT_TRUE(wanted.ok());
    const bool found =
        b_key->has_value() && std::find(wanted->begin(), wanted->end(), **b_key) != wanted->end();
    ASSERT_EQ(found, equal) << ToText(a) << " " << ToText(b);
    const auto in_index = IndexKeyEqualTo({a});
    ASSERT_EQ(in_index->has_value() && **in_index == KeyOf(b), equal) << ToText(a) << ToText(b);
    equal_count += equal ? 1 : 0;
  }
  EXPECT_GT(equal_count, 50'000);
}

TEST(IndexKeyTest, NanAndNegativeZeroUnderConstraints) {
  const KeyId one[] = {KeyId(1)};
  const KeyId both[] = {KeyId(1), KeyId(2)};
  const auto pair = [](const Value& a, const Value& b) {
    return WithProperty(SetOf(a), KeyId(2), EncodeValue(b));
  };
  const Value nan = Value::Float(std::nan(""));
  EXPECT_FALSE(UniqueKeyOf(SetOf(nan), one)->has_value());
  EXPECT_FALSE(UniqueKeyOf(SetOf(Value::List({nan})), one)->has_value());
  EXPECT_FALSE(UniqueKeyOf(pair(Value::Integer(1), nan), both)->has_value());
  EXPECT_TRUE(UniqueKeysEqualTo({nan})->empty());
  EXPECT_EQ(absl::BytesToHexString(**UniqueKeyOf(SetOf(Value::Float(-0.0)), one)), "68ff");
  EXPECT_LT(KeyOf(Value::Float(-4.9e-324)), **UniqueKeyOf(SetOf(Value::Float(-0.0)), one));
  EXPECT_EQ(UniqueKeysEqualTo({Value::Integer(0)})->size(), 2u);
  EXPECT_EQ(**UniqueKeyOf(pair(Value::Float(-0.0), Value::Integer(1)), both),
            UniqueKeysEqualTo({Value::Integer(0), Value::Integer(1)})->front());
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

TEST(IndexKeyTest, AKeyTellsItsValuesToPeople) {
  const auto text = [](const std::vector<Value>& values) {
    std::string key;
    for (const Value& value : values) EXPECT_TRUE(AppendIndexKey(value, &key).ok());
    return absl::StrJoin(IndexKeyTexts(key), ", ");
  };
  for (const int64_t number : std::initializer_list<int64_t>{
           0, 1, -1, 127, 4096, -70000, (int64_t{1} << 53) + 1, INT64_MAX, INT64_MIN + 1}) {
    EXPECT_EQ(text({Value::Integer(number)}), std::to_string(number));
  }
  EXPECT_EQ(text({Value::Float(2.0)}), "2");
  EXPECT_EQ(text({Value::Float(-1.5)}), "-1.5");
  EXPECT_EQ(text({Value::Float(1e300)}), "1e+300");
  EXPECT_EQ(text({Value::String("a"), Value::Boolean(true), Value::Integer(-7)}),
            "\"a\", true, -7");
  EXPECT_EQ(text({Value::String(std::string("a\0b", 3)), Value::Integer(3)}).substr(0, 2), "\"a");
  EXPECT_LT(text({Value::String(std::string(5000, 'x'))}).size(), 150u);
  EXPECT_EQ(text({Value::Bytes("ab"), Value::Integer(1)}).substr(0, 2), "a ");
  EXPECT_EQ(text({}), "");
}

}  // namespace
}  // namespace tidemark::graph
