// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <utility>
#include <vector>

#include "query/eval/compiler.h"
#include "query/eval/evaluator.h"
#include "query/functions/failures.h"

namespace tidemark::query::eval {

using bound::ExpressionKind;
using graph::Value;

namespace {

// What is not computed within this is left to run time: about 0.1 ms, 64 KiB.
constexpr int64_t kMaxFoldUnits = 8192;
constexpr size_t kMaxFoldBytes = 64 << 10;

// Owner: Fold. Threads: one.
class FoldAccount final : public MemoryAccount {
 public:
  absl::Status Reserve(size_t bytes) override {
    used_bytes_ += bytes;
    if (used_bytes_ <= kMaxFoldBytes) return absl::OkStatus();
    return Failure(ErrorId::kValueTooLarge, {"A constant is too large"});
  }
  void Release(size_t bytes) override { used_bytes_ -= bytes; }
  size_t room_bytes() const override { return 0; }

 private:
  size_t used_bytes_ = 0;
};

std::optional<Value> ListOf(const bound::ListLiteral& list) {
  std::vector<Value> items;
  items.reserve(list.items.size());
  for (const bound::Expression* item : list.items) {
    std::optional<Value> value = LiteralOf(*item);
    if (!value.has_value()) return std::nullopt;
    items.push_back(*std::move(value));
  }
  absl::StatusOr<Value> made = graph::MakeList(std::move(items));
  return made.ok() ? std::optional(*std::move(made)) : std::nullopt;
}

std::optional<Value> MapOf(const bound::MapLiteral& map) {
  std::vector<graph::MapEntry> entries;
  entries.reserve(map.entries.size());
  for (const bound::MapEntry& entry : map.entries) {
    std::optional<Value> value = LiteralOf(*entry.value);
    if (!value.has_value()) return std::nullopt;
    entries.emplace_back(entry.key, *std::move(value));
  }
  absl::StatusOr<Value> made = graph::MakeMap(std::move(entries));
  return made.ok() ? std::optional(*std::move(made)) : std::nullopt;
}

std::optional<Value> SignedOf(const bound::Sign& sign) {
  const std::optional<Value> value = LiteralOf(*sign.operand);
  if (!value.has_value() || !value->is_number()) return std::nullopt;
  if (!sign.is_negative) return value;
  if (value->type() == graph::ValueType::kFloat) return Value::Float(-value->real());
  if (value->integer() == std::numeric_limits<int64_t>::min()) return std::nullopt;
  return Value::Integer(-value->integer());
}

}  // namespace

std::optional<Value> LiteralOf(const bound::Expression& expression) {
  switch (expression.kind) {
    case ExpressionKind::kNull:
      return Value();
    case ExpressionKind::kBoolean:
      return Value::Boolean(bound::As<bound::BooleanLiteral>(expression).value);
    case ExpressionKind::kInteger:
      return Value::Integer(bound::As<bound::IntegerLiteral>(expression).value);
    case ExpressionKind::kFloat:
      return Value::Float(bound::As<bound::FloatLiteral>(expression).value);
    case ExpressionKind::kString:
      return Value::String(bound::As<bound::StringLiteral>(expression).value);
    case ExpressionKind::kSign:
      return SignedOf(bound::As<bound::Sign>(expression));
    case ExpressionKind::kList:
      return ListOf(bound::As<bound::ListLiteral>(expression));
    case ExpressionKind::kMap:
      return MapOf(bound::As<bound::MapLiteral>(expression));
    default:
      return std::nullopt;
  }
}

std::optional<Value> Fold(const bound::Expression& expression) {
  const Layout layout;
  absl::StatusOr<Code> code = Compiler(&layout, {}).Translate(expression, /*fold=*/false);
  if (!code.ok()) return std::nullopt;
  Program program;
  program.code = *std::move(code);
  FoldAccount account;
  Environment environment;
  environment.memory = &account;
  const BatchRef batch = Batch::Make(nullptr, 1);
  batch->set_row_count(1);
  Evaluator evaluator(&program, &environment);
  evaluator.Start(batch.get());
  int64_t units = kMaxFoldUnits;
  const absl::StatusOr<bool> is_done = evaluator.Continue(&units);
  if (!is_done.ok() || !*is_done) return std::nullopt;
  return evaluator.ResultAt(0);
}

}  // namespace tidemark::query::eval
