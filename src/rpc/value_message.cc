// SPDX-License-Identifier: Apache-2.0
#include "rpc/value_message.h"

#include "base/check.h"
#include "base/status.h"
#include "base/utf8.h"

namespace tidemark::rpc {
namespace {

using graph::Value;
using graph::ValueType;

void TemporalToMessage(const Value& value, api::Value* message) {
  switch (value.type()) {
    case ValueType::kDate:
      message->set_date_days(value.date().epoch_day);
      return;
    case ValueType::kLocalTime:
      message->set_local_time_nanos(value.local_time().nanos_of_day);
      return;
    case ValueType::kTime:
      message->mutable_time()->set_nanos(value.time().nanos_of_day);
      message->mutable_time()->set_offset_seconds(value.time().offset_seconds);
      return;
    case ValueType::kLocalDateTime:
      message->mutable_local_date_time()->set_seconds(value.local_date_time().epoch_second);
      message->mutable_local_date_time()->set_nanos(
          static_cast<uint32_t>(value.local_date_time().nanos));
      return;
    case ValueType::kDateTime: {
      const graph::DateTime& time = value.date_time();
      api::DateTime* out = message->mutable_date_time();
      out->set_seconds(time.epoch_second);
      out->set_nanos(static_cast<uint32_t>(time.nanos));
      out->set_offset_seconds(time.offset_seconds);
      out->set_zone(time.zone);
      return;
    }
    case ValueType::kDuration: {
      const graph::Duration& duration = value.duration();
      api::Duration* out = message->mutable_duration();
      out->set_months(duration.months);
      out->set_days(duration.days);
      out->set_seconds(duration.seconds);
      out->set_nanos(duration.nanos);
      return;
    }
    default:
      LOG(FATAL) << "a value of type " << graph::TypeName(value.type()) << " has no message";
  }
}

// Wraps a temporal or point after its range check.
template <typename T>
absl::StatusOr<Value> Checked(const T& part, const char* what) {
  if (!graph::IsValid(part)) {
    return absl::InvalidArgumentError(absl::StrCat("a ", what, " value is out of its range"));
  }
  return Value::Of(part);
}

absl::StatusOr<Value> PointFromMessage(const api::Point& message) {
  graph::Point point;
  point.crs = static_cast<graph::Crs>(message.srid());
  if (message.srid() > UINT16_MAX) point.crs = static_cast<graph::Crs>(0);
  point.coordinates = {message.x(), message.y(), message.z()};
  return Checked(point, "point");
}

absl::StatusOr<Value> ListFromMessage(const api::ValueList& message) {
  std::vector<Value> elements;
  elements.reserve(static_cast<size_t>(message.values_size()));
  for (const api::Value& element : message.values()) {
    ASSIGN_OR_RETURN(Value value, FromMessage(element));
    elements.push_back(std::move(value));
  }
  return graph::MakeList(std::move(elements));
}

absl::StatusOr<Value> MapFromMessage(const api::ValueMap& message) {
  std::vector<graph::MapEntry> entries;
  entries.reserve(static_cast<size_t>(message.entries_size()));
  for (const api::Property& entry : message.entries()) {
    ASSIGN_OR_RETURN(Value value, FromMessage(entry.value()));
    entries.emplace_back(entry.key(), std::move(value));
  }
  return graph::MakeMap(std::move(entries));
}

absl::StatusOr<Value> TextFromMessage(const std::string& text, bool is_text) {
  if (text.size() > graph::kMaxValueBytes) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "a value has ", text.size(), " bytes; at most ", graph::kMaxValueBytes, " are allowed"));
  }
  if (!is_text) return Value::Bytes(text);
  if (!IsValidUtf8(text)) return absl::InvalidArgumentError("a string is not valid UTF-8");
  return Value::String(text);
}

absl::StatusOr<Value> DateTimeFromMessage(const api::DateTime& message) {
  graph::DateTime time;
  time.epoch_second = message.seconds();
  time.nanos = static_cast<int32_t>(message.nanos());
  time.offset_seconds = message.offset_seconds();
  time.zone = message.zone();
  return Checked(time, "date-time");
}

absl::StatusOr<Value> DurationFromMessage(const api::Duration& message) {
  graph::Duration duration;
  duration.months = message.months();
  duration.days = message.days();
  duration.seconds = message.seconds();
  duration.nanos = message.nanos();
  return Checked(duration, "duration");
}

}  // namespace

void ToMessage(const Value& value, api::Value* message) {
  switch (value.type()) {
    case ValueType::kNull:
      message->clear_kind();
      return;
    case ValueType::kBoolean:
      message->set_boolean(value.boolean());
      return;
    case ValueType::kInteger:
      message->set_integer(value.integer());
      return;
    case ValueType::kFloat:
      message->set_floating(value.real());
      return;
    case ValueType::kString:
      message->set_text(std::string(value.string()));
      return;
    case ValueType::kBytes:
      message->set_binary(std::string(value.bytes()));
      return;
    case ValueType::kList:
      message->mutable_list();
      for (const Value& element : value.list()) {
        ToMessage(element, message->mutable_list()->add_values());
      }
      return;
    case ValueType::kMap:
      message->mutable_map();
      for (const graph::MapEntry& entry : value.map()) {
        api::Property* property = message->mutable_map()->add_entries();
        property->set_key(entry.first);
        ToMessage(entry.second, property->mutable_value());
      }
      return;
    case ValueType::kPoint: {
      const graph::Point& point = value.point();
      message->mutable_point()->set_srid(static_cast<uint32_t>(point.crs));
      message->mutable_point()->set_x(point.coordinates[0]);
      message->mutable_point()->set_y(point.coordinates[1]);
      message->mutable_point()->set_z(point.coordinates[2]);
      return;
    }
    default:
      TemporalToMessage(value, message);
  }
}

absl::StatusOr<Value> FromMessage(const api::Value& message) {
  switch (message.kind_case()) {
    case api::Value::KIND_NOT_SET:
      return Value::Null();
    case api::Value::kBoolean:
      return Value::Boolean(message.boolean());
    case api::Value::kInteger:
      return Value::Integer(message.integer());
    case api::Value::kFloating:
      return Value::Float(message.floating());
    case api::Value::kText:
      return TextFromMessage(message.text(), true);
    case api::Value::kBinary:
      return TextFromMessage(message.binary(), false);
    case api::Value::kList:
      return ListFromMessage(message.list());
    case api::Value::kMap:
      return MapFromMessage(message.map());
    case api::Value::kDateDays:
      return Checked(graph::Date{message.date_days()}, "date");
    case api::Value::kTime:
      return Checked(graph::Time{message.time().nanos(), message.time().offset_seconds()}, "time");
    case api::Value::kLocalTimeNanos:
      return Checked(graph::LocalTime{message.local_time_nanos()}, "local time");
    case api::Value::kDateTime:
      return DateTimeFromMessage(message.date_time());
    case api::Value::kLocalDateTime:
      return Checked(graph::LocalDateTime{message.local_date_time().seconds(),
                                          static_cast<int32_t>(message.local_date_time().nanos())},
                     "local date-time");
    case api::Value::kDuration:
      return DurationFromMessage(message.duration());
    case api::Value::kPoint:
      return PointFromMessage(message.point());
  }
  return absl::InvalidArgumentError("a value is of a kind that this server does not know");
}

}  // namespace tidemark::rpc
