// SPDX-License-Identifier: Apache-2.0
#include "bolt/chunks.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "bolt/limits.h"
#include "tests/bolt/pack_text.h"

namespace tidemark::bolt {
namespace {

constexpr size_t kLimit = 1'000'000;

// All messages of bytes that come in pieces of at most `piece` bytes.
std::vector<std::string> ReadAll(std::string_view bytes, size_t piece) {
  std::vector<std::string> messages;
  ChunkReader reader;
  reader.set_message_limit(kLimit);
  while (!bytes.empty()) {
    std::string_view front = bytes.substr(0, piece);
    bytes.remove_prefix(front.size());
    MessageBytes message;
    while (reader.Next(&front, &message).value()) {
      const bool is_large = message.size() > kMaxInlineMessageBytes;
      EXPECT_EQ(message.parts.size() > 1, is_large) << message.size();
      for (const std::string& part : message.parts) EXPECT_LE(part.size(), kMaxInlineMessageBytes);
      EXPECT_EQ(reader.held_bytes(), 0u);
      messages.push_back(Join(std::move(message)));
    }
    EXPECT_TRUE(front.empty());
  }
  EXPECT_EQ(reader.held_bytes(), 0u);
  return messages;
}

TEST(ChunksTest, MessagesComeBackHoweverTheyAreCut) {
  std::vector<std::string> sent;
  std::string bytes;
  std::mt19937_64 random(5);
  for (const size_t size : {1u, 2u, 100u, 65'534u, 65'535u, 65'536u, 131'070u, 131'071u, 131'072u,
                            131'073u, 200'000u, 900'000u}) {
    std::string message;
    for (size_t i = 0; i < size; ++i) message.push_back(static_cast<char>(random()));
    bytes.append(InChunks(message));
    sent.push_back(std::move(message));
  }
  for (const size_t piece : {1u, 3u, 1'000u, 65'536u, 10'000'000u}) {
    EXPECT_EQ(ReadAll(bytes, piece), sent) << piece;
  }
}

TEST(ChunksTest, OneMessageOfManyChunksWithNothingBetweenMessages) {
  const std::string bytes(
      "\x00\x00\x00\x01"
      "a"
      "\x00\x02"
      "bc"
      "\x00\x00\x00\x00\x00\x00\x00\x01"
      "d"
      "\x00\x00",
      20);
  for (const size_t piece : {1u, 2u, 5u, 20u}) {
    EXPECT_EQ(ReadAll(bytes, piece), (std::vector<std::string>{"abc", "d"})) << piece;
  }
}

TEST(ChunksTest, AMessageThatIsTooLargeIsRefusedBeforeItIsThere) {
  ChunkReader reader;
  reader.set_message_limit(10);
  MessageBytes message;
  const std::string fits = InChunks("0123456789");
  std::string_view bytes = fits;
  EXPECT_TRUE(reader.Next(&bytes, &message).value());
  const std::string header("\x00\x0b", 2);
  bytes = header;
  EXPECT_TRUE(absl::IsResourceExhausted(reader.Next(&bytes, &message).status()));
}

TEST(ChunksTest, ManySmallChunksCountTogether) {
  ChunkReader reader;
  reader.set_message_limit(10);
  MessageBytes message;
  const std::string chunk(
      "\x00\x04"
      "abcd",
      6);
  for (int i = 0; i < 2; ++i) {
    std::string_view bytes = chunk;
    EXPECT_FALSE(reader.Next(&bytes, &message).value());
  }
  EXPECT_EQ(reader.held_bytes(), 8u);
  std::string_view bytes = chunk;
  EXPECT_TRUE(absl::IsResourceExhausted(reader.Next(&bytes, &message).status()));
}

}  // namespace
}  // namespace tidemark::bolt
