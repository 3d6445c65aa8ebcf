// SPDX-License-Identifier: Apache-2.0
#include "bolt_client/value.h"

namespace tidemark::bolt_client {

const Value& Value::Get(std::string_view key) const {
  static const Value null;
  for (const auto& [name, value] : entries) {
    if (name == key) return value;
  }
  return null;
}

std::string_view Value::text() const {
  const bool is_text = kind == Kind::kScalar && scalar.type() == graph::ValueType::kString;
  return is_text ? scalar.string() : std::string_view();
}

int64_t Value::integer_or(int64_t otherwise) const {
  const bool is_integer = kind == Kind::kScalar && scalar.type() == graph::ValueType::kInteger;
  return is_integer ? scalar.integer() : otherwise;
}

}  // namespace tidemark::bolt_client
