// SPDX-License-Identifier: Apache-2.0
#include "graph/property_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "graph/value_coding.h"
#include "tests/graph/random_values.h"

namespace tidemark::graph {
namespace {

using Model = std::map<KeyId, std::string>;

std::string Pack(const Model& model) {
  std::string set;
  EXPECT_TRUE(PackProperties({model.rbegin(), model.rend()}, &set).ok());
  return set;
}

TEST(PropertySetTest, ChangesLikeAMap) {
  RandomValues random(20);
  for (int round = 0; round < 200; ++round) {
    Model model;
    std::string set;
    for (int i = 0; i < 40; ++i) {
      const KeyId key(static_cast<uint32_t>(1 + random.Below(6) * random.Below(100)));
      const bool remove = random.Below(3) == 0;
      const std::string value = remove ? "" : EncodeValue(random.Property());
      set = WithProperty(set, key, value);
      if (remove) {
        model.erase(key);
      } else {
        model[key] = value;
      }
      ASSERT_TRUE(ValidatePropertySet(set).ok());
      ASSERT_EQ(set, Pack(model));
      ASSERT_EQ(FindProperty(set, key),
                remove ? std::nullopt : std::optional<std::string_view>(value));
    }
    std::vector<KeyId> keys;  // some of them twice, some that the set does not have
    for (int i = 0; i < 12; ++i) {
      keys.emplace_back(static_cast<uint32_t>(1 + random.Below(6) * random.Below(100)));
    }
    std::sort(keys.begin(), keys.end());
    std::vector<const char*> found(keys.size(), "not set");
    FindProperties(set, keys, found.data());
    for (size_t i = 0; i < keys.size(); ++i) {
      const auto wanted = FindProperty(set, keys[i]);
      ASSERT_EQ(found[i], wanted.has_value() ? wanted->data() : nullptr);
    }
    PropertyCursor cursor(set);
    for (const auto& [key, value] : model) {
      ASSERT_TRUE(cursor.valid());
      ASSERT_EQ(cursor.key(), key);
      ASSERT_EQ(cursor.encoded_value(), value);
      cursor.Advance();
    }
    ASSERT_FALSE(cursor.valid());
  }
}

TEST(PropertySetTest, PackingRefusesAndDrops) {
  const std::string one = EncodeValue(Value::Integer(1));
  std::string set = "before";
  EXPECT_TRUE(PackProperties({{KeyId(1), EncodeValue(Value())}}, &set).ok());
  EXPECT_EQ(set, "before");
  const auto code = [&set](KeyId key, std::string value) {
    return PackProperties({{KeyId(7), EncodeValue(Value::Integer(1))}, {key, value}}, &set).code();
  };
  EXPECT_EQ(code(KeyId(7), one), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(KeyId(0), one), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(KeyId(1), EncodeValue(Value::Map({}))), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(KeyId(1), one + one), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(KeyId(1), ""), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(set, "before");
}

TEST(PropertySetTest, OnlyStorableValuesAreValid) {
  RandomValues random(21);
  for (int i = 0; i < 20'000; ++i) {
    const Value value = random.Any();
    const bool storable = !value.is_null() && CheckStorable(value).ok();
    ASSERT_EQ(ValidatePropertySet("\x05" + EncodeValue(value)).ok(), storable);
    ASSERT_EQ(ValidateProperty(EncodeValue(value)).ok(), storable);
  }
}

TEST(PropertySetTest, DamagedSetsAreRefusedOrStillSound) {
  RandomValues random(22);
  for (int i = 0; i < 50'000; ++i) {
    std::string set;
    for (uint32_t key = 1; key < 4; ++key) {
      set = WithProperty(set, KeyId(key * 100), EncodeValue(random.Property()));
    }
    set = random.Damage(std::move(set));
    if (!ValidatePropertySet(set).ok()) continue;
    std::string again;
    for (PropertyCursor property(set); property.valid(); property.Advance()) {
      const auto value = DecodeValue(property.encoded_value());
      ASSERT_TRUE(value.ok());
      ASSERT_TRUE(CheckStorable(*value).ok());
      again = WithProperty(again, property.key(), property.encoded_value());
    }
    ASSERT_EQ(again, set);
  }
}

TEST(PropertySetTest, RefusesKeysOutOfOrder) {
  for (std::string_view set :
       {std::string_view("\x02\x01\x01\x01"), std::string_view("\x02\x01\x02\x01"),
        std::string_view("\x00\x01", 2), std::string_view("\x02")}) {
    EXPECT_EQ(ValidatePropertySet(set).code(), absl::StatusCode::kDataLoss);
  }
}

}  // namespace
}  // namespace tidemark::graph
