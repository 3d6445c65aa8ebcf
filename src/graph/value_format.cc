// SPDX-License-Identifier: Apache-2.0
#include "graph/value_format.h"

#include <bit>
#include <cmath>

namespace tidemark::graph {
namespace {

constexpr const char* kMalformedPart = "cut off, or a part is out of its range";

// Reads a signed varint that must fit 32 bits.
int32_t ReadSigned32(ByteReader* reader) {
  const int64_t value = reader->SignedVarint();
  if (value < INT32_MIN || value > INT32_MAX) return static_cast<int32_t>(reader->Fail());
  return static_cast<int32_t>(value);
}

// Nanoseconds are below 2^30; a larger number fails before it is cut to 32 bits.
int32_t ReadNanos(ByteReader* reader) {
  const uint64_t value = reader->Varint();
  if (value >= static_cast<uint64_t>(kNanosPerSecond)) return static_cast<int32_t>(reader->Fail());
  return static_cast<int32_t>(value);
}

template <typename T>
T Checked(ByteReader* reader, T part) {
  if (reader->ok() && !IsValid(part)) reader->Fail();
  return part;
}

const char* SkipFloat(ByteReader* reader) {
  const uint64_t bits = reader->Fixed64();
  if (!reader->ok()) return "float cut off";
  if (std::isnan(std::bit_cast<double>(bits)) && bits != kCanonicalNanBits) {
    return "not the one form of NaN";
  }
  return nullptr;
}

const char* SkipText(ByteReader* reader, size_t min_bytes) {
  const size_t size = reader->Bytes().size();
  if (!reader->ok()) return "text cut off";
  return size < min_bytes ? "short string in the long form" : nullptr;
}

const char* SkipPath(ByteReader* reader) {
  const uint64_t edge_count = reader->Varint();
  VertexId at = ReadVertexId(reader);
  for (uint64_t i = 0; i < edge_count && reader->ok(); ++i) {
    EdgeRef edge;
    if (!ReadPathStep(reader, &at, &edge)) return "path does not hang together";
  }
  return reader->ok() ? nullptr : kMalformedPart;
}

const char* SkipPart(ByteReader* reader, uint8_t tag) {
  switch (tag) {
    case kTagInteger: {
      const int64_t value = reader->SignedVarint();
      const bool small = value >= kMinSmallInteger && value <= kMaxSmallInteger;
      return reader->ok() && small ? "small integer in the long form" : nullptr;
    }
    case kTagFloat:
      return SkipFloat(reader);
    case kTagString:
      return SkipText(reader, kMaxShortStringBytes + 1);
    case kTagBytes:
      return SkipText(reader, 0);
    case kTagDate:
      ReadDate(reader);
      return nullptr;
    case kTagLocalTime:
      ReadLocalTime(reader);
      return nullptr;
    case kTagTime:
      ReadTime(reader);
      return nullptr;
    case kTagLocalDateTime:
      ReadLocalDateTime(reader);
      return nullptr;
    case kTagDateTime:
      ReadDateTime(reader);
      return nullptr;
    case kTagZonedDateTime:
      ReadDateTime(reader);
      ReadZoneName(reader);
      return nullptr;
    case kTagDuration:
      ReadDuration(reader);
      return nullptr;
    case kTagPointWgs84:
    case kTagPointWgs84_3d:
    case kTagPointCartesian:
    case kTagPointCartesian3d:
      ReadPoint(reader, tag);
      return nullptr;
    case kTagVertex:
      ReadVertexId(reader);
      return nullptr;
    case kTagEdge:
      ReadEdgeRef(reader);
      return nullptr;
    case kTagPath:
      return SkipPath(reader);
    default:
      return "unknown tag";
  }
}

// What a tag stands for when the elements of a stored list are compared; 0 = not an element.
uint8_t ElementClass(uint8_t tag) {
  if (tag >= kTagSmallInteger || tag == kTagInteger || tag == kTagFloat) return kTagInteger;
  if (tag >= kTagShortString || tag == kTagString) return kTagString;
  if (tag == kTagTrue || tag == kTagFalse) return kTagTrue;
  if (tag == kTagDateTime || tag == kTagZonedDateTime) return kTagDateTime;
  return tag >= kTagDate && tag <= kTagPointCartesian3d ? tag : 0;
}

const char* SkipAt(ByteReader* reader, ValueUse use, int depth);

const char* SkipList(ByteReader* reader, ValueUse use, int depth) {
  const uint64_t count = reader->Varint();
  if (!reader->ok() || count > reader->remaining()) return "list cut off";
  if (depth >= kMaxValueDepth) return "nested too deep";
  uint8_t first_class = 0;
  for (uint64_t i = 0; i < count; ++i) {
    if (use == ValueUse::kProperty && !reader->done()) {
      const uint8_t element_class = ElementClass(static_cast<uint8_t>(*reader->position()));
      if (i == 0) first_class = element_class;
      if (element_class == 0 || element_class != first_class) return "not a list of one type";
    }
    if (const char* error = SkipAt(reader, ValueUse::kAny, depth + 1)) return error;
  }
  return nullptr;
}

const char* SkipMap(ByteReader* reader, ValueUse use, int depth) {
  if (use == ValueUse::kProperty) return "a map is not a property";
  const uint64_t count = reader->Varint();
  if (!reader->ok() || count > reader->remaining() / 2) return "map cut off";
  if (depth >= kMaxValueDepth) return "nested too deep";
  std::string_view previous;
  for (uint64_t i = 0; i < count; ++i) {
    const std::string_view key = reader->Bytes();
    if (!reader->ok()) return "map cut off";
    if (i > 0 && key <= previous) return "keys of a map not in ascending order";
    previous = key;
    if (const char* error = SkipAt(reader, ValueUse::kAny, depth + 1)) return error;
  }
  return nullptr;
}

const char* SkipAt(ByteReader* reader, ValueUse use, int depth) {
  const uint8_t tag = reader->Fixed8();
  if (!reader->ok()) return "cut off";
  if (tag >= kTagSmallInteger) return nullptr;
  if (tag >= kTagShortString) {
    reader->Raw(tag - kTagShortString);
    return reader->ok() ? nullptr : "string cut off";
  }
  if (tag == kTagList) return SkipList(reader, use, depth);
  if (tag == kTagMap) return SkipMap(reader, use, depth);
  if (tag == kTagTrue || tag == kTagFalse) return nullptr;
  if (use == ValueUse::kProperty && (tag == kTagNull || tag >= kTagVertex)) {
    return "not a property";
  }
  if (tag == kTagNull) return nullptr;
  if (const char* error = SkipPart(reader, tag)) return error;
  return reader->ok() ? nullptr : kMalformedPart;
}

// The same walk over bytes that were checked, without knowing where they end: a byte at a time, so
// that nothing behind the value is touched.
const char* EndOfVarint(const char* p) {
  while (static_cast<uint8_t>(*p) >= 0x80) ++p;
  return p + 1;
}

const char* EndOfVarints(const char* p, int count) {
  for (int i = 0; i < count; ++i) p = EndOfVarint(p);
  return p;
}

uint64_t VarintAt(const char* p) {
  uint64_t value = 0;
  for (int shift = 0;; shift += 7, ++p) {
    const auto byte = static_cast<uint8_t>(*p);
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
}

const char* EndOfText(const char* p) { return EndOfVarint(p) + VarintAt(p); }

constexpr int kVarintsOfVertex = 2;
constexpr int kVarintsOfEdge = 6;

const char* EndOfPath(const char* p) {
  const uint64_t edge_count = VarintAt(p);
  p = EndOfVarints(EndOfVarint(p), kVarintsOfVertex);
  for (uint64_t i = 0; i < edge_count; ++i) p = EndOfVarints(p, kVarintsOfEdge) + 1;
  return p;
}

const char* EndOfElements(const char* p, bool with_keys) {
  uint64_t count = VarintAt(p);
  for (p = EndOfVarint(p); count > 0; --count) {
    if (with_keys) p = EndOfText(p);
    p = EndOfTrusted(p);
  }
  return p;
}

}  // namespace

const char* EndOfTrusted(const char* encoded) {
  const auto tag = static_cast<uint8_t>(*encoded);
  const char* const p = encoded + 1;
  if (tag >= kTagSmallInteger) return p;
  if (tag >= kTagShortString) return p + (tag - kTagShortString);
  switch (tag) {
    case kTagInteger:
    case kTagDate:
    case kTagLocalTime:
      return EndOfVarint(p);
    case kTagTime:
    case kTagLocalDateTime:
    case kTagVertex:
      return EndOfVarints(p, 2);
    case kTagDateTime:
      return EndOfVarints(p, 3);
    case kTagZonedDateTime:
      return EndOfText(EndOfVarints(p, 3));
    case kTagDuration:
      return EndOfVarints(p, 4);
    case kTagEdge:
      return EndOfVarints(p, kVarintsOfEdge);
    case kTagFloat:
      return p + sizeof(double);
    case kTagPointWgs84:
    case kTagPointCartesian:
      return p + 2 * sizeof(double);
    case kTagPointWgs84_3d:
    case kTagPointCartesian3d:
      return p + 3 * sizeof(double);
    case kTagString:
    case kTagBytes:
      return EndOfText(p);
    case kTagList:
      return EndOfElements(p, false);
    case kTagMap:
      return EndOfElements(p, true);
    case kTagPath:
      return EndOfPath(p);
    default:
      return p;  // null, false, true
  }
}

const char* SkipValue(ByteReader* reader, ValueUse use) {
  const size_t available = reader->remaining();
  if (const char* error = SkipAt(reader, use, 0)) return error;
  return available - reader->remaining() > kMaxValueBytes ? "larger than the limit" : nullptr;
}

Date ReadDate(ByteReader* reader) { return Checked(reader, Date{reader->SignedVarint()}); }

LocalTime ReadLocalTime(ByteReader* reader) {
  return Checked(reader, LocalTime{static_cast<int64_t>(reader->Varint())});
}

Time ReadTime(ByteReader* reader) {
  Time time;
  time.nanos_of_day = static_cast<int64_t>(reader->Varint());
  time.offset_seconds = ReadSigned32(reader);
  return Checked(reader, time);
}

LocalDateTime ReadLocalDateTime(ByteReader* reader) {
  LocalDateTime time;
  time.epoch_second = reader->SignedVarint();
  time.nanos = ReadNanos(reader);
  return Checked(reader, time);
}

DateTime ReadDateTime(ByteReader* reader) {
  DateTime time;
  time.epoch_second = reader->SignedVarint();
  time.nanos = ReadNanos(reader);
  time.offset_seconds = ReadSigned32(reader);
  return Checked(reader, time);
}

std::string_view ReadZoneName(ByteReader* reader) {
  const std::string_view zone = reader->Bytes();
  if (zone.empty() || !IsValidZoneName(zone)) reader->Fail();
  return zone;
}

Duration ReadDuration(ByteReader* reader) {
  Duration duration;
  duration.months = reader->SignedVarint();
  duration.days = reader->SignedVarint();
  duration.seconds = reader->SignedVarint();
  duration.nanos = ReadNanos(reader);
  return Checked(reader, duration);
}

Point ReadPoint(ByteReader* reader, uint8_t tag) {
  constexpr Crs kSystems[] = {Crs::kWgs84, Crs::kWgs84_3d, Crs::kCartesian, Crs::kCartesian3d};
  Point point;
  point.crs = kSystems[tag - kTagPointWgs84];
  for (int i = 0; i < DimensionCount(point.crs); ++i) {
    point.coordinates[static_cast<size_t>(i)] = std::bit_cast<double>(reader->Fixed64());
  }
  return Checked(reader, point);
}

bool ReadPathStep(ByteReader* reader, VertexId* at, EdgeRef* edge) {
  *edge = ReadEdgeRef(reader);
  const uint8_t backward = reader->Fixed8();
  if (!reader->ok()) return false;
  const VertexId from = backward != 0 ? edge->target : edge->source;
  if (backward > 1 || from != *at || (backward == 1 && edge->source == edge->target)) return false;
  *at = backward != 0 ? edge->source : edge->target;
  return true;
}

void AppendElementId(std::string* out, SlotId slot, uint32_t sequence) {
  AppendVarint(out, slot.value());
  AppendVarint(out, sequence);
}

void AppendEdgeRef(std::string* out, const EdgeRef& edge) {
  AppendElementId(out, edge.source.slot(), edge.source.sequence());
  AppendVarint(out, edge.edge.sequence());
  AppendElementId(out, edge.target.slot(), edge.target.sequence());
  AppendVarint(out, edge.type.value());
}

}  // namespace tidemark::graph
