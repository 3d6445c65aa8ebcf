// SPDX-License-Identifier: Apache-2.0
#include "tests/exec/graph_reads.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "graph/index_key.h"
#include "query/plan/plan_coding.h"

namespace tidemark::exec {
namespace {

namespace plan = query::plan;

using graph::Value;
using plan::PageSource;

using Node = std::unique_ptr<plan::Operator>;

Node Above(Node node, std::unique_ptr<const plan::Operator> input) {
  node->number = input->number + 1;
  node->inputs.push_back(std::move(input));
  return node;
}

Node InputOf(uint32_t slot_count) {
  auto input = std::make_unique<plan::Input>();
  input->slot_count = slot_count;
  return input;
}

// New slots: the labels, of a vertex alone, and the properties.
Node FetchAbove(Node input, uint32_t element, bool is_edge) {
  auto fetch = std::make_unique<plan::Fetch>();
  fetch->element = element;
  fetch->is_edge = is_edge;
  fetch->wants_labels = !is_edge;
  fetch->wants_all = true;
  fetch->takes_deleted = true;
  return Above(std::move(fetch), std::move(input));
}

// Returns the slots from `first` on up to `end`.
std::unique_ptr<plan::Remote> MakeRemote(Node root, uint32_t first, uint32_t end) {
  auto remote = std::make_unique<plan::Remote>();
  for (uint32_t slot = first; slot < end; ++slot) remote->returned.push_back(slot);
  remote->keeps_input = false;
  remote->fragment.operator_count = root->number + 1;
  remote->fragment.root = std::move(root);
  EncodeFragment(remote.get());
  return remote;
}

std::vector<Value> RowOf(const PageRequest& request) {
  std::vector<Value> row = {Value::Bytes(request.cursor), Value::Integer(request.limit)};
  if (request.source == PageSource::kNeighbours) row.push_back(Value::Of(request.vertex));
  if (request.source == PageSource::kIndex) {
    row.push_back(Value::Bytes(request.first_key));
    row.push_back(Value::Bytes(request.last_key));
  }
  return row;
}

query::BatchRef MakeInput(query::SlabPool* pool, const std::vector<std::vector<Value>>& rows) {
  query::BatchRef batch = query::Batch::Make(pool, rows.size());
  batch->set_row_count(rows.size());
  for (size_t slot = 0; slot < rows[0].size(); ++slot) {
    const bool is_vertex = rows[0][slot].type() == graph::ValueType::kVertex;
    query::Column* const column =
        batch->AddColumn(is_vertex ? query::ColumnKind::kVertex : query::ColumnKind::kValue);
    for (size_t row = 0; row < rows.size(); ++row) column->SetValue(row, rows[row][slot]);
  }
  return batch;
}

// The number of the row, then vertex, edge, direction and position, then what was fetched.
std::unique_ptr<plan::Remote> MakePageFragment(const PageRequest& request) {
  const auto slot_count = static_cast<uint32_t>(RowOf(request).size());
  auto page = std::make_unique<plan::ScanPage>();
  page->source = request.source;
  page->name = request.name;
  page->direction = request.direction;
  page->types = request.types;
  page->counts_properties = !request.ids_only;
  Node root = Above(std::move(page), InputOf(slot_count));
  uint32_t end = slot_count + 5;
  if (!request.ids_only && request.source != PageSource::kNeighbours) {
    const bool is_edge = request.source == PageSource::kEdges;
    root = FetchAbove(std::move(root), slot_count + (is_edge ? 2 : 1), is_edge);
    end += is_edge ? 1 : 2;
  }
  return MakeRemote(std::move(root), slot_count, end);
}

// Takes what the columns from `slot` on say of the labels, of a vertex alone, and the properties.
void TakeFetched(const query::Batch& batch, uint16_t row, size_t slot, ElementRow* element) {
  if (slot + 1 < batch.slot_count()) {
    const Value labels = batch.ValueAt(slot, row);
    for (const Value& label : labels.list()) {
      element->labels.push_back(LabelId(static_cast<uint32_t>(label.integer())));
    }
  }
  element->properties = batch.ValueAt(batch.slot_count() - 1, row).bytes();
}

void TakePageRow(const query::Batch& batch, uint16_t row, Page* page) {
  ElementRow& element = page->rows.emplace_back();
  const Value vertex = batch.ValueAt(1, row);
  if (!vertex.is_null()) element.vertex = vertex.vertex();
  const Value edge = batch.ValueAt(2, row);
  if (!edge.is_null()) element.edge = edge.edge();
  element.is_outgoing = batch.ValueAt(3, row).boolean();
  if (batch.slot_count() > 5) TakeFetched(batch, row, 5, &element);
}

std::optional<ElementRow> ReadOne(MiniCluster* cluster, const MiniCluster::Tx& tx, NodeId worker,
                                  const plan::Remote& remote, const Value& id) {
  std::optional<ElementRow> found;
  const auto use = [&](const query::Batch& batch, uint16_t row) {
    if (batch.ValueAt(batch.slot_count() - 1, row).is_null()) return absl::OkStatus();
    EXPECT_FALSE(found.has_value());
    found.emplace();
    TakeFetched(batch, row, 1, &*found);
    const Value element = batch.ValueAt(0, row);
    if (element.type() == graph::ValueType::kEdge) {
      found->edge = element.edge();
    } else {
      found->vertex = element.vertex();
    }
    return absl::OkStatus();
  };
  const absl::Status status =
      cluster->RunFragment(worker, tx, remote, MakeInput(cluster->pool(), {{id}}), use);
  EXPECT_TRUE(status.ok()) << status;
  return found;
}

}  // namespace

PageRequest ScanLabel(LabelId label) {
  PageRequest request;
  request.name = label.value();
  return request;
}

PageRequest ScanType(TypeId type) {
  PageRequest request;
  request.source = PageSource::kEdges;
  request.name = type.value();
  return request;
}

PageRequest ScanAges(std::string first_key, std::string last_key) {
  PageRequest request;
  request.source = PageSource::kIndex;
  request.name = kAgeIndex.value();
  request.first_key = std::move(first_key);
  request.last_key = std::move(last_key);
  return request;
}

PageRequest ExpandAll(VertexId vertex) {
  PageRequest request;
  request.source = PageSource::kNeighbours;
  request.vertex = vertex;
  return request;
}

absl::StatusOr<std::vector<Page>> ReadPages(MiniCluster* cluster, const MiniCluster::Tx& tx,
                                            const std::vector<PageRequest>& requests) {
  std::vector<std::vector<Value>> rows;
  for (const PageRequest& request : requests) rows.push_back(RowOf(request));
  const VertexId vertex = requests[0].vertex;
  const NodeId worker = vertex.valid() ? cluster->OwnerOf(vertex.slot()) : cluster->scan_worker;
  std::vector<Page> pages(requests.size());
  std::vector<bool> has_ended(requests.size());
  const auto use = [&](const query::Batch& batch, uint16_t row) {
    const auto number = static_cast<size_t>(batch.ValueAt(0, row).integer());
    CHECK_LT(number, pages.size());
    EXPECT_FALSE(has_ended[number]);
    const Value position = batch.ValueAt(4, row);
    if (position.is_null()) {
      TakePageRow(batch, row, &pages[number]);
    } else {
      pages[number].cursor = position.bytes();
      has_ended[number] = true;
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(cluster->RunFragment(worker, tx, *MakePageFragment(requests[0]),
                                       MakeInput(cluster->pool(), rows), use));
  for (const bool ended : has_ended) EXPECT_TRUE(ended);
  return pages;
}

absl::StatusOr<Page> ReadPage(MiniCluster* cluster, const MiniCluster::Tx& tx,
                              const PageRequest& request) {
  ASSIGN_OR_RETURN(std::vector<Page> pages, ReadPages(cluster, tx, {request}));
  return std::move(pages[0]);
}

std::optional<ElementRow> GetVertex(MiniCluster* cluster, const MiniCluster::Tx& tx,
                                    VertexId vertex) {
  const auto remote = MakeRemote(FetchAbove(InputOf(1), 0, false), 1, 4);
  remote->returned[0] = 0;  // the vertex instead of the number
  return ReadOne(cluster, tx, cluster->OwnerOf(vertex.slot()), *remote, Value::Of(vertex));
}

std::optional<ElementRow> GetEdge(MiniCluster* cluster, const MiniCluster::Tx& tx, EdgeId edge) {
  auto by_id = std::make_unique<plan::SeekEdge>();
  query::eval::Program& slot = by_id->equal.emplace_back();
  slot.code.loads.push_back({query::eval::Load::From::kSlot, 0, 0});
  slot.code.register_count = 1;
  Node seek = Above(std::move(by_id), InputOf(1));
  const auto remote = MakeRemote(FetchAbove(std::move(seek), 2, true), 2, 6);
  remote->returned = {2, 5};
  return ReadOne(cluster, tx, cluster->OwnerOf(edge.slot()), *remote,
                 Value::Integer(static_cast<int64_t>(edge.value())));
}

VertexId FindName(MiniCluster* cluster, const MiniCluster::Tx& tx, std::string_view name) {
  const std::string key = KeyOf(name);
  storage::Shard& shard = cluster->shard(cluster->OwnerOf(graph::SlotOfIndexKey(kUniqueName, key)));
  return shard.FindKey(tx.view, kUniqueName, key).value_or(VertexId());
}

}  // namespace tidemark::exec
