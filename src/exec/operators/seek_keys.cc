// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/seek_keys.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "base/status.h"
#include "graph/index_key.h"

namespace tidemark::exec {

using graph::Value;
using graph::ValueType;

SeekKeys::SeekKeys(const std::vector<query::eval::Program>& values,
                   query::eval::Environment* environment) {
  for (const query::eval::Program& program : values) {
    evaluators_.push_back(std::make_unique<query::eval::Evaluator>(&program, environment));
  }
}

absl::Status SeekKeys::Open(query::Batch* rows, int64_t* units) {
  for (const auto& evaluator : evaluators_) {
    RETURN_IF_ERROR(EvaluateAll(evaluator.get(), rows, units));
  }
  return absl::OkStatus();
}

std::optional<std::vector<Value>> SeekKeys::ValuesAt(uint16_t row) const {
  std::vector<Value> values;
  for (const auto& evaluator : evaluators_) {
    values.push_back(evaluator->ResultAt(row));
    if (!HasIndexKey(values.back())) return std::nullopt;
  }
  return values;
}

absl::StatusOr<std::vector<std::string>> SeekKeys::UniqueKeysAt(uint16_t row) const {
  const std::optional<std::vector<Value>> values = ValuesAt(row);
  if (!values.has_value()) return std::vector<std::string>();
  return graph::UniqueKeysEqualTo(*values);
}

uint64_t IdOf(const Value& value) {
  uint64_t id = 0;
  if (value.type() == ValueType::kInteger && value.integer() > 0) {
    id = static_cast<uint64_t>(value.integer());
  } else if (value.type() == ValueType::kFloat && value.real() >= 1 && value.real() < 0x1p63) {
    id = static_cast<uint64_t>(value.real());
  } else if (value.type() == ValueType::kString && !absl::SimpleAtoi(ToAbsl(value.string()), &id)) {
    id = 0;
  }
  return id;
}

absl::Status EvaluateAll(query::eval::Evaluator* evaluator, query::Batch* rows, int64_t* units) {
  evaluator->Reset();
  evaluator->Start(rows);
  return evaluator->Finish(units);
}

bool HasIndexKey(const Value& value) {
  std::string key;
  return graph::AppendIndexKey(value, &key).ok();
}

}  // namespace tidemark::exec
