// SPDX-License-Identifier: Apache-2.0
// The layout is described in docs/formats/value.md.
#include "graph/index_key.h"

#include <bit>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/checksum.h"
#include "base/status.h"
#include "graph/index_definition.h"
#include "graph/property_set.h"
#include "graph/value_coding.h"
#include "graph/value_order.h"
#include "graph/value_text.h"

namespace tidemark::graph {
namespace {

// Part of the file format (unique keys are logged); ascending in the order of the types.
enum IndexKeyTag : uint8_t {
  kKeyEndOfList = 0x00,
  kKeyList = 0x10,
  kKeyPoint = 0x18,
  kKeyDateTime = 0x20,
  kKeyLocalDateTime = 0x28,
  kKeyDate = 0x30,
  kKeyTime = 0x38,
  kKeyLocalTime = 0x40,
  kKeyDuration = 0x48,
  kKeyBytes = 0x50,
  kKeyString = 0x58,
  kKeyFalse = 0x60,
  kKeyTrue = 0x61,
  kKeyNegative = 0x68,
  kKeyNumber = 0x69,
};

constexpr char kEscaped = static_cast<char>(0xff);  // behind a zero byte: the byte itself
constexpr char kEndOfText = 0x01;                   // behind a zero byte: the end

void AppendBigEndian(uint64_t value, int byte_count, std::string* out) {
  for (int i = byte_count - 1; i >= 0; --i) {
    out->push_back(static_cast<char>(value >> (8 * i)));
  }
}

// Signed integers order as unsigned ones when the sign bit is turned over.
void AppendOrdered64(int64_t value, std::string* out) {
  AppendBigEndian(static_cast<uint64_t>(value) ^ uint64_t{1} << 63, 8, out);
}
void AppendOrdered32(int32_t value, std::string* out) {
  AppendBigEndian(static_cast<uint32_t>(value) ^ uint32_t{1} << 31, 4, out);
}

void AppendEscaped(std::string_view text, std::string* out) {
  for (char c : text) {
    out->push_back(c);
    if (c == 0) out->push_back(kEscaped);
  }
}

void AppendTextKey(std::string_view text, std::string* out) {
  AppendEscaped(text, out);
  out->push_back(0);
  out->push_back(kEndOfText);
}

// Groups of 7 bits from the top, the lowest bit of each byte telling whether another one follows;
// zero groups at the end are left out. Orders like the number. REQUIRES: bits < 2^63.
void AppendTrimmed(uint64_t bits, std::string* out) {
  bits <<= 1;
  do {
    const auto group = static_cast<uint8_t>(bits >> 57);
    bits <<= 7;
    out->push_back(static_cast<char>(group << 1 | (bits != 0 ? 1 : 0)));
  } while (bits != 0);
}

// From here on not every integer is a double, so the key carries the difference too.
constexpr double kFirstInexact = 9007199254740992.0;  // 2^53
constexpr double kFirstBeyond = 18446744073709551616.0;
constexpr int32_t kDifferenceBias = 0x8000;

// A number's size is `nearest + difference`, where `nearest` is the double next to it.
void AppendNumber(bool negative, double nearest, int32_t difference, std::string* out) {
  const size_t begin = out->size();
  AppendTrimmed(std::bit_cast<uint64_t>(nearest), out);
  if (nearest >= kFirstInexact && nearest < kFirstBeyond) {
    AppendBigEndian(static_cast<uint64_t>(difference + kDifferenceBias), 2, out);
  }
  if (!negative) return;
  for (size_t i = begin; i < out->size(); ++i) (*out)[i] = static_cast<char>(~(*out)[i]);
}

void AppendIntegerKey(int64_t value, std::string* out) {
  const bool negative = value < 0;
  const uint64_t size = negative ? ~static_cast<uint64_t>(value) + 1 : static_cast<uint64_t>(value);
  const auto nearest = static_cast<double>(size);
  const __int128 difference = static_cast<__int128>(size) - static_cast<__int128>(nearest);
  out->push_back(static_cast<char>(negative ? kKeyNegative : kKeyNumber));
  AppendNumber(negative, nearest, static_cast<int32_t>(difference), out);
}

void AppendFloatKey(double value, std::string* out) {
  const bool negative = value < 0;  // neither -0.0 nor NaN
  out->push_back(static_cast<char>(negative ? kKeyNegative : kKeyNumber));
  const double size =
      std::isnan(value) ? std::bit_cast<double>(uint64_t{0x7ff8000000000000}) : std::abs(value);
  AppendNumber(negative, size, 0, out);
}

// A coordinate: all 64 bits, turned over so that they order as unsigned numbers.
void AppendCoordinate(double value, std::string* out) {
  const auto bits = std::bit_cast<uint64_t>(value == 0 ? 0.0 : value);
  const uint64_t sign = uint64_t{1} << 63;
  AppendBigEndian((bits & sign) != 0 ? ~bits : bits | sign, 8, out);
}

void AppendPointKey(const Point& point, std::string* out) {
  AppendBigEndian(static_cast<uint64_t>(point.crs), 2, out);
  for (int i = 0; i < DimensionCount(point.crs); ++i) {
    AppendCoordinate(point.coordinates[static_cast<size_t>(i)], out);
  }
}

void AppendDateTimeKey(const DateTime& time, std::string* out) {
  AppendOrdered64(time.epoch_second, out);
  AppendOrdered32(time.nanos, out);
  AppendOrdered32(time.offset_seconds, out);
  AppendTextKey(time.zone, out);
}

void AppendDurationKey(const Duration& duration, std::string* out) {
  AppendOrdered64(duration.mean_seconds(), out);
  AppendOrdered32(duration.nanos, out);
  AppendOrdered64(duration.months, out);
  AppendOrdered64(duration.days, out);
}

absl::Status NoKey(ValueType type) {
  return absl::InvalidArgumentError(
      absl::StrCat("a ", ToAbsl(TypeName(type)), " cannot be indexed"));
}

absl::Status AppendTagged(const Value& value, std::string* out);

absl::Status AppendListKey(absl::Span<const Value> list, std::string* out) {
  for (const Value& element : list) {
    RETURN_IF_ERROR(AppendTagged(element, out));
    // Stops early: the caller refuses the key for its length.
    if (out->size() > kMaxIndexKeyBytes) return absl::OkStatus();
  }
  out->push_back(kKeyEndOfList);
  return absl::OkStatus();
}

absl::Status AppendTagged(const Value& value, std::string* out) {
  const auto tag = [out](IndexKeyTag t) { out->push_back(static_cast<char>(t)); };
  switch (value.type()) {
    case ValueType::kList:
      tag(kKeyList);
      return AppendListKey(value.list(), out);
    case ValueType::kPoint:
      tag(kKeyPoint);
      AppendPointKey(value.point(), out);
      break;
    case ValueType::kDateTime:
      tag(kKeyDateTime);
      AppendDateTimeKey(value.date_time(), out);
      break;
    case ValueType::kLocalDateTime:
      tag(kKeyLocalDateTime);
      AppendOrdered64(value.local_date_time().epoch_second, out);
      AppendOrdered32(value.local_date_time().nanos, out);
      break;
    case ValueType::kDate:
      tag(kKeyDate);
      AppendOrdered64(value.date().epoch_day, out);
      break;
    case ValueType::kTime:
      tag(kKeyTime);
      AppendOrdered64(value.time().utc_nanos(), out);
      AppendOrdered32(value.time().offset_seconds, out);
      break;
    case ValueType::kLocalTime:
      tag(kKeyLocalTime);
      AppendOrdered64(value.local_time().nanos_of_day, out);
      break;
    case ValueType::kDuration:
      tag(kKeyDuration);
      AppendDurationKey(value.duration(), out);
      break;
    case ValueType::kBytes:
      tag(kKeyBytes);
      AppendTextKey(value.bytes(), out);
      break;
    case ValueType::kString:
      tag(kKeyString);
      AppendTextKey(value.string(), out);
      break;
    case ValueType::kBoolean:
      tag(value.boolean() ? kKeyTrue : kKeyFalse);
      break;
    case ValueType::kInteger:
      AppendIntegerKey(value.integer(), out);
      break;
    case ValueType::kFloat:
      AppendFloatKey(value.real(), out);
      break;
    default:
      return NoKey(value.type());
  }
  return absl::OkStatus();
}

// Texts are refused before their bytes are copied.
bool IsTooLong(const Value& value) {
  return (value.type() == ValueType::kString && value.string().size() > kMaxIndexKeyBytes) ||
         (value.type() == ValueType::kBytes && value.bytes().size() > kMaxIndexKeyBytes);
}

// False for null, NaN, and what contains one of them.
bool EqualsItself(const Value& value) { return Equals(value, value) == Ternary::kTrue; }

bool IsNegativeZero(const Value& value) {
  return value.type() == ValueType::kFloat && value.real() == 0 && std::signbit(value.real());
}

// Above every negative number and below zero. Uniqueness constraints alone have it.
std::string NegativeZeroKey() {
  std::string key(1, static_cast<char>(kKeyNegative));
  AppendNumber(/*negative=*/true, 0.0, 0, &key);
  return key;
}

std::string NanKey() {
  std::string key;
  AppendFloatKey(std::numeric_limits<double>::quiet_NaN(), &key);
  return key;
}

constexpr size_t kMaxTextBytes = 100;  // of a value in a message

// Gives the numbers and texts of a key back, one after the other. Does not own the bytes.
class KeyTextReader {
 public:
  explicit KeyTextReader(std::string_view key) : rest_(key) {}

  bool done() const { return rest_.empty(); }
  std::string Next() {
    const auto tag = static_cast<IndexKeyTag>(TakeByte());
    switch (tag) {
      case kKeyString:
        return ToText(Value::String(TakeText()), kMaxTextBytes);
      case kKeyFalse:
        return "false";
      case kKeyTrue:
        return "true";
      case kKeyNegative:
      case kKeyNumber:
        return TakeNumber(tag == kKeyNegative);
      default:
        rest_ = {};
        return absl::StrCat("a ", ToAbsl(TypeName(TypeOf(tag))));
    }
  }

 private:
  static ValueType TypeOf(IndexKeyTag tag) {
    switch (tag) {
      case kKeyPoint:
        return ValueType::kPoint;
      case kKeyDateTime:
        return ValueType::kDateTime;
      case kKeyLocalDateTime:
        return ValueType::kLocalDateTime;
      case kKeyDate:
        return ValueType::kDate;
      case kKeyTime:
        return ValueType::kTime;
      case kKeyLocalTime:
        return ValueType::kLocalTime;
      case kKeyDuration:
        return ValueType::kDuration;
      case kKeyBytes:
        return ValueType::kBytes;
      default:
        return ValueType::kList;
    }
  }
  uint8_t TakeByte() {
    if (rest_.empty()) return 0;
    const auto byte = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }
  std::string TakeText() {
    std::string text;
    while (!rest_.empty()) {
      const auto c = static_cast<char>(TakeByte());
      if (c == 0 && static_cast<char>(TakeByte()) == kEndOfText) break;
      text.push_back(c);
    }
    return text;
  }
  std::string TakeNumber(bool negative) {
    const uint8_t mask = negative ? 0xff : 0;
    uint64_t bits = 0;
    bool more = true;
    for (int shift = 57; more && shift > 0; shift -= 7) {
      const auto byte = static_cast<uint8_t>(TakeByte() ^ mask);
      bits |= uint64_t{byte} >> 1 << shift;
      more = (byte & 1) != 0;
    }
    const auto nearest = std::bit_cast<double>(bits >> 1);
    const bool is_exact = nearest < kFirstInexact;
    __int128 size = 0;
    if (is_exact || nearest < kFirstBeyond) size = static_cast<__int128>(nearest);
    if (!is_exact && nearest < kFirstBeyond) {
      const int high = TakeByte() ^ mask;
      const int low = TakeByte() ^ mask;
      size += (high << 8 | low) - kDifferenceBias;
    }
    const bool is_integer = is_exact ? nearest == std::floor(nearest) && (nearest != 0 || !negative)
                                     : size > 0 && size <= std::numeric_limits<int64_t>::max();
    if (!is_integer) return FormatFloat(negative ? -nearest : nearest);
    return absl::StrCat(negative ? "-" : "", static_cast<int64_t>(size));
  }

  std::string_view rest_;
};

}  // namespace

std::vector<std::string> IndexKeyTexts(std::string_view key) {
  std::vector<std::string> texts;
  for (KeyTextReader reader(key); !reader.done() && texts.size() < kMaxIndexKeyCount;) {
    texts.push_back(reader.Next());
  }
  return texts;
}

absl::Status AppendIndexKey(const Value& value, std::string* out) {
  const size_t begin = out->size();
  absl::Status status = absl::OkStatus();
  bool too_long = IsTooLong(value);
  if (!too_long) {
    status = AppendTagged(value, out);
    too_long = out->size() > kMaxIndexKeyBytes;
  }
  if (status.ok() && too_long) {
    status = absl::InvalidArgumentError(absl::StrCat(
        "the indexed values are too long: their key may take ", kMaxIndexKeyBytes, " bytes"));
  }
  if (!status.ok()) out->resize(begin);
  return status;
}

absl::StatusOr<bool> IndexKeyInto(std::string_view property_set, absl::Span<const KeyId> keys,
                                  std::string* out) {
  out->clear();
  for (KeyId key : keys) {
    const std::optional<std::string_view> encoded = FindProperty(property_set, key);
    if (!encoded.has_value()) return false;
    ASSIGN_OR_RETURN(const Value value, DecodeValue(*encoded));
    RETURN_IF_ERROR(AppendIndexKey(value, out));
  }
  return true;
}

absl::StatusOr<std::optional<std::string>> IndexKeyOf(std::string_view property_set,
                                                      absl::Span<const KeyId> keys) {
  std::string out;
  ASSIGN_OR_RETURN(const bool complete, IndexKeyInto(property_set, keys, &out));
  if (!complete) return std::optional<std::string>();
  return std::optional<std::string>(std::move(out));
}

absl::StatusOr<std::optional<std::string>> UniqueKeyOf(std::string_view property_set,
                                                       absl::Span<const KeyId> keys) {
  std::string out;
  for (KeyId key : keys) {
    const std::optional<std::string_view> encoded = FindProperty(property_set, key);
    if (!encoded.has_value()) return std::optional<std::string>();
    ASSIGN_OR_RETURN(const Value value, DecodeValue(*encoded));
    RETURN_IF_ERROR(AppendIndexKey(value, &out));
    if (!EqualsItself(value)) return std::optional<std::string>();
    if (keys.size() == 1 && IsNegativeZero(value)) return std::optional(NegativeZeroKey());
  }
  return std::optional<std::string>(std::move(out));
}

absl::StatusOr<std::optional<std::string>> IndexKeyEqualTo(absl::Span<const Value> values) {
  std::string out;
  for (const Value& value : values) {
    if (!EqualsItself(value)) return std::optional<std::string>();
    RETURN_IF_ERROR(AppendIndexKey(value, &out));
  }
  return std::optional<std::string>(std::move(out));
}

absl::StatusOr<std::vector<std::string>> UniqueKeysEqualTo(absl::Span<const Value> values) {
  std::vector<std::string> keys;
  ASSIGN_OR_RETURN(std::optional<std::string> key, IndexKeyEqualTo(values));
  if (!key.has_value()) return keys;
  keys.push_back(*std::move(key));
  if (values.size() == 1 && Equals(values[0], Value::Integer(0)) == Ternary::kTrue) {
    keys.push_back(NegativeZeroKey());
  }
  return keys;
}

IndexKeyRange IndexKeyPrefixRange(std::string_view prefix) {
  std::string first(1, static_cast<char>(kKeyString));
  AppendEscaped(prefix, &first);
  std::string last = IndexKeySuccessor(first);
  return {std::move(first), std::move(last)};
}

std::string IndexKeySuccessor(std::string_view key) {
  std::string out(key);
  while (!out.empty() && static_cast<uint8_t>(out.back()) == 0xff) out.pop_back();
  CHECK(!out.empty()) << "no index key begins with 0xff";
  out.back() = static_cast<char>(static_cast<uint8_t>(out.back()) + 1);
  return out;
}

IndexKeyRange IndexKeyTypeRange(ValueType type) {
  const auto range = [](int first, int last) {
    return IndexKeyRange(std::string(1, static_cast<char>(first)),
                         std::string(1, static_cast<char>(last + 1)));
  };
  switch (type) {
    case ValueType::kList:
      return range(kKeyList, kKeyList);
    case ValueType::kPoint:
      return range(kKeyPoint, kKeyPoint);
    case ValueType::kDateTime:
      return range(kKeyDateTime, kKeyDateTime);
    case ValueType::kLocalDateTime:
      return range(kKeyLocalDateTime, kKeyLocalDateTime);
    case ValueType::kDate:
      return range(kKeyDate, kKeyDate);
    case ValueType::kTime:
      return range(kKeyTime, kKeyTime);
    case ValueType::kLocalTime:
      return range(kKeyLocalTime, kKeyLocalTime);
    case ValueType::kDuration:
      return range(kKeyDuration, kKeyDuration);
    case ValueType::kBytes:
      return range(kKeyBytes, kKeyBytes);
    case ValueType::kString:
      return range(kKeyString, kKeyString);
    case ValueType::kBoolean:
      return range(kKeyFalse, kKeyTrue);
    case ValueType::kInteger:
    case ValueType::kFloat:
      return {std::string(1, static_cast<char>(kKeyNegative)), NanKey()};
    default:
      return {};
  }
}

absl::StatusOr<std::optional<IndexKeyRange>> IndexKeyRangeBetween(
    const std::optional<Value>& first, const std::optional<Value>& last) {
  if (!first.has_value() && !last.has_value()) {
    return absl::InvalidArgumentError("a range needs a first or a last value");
  }
  std::optional<IndexKeyRange> range;
  for (const std::optional<Value>* bound : {&first, &last}) {
    if (!bound->has_value()) continue;
    const Value& value = **bound;
    if (!EqualsItself(value)) return std::optional<IndexKeyRange>();
    std::string key;
    RETURN_IF_ERROR(AppendIndexKey(value, &key));
    IndexKeyRange type_range = IndexKeyTypeRange(value.type());
    if (!range.has_value()) range = type_range;
    if (range->second != type_range.second) return std::optional<IndexKeyRange>();
    (bound == &first ? range->first : range->second) = std::move(key);
  }
  return range;
}

SlotId SlotOfIndexKey(IndexId index, std::string_view index_key) {
  return SlotId(static_cast<uint16_t>(Checksum64(index_key, index.value()) % kSlotCount));
}

}  // namespace tidemark::graph
