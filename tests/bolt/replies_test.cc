// SPDX-License-Identifier: Apache-2.0
#include "bolt/replies.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <string>

namespace tidemark::bolt {
namespace {

std::string TakeAll(Replies* replies) {
  std::string all;
  for (const std::string& piece : *replies->pieces()) all += piece;
  all += *replies->out();
  EXPECT_EQ(replies->size(), all.size());
  replies->Clear();
  EXPECT_EQ(replies->size(), 0u);
  return all;
}

// A record with a list of texts; `pause` is called behind each of them.
void WriteRecord(int count, size_t text_bytes, Replies* replies,
                 const std::function<void()>& pause) {
  graph::ValueSink* const sink = replies->BeginRecord(1);
  sink->BeginList(count);
  for (int i = 0; i < count; ++i) {
    sink->String(std::string(text_bytes, static_cast<char>('a' + i % 26)));
    pause();
  }
}

TEST(RepliesTest, ARecordInPiecesIsTheSameMessage) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 100; ++round) {
    const int count = static_cast<int>(random() % 300);
    const size_t text_bytes = random() % 9'000;
    Replies whole;
    whole.Success();
    WriteRecord(count, text_bytes, &whole, [] {});
    whole.EndRecord();
    whole.Ignored();
    Replies pieces;
    pieces.Success();
    WriteRecord(count, text_bytes, &pieces, [&] {
      EXPECT_TRUE(pieces.has_open_record());
      if (random() % 3 == 0) pieces.PauseRecord();
    });
    pieces.EndRecord();
    EXPECT_FALSE(pieces.has_open_record());
    pieces.Ignored();
    ASSERT_EQ(TakeAll(&pieces), TakeAll(&whole)) << count << " texts of " << text_bytes;
  }
}

TEST(RepliesTest, NothingIsLeftOfARecordThatIsDropped) {
  for (const bool pauses : {false, true}) {
    Replies replies;
    replies.Success();
    WriteRecord(1'000, 3'000, &replies, [&] {
      if (pauses) replies.PauseRecord();
    });
    EXPECT_EQ(replies.pieces()->empty(), !pauses);
    replies.DropRecord();
    EXPECT_FALSE(replies.has_open_record());
    replies.Ignored();
    Replies expected;
    expected.Success();
    expected.Ignored();
    EXPECT_EQ(TakeAll(&replies), TakeAll(&expected));
  }
}

TEST(RepliesTest, TheLimitIsOfTheWholeRecord) {
  constexpr size_t kTextBytes = 1 << 20;
  for (const bool pauses : {false, true}) {
    Replies replies;
    replies.Success();
    graph::ValueSink* const sink = replies.BeginRecord(100);
    const std::string text(kTextBytes, 'x');
    size_t count = 0;
    for (; !sink->is_full(); ++count) {
      sink->String(text);
      if (pauses && !sink->is_full()) replies.PauseRecord();
    }
    EXPECT_EQ(count, session::kMaxRowBytes / kTextBytes);
  }
}

}  // namespace
}  // namespace tidemark::bolt
