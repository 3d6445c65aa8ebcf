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

// The answers before it need not wait for a record.
TEST(RepliesTest, WhatIsBeforeAnOpenRecordCanBeTaken) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 50; ++round) {
    const int count = 1 + static_cast<int>(random() % 300);
    const size_t text_bytes = random() % 9'000;
    Replies whole;
    whole.Success();
    whole.Ignored();
    WriteRecord(count, text_bytes, &whole, [] {});
    whole.EndRecord();
    Replies pieces;
    std::string taken;
    pieces.Success();
    pieces.Ignored();
    WriteRecord(count, text_bytes, &pieces, [&] {
      if (random() % 3 == 0) pieces.PauseRecord();
      if (random() % 9 == 0) taken += pieces.TakeComplete();
    });
    pieces.EndRecord();
    ASSERT_EQ(taken + TakeAll(&pieces), TakeAll(&whole)) << count << " texts of " << text_bytes;
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

// However near to the limit a record is when it pauses, it ends there.
TEST(RepliesTest, TheLimitHoldsBehindAPauseNearIt) {
  constexpr size_t kNearBytes = session::kMaxRowBytes - 1'000;
  Replies replies;
  graph::ValueSink* const sink = replies.BeginRecord(3);
  sink->String(std::string(kNearBytes, 'x'));
  ASSERT_FALSE(sink->is_full());
  replies.PauseRecord();
  EXPECT_FALSE(sink->is_full());
  sink->String(std::string(500, 'y'));
  EXPECT_FALSE(sink->is_full());
  sink->String(std::string(1'000, 'z'));
  EXPECT_TRUE(sink->is_full());
}

// What a record that was dropped has begun has no part in the next one.
TEST(RepliesTest, APathThatIsNotWrittenToItsEndIsForgotten) {
  const graph::EdgeRef edge{EdgeId{SlotId(1), 1}, VertexId{SlotId(1), 1}, VertexId{SlotId(1), 2},
                            TypeId(1)};
  const auto write_edge = [&](graph::ValueSink* sink) {
    sink->BeginEdge({.edge = edge, .type = "T", .property_count = 0});
    sink->EndEdge();
  };
  Replies expected;
  write_edge(expected.BeginRecord(1));
  expected.EndRecord();
  Replies replies;
  {
    const graph::Path path{.vertices = {edge.source, edge.target}, .edges = {edge}};
    graph::ValueSink* const sink = replies.BeginRecord(1);
    sink->BeginPath(path);
    sink->BeginVertex({.vertex = edge.source, .labels = {}, .property_count = 1});
    sink->Key("text");
    sink->String(std::string(session::kMaxRowBytes, 'x'));
    EXPECT_TRUE(sink->is_full());
    replies.DropRecord();
  }
  write_edge(replies.BeginRecord(1));
  replies.EndRecord();
  EXPECT_EQ(TakeAll(&replies), TakeAll(&expected));
}

}  // namespace
}  // namespace tidemark::bolt
