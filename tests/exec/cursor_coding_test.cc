// SPDX-License-Identifier: Apache-2.0
#include "exec/cursor_coding.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace tidemark::exec {
namespace {

storage::Shard::Cursor Sample() {
  storage::Shard::Cursor cursor;
  cursor.position = 123'456'789;
  cursor.part = 7;
  cursor.key = "key";
  return cursor;
}

TEST(CursorCodingTest, RoundTrip) {
  const auto decoded = DecodeCursor(EncodeCursor(Sample()));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->position, 123'456'789u);
  EXPECT_EQ(decoded->part, 7u);
  EXPECT_EQ(decoded->key, "key");
  EXPECT_FALSE(decoded->done);
}

TEST(CursorCodingTest, TheEmptyStringIsTheStart) {
  const auto decoded = DecodeCursor("");
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->position, 0u);
  EXPECT_FALSE(EncodeCursor({}).empty());
}

TEST(CursorCodingTest, DamageIsRefusedOrSaysWhatItSays) {
  const std::string good = EncodeCursor(Sample());
  std::mt19937_64 random(5);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = good;
    if (i % 3 == 0) bytes.resize(random() % good.size());
    if (!bytes.empty()) bytes[random() % bytes.size()] = static_cast<char>(random());
    const auto decoded = DecodeCursor(bytes);
    if (!decoded.ok()) {
      EXPECT_EQ(decoded.status().code(), absl::StatusCode::kInvalidArgument);
      continue;
    }
    EXPECT_EQ(EncodeCursor(*DecodeCursor(EncodeCursor(*decoded))), EncodeCursor(*decoded));
  }
}

}  // namespace
}  // namespace tidemark::exec
