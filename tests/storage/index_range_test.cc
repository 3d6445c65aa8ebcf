// SPDX-License-Identifier: Apache-2.0
// Scans of an index between two values against a look at every value.
#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "graph/index_key.h"
#include "graph/property_set.h"
#include "graph/value_coding.h"
#include "graph/value_order.h"
#include "graph/value_text.h"
#include "tests/storage/shard_fixture.h"

namespace tidemark::storage {
namespace {

using graph::Value;

class IndexRangeTest : public ShardTest {
 protected:
  void SetUp() override {
    Define(graph::IndexKind::kLabelProperty, graph::IndexState::kOnline);
    for (int64_t number : {-5, -1, 0, 3, 5}) values_.push_back(Value::Integer(number));
    for (double number : {-0.5, 2.5, 1e300, -1e300, -0.0}) values_.push_back(Value::Float(number));
    values_.push_back(Value::Float(std::nan("")));
    values_.push_back(Value::Float(HUGE_VAL));
    values_.push_back(Value::Boolean(false));
    values_.push_back(Value::Boolean(true));
    for (const char* text : {"", "a", "ab", "b"}) values_.push_back(Value::String(text));
    values_.push_back(Value::Of(graph::Date{-3}));
    values_.push_back(Value::Of(graph::Date{100}));
    values_.push_back(Value::List({Value::Integer(1), Value::Integer(2)}));
    const TxId tx = NextTx();
    for (const Value& value : values_) {
      const std::string properties = graph::WithProperty("", KeyId(1), graph::EncodeValue(value));
      vertices_.push_back(
          *shard_->CreateVertex(Now(tx), {std::nullopt, {LabelId(1)}, properties}, nullptr));
    }
    Commit(tx);
  }

  // The values found between two bounds, `page` of them at a time.
  std::multiset<std::string> Scan(const std::optional<Value>& first,
                                  const std::optional<Value>& last, size_t page) {
    std::multiset<std::string> texts;
    const auto range = graph::IndexKeyRangeBetween(first, last);
    EXPECT_TRUE(range.ok()) << range.status();
    if (!range.ok() || !range->has_value()) return texts;
    std::vector<VertexId> found;
    for (Shard::Cursor cursor; !cursor.done;) {
      const IndexRange keys{IndexId(1), (*range)->first, (*range)->second, page};
      EXPECT_TRUE(shard_->ScanIndex(Now(), keys, &cursor, &found).ok());
    }
    for (const VertexId vertex : found) {
      const auto at = std::find(vertices_.begin(), vertices_.end(), vertex);
      texts.insert(graph::ToText(values_[static_cast<size_t>(at - vertices_.begin())]));
    }
    return texts;
  }

  std::vector<Value> values_;
  std::vector<VertexId> vertices_;
};

using Texts = std::multiset<std::string>;

TEST_F(IndexRangeTest, AnOpenEndReachesToTheEndOfTheType) {
  EXPECT_EQ(Scan({}, Value::Integer(5), 3),
            (Texts{"-1e+300", "-5", "-1", "-0.5", "0", "-0.0", "2.5", "3"}));
  EXPECT_EQ(Scan(Value::Integer(-5), {}, 3),
            (Texts{"-5", "-1", "-0.5", "0", "-0.0", "2.5", "3", "5", "1e+300", "Infinity"}));
  EXPECT_EQ(Scan(Value::Boolean(false), {}, 3), (Texts{"false", "true"}));
  EXPECT_EQ(Scan({}, Value::Boolean(true), 3), Texts{"false"});
  EXPECT_EQ(Scan(Value::String("ab"), {}, 3).size(), 2u);
  EXPECT_EQ(Scan({}, Value::String("ab"), 3).size(), 2u);
}

TEST_F(IndexRangeTest, NothingLiesBetweenBoundsThatDoNotCompare) {
  EXPECT_TRUE(Scan(Value::String("a"), Value::Integer(5), 3).empty());
  EXPECT_TRUE(Scan(Value::Boolean(false), Value::Integer(5), 3).empty());
  EXPECT_TRUE(Scan(Value::Float(std::nan("")), {}, 3).empty());
  EXPECT_TRUE(Scan({}, Value::Float(std::nan("")), 3).empty());
  EXPECT_TRUE(Scan(Value(), {}, 3).empty());
  EXPECT_TRUE(Scan(Value::Integer(5), Value::Integer(-5), 3).empty());
}

bool IsBetween(const std::optional<Value>& first, const std::optional<Value>& last,
               const Value& value) {
  using graph::Ternary;
  return (!first.has_value() || graph::LessOrEqual(*first, value) == Ternary::kTrue) &&
         (!last.has_value() || graph::Less(value, *last) == Ternary::kTrue);
}

TEST_F(IndexRangeTest, RandomBoundsAgreeWithTheOperators) {
  std::mt19937_64 random(5);
  size_t found_count = 0;
  for (int i = 0; i < 20'000; ++i) {
    const auto bound = [&]() -> std::optional<Value> {
      if (random() % 3 == 0) return std::nullopt;
      return values_[random() % values_.size()];
    };
    const std::optional<Value> first = bound();
    const std::optional<Value> last = bound();
    if (!first.has_value() && !last.has_value()) continue;
    Texts wanted;
    for (const Value& value : values_) {
      if (IsBetween(first, last, value)) wanted.insert(graph::ToText(value));
    }
    ASSERT_EQ(Scan(first, last, 1 + random() % 9), wanted)
        << (first.has_value() ? graph::ToText(*first) : "open") << " "
        << (last.has_value() ? graph::ToText(*last) : "open");
    found_count += wanted.size();
  }
  EXPECT_GT(found_count, 20'000u);
}

}  // namespace
}  // namespace tidemark::storage
