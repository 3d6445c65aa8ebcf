// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/seek_index.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/numbers.h"
#include "base/status.h"
#include "exec/operators/scan_vertices.h"

namespace tidemark::exec {

using graph::Value;
using graph::ValueType;

namespace {

constexpr size_t kMaxSeekStep = 256;

bool HasIndexKey(const Value& value) {
  std::string key;
  return graph::AppendIndexKey(value, &key).ok();
}

// An id as a number or as the text of one; an invalid one for all else.
VertexId IdOf(const Value& value) {
  uint64_t id = 0;
  if (value.type() == ValueType::kInteger && value.integer() > 0) {
    id = static_cast<uint64_t>(value.integer());
  } else if (value.type() == ValueType::kFloat && value.real() >= 1 && value.real() < 0x1p63) {
    id = static_cast<uint64_t>(value.real());
  } else if (value.type() == ValueType::kString && !absl::SimpleAtoi(ToAbsl(value.string()), &id)) {
    id = 0;
  }
  return VertexId(id);
}

}  // namespace

SeekIndex::SeekIndex(const query::plan::Operator& plan, RunContext* context)
    : ForEachRow(plan, context) {
  const auto add = [&](const query::eval::Program& program) {
    evaluators_.push_back(std::make_unique<query::eval::Evaluator>(&program, context->environment));
    return evaluators_.size() - 1;
  };
  for (const query::eval::Program& program : seek().equal) add(program);
  if (seek().first.has_value()) first_ = add(*seek().first);
  if (seek().last.has_value()) last_ = add(*seek().last);
  if (seek().prefix.has_value()) prefix_ = add(*seek().prefix);
}

// Such programs are constants, parameters and properties: a batch of them takes no longer than a
// slice.
absl::Status SeekIndex::OpenBatch() {
  if (!seek().is_id) {
    RETURN_IF_ERROR(context().shard->CheckLookup(context().view, IndexId(seek().index)));
  }
  for (const auto& evaluator : evaluators_) {
    evaluator->Reset();
    evaluator->Start(&rows());
    int64_t units = std::numeric_limits<int64_t>::max();
    RETURN_IF_ERROR(evaluator->Continue(&units).status());
    context().units -= std::numeric_limits<int64_t>::max() - units;
  }
  return absl::OkStatus();
}

absl::Status SeekIndex::OpenRow(uint16_t row) {
  cursor_ = {};
  range_.reset();
  unique_keys_.clear();
  id_ = VertexId();
  std::vector<Value> values;
  for (size_t i = 0; i < seek().equal.size(); ++i) {
    values.push_back(evaluators_[i]->ResultAt(row));
    // Values without a key are no properties, so nothing equals them.
    if (!HasIndexKey(values.back())) return absl::OkStatus();
  }
  if (seek().is_id) {
    id_ = IdOf(values[0]);
    return absl::OkStatus();
  }
  return seek().is_unique ? OpenUnique(values) : OpenRange(values, row);
}

absl::Status SeekIndex::OpenUnique(const std::vector<Value>& values) {
  ASSIGN_OR_RETURN(unique_keys_, graph::UniqueKeysEqualTo(values));
  return absl::OkStatus();
}

absl::Status SeekIndex::OpenRange(const std::vector<Value>& values, uint16_t row) {
  if (!first_.has_value() && !last_.has_value() && !prefix_.has_value()) {
    ASSIGN_OR_RETURN(const std::optional<std::string> key, graph::IndexKeyEqualTo(values));
    if (key.has_value()) range_ = {*key, graph::IndexKeySuccessor(*key)};
    return absl::OkStatus();
  }
  std::string equal;
  for (const Value& value : values) RETURN_IF_ERROR(graph::AppendIndexKey(value, &equal));
  ASSIGN_OR_RETURN(range_, RangeOf(row));
  if (range_.has_value()) range_ = {equal + range_->first, equal + range_->second};
  return absl::OkStatus();
}

std::optional<Value> SeekIndex::ValueAt(size_t evaluator, uint16_t row) const {
  return evaluators_[evaluator]->ResultAt(row);
}

absl::StatusOr<std::optional<graph::IndexKeyRange>> SeekIndex::RangeOf(uint16_t row) {
  if (prefix_.has_value()) {
    const Value prefix = *ValueAt(*prefix_, row);
    if (prefix.type() != ValueType::kString) return std::optional<graph::IndexKeyRange>();
    return std::optional(graph::IndexKeyPrefixRange(prefix.string()));
  }
  std::optional<Value> first;
  std::optional<Value> last;
  if (first_.has_value()) first = ValueAt(*first_, row);
  if (last_.has_value()) last = ValueAt(*last_, row);
  for (const std::optional<Value>& bound : {first, last}) {
    if (bound.has_value() && !HasIndexKey(*bound)) return std::optional<graph::IndexKeyRange>();
  }
  ASSIGN_OR_RETURN(std::optional<graph::IndexKeyRange> range,
                   graph::IndexKeyRangeBetween(first, last));
  // The range holds its first bound and not its last.
  if (range.has_value() && last.has_value() && seek().includes_last) {
    std::string key;
    RETURN_IF_ERROR(graph::AppendIndexKey(*last, &key));
    range->second = graph::IndexKeySuccessor(key);
  }
  return range;
}

absl::StatusOr<bool> SeekIndex::Fill() {
  const size_t before = vertices_.size();
  storage::Shard& shard = *context().shard;
  bool done = true;
  if (seek().is_id) {
    const bool is_here =
        id_.valid() && shard.Owns(id_.slot()) && shard.GetVertex(context().view, id_).has_value();
    if (is_here) vertices_.push_back(id_);
  } else if (seek().is_unique) {
    for (const std::string& key : unique_keys_) {
      const auto vertex = shard.FindKey(context().view, IndexId(seek().index), key);
      if (vertex.has_value()) vertices_.push_back(*vertex);
    }
  } else if (range_.has_value()) {
    RETURN_IF_ERROR(shard.ScanIndex(
        context().view,
        {IndexId(seek().index), range_->first, range_->second, std::min(room(), kMaxSeekStep)},
        &cursor_, &vertices_));
    done = cursor_.done;
  }
  context().units -= static_cast<int64_t>(vertices_.size() - before) + 16;
  AddRows(vertices_.size() - before);
  return done;
}

void SeekIndex::MakeColumns(query::Batch* output) {
  AddVertexColumn(vertices_, output);
  vertices_.clear();
}

}  // namespace tidemark::exec
