// SPDX-License-Identifier: Apache-2.0
// Values through PackStream and back, and what a client may not send.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "bolt/value_reader.h"
#include "bolt/value_writer.h"
#include "graph/value_order.h"
#include "graph/value_text.h"
#include "tests/bolt/pack_text.h"
#include "tests/graph/random_values.h"

namespace tidemark::bolt {
namespace {

using graph::Value;

constexpr size_t kRoom = 1 << 20;
constexpr ValueForms kLocalBased{.element_ids = false, .utc = false};

std::string Encode(const Value& value, ValueForms forms = {}) {
  std::string out;
  ValueWriter writer(&out, forms);
  graph::WriteValue(value, &writer);
  return out;
}

absl::StatusOr<Value> Decode(const std::string& bytes, ValueForms forms = {}, size_t room = kRoom) {
  ValueReader reader(bytes, forms, room);
  absl::StatusOr<Value> value = reader.Read();
  if (value.ok()) {
    EXPECT_EQ(reader.encoded_bytes_left(), 0u);
  }
  return value;
}

absl::StatusOr<Value> DecodeHex(const std::string& hex, ValueForms forms = {}) {
  return Decode(absl::HexStringToBytes(hex), forms);
}

// Elements never leave as plain values, and a client cannot send them.
bool HasElement(const Value& value) {
  switch (value.type()) {
    case graph::ValueType::kVertex:
    case graph::ValueType::kEdge:
    case graph::ValueType::kPath:
      return true;
    case graph::ValueType::kList:
      for (const Value& element : value.list()) {
        if (HasElement(element)) return true;
      }
      return false;
    case graph::ValueType::kMap:
      for (const auto& [key, element] : value.map()) {
        if (HasElement(element)) return true;
      }
      return false;
    default:
      return false;
  }
}

TEST(BoltValueTest, RandomValuesComeBack) {
  graph::RandomValues random(11);
  int count = 0;
  for (int i = 0; i < 20'000; ++i) {
    const Value value = random.Any();
    if (HasElement(value)) continue;
    // A zone that is not the one of the offset would come back with its true offset.
    const std::string bytes = Encode(value);
    const absl::StatusOr<Value> again = Decode(bytes);
    if (!again.ok() || Encode(*again) != bytes) {
      EXPECT_TRUE(!again.ok() && absl::IsInvalidArgument(again.status())) << again.status();
      continue;
    }
    ++count;
  }
  EXPECT_GT(count, 5'000);
}

TEST(BoltValueTest, DateTimesInBothForms) {
  const graph::DateTime plain{.epoch_second = 1'600'000'000, .nanos = 7, .offset_seconds = -3600};
  graph::DateTime zoned{.epoch_second = 1'600'000'000, .nanos = 7, .offset_seconds = 7200};
  zoned.zone = "Europe/Berlin";
  for (const ValueForms forms : {ValueForms{}, kLocalBased}) {
    for (const graph::DateTime& time : {plain, zoned}) {
      const absl::StatusOr<Value> again = Decode(Encode(Value::Of(time), forms), forms);
      ASSERT_TRUE(again.ok()) << again.status();
      EXPECT_EQ(again->date_time(), time);
    }
  }
  EXPECT_EQ(absl::BytesToHexString(Encode(Value::Of(plain))), "b349ca5f5e100007c9f1f0");
  EXPECT_EQ(absl::BytesToHexString(Encode(Value::Of(plain), kLocalBased)),
            "b346ca5f5e01f007c9f1f0");
  // Each form only where it is agreed on.
  EXPECT_TRUE(absl::IsInvalidArgument(Decode(Encode(Value::Of(plain)), kLocalBased).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Decode(Encode(Value::Of(plain), kLocalBased)).status()));
}

// The clock change of 2020-10-25 in Berlin: 02:30 comes twice, and the instant says which is meant.
TEST(BoltValueTest, AnInstantSaysWhichOffsetAZoneHas) {
  for (const auto& [instant, offset] : {std::pair{1'603'585'800, 7200}, {1'603'589'400, 3600}}) {
    std::string bytes;
    PackWriter pack(&bytes);
    pack.Structure('i', 3);
    pack.Integer(instant);
    pack.Integer(0);
    pack.String("Europe/Berlin");
    const absl::StatusOr<Value> value = Decode(bytes);
    ASSERT_TRUE(value.ok()) << value.status();
    EXPECT_EQ(value->date_time().offset_seconds, offset);
    EXPECT_EQ(value->date_time().epoch_second, instant);
  }
}

TEST(BoltValueTest, DurationsAreNormalised) {
  // 1 second and -1 nanosecond; 1 second and 2,500,000,000 nanoseconds.
  absl::StatusOr<Value> value = DecodeHex("b445000001ff");
  ASSERT_TRUE(value.ok()) << value.status();
  EXPECT_EQ(value->duration(), (graph::Duration{.seconds = 0, .nanos = 999'999'999}));
  value = DecodeHex("b445000001cb000000009502f900");
  ASSERT_TRUE(value.ok()) << value.status();
  EXPECT_EQ(value->duration(), (graph::Duration{.seconds = 3, .nanos = 500'000'000}));
  // Seconds that overflow.
  EXPECT_TRUE(
      absl::IsInvalidArgument(DecodeHex("b4450000cb7fffffffffffffffcb7fffffffffffffff").status()));
}

TEST(BoltValueTest, WhatAClientMayNotSend) {
  for (const char* hex : {
           "b34e0190a0",  // a node
           "b55200010281"
           "41a0",  // a relationship
           "b3509090"
           "90",  // a path
           "b0"
           "44",
           "b2440101",  // a date of no or of two fields
           "b144"
           "8131",                    // a date of a string
           "b144cb7fffffffffffffff",  // a date out of range
           "b174cb0000"
           "4e94914f0000",  // a local time of 24 hours
           "b254"
           "00ca0000fffff0",    // a time with an offset of 18 hours and more
           "b26400ca3b9aca00",  // a billion nanoseconds
           "b3690000"
           "854d6f6f6e73",                                    // no zone of that name
           "b35801c10000000000000000c10000000000000000",      // no such reference system
           "b358c91c23c17ff8000000000000c10000000000000000",  // a coordinate that is no number
           "b358c92361c10000000000000000c10000000000000000",  // two coordinates of three
           "b459c91c23c10000000000000000c10000000000000000c10000000000000000",  // three of two
           "b358c910e6c14069000000000000c10000000000000000",  // a longitude of 200 degrees
           "82c328",                                          // no UTF-8
           "a182c32801",                                      // in a key
           "b17a00",                                          // an unknown structure
       }) {
    const absl::StatusOr<Value> value = DecodeHex(hex);
    EXPECT_TRUE(absl::IsInvalidArgument(value.status())) << hex << ": " << value.status();
  }
  EXPECT_TRUE(absl::IsDataLoss(DecodeHex("a1010100").status()));  // a key that is a number
}

TEST(BoltValueTest, DepthIsLimited) {
  std::string bytes(graph::kMaxValueDepth, '\x91');
  EXPECT_TRUE(Decode(bytes + "\x01").ok());
  EXPECT_TRUE(absl::IsResourceExhausted(Decode("\x91" + bytes + "\x01").status()));
  const std::string deep(1 << 20, '\x91');
  EXPECT_TRUE(absl::IsResourceExhausted(Decode(deep + "\x01").status()));
}

// A list of small numbers takes 16 times its bytes in memory, an empty map in a list more.
TEST(BoltValueTest, MemoryIsLimited) {
  std::string bytes;
  PackWriter(&bytes).List(1'000);
  bytes.append(1'000, '\x01');
  EXPECT_TRUE(Decode(bytes, {}, 16'064).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(Decode(bytes, {}, 16'063).status()));
  // Lists that have nothing take memory all the same.
  std::string lists;
  PackWriter(&lists).List(1'000);
  lists.append(1'000, '\x90');
  EXPECT_TRUE(Decode(lists, {}, 80'064).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(Decode(lists, {}, 80'063).status()));
  std::string text;
  PackWriter(&text).String(std::string(1'000, 'x'));
  EXPECT_TRUE(Decode(text, {}, 1'000).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(Decode(text, {}, 999).status()));
}

TEST(BoltValueTest, APathNamesItsElementsOnceAndItsSteps) {
  const auto vertex = [](uint32_t n) { return VertexId(SlotId(0), n); };
  const graph::EdgeRef there{EdgeId(SlotId(0), 1), vertex(1), vertex(2), TypeId(1)};
  const graph::EdgeRef loop{EdgeId(SlotId(0), 2), vertex(2), vertex(2), TypeId(1)};
  const graph::Path path{.vertices = {vertex(1), vertex(2), vertex(2), vertex(1)},
                         .edges = {there, loop, there}};
  ASSERT_EQ(graph::DistinctVertices(path).size(), 2u);
  ASSERT_EQ(graph::DistinctEdges(path).size(), 2u);
  std::string out;
  ValueWriter writer(&out, {});
  writer.BeginPath(path);
  for (const VertexId one : graph::DistinctVertices(path)) {
    writer.BeginVertex({.vertex = one, .labels = {}, .property_count = 0});
    writer.EndVertex();
  }
  for (const graph::EdgeRef& one : graph::DistinctEdges(path)) {
    writer.BeginEdge({.edge = one, .type = "T", .property_count = 0});
    writer.EndEdge();
  }
  writer.EndPath();
  PackReader reader(out);
  EXPECT_EQ(ItemText(&reader),
            "P([N(1, [], {}, '1'), N(2, [], {}, '2')], [r(1, 'T', {}, '1'), r(2, 'T', {}, '2')], "
            "[1, 1, 2, 1, -1, 0])");
  EXPECT_EQ(reader.bytes_left(), 0u);
}

TEST(BoltValueTest, APathOfOneVertex) {
  const graph::Path path{.vertices = {VertexId(SlotId(0), 5)}};
  std::string out;
  ValueWriter writer(&out, {.element_ids = false});
  writer.BeginPath(path);
  writer.BeginVertex({.vertex = path.vertices[0], .labels = {}, .property_count = 0});
  writer.EndVertex();
  writer.EndPath();
  writer.Integer(1);  // whatever comes behind it is no part of the path
  PackReader reader(out);
  EXPECT_EQ(ItemText(&reader), "P([N(5, [], {})], [], [])");
  EXPECT_EQ(ItemText(&reader), "1");
}

}  // namespace
}  // namespace tidemark::bolt
