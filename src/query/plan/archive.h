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

#include "absl/types/span.h"
#include "base/check.h"
#include "base/coding.h"
#include "graph/value.h"
#include "graph/value_coding.h"
#include "query/eval/code.h"
#include "query/functions/registry.h"
#include "query/functions/signature.h"
#include "query/plan/operator.h"
#include "query/plan/plan_coding.h"

namespace tidemark::query::plan {

// Where the numbers of an enum end.
constexpr auto LastOf(eval::OperationKind) { return eval::OperationKind::kCall; }
constexpr auto LastOf(eval::InstructionKind) { return eval::InstructionKind::kEndCase; }
constexpr auto LastOf(eval::RowInstructionKind) { return eval::RowInstructionKind::kTally; }
constexpr auto LastOf(eval::LoopKind) { return eval::LoopKind::kReduce; }
constexpr auto LastOf(eval::Load::From) { return eval::Load::From::kParameter; }
constexpr auto LastOf(bound::LabelTestKind) { return bound::LabelTestKind::kOr; }
constexpr auto LastOf(bound::LogicOperator) { return bound::LogicOperator::kXor; }
constexpr auto LastOf(OperatorKind) { return OperatorKind::kStoredCount; }
constexpr auto LastOf(AggregatePhase) { return AggregatePhase::kFinal; }
constexpr auto LastOf(Direction) { return Direction::kEither; }
constexpr auto LastOf(PageSource) { return PageSource::kNeighbours; }
constexpr auto LastOf(ApplyKind) { return ApplyKind::kCollect; }

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
      needs_.names |= IsOfElements(value);
      AppendVarint(out_, value == nullptr ? 0 : 1 + NumberOf(*value));
    } else if constexpr (std::is_same_v<T, int64_t>) {
      AppendSignedVarint(out_, value);
    } else if constexpr (std::is_enum_v<T> || std::is_unsigned_v<T>) {
      if constexpr (std::is_same_v<T, eval::OperationKind>) NoteOperation(value);
      AppendVarint(out_, static_cast<uint64_t>(value));
    } else {
      if constexpr (std::is_same_v<T, eval::Load>) NoteLoad(value);
      Fields(*this, value);
    }
  }
  // What does not hold is no plan.
  void Require(bool holds) { DCHECK(holds); }
  FragmentNeeds TakeNeeds() { return std::move(needs_); }

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
    needs_.names |=
        kind == eval::OperationKind::kProperty || kind == eval::OperationKind::kHasLabels ||
        kind == eval::OperationKind::kIndex || kind == eval::OperationKind::kMapProjection;
  }

  void NoteLoad(const eval::Load& load) {
    if (load.from == eval::Load::From::kParameter) needs_.parameters.insert(load.index);
  }

  static bool IsOfElements(const FunctionSignature* function) {
    const auto functions = ElementFunctions();
    return function >= functions.data() && function < functions.data() + functions.size();
  }

  // All nodes of a cluster have one version, so the place in the sorted list is its name; the forms
  // of trim(), which are not in the list, come behind it.
  static uint64_t NumberOf(const FunctionSignature& signature) {
    const absl::Span<const FunctionSignature> forms = TrimForms();
    if (&signature >= forms.data() && &signature < forms.data() + forms.size()) {
      return AllFunctions().size() + static_cast<uint64_t>(&signature - forms.data());
    }
    uint64_t number = 0;
    while (AllFunctions()[number] != &signature) ++number;
    return number;
  }

  std::string* const out_;
  FragmentNeeds needs_;
};

// Once something does not fit, ok() is false and all further fields stay empty.
// Owner, threads: whoever decodes.
class ReadArchive {
 public:
  explicit ReadArchive(std::string_view bytes) : reader_(bytes) {}

  bool ok() const { return reader_.ok(); }
  bool done() const { return reader_.done(); }
  void Fail() { reader_.Fail(); }
  void Require(bool holds) {
    if (!holds) Fail();
  }

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
      value = FunctionAt(reader_.Varint());
    } else if constexpr (std::is_same_v<T, int64_t>) {
      value = reader_.SignedVarint();
    } else if constexpr (std::is_same_v<T, bool>) {
      value = reader_.Varint() != 0;
    } else if constexpr (std::is_enum_v<T>) {
      const uint64_t number = reader_.Varint();
      if (number > static_cast<uint64_t>(LastOf(T{}))) return Fail();
      value = static_cast<T>(number);
    } else if constexpr (std::is_unsigned_v<T>) {
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
  const FunctionSignature* FunctionAt(uint64_t number) {
    const size_t listed = AllFunctions().size();
    if (number == 0) return nullptr;
    if (number <= listed) return AllFunctions()[number - 1];
    if (number - listed <= TrimForms().size()) return &TrimForms()[number - listed - 1];
    Fail();
    return nullptr;
  }

  ByteReader reader_;
};

}  // namespace tidemark::query::plan
