// SPDX-License-Identifier: Apache-2.0
// One description of each struct serves to write and to read it: Fields(archive, struct) hands
// every field to the archive, which puts it into bytes or takes it from there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/coding.h"
#include "graph/value.h"
#include "graph/value_coding.h"
#include "query/eval/code.h"
#include "query/functions/registry.h"
#include "query/functions/signature.h"

namespace tidemark::query::plan {

// Owner, threads: whoever encodes.
class WriteArchive {
 public:
  explicit WriteArchive(std::string* out) : out_(out) {}

  template <typename T>
  void operator()(const T& value) {
    if constexpr (std::is_same_v<T, std::string>) {
      AppendBytes(out_, value);
    } else if constexpr (std::is_same_v<T, graph::Value>) {
      AppendBytes(out_, graph::EncodeValue(value));
    } else if constexpr (std::is_same_v<T, CypherType>) {
      AppendVarint(out_, value.bits());
    } else if constexpr (std::is_same_v<T, const FunctionSignature*>) {
      needs_names_ |= IsOfElements(value);
      AppendVarint(out_, value == nullptr ? 0 : 1 + NumberOf(*value));
    } else if constexpr (std::is_same_v<T, int64_t>) {
      AppendSignedVarint(out_, value);
    } else if constexpr (std::is_enum_v<T> || std::is_unsigned_v<T>) {
      if constexpr (std::is_same_v<T, eval::OperationKind>) NoteOperation(value);
      AppendVarint(out_, static_cast<uint64_t>(value));
    } else {
      Fields(*this, value);
    }
  }
  // An expression was written that may look at elements in ways that no column answers.
  bool needs_names() const { return needs_names_; }

  template <typename T>
  void operator()(const std::vector<T>& values) {
    AppendVarint(out_, values.size());
    for (const T& value : values) (*this)(value);
  }
  template <typename T>
  void operator()(const std::optional<T>& value) {
    AppendVarint(out_, value.has_value() ? 1 : 0);
    if (value.has_value()) (*this)(*value);
  }

 private:
  void NoteOperation(eval::OperationKind kind) {
    needs_names_ |=
        kind == eval::OperationKind::kProperty || kind == eval::OperationKind::kHasLabels ||
        kind == eval::OperationKind::kIndex || kind == eval::OperationKind::kMapProjection;
  }

  static bool IsOfElements(const FunctionSignature* function) {
    const auto functions = ElementFunctions();
    return function >= functions.data() && function < functions.data() + functions.size();
  }

  // All nodes of a cluster have one version, so the place in the sorted list is its name.
  static uint64_t NumberOf(const FunctionSignature& signature) {
    uint64_t number = 0;
    for (const FunctionSignature* const other : AllFunctions()) {
      if (other == &signature) break;
      ++number;
    }
    return number;
  }

  std::string* const out_;
  bool needs_names_ = false;
};

// Once something does not fit, ok() is false and all further fields stay empty.
// Owner, threads: whoever decodes.
class ReadArchive {
 public:
  explicit ReadArchive(std::string_view bytes) : reader_(bytes) {}

  bool ok() const { return reader_.ok(); }
  bool done() const { return reader_.done(); }
  void Fail() { reader_.Fail(); }

  template <typename T>
  void operator()(T& value) {
    if constexpr (std::is_same_v<T, std::string>) {
      value = std::string(reader_.Bytes());
    } else if constexpr (std::is_same_v<T, graph::Value>) {
      absl::StatusOr<graph::Value> decoded = graph::DecodeValue(reader_.Bytes());
      if (!decoded.ok()) return Fail();
      value = *std::move(decoded);
    } else if constexpr (std::is_same_v<T, CypherType>) {
      value = CypherType::FromBits(reader_.Varint());
    } else if constexpr (std::is_same_v<T, const FunctionSignature*>) {
      const uint64_t number = reader_.Varint();
      if (number > AllFunctions().size()) return Fail();
      value = number == 0 ? nullptr : AllFunctions()[number - 1];
    } else if constexpr (std::is_same_v<T, int64_t>) {
      value = reader_.SignedVarint();
    } else if constexpr (std::is_same_v<T, bool>) {
      value = reader_.Varint() != 0;
    } else if constexpr (std::is_enum_v<T> || std::is_unsigned_v<T>) {
      const uint64_t number = reader_.Varint();
      value = static_cast<T>(number);
      if (static_cast<uint64_t>(value) != number) Fail();
    } else {
      Fields(*this, value);
    }
  }
  template <typename T>
  void operator()(std::vector<T>& values) {
    // Every element takes a byte, so what is allocated is paid for.
    const uint64_t count = reader_.Varint();
    if (count > reader_.remaining()) return Fail();
    for (uint64_t i = 0; i < count && ok(); ++i) (*this)(values.emplace_back());
  }
  template <typename T>
  void operator()(std::optional<T>& value) {
    value.reset();
    if (reader_.Varint() != 0) (*this)(value.emplace());
  }

 private:
  ByteReader reader_;
};

}  // namespace tidemark::query::plan
