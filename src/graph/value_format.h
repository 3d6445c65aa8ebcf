// SPDX-License-Identifier: Apache-2.0
// Tags of the encoding of values (docs/formats/value.md), and the check that decides what is
// well-formed. Only the coding files of this room use it.
#pragma once

#include <cstdint>

#include "base/coding.h"
#include "graph/value.h"

namespace tidemark::graph {

// Part of the file format; never reuse a number.
enum ValueTag : uint8_t {
  kTagNull = 0x00,
  kTagFalse = 0x01,
  kTagTrue = 0x02,
  kTagInteger = 0x03,
  kTagFloat = 0x04,
  kTagString = 0x05,
  kTagBytes = 0x06,
  kTagList = 0x07,
  kTagMap = 0x08,
  kTagDate = 0x09,
  kTagLocalTime = 0x0a,
  kTagTime = 0x0b,
  kTagLocalDateTime = 0x0c,
  kTagDateTime = 0x0d,
  kTagZonedDateTime = 0x0e,
  kTagDuration = 0x0f,
  kTagPointWgs84 = 0x10,
  kTagPointWgs84_3d = 0x11,
  kTagPointCartesian = 0x12,
  kTagPointCartesian3d = 0x13,
  kTagVertex = 0x14,
  kTagEdge = 0x15,
  kTagPath = 0x16,
  kTagShortString = 0x40,   // 0x40 + byte count, up to 0x7f
  kTagSmallInteger = 0x80,  // 0x80 + (value - kMinSmallInteger), up to 0xff
};
inline constexpr size_t kMaxShortStringBytes = 0x3f;
inline constexpr int64_t kMinSmallInteger = -16;
inline constexpr int64_t kMaxSmallInteger = 111;
inline constexpr uint64_t kCanonicalNanBits = 0x7ff8000000000000;

enum class ValueUse {
  kAny,       // a value of a row
  kProperty,  // as CheckStorable says, and not null
};

// Moves `reader` behind one value. nullptr when it is well-formed, else what is wrong with it.
// Allocates nothing.
const char* SkipValue(ByteReader* reader, ValueUse use);

// Where a value ends that was checked before. REQUIRES: `encoded` is the address of a well-formed
// value. Reads nothing behind it.
const char* EndOfTrusted(const char* encoded);

// The readers of the parts of a value, shared by the check and the decoder. Each leaves the reader
// failed when the part does not fit its type.
graph::Date ReadDate(ByteReader* reader);
graph::LocalTime ReadLocalTime(ByteReader* reader);
graph::Time ReadTime(ByteReader* reader);
graph::LocalDateTime ReadLocalDateTime(ByteReader* reader);
// Without the zone's name, which follows when the tag says so.
graph::DateTime ReadDateTime(ByteReader* reader);
std::string_view ReadZoneName(ByteReader* reader);
graph::Duration ReadDuration(ByteReader* reader);
// REQUIRES: a tag of a point.
graph::Point ReadPoint(ByteReader* reader, uint8_t tag);

// Varint slot, varint sequence.
void AppendElementId(std::string* out, SlotId slot, uint32_t sequence);
inline VertexId ReadVertexId(ByteReader* reader) {
  const uint32_t slot = reader->Varint32();
  const uint32_t sequence = reader->Varint32();
  if (slot >= kSlotCount || sequence == 0) reader->Fail();
  return reader->ok() ? VertexId(SlotId(static_cast<uint16_t>(slot)), sequence) : VertexId();
}
// Source, the edge's sequence (its slot is the source's), target, type.
void AppendEdgeRef(std::string* out, const EdgeRef& edge);
inline EdgeRef ReadEdgeRef(ByteReader* reader) {
  EdgeRef edge;
  edge.source = ReadVertexId(reader);
  edge.edge = EdgeId(edge.source.slot(), reader->Varint32());
  edge.target = ReadVertexId(reader);
  edge.type = TypeId(reader->Varint32());
  if (edge.edge.sequence() == 0 || edge.type == TypeId()) reader->Fail();
  return edge;
}
// Reads an edge and its direction and moves `*at` to its other end; false when it does not begin
// at `*at` or is malformed.
bool ReadPathStep(ByteReader* reader, VertexId* at, EdgeRef* edge);

}  // namespace tidemark::graph
