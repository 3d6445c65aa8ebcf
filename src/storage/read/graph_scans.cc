// SPDX-License-Identifier: Apache-2.0
// Scans by edge type and by the keys of an index.
#include <algorithm>
#include <string>

#include "base/status.h"
#include "graph/index_key.h"
#include "graph/mutation.h"
#include "storage/read/graph_reader.h"

namespace tidemark::storage {
namespace {

constexpr int64_t kMaxScannedCount = 16384;
// In Cursor::position: the reader's own inserts, after everything committed.
constexpr uint64_t kOwnInserts = uint64_t{1} << 63;

// Vertices that may have outgoing edges of a type: by the index of that type, some fetched ahead,
// or all vertices. For one call.
class SourceFinder {
 public:
  SourceFinder(const GraphState& state, TypeId type)
      : state_(state), type_(type), indexed_(state.indexes.IsOnline(type)) {}

  // The next one >= `from`, which ascends; nullopt at the end.
  std::optional<VertexId> Next(VertexId from, int64_t* units) {
    if (!indexed_) return NextVertex(state_.vertices, from, units);
    --*units;
    while (position_ < ids_.size() && ids_[position_] < from.value()) ++position_;
    if (position_ == ids_.size() && !at_end_) {
      ids_.clear();
      position_ = 0;
      at_end_ = !state_.indexes.sources().Scan(type_.value(), from.value(), kSourcesAhead, &ids_);
    }
    if (position_ == ids_.size()) return std::nullopt;
    return VertexId(ids_[position_]);
  }

 private:
  static constexpr size_t kSourcesAhead = 128;

  const GraphState& state_;
  const TypeId type_;
  const bool indexed_;
  std::vector<uint64_t> ids_;
  size_t position_ = 0;
  bool at_end_ = false;
};

}  // namespace

void GraphReader::ScanEdgeType(View view, TypeId type, size_t max_count, Shard::Cursor* cursor,
                               std::vector<EdgeEnds>* out) const {
  const size_t size_limit = out->size() + max_count;
  int64_t units = kMaxScannedCount;
  SourceFinder sources(state_, type);
  while ((cursor->position & kOwnInserts) == 0) {
    if (out->size() >= size_limit) return;
    const auto source = sources.Next(VertexId(cursor->position), &units);
    if (!source.has_value()) {
      cursor->position = kOwnInserts;
      break;
    }
    if (source->value() != cursor->position) {
      cursor->position = source->value();
      cursor->part = 0;
    }
    if (units < 0) return;
    if (!ScanSource(view, {type, *source}, size_limit - out->size(), cursor, out)) return;
    ++cursor->position;
    cursor->part = 0;
  }
  ScanOwnInserts(view, type, size_limit - out->size(), cursor, out);
}

bool GraphReader::ScanSource(View view, const Source& source, size_t max_count,
                             Shard::Cursor* cursor, std::vector<EdgeEnds>* out) const {
  VertexRecord* record = state_.vertices.Find(source.vertex);
  if (record == nullptr) return true;
  const AdjacencyGroup* group = VertexStore::FindGroup(record, source.type, false);
  if (group == nullptr) return true;
  const Transaction* own = view.tx.value() == 0 || record->open_operation_count == 0
                               ? nullptr
                               : state_.FindOpen(view.tx);
  if (own != nullptr && own->RemovedCountAt(source.vertex, false) == 0) own = nullptr;
  const size_t size_limit = out->size() + max_count;
  const GroupScan scan(*group, state_.history, view.read_csn);
  cursor->part = scan.Run(cursor->part, [&](uint64_t neighbour, uint32_t sequence) {
    if (out->size() >= size_limit) return false;
    const EdgeId edge(source.vertex.slot(), sequence);
    if (own == nullptr || !own->HasRemoved(edge)) {
      out->push_back({edge, source.vertex, VertexId(neighbour), source.type});
    }
    return true;
  });
  return cursor->part == UINT64_MAX;
}

void GraphReader::ScanOwnInserts(View view, TypeId type, size_t max_count, Shard::Cursor* cursor,
                                 std::vector<EdgeEnds>* out) const {
  Transaction* own = view.tx.value() == 0 ? nullptr : state_.FindOpen(view.tx);
  if (own == nullptr) {
    cursor->done = true;
    return;
  }
  const size_t size_limit = out->size() + max_count;
  auto number = static_cast<uint32_t>(cursor->position & ~kOwnInserts);
  for (int64_t units = kMaxScannedCount;
       number < own->inserts().size() && out->size() < size_limit && units > 0; ++number, --units) {
    const EdgeInsert& insert = own->inserts()[number];
    if (insert.cancelled || insert.type != type.value() || (insert.sides & graph::kOut) == 0) {
      continue;
    }
    out->push_back(insert.ends());
  }
  cursor->position = kOwnInserts | number;
  cursor->done = number >= own->inserts().size();
}

absl::Status GraphReader::ScanIndex(View view, const IndexRange& range, Shard::Cursor* cursor,
                                    std::vector<VertexId>* out) const {
  const auto& [index, first_key, last_key, max_count] = range;
  const graph::IndexDefinition* definition = state_.indexes.FindDefinition(index);
  const OrderedIndex* ordered = state_.indexes.FindOrdered(index);
  if (definition == nullptr || ordered == nullptr ||
      definition->state != graph::IndexState::kOnline) {
    return absl::FailedPreconditionError(
        absl::StrCat("index ", index.value(), " is not online here; plan the query again"));
  }
  const size_t size_limit = out->size() + max_count;
  const std::string_view from = std::max<std::string_view>(cursor->key, first_key);
  std::string key_of_image;  // one memory for all entries
  OrderedIndex::Iterator it = ordered->LowerBound(from, from == cursor->key ? cursor->position : 0);
  for (int64_t units = kMaxScannedCount; it.valid() && it.key() < last_key; it.Next()) {
    if (out->size() >= size_limit || --units < 0) {
      cursor->key = std::string(it.key());
      cursor->position = it.id();
      return absl::OkStatus();
    }
    const VertexId vertex(it.id());
    const Image image = ImageOf(view, vertex);
    if (!image.exists || !state_.label_sets.Contains(image.label_set, definition->label)) continue;
    const auto complete =
        graph::IndexKeyInto(image.properties.view(), definition->keys, &key_of_image);
    if (complete.ok() && *complete && key_of_image == it.key()) out->push_back(vertex);
  }
  cursor->done = true;
  return absl::OkStatus();
}

int64_t GraphReader::Count(View view, CountKey key) const {
  const Transaction* own = view.tx == TxId() ? nullptr : state_.FindOpen(view.tx);
  return state_.counts.At(key, view.read_csn) + (own == nullptr ? 0 : own->counts().Of(key));
}

}  // namespace tidemark::storage
