// SPDX-License-Identifier: Apache-2.0
#include "cli/json.h"

#include <cmath>
#include <cstdio>

#include "base/check.h"

namespace tidemark::cli {

void JsonWriter::BeforeValue() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (levels_.empty()) {
    CHECK(text_.empty()) << "a second value at the top";
    return;
  }
  CHECK(levels_.back().close == ']') << "a value without a key";
  if (!levels_.back().empty) text_ += ',';
  levels_.back().empty = false;
}

JsonWriter& JsonWriter::BeginObject() {
  BeforeValue();
  text_ += '{';
  levels_.push_back({'}'});
  return *this;
}

JsonWriter& JsonWriter::EndObject() {
  CHECK(!levels_.empty() && levels_.back().close == '}' && !after_key_);
  levels_.pop_back();
  text_ += '}';
  return *this;
}

JsonWriter& JsonWriter::BeginArray() {
  BeforeValue();
  text_ += '[';
  levels_.push_back({']'});
  return *this;
}

JsonWriter& JsonWriter::EndArray() {
  CHECK(!levels_.empty() && levels_.back().close == ']');
  levels_.pop_back();
  text_ += ']';
  return *this;
}

JsonWriter& JsonWriter::Key(std::string_view key) {
  CHECK(!levels_.empty() && levels_.back().close == '}' && !after_key_);
  if (!levels_.back().empty) text_ += ',';
  levels_.back().empty = false;
  after_key_ = true;
  String(key);
  text_ += ':';
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::String(std::string_view text) {
  BeforeValue();
  text_ += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        text_ += "\\\"";
        break;
      case '\\':
        text_ += "\\\\";
        break;
      case '\n':
        text_ += "\\n";
        break;
      case '\t':
        text_ += "\\t";
        break;
      case '\r':
        text_ += "\\r";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          char escape[8];
          std::snprintf(escape, sizeof escape, "\\u%04x", c);
          text_ += escape;
        } else {
          text_ += c;
        }
    }
  }
  text_ += '"';
  return *this;
}

JsonWriter& JsonWriter::Number(uint64_t number) {
  BeforeValue();
  text_ += std::to_string(number);
  return *this;
}

JsonWriter& JsonWriter::Number(int64_t number) {
  BeforeValue();
  text_ += std::to_string(number);
  return *this;
}

JsonWriter& JsonWriter::Number(double number) {
  BeforeValue();
  if (!std::isfinite(number)) {
    text_ += "null";
    return *this;
  }
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.17g", number);
  // The shortest text that reads back as the same number.
  for (int digits = 1; digits < 17; ++digits) {
    char shorter[32];
    std::snprintf(shorter, sizeof shorter, "%.*g", digits, number);
    if (std::stod(shorter) == number) {
      text_ += shorter;
      return *this;
    }
  }
  text_ += buffer;
  return *this;
}

JsonWriter& JsonWriter::Boolean(bool value) {
  BeforeValue();
  text_ += value ? "true" : "false";
  return *this;
}

const std::string& JsonWriter::text() const {
  CHECK(levels_.empty() && !after_key_) << "the document is not closed";
  return text_;
}

}  // namespace tidemark::cli
