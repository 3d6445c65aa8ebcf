// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/seek_index.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "exec/operators/scan_vertices.h"

namespace tidemark::exec {

using graph::Value;
using graph::ValueType;

namespace {

constexpr size_t kMaxSeekStep = 256;

}  // namespace

SeekIndex::SeekIndex(const query::plan::Operator& plan, RunContext* context)
    : ForEachRow(plan, context), equal_(seek().equal, context->environment) {
  if (seek().is_id) ids_.emplace(seek().equal, seek().is_list, context->environment);
  const auto add = [&](const query::eval::Program& program) {
    evaluators_.push_back(std::make_unique<query::eval::Evaluator>(&program, context->environment));
    return evaluators_.size() - 1;
  };
  if (seek().first.has_value()) first_ = add(*seek().first);
  if (seek().last.has_value()) last_ = add(*seek().last);
  if (seek().prefix.has_value()) prefix_ = add(*seek().prefix);
}

absl::Status SeekIndex::OpenBatch() {
  if (context().found != nullptr) return absl::OkStatus();
  if (seek().is_id) return ids_->Open(&rows(), &context().units);
  RETURN_IF_ERROR(context().shard->CheckLookup(context().view, IndexId(seek().index)));
  RETURN_IF_ERROR(equal_.Open(&rows(), &context().units));
  for (const auto& evaluator : evaluators_) {
    RETURN_IF_ERROR(EvaluateAll(evaluator.get(), &rows(), &context().units));
  }
  return absl::OkStatus();
}

absl::Status SeekIndex::OpenRow(uint16_t row) {
  cursor_ = {};
  range_.reset();
  unique_keys_.clear();
  if (context().found != nullptr) return absl::OkStatus();
  if (seek().is_id) return ids_->OpenRow(row);
  if (seek().is_unique) {
    ASSIGN_OR_RETURN(unique_keys_, equal_.UniqueKeysAt(row));
    return absl::OkStatus();
  }
  const std::optional<std::vector<Value>> values = equal_.ValuesAt(row);
  return values.has_value() ? OpenRange(*values, row) : absl::OkStatus();
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
  if (context().found != nullptr) {
    vertices_.push_back((*context().found)[open_row()]);
  } else if (seek().is_id) {
    const VertexId id(ids_->at_end() ? 0 : ids_->Next());
    const bool is_here =
        id.valid() && shard.Owns(id.slot()) && shard.GetVertex(context().view, id).has_value();
    if (is_here) vertices_.push_back(id);
    done = ids_->at_end();
  } else if (seek().is_unique) {
    for (const std::string& key : unique_keys_) {
      const auto vertex = shard.FindKey(context().view, IndexId(seek().index), key);
      if (!vertex.has_value()) continue;
      if (shard.Owns(vertex->slot())) {
        vertices_.push_back(*vertex);
      } else {
        context().found_elsewhere.push_back({open_row(), *vertex});
      }
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
