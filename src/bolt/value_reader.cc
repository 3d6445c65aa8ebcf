// SPDX-License-Identifier: Apache-2.0
#include "bolt/value_reader.h"

#include <array>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/utf8.h"
#include "graph/time_zone.h"

namespace tidemark::bolt {
namespace {

using graph::Value;

constexpr size_t kMaxFields = 4;
// What a list or map takes beside its elements.
constexpr size_t kContainerBytes = 64;
using Fields = std::array<PackItem, kMaxFields>;

// What an item takes in memory, without those in it.
uint64_t BytesOf(const PackItem& item) {
  switch (item.type) {
    case PackType::kBytes:
    case PackType::kString:
      return item.text.size();
    case PackType::kList:
      return kContainerBytes + uint64_t{item.count} * sizeof(Value);
    case PackType::kMap:
      return kContainerBytes + uint64_t{item.count} * sizeof(graph::MapEntry);
    case PackType::kStructure:
      return kContainerBytes;
    default:
      return 0;
  }
}

// What a structure must look like: the letter of each field, i integer, f float, s string.
std::string_view FieldTypesOf(uint8_t tag) {
  switch (tag) {
    case kDateTag:
    case kLocalTimeTag:
      return "i";
    case kTimeTag:
    case kLocalDateTimeTag:
      return "ii";
    case kDateTimeTag:
    case kLocalBasedDateTimeTag:
      return "iii";
    case kDateTimeZoneTag:
    case kLocalBasedZoneTag:
      return "iis";
    case kDurationTag:
      return "iiii";
    case kPoint2dTag:
      return "iff";
    case kPoint3dTag:
      return "ifff";
    default:
      return "";
  }
}

bool Matches(char type, const PackItem& item) {
  switch (type) {
    case 'i':
      return item.type == PackType::kInteger;
    case 'f':
      return item.type == PackType::kFloat;
    default:
      return item.type == PackType::kString;
  }
}

absl::Status Refused(const PackItem& head, std::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("a structure 0x", absl::Hex(head.tag), " of ",
                                                 head.count, " fields ", ToAbsl(why)));
}

template <typename T>
absl::StatusOr<Value> Checked(const T& content) {
  if (!graph::IsValid(content)) {
    return absl::InvalidArgumentError("a temporal value or a point is out of its range");
  }
  return Value::Of(content);
}

// False when the number does not fit; then no valid value has it.
bool Narrow(int64_t number, int32_t* out) {
  *out = static_cast<int32_t>(number);
  return *out == number;
}

absl::StatusOr<Value> MakeDuration(const Fields& fields) {
  graph::Duration duration{.months = fields[0].integer, .days = fields[1].integer};
  // Clients may send nanoseconds of more than a second or of the other sign.
  const int64_t nanos = fields[3].integer;
  int64_t seconds = nanos / graph::kNanosPerSecond;
  int64_t rest = nanos % graph::kNanosPerSecond;
  if (rest < 0) {
    rest += graph::kNanosPerSecond;
    --seconds;
  }
  if (__builtin_add_overflow(fields[2].integer, seconds, &duration.seconds)) {
    return absl::InvalidArgumentError("the seconds of a duration are out of their range");
  }
  duration.nanos = static_cast<int32_t>(rest);
  return Checked(duration);
}

absl::StatusOr<Value> MakePoint(uint8_t tag, const Fields& fields) {
  const int64_t srid = fields[0].integer;
  if (srid < 0 || srid > std::numeric_limits<uint16_t>::max()) {
    return absl::InvalidArgumentError(
        absl::StrCat("a point has the unknown reference system ", srid));
  }
  const int dimensions = tag == kPoint3dTag ? 3 : 2;
  graph::Point point{.crs = static_cast<graph::Crs>(srid)};
  for (int i = 0; i < dimensions; ++i) {
    point.coordinates[static_cast<size_t>(i)] = fields[static_cast<size_t>(i) + 1].real;
  }
  if (graph::IsValid(point) && graph::DimensionCount(point.crs) != dimensions) {
    return absl::InvalidArgumentError("a point has not as many coordinates as its system");
  }
  return Checked(point);
}

absl::StatusOr<Value> MakeLocalDateTime(const Fields& fields) {
  graph::LocalDateTime time{.epoch_second = fields[0].integer};
  if (!Narrow(fields[1].integer, &time.nanos)) time.nanos = -1;
  return Checked(time);
}

absl::StatusOr<Value> MakeTime(const Fields& fields) {
  graph::Time time{.nanos_of_day = fields[0].integer};
  if (!Narrow(fields[1].integer, &time.offset_seconds)) time.nanos_of_day = -1;
  return Checked(time);
}

Value ScalarOf(const PackItem& item) {
  switch (item.type) {
    case PackType::kBoolean:
      return Value::Boolean(item.boolean);
    case PackType::kInteger:
      return Value::Integer(item.integer);
    case PackType::kFloat:
      return Value::Float(item.real);
    case PackType::kBytes:
      return Value::Bytes(item.text);
    case PackType::kString:
      return Value::String(item.text);
    default:
      return Value::Null();
  }
}

}  // namespace

absl::Status ValueReader::Charge(uint64_t bytes) {
  if (bytes > bytes_left_) {
    return absl::ResourceExhaustedError("the values of a message need too much memory");
  }
  bytes_left_ -= bytes;
  return absl::OkStatus();
}

absl::StatusOr<Value> ValueReader::ReadValue(int depth) {
  PackItem item;
  RETURN_IF_ERROR(ReadItem(&item));
  switch (item.type) {
    case PackType::kList:
    case PackType::kMap:
      if (depth == graph::kMaxValueDepth) {
        return absl::ResourceExhaustedError(absl::StrCat(
            "lists and maps lie deeper than ", graph::kMaxValueDepth, " inside one another"));
      }
      return item.type == PackType::kList ? ReadList(item.count, depth + 1)
                                          : ReadMap(item.count, depth + 1);
    case PackType::kStructure:
      return ReadStructure(item);
    default:
      return ScalarOf(item);
  }
}

// The next item; its text, if it has one, is looked at.
absl::Status ValueReader::ReadItem(PackItem* item) {
  RETURN_IF_ERROR(reader_.Next(item));
  RETURN_IF_ERROR(Charge(BytesOf(*item)));
  if (item->type != PackType::kString && item->type != PackType::kBytes) return absl::OkStatus();
  if (item->text.size() > graph::kMaxValueBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("a text is larger than ", graph::kMaxValueBytes, " bytes"));
  }
  if (item->type == PackType::kString && !IsValidUtf8(item->text)) {
    return absl::InvalidArgumentError("a string is not UTF-8");
  }
  return absl::OkStatus();
}

absl::StatusOr<Value> ValueReader::ReadList(uint32_t count, int depth) {
  std::vector<Value> elements;
  elements.reserve(count);
  for (uint32_t i = 0; i < count; ++i) {
    ASSIGN_OR_RETURN(Value element, ReadValue(depth));
    elements.push_back(std::move(element));
  }
  return graph::MakeList(std::move(elements));
}

absl::StatusOr<Value> ValueReader::ReadMap(uint32_t count, int depth) {
  std::vector<graph::MapEntry> entries;
  entries.reserve(count);
  for (uint32_t i = 0; i < count; ++i) {
    PackItem key;
    RETURN_IF_ERROR(ReadItem(&key));
    if (key.type != PackType::kString) return absl::DataLossError("a key of a map is no string");
    ASSIGN_OR_RETURN(Value element, ReadValue(depth));
    entries.emplace_back(std::string(key.text), std::move(element));
  }
  return graph::MakeMap(std::move(entries));
}

absl::StatusOr<Value> ValueReader::ReadStructure(const PackItem& head) {
  const std::string_view types = FieldTypesOf(head.tag);
  if (types.empty()) return Refused(head, "is not a value that a client can send");
  if (types.size() != head.count) return Refused(head, "has not the fields of its type");
  Fields fields;
  for (size_t i = 0; i < types.size(); ++i) {
    RETURN_IF_ERROR(ReadItem(&fields[i]));
    if (!Matches(types[i], fields[i])) return Refused(head, "has a field of a wrong type");
  }
  switch (head.tag) {
    case kDateTag:
      return Checked(graph::Date{fields[0].integer});
    case kLocalTimeTag:
      return Checked(graph::LocalTime{fields[0].integer});
    case kTimeTag:
      return MakeTime(fields);
    case kLocalDateTimeTag:
      return MakeLocalDateTime(fields);
    case kDurationTag:
      return MakeDuration(fields);
    case kPoint2dTag:
    case kPoint3dTag:
      return MakePoint(head.tag, fields);
    default:
      return ReadDateTime(head.tag, fields);
  }
}

absl::StatusOr<Value> ValueReader::ReadDateTime(uint8_t tag, absl::Span<const PackItem> fields) {
  const bool utc = tag == kDateTimeTag || tag == kDateTimeZoneTag;
  if (utc != forms_.utc) {
    return absl::InvalidArgumentError(absl::StrCat("a date-time has the form 0x", absl::Hex(tag),
                                                   ", which this connection does not use"));
  }
  graph::DateTime time{.epoch_second = fields[0].integer};
  const bool in_range = Narrow(fields[1].integer, &time.nanos) &&
                        graph::IsValid(graph::LocalDateTime{time.epoch_second, time.nanos});
  if (!in_range) return absl::InvalidArgumentError("a date-time is out of its range");
  if (fields[2].type == PackType::kString) {
    time.zone = std::string(fields[2].text);
    if (utc) {
      ASSIGN_OR_RETURN(time.offset_seconds, graph::FindZoneOffsetAt(time.zone, time.epoch_second));
    } else {
      ASSIGN_OR_RETURN(const graph::ZoneOffsets offsets,
                       graph::FindZoneOffsets(time.zone, {time.epoch_second, time.nanos}));
      time.offset_seconds = offsets.earlier;
    }
  } else if (!Narrow(fields[2].integer, &time.offset_seconds)) {
    return absl::InvalidArgumentError("the offset of a date-time is out of its range");
  }
  if (!utc) time.epoch_second -= time.offset_seconds;
  return Checked(time);
}

size_t DecodedBytes(std::string_view bytes) {
  PackReader reader(bytes);
  PackItem item;
  uint64_t decoded_bytes = 0;
  while (reader.bytes_left() > 0 && reader.Next(&item).ok()) decoded_bytes += BytesOf(item);
  return decoded_bytes;
}

}  // namespace tidemark::bolt
