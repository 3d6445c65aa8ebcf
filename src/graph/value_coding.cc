// SPDX-License-Identifier: Apache-2.0
#include "graph/value_coding.h"

#include <bit>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/coding.h"
#include "graph/value_format.h"

namespace tidemark::graph {
namespace {

absl::Status Malformed(const char* reason, size_t offset) {
  return absl::DataLossError(absl::StrCat("malformed value at byte ", offset, ": ", reason));
}

void AppendInteger(int64_t value, std::string* out) {
  if (value >= kMinSmallInteger && value <= kMaxSmallInteger) {
    AppendFixed8(out, static_cast<uint8_t>(kTagSmallInteger + (value - kMinSmallInteger)));
    return;
  }
  AppendFixed8(out, kTagInteger);
  AppendSignedVarint(out, value);
}

void AppendFloat(double value, std::string* out) {
  AppendFixed8(out, kTagFloat);
  AppendFixed64(out, std::isnan(value) ? kCanonicalNanBits : std::bit_cast<uint64_t>(value));
}

void AppendText(std::string_view text, std::string* out) {
  char head[kMaxTextHeadBytes];
  out->append(head, WriteTextHead(text.size(), head));
  out->append(text);
}

void AppendDateTime(const DateTime& time, std::string* out) {
  AppendFixed8(out, time.zone.empty() ? kTagDateTime : kTagZonedDateTime);
  AppendSignedVarint(out, time.epoch_second);
  AppendVarint(out, static_cast<uint64_t>(time.nanos));
  AppendSignedVarint(out, time.offset_seconds);
  if (!time.zone.empty()) AppendBytes(out, time.zone);
}

void AppendDuration(const Duration& duration, std::string* out) {
  AppendFixed8(out, kTagDuration);
  AppendSignedVarint(out, duration.months);
  AppendSignedVarint(out, duration.days);
  AppendSignedVarint(out, duration.seconds);
  AppendVarint(out, static_cast<uint64_t>(duration.nanos));
}

uint8_t PointTag(Crs crs) {
  switch (crs) {
    case Crs::kWgs84:
      return kTagPointWgs84;
    case Crs::kWgs84_3d:
      return kTagPointWgs84_3d;
    case Crs::kCartesian:
      return kTagPointCartesian;
    case Crs::kCartesian3d:
      break;
  }
  return kTagPointCartesian3d;
}

void AppendPoint(const Point& point, std::string* out) {
  AppendFixed8(out, PointTag(point.crs));
  for (int i = 0; i < DimensionCount(point.crs); ++i) {
    AppendFixed64(out, std::bit_cast<uint64_t>(point.coordinates[static_cast<size_t>(i)]));
  }
}

void AppendPath(const Path& path, std::string* out) {
  AppendFixed8(out, kTagPath);
  AppendVarint(out, path.edges.size());
  AppendElementId(out, path.vertices[0].slot(), path.vertices[0].sequence());
  for (size_t i = 0; i < path.edges.size(); ++i) {
    AppendEdgeRef(out, path.edges[i]);
    AppendFixed8(out, path.edges[i].source == path.vertices[i] ? 0 : 1);
  }
}

void AppendList(const Value& value, std::string* out) {
  AppendFixed8(out, kTagList);
  AppendVarint(out, value.list().size());
  for (const Value& element : value.list()) AppendValue(element, out);
}

void AppendMap(const Value& value, std::string* out) {
  AppendFixed8(out, kTagMap);
  AppendVarint(out, value.map().size());
  for (const auto& [key, element] : value.map()) {
    AppendBytes(out, key);
    AppendValue(element, out);
  }
}

// Everything but the numbers, strings, booleans and null.
void AppendRareValue(const Value& value, std::string* out) {
  switch (value.type()) {
    case ValueType::kBytes:
      AppendFixed8(out, kTagBytes);
      return AppendBytes(out, value.bytes());
    case ValueType::kList:
      return AppendList(value, out);
    case ValueType::kMap:
      return AppendMap(value, out);
    case ValueType::kDate:
      AppendFixed8(out, kTagDate);
      return AppendSignedVarint(out, value.date().epoch_day);
    case ValueType::kLocalTime:
      AppendFixed8(out, kTagLocalTime);
      return AppendVarint(out, static_cast<uint64_t>(value.local_time().nanos_of_day));
    case ValueType::kTime:
      AppendFixed8(out, kTagTime);
      AppendVarint(out, static_cast<uint64_t>(value.time().nanos_of_day));
      return AppendSignedVarint(out, value.time().offset_seconds);
    case ValueType::kLocalDateTime:
      AppendFixed8(out, kTagLocalDateTime);
      AppendSignedVarint(out, value.local_date_time().epoch_second);
      return AppendVarint(out, static_cast<uint64_t>(value.local_date_time().nanos));
    case ValueType::kDateTime:
      return AppendDateTime(value.date_time(), out);
    case ValueType::kDuration:
      return AppendDuration(value.duration(), out);
    case ValueType::kPoint:
      return AppendPoint(value.point(), out);
    case ValueType::kVertex:
      AppendFixed8(out, kTagVertex);
      return AppendElementId(out, value.vertex().slot(), value.vertex().sequence());
    case ValueType::kEdge:
      AppendFixed8(out, kTagEdge);
      return AppendEdgeRef(out, value.edge());
    case ValueType::kPath:
      return AppendPath(value.path(), out);
    default:
      LOG(FATAL) << "value of unknown type " << static_cast<int>(value.type());
  }
}

Value Build(ByteReader* reader);

Value BuildPath(ByteReader* reader) {
  Path path;
  const uint64_t edge_count = reader->Varint();
  VertexId at = ReadVertexId(reader);
  path.vertices.push_back(at);
  for (uint64_t i = 0; i < edge_count; ++i) {
    EdgeRef edge;
    CHECK(ReadPathStep(reader, &at, &edge));
    path.edges.push_back(edge);
    path.vertices.push_back(at);
  }
  return Value::Of(std::move(path));
}

Value BuildList(ByteReader* reader) {
  std::vector<Value> elements(reader->Varint());
  for (Value& element : elements) element = Build(reader);
  return Value::List(std::move(elements));
}

Value BuildMap(ByteReader* reader) {
  std::vector<MapEntry> entries(reader->Varint());
  for (MapEntry& entry : entries) {
    entry.first = reader->Bytes();
    entry.second = Build(reader);
  }
  return Value::Map(std::move(entries));
}

// REQUIRES: SkipValue accepts what the reader is at.
Value Build(ByteReader* reader) {
  const uint8_t tag = reader->Fixed8();
  if (tag >= kTagSmallInteger) return Value::Integer(tag - kTagSmallInteger + kMinSmallInteger);
  if (tag >= kTagShortString) return Value::String(reader->Raw(tag - kTagShortString));
  switch (tag) {
    case kTagFalse:
    case kTagTrue:
      return Value::Boolean(tag == kTagTrue);
    case kTagInteger:
      return Value::Integer(reader->SignedVarint());
    case kTagFloat:
      return Value::Float(std::bit_cast<double>(reader->Fixed64()));
    case kTagString:
      return Value::String(reader->Bytes());
    case kTagBytes:
      return Value::Bytes(reader->Bytes());
    case kTagList:
      return BuildList(reader);
    case kTagMap:
      return BuildMap(reader);
    case kTagDate:
      return Value::Of(ReadDate(reader));
    case kTagLocalTime:
      return Value::Of(ReadLocalTime(reader));
    case kTagTime:
      return Value::Of(ReadTime(reader));
    case kTagLocalDateTime:
      return Value::Of(ReadLocalDateTime(reader));
    case kTagDateTime:
      return Value::Of(ReadDateTime(reader));
    case kTagZonedDateTime: {
      DateTime time = ReadDateTime(reader);
      time.zone = ReadZoneName(reader);
      return Value::Of(time);
    }
    case kTagDuration:
      return Value::Of(ReadDuration(reader));
    case kTagPointWgs84:
    case kTagPointWgs84_3d:
    case kTagPointCartesian:
    case kTagPointCartesian3d:
      return Value::Of(ReadPoint(reader, tag));
    case kTagVertex:
      return Value::Of(ReadVertexId(reader));
    case kTagEdge:
      return Value::Of(ReadEdgeRef(reader));
    case kTagPath:
      return BuildPath(reader);
    default:
      return Value();
  }
}

// The longest encodings: of a number with its tag, and of a scalar other than text.
constexpr size_t kMaxNumberBytes = 1 + kMaxVarint64Bytes;
constexpr size_t kMaxScalarBytes = 1 + 4 * kMaxVarint64Bytes + kMaxZoneNameBytes;

// No less than the encoded size; stops counting beyond the limit.
size_t EncodedSizeBound(const Value& value) {
  switch (value.type()) {
    case ValueType::kString:
      return kMaxNumberBytes + value.string().size();
    case ValueType::kBytes:
      return kMaxNumberBytes + value.bytes().size();
    case ValueType::kList: {
      size_t size = kMaxNumberBytes;
      for (const Value& element : value.list()) {
        if (size > kMaxValueBytes) break;
        size += EncodedSizeBound(element);
      }
      return size;
    }
    case ValueType::kMap: {
      size_t size = kMaxNumberBytes;
      for (const auto& [key, element] : value.map()) {
        if (size > kMaxValueBytes) break;
        size += kMaxNumberBytes + key.size() + EncodedSizeBound(element);
      }
      return size;
    }
    case ValueType::kPath:
      return kMaxScalarBytes * value.path().vertices.size();
    default:
      return value.is_number() || value.is_null() ? kMaxNumberBytes : kMaxScalarBytes;
  }
}

}  // namespace

void AppendValue(const Value& value, std::string* out) {
  switch (value.type()) {
    case ValueType::kNull:
      return AppendFixed8(out, kTagNull);
    case ValueType::kBoolean:
      return AppendFixed8(out, value.boolean() ? kTagTrue : kTagFalse);
    case ValueType::kInteger:
      return AppendInteger(value.integer(), out);
    case ValueType::kFloat:
      return AppendFloat(value.real(), out);
    case ValueType::kString:
      return AppendText(value.string(), out);
    default:
      return AppendRareValue(value, out);
  }
}

std::string EncodeValue(const Value& value) {
  std::string out;
  AppendValue(value, &out);
  return out;
}

absl::StatusOr<Value> DecodeValue(std::string_view bytes) {
  ByteReader check(bytes);
  const char* error = SkipValue(&check, ValueUse::kAny);
  if (error != nullptr) return Malformed(error, bytes.size() - check.remaining());
  if (!check.done()) return Malformed("bytes behind its end", bytes.size() - check.remaining());
  ByteReader reader(bytes);
  return Build(&reader);
}

absl::StatusOr<size_t> EncodedValueSize(std::string_view bytes) {
  ByteReader reader(bytes);
  if (const char* error = SkipValue(&reader, ValueUse::kAny)) {
    return Malformed(error, bytes.size() - reader.remaining());
  }
  return bytes.size() - reader.remaining();
}

size_t WriteTextHead(size_t text_bytes, char* head) {
  if (text_bytes <= kMaxShortStringBytes) {
    head[0] = static_cast<char>(kTagShortString + text_bytes);
    return 1;
  }
  size_t head_bytes = 0;
  head[head_bytes++] = static_cast<char>(kTagString);
  for (; text_bytes >= 0x80; text_bytes >>= 7) {
    head[head_bytes++] = static_cast<char>(text_bytes | 0x80);
  }
  head[head_bytes++] = static_cast<char>(text_bytes);
  return head_bytes;
}

Value DecodeTrusted(const char* encoded) {
  ByteReader reader(BytesOfTrusted(encoded));
  return Build(&reader);
}

ValueType TypeOfTrusted(const char* encoded) {
  constexpr ValueType kTypes[] = {
      ValueType::kNull,          ValueType::kBoolean,  ValueType::kBoolean,   ValueType::kInteger,
      ValueType::kFloat,         ValueType::kString,   ValueType::kBytes,     ValueType::kList,
      ValueType::kMap,           ValueType::kDate,     ValueType::kLocalTime, ValueType::kTime,
      ValueType::kLocalDateTime, ValueType::kDateTime, ValueType::kDateTime,  ValueType::kDuration,
      ValueType::kPoint,         ValueType::kPoint,    ValueType::kPoint,     ValueType::kPoint,
      ValueType::kVertex,        ValueType::kEdge,     ValueType::kPath};
  const auto tag = static_cast<uint8_t>(*encoded);
  if (tag >= kTagSmallInteger) return ValueType::kInteger;
  return tag >= kTagShortString ? ValueType::kString : kTypes[tag];
}

bool WordOfTrusted(const char* encoded, ValueType* type, uint64_t* word) {
  const auto tag = static_cast<uint8_t>(*encoded);
  *type = ValueType::kInteger;
  if (tag >= kTagSmallInteger) {
    *word = static_cast<uint64_t>(tag - kTagSmallInteger + kMinSmallInteger);
    return true;
  }
  switch (tag) {
    case kTagFalse:
    case kTagTrue:
      *type = ValueType::kBoolean;
      *word = tag == kTagTrue ? 1 : 0;
      return true;
    case kTagInteger:
      *word = static_cast<uint64_t>(ByteReader(BytesOfTrusted(encoded).substr(1)).SignedVarint());
      return true;
    case kTagFloat:
      *type = ValueType::kFloat;
      *word = LoadFixed64(encoded + 1);
      return true;
    default:
      return false;
  }
}

std::string_view BytesOfTrusted(const char* encoded) {
  return {encoded, static_cast<size_t>(EndOfTrusted(encoded) - encoded)};
}

std::string_view TextOfTrusted(const char* encoded) {
  const auto tag = static_cast<uint8_t>(*encoded);
  if (tag >= kTagShortString) return {encoded + 1, static_cast<size_t>(tag - kTagShortString)};
  // The head of a long string is its tag and its size.
  const std::string_view bytes = BytesOfTrusted(encoded);
  size_t head = 2;
  while (static_cast<uint8_t>(encoded[head - 1]) >= 0x80) ++head;
  return bytes.substr(head);
}

absl::Status CheckEncodable(const Value& value) {
  if (EncodedSizeBound(value) <= kMaxValueBytes) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat("a value may take at most ", kMaxValueBytes, " bytes"));
}

}  // namespace tidemark::graph
