// SPDX-License-Identifier: Apache-2.0
#include "graph/value_text.h"

#include <charconv>
#include <cmath>
#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "graph/text_scanner.h"

namespace tidemark::graph {
namespace {

// Charconv reads no plus sign; a sign behind the plus is left for it to refuse.
std::string_view WithoutPlus(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  return text;
}

template <typename T>
absl::StatusOr<Value> ToValue(const absl::StatusOr<T>& parsed) {
  if (!parsed.ok()) return parsed.status();
  return Value::Of(*parsed);
}

bool IsPlainName(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  for (char c : name) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    if (!plain) return false;
  }
  return true;
}

// Writes a value until the limit is reached. Owner: one call of ToText. Threads: one.
class TextWriter {
 public:
  explicit TextWriter(size_t max_bytes) : max_bytes_(max_bytes) {}

  void Write(const Value& value) {
    switch (value.type()) {
      case ValueType::kNull:
        out_ += "null";
        return;
      case ValueType::kBoolean:
        out_ += value.boolean() ? "true" : "false";
        return;
      case ValueType::kInteger:
        absl::StrAppend(&out_, value.integer());
        return;
      case ValueType::kFloat:
        out_ += FormatFloat(value.real());
        return;
      case ValueType::kString:
        out_ += Quote(value.string(), Left());
        return;
      case ValueType::kBytes:
        WriteBytes(value.bytes());
        return;
      case ValueType::kList:
        WriteList(value.list());
        return;
      case ValueType::kMap:
        WriteMap(value.map());
        return;
      case ValueType::kPoint:
        out_ += FormatPoint(value.point());
        return;
      case ValueType::kVertex:
        WriteVertex(value.vertex());
        return;
      case ValueType::kEdge:
        WriteEdge(value.edge());
        return;
      case ValueType::kPath:
        WritePath(value.path());
        return;
      default:
        WriteTemporal(value);
    }
  }
  std::string Take() { return std::move(out_); }

 private:
  size_t Left() const { return out_.size() < max_bytes_ ? max_bytes_ - out_.size() : 0; }
  bool full() const { return out_.size() >= max_bytes_; }

  void WriteTemporal(const Value& value) {
    switch (value.type()) {
      case ValueType::kDate:
        return WriteCall("date", FormatDate(value.date()));
      case ValueType::kLocalTime:
        return WriteCall("localtime", FormatLocalTime(value.local_time()));
      case ValueType::kTime:
        return WriteCall("time", FormatTime(value.time()));
      case ValueType::kLocalDateTime:
        return WriteCall("localdatetime", FormatLocalDateTime(value.local_date_time()));
      case ValueType::kDateTime:
        return WriteCall("datetime", FormatDateTime(value.date_time()));
      default:
        return WriteCall("duration", FormatDuration(value.duration()));
    }
  }

  void WriteCall(const char* name, const std::string& text) {
    absl::StrAppend(&out_, name, "(\"", text, "\")");
  }

  void WriteBytes(std::string_view bytes) {
    const std::string_view shown = bytes.substr(0, Left());
    absl::StrAppend(&out_, "bytes(\"", absl::BytesToHexString(ToAbsl(shown)),
                    shown.size() < bytes.size() ? "...\")" : "\")");
  }

  // True when the next of several is to be written, behind its comma.
  bool Next(bool first) {
    if (!first) out_ += ", ";
    if (full()) out_ += "...";
    return !full();
  }

  void WriteList(absl::Span<const Value> list) {
    out_ += '[';
    for (size_t i = 0; i < list.size() && Next(i == 0); ++i) Write(list[i]);
    out_ += ']';
  }

  void WriteMap(absl::Span<const MapEntry> map) {
    out_ += '{';
    for (size_t i = 0; i < map.size() && Next(i == 0); ++i) {
      WriteName(map[i].first);
      out_ += ": ";
      Write(map[i].second);
    }
    out_ += '}';
  }

  void WriteName(const std::string& name) {
    if (IsPlainName(name)) {
      out_ += name;
      return;
    }
    // Between backticks, a backtick is written twice.
    std::string quoted = Quote(name, Left());
    quoted.front() = quoted.back() = '`';
    for (size_t i = 1; i + 1 < quoted.size(); ++i) {
      if (quoted[i] == '`') quoted.insert(i++, 1, '`');
    }
    out_ += quoted;
  }

  void WriteVertex(VertexId vertex) {
    absl::StrAppend(&out_, "(", vertex.slot().value(), ":", vertex.sequence(), ")");
  }
  void WriteEdge(const EdgeRef& edge) {
    absl::StrAppend(&out_, "[", edge.edge.slot().value(), ":", edge.edge.sequence(), "]");
  }
  void WritePath(const Path& path) {
    WriteVertex(path.vertices[0]);
    for (size_t i = 0; i < path.edges.size(); ++i) {
      if (full()) {
        out_ += "...";
        return;
      }
      const bool forward = path.edges[i].source == path.vertices[i];
      out_ += forward ? "-" : "<-";
      WriteEdge(path.edges[i]);
      out_ += forward ? "->" : "-";
      WriteVertex(path.vertices[i + 1]);
    }
  }

  const size_t max_bytes_;
  std::string out_;
};

}  // namespace

absl::StatusOr<int64_t> ParseInteger(std::string_view text) {
  const std::string_view digits = WithoutPlus(TrimBlanks(text));
  const char* const digits_end = digits.data() + digits.size();
  int64_t value = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits_end, value);
  if (error == std::errc::result_out_of_range) return NotA("an integer", text, "out of range");
  if (error != std::errc() || stop != digits_end) {
    return NotA("an integer", text, "expected digits, with or without a sign");
  }
  return value;
}

absl::StatusOr<double> ParseFloat(std::string_view text) {
  const std::string_view digits = WithoutPlus(TrimBlanks(text));
  const char* const digits_end = digits.data() + digits.size();
  double value = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits_end, value);
  const bool is_whole = stop == digits_end;
  if (is_whole && error == std::errc::result_out_of_range) {
    // Charconv says the same of what is too large and of what is too small. Too small is a matter
    // of rounding: strtod gives the nearest number, zero or just above it.
    value = std::strtod(std::string(digits).c_str(), nullptr);
    if (std::abs(value) >= 1) return NotA("a number", text, "out of range");
    return value;
  }
  if (!is_whole || error != std::errc()) {
    return NotA("a number", text, "expected a form like 1.5, -2 or 1e-3");
  }
  return value;
}

absl::StatusOr<bool> ParseBoolean(std::string_view text) {
  const absl::string_view word = ToAbsl(TrimBlanks(text));
  if (absl::EqualsIgnoreCase(word, "true")) return true;
  if (absl::EqualsIgnoreCase(word, "false")) return false;
  return NotA("a boolean", text, "expected true or false");
}

absl::StatusOr<Value> ParseValue(ValueType type, std::string_view text,
                                 const TextDefaults& defaults) {
  switch (type) {
    case ValueType::kString:
      if (text.size() > kMaxValueBytes) return absl::InvalidArgumentError("string too long");
      return Value::String(text);
    case ValueType::kInteger: {
      ASSIGN_OR_RETURN(const int64_t value, ParseInteger(text));
      return Value::Integer(value);
    }
    case ValueType::kFloat: {
      ASSIGN_OR_RETURN(const double value, ParseFloat(text));
      return Value::Float(value);
    }
    case ValueType::kBoolean: {
      ASSIGN_OR_RETURN(const bool value, ParseBoolean(text));
      return Value::Boolean(value);
    }
    case ValueType::kDate:
      return ToValue(ParseDate(text));
    case ValueType::kLocalTime:
      return ToValue(ParseLocalTime(text));
    case ValueType::kTime:
      return ToValue(ParseTime(text, defaults));
    case ValueType::kLocalDateTime:
      return ToValue(ParseLocalDateTime(text));
    case ValueType::kDateTime:
      return ToValue(ParseDateTime(text, defaults));
    case ValueType::kDuration:
      return ToValue(ParseDuration(text));
    case ValueType::kPoint:
      return ToValue(ParsePoint(text, defaults));
    default:
      return absl::InvalidArgumentError(
          absl::StrCat("a ", ToAbsl(TypeName(type)), " cannot be read from text"));
  }
}

std::string FormatFloat(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  std::string out(buffer, end);
  // A float never looks like an integer.
  if (out.find_first_of(".e") == std::string::npos) out += ".0";
  return out;
}

std::string ToText(const Value& value, size_t max_bytes) {
  TextWriter writer(max_bytes);
  writer.Write(value);
  return writer.Take();
}

}  // namespace tidemark::graph
