// SPDX-License-Identifier: Apache-2.0
#include "session/read_plan.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/status.h"
#include "exec/cursor_coding.h"
#include "exec/operators/scan_page.h"
#include "graph/index_key.h"
#include "graph/value_coding.h"
#include "query/plan/plan_coding.h"
#include "session/scan_cursor.h"

namespace tidemark::session {
namespace {

namespace plan = query::plan;

using graph::NameKind;
using graph::Value;

using Plan = std::shared_ptr<const ReadPlan>;
using Reads = absl::StatusOr<std::vector<PlannedRead>>;

// Builds a fragment from its Input upwards. Slots: those of the Input, the number of its row, then
// what each operator adds.
class FragmentBuilder {
 public:
  explicit FragmentBuilder(uint32_t slot_count) {
    auto input = std::make_unique<plan::Input>();
    input->slot_count = slot_count;
    root_ = std::move(input);
    slot_count_ = slot_count + 1;
  }

  // The first of `count` new slots.
  uint32_t Add(std::unique_ptr<plan::Operator> node, uint32_t count) {
    node->number = operator_count_++;
    node->inputs.push_back(std::move(root_));
    root_ = std::move(node);
    return std::exchange(slot_count_, slot_count_ + count);
  }

  // Labels, of vertices alone, and properties of the elements in a slot; nulls for none.
  uint32_t Fetch(uint32_t element, bool is_edge) {
    auto fetch = std::make_unique<plan::Fetch>();
    fetch->element = element;
    fetch->is_edge = is_edge;
    fetch->wants_labels = !is_edge;
    fetch->wants_all = true;
    fetch->takes_deleted = true;
    return Add(std::move(fetch), is_edge ? 1 : 2);
  }

  Plan Finish(ReadShape shape, std::vector<uint32_t> returned) {
    auto made = std::make_shared<ReadPlan>();
    made->shape = shape;
    made->remote.returned = std::move(returned);
    made->remote.keeps_input = false;
    made->remote.fragment.root = std::move(root_);
    made->remote.fragment.operator_count = operator_count_;
    EncodeFragment(&made->remote);
    return made;
  }

 private:
  std::unique_ptr<const plan::Operator> root_;
  uint32_t slot_count_ = 0;
  uint32_t operator_count_ = 1;
};

Plan MakeVertexPlan() {
  FragmentBuilder builder(1);
  const uint32_t labels = builder.Fetch(0, false);
  return builder.Finish(ReadShape::kVertex, {1, 0, labels, labels + 1});
}

// The value of a slot.
query::eval::Program ProgramOfSlot(uint32_t slot) {
  query::eval::Program program;
  program.code.loads.push_back({query::eval::Load::From::kSlot, slot, 0});
  program.code.register_count = 1;
  return program;
}

Plan MakeEdgePlan() {
  FragmentBuilder builder(1);
  auto seek = std::make_unique<plan::SeekEdge>();
  seek->equal.push_back(ProgramOfSlot(0));
  const uint32_t edge = builder.Add(std::move(seek), 3);
  const uint32_t properties = builder.Fetch(edge, true);
  return builder.Finish(ReadShape::kEdge, {1, edge, properties});
}

Plan MakeKeyPlan(const graph::IndexDefinition& index) {
  const auto key_count = static_cast<uint32_t>(index.keys.size());
  FragmentBuilder builder(key_count);
  auto seek = std::make_unique<plan::SeekIndex>();
  seek->index = index.id.value();
  seek->is_unique = true;
  for (uint32_t slot = 0; slot < key_count; ++slot) seek->equal.push_back(ProgramOfSlot(slot));
  const uint32_t vertex = builder.Add(std::move(seek), 1);
  const uint32_t labels = builder.Fetch(vertex, false);
  return builder.Finish(ReadShape::kVertex, {key_count, vertex, labels, labels + 1});
}

// `slot_count` slots: the position, the limit, and what the source wants.
Plan MakePagePlan(std::unique_ptr<plan::ScanPage> page, uint32_t slot_count) {
  const plan::PageSource source = page->source;
  const bool ids_only = !page->counts_properties;
  FragmentBuilder builder(slot_count);
  const uint32_t vertex = builder.Add(std::move(page), 4);
  const uint32_t edge = vertex + 1;
  const uint32_t outgoing = vertex + 2;
  const uint32_t position = vertex + 3;
  if (source == plan::PageSource::kNeighbours) {
    return builder.Finish(ReadShape::kNeighbourPage,
                          {slot_count, position, vertex, edge, outgoing});
  }
  if (source == plan::PageSource::kEdges) {
    const uint32_t properties = builder.Fetch(edge, true);
    return builder.Finish(ReadShape::kEdgePage, {slot_count, position, edge, properties});
  }
  if (ids_only) return builder.Finish(ReadShape::kIdPage, {slot_count, position, vertex});
  const uint32_t labels = builder.Fetch(vertex, false);
  return builder.Finish(ReadShape::kVertexPage, {slot_count, position, vertex, labels, labels + 1});
}

// A page at the worker that the client's cursor names, of all workers one after the other.
Reads PageOfEveryWorker(const Operation& operation, Plan page, std::vector<Value> arguments,
                        const Backend& backend) {
  PlannedRead read;
  std::string position;
  RETURN_IF_ERROR(
      DecodeScanCursor(operation.cursor, backend.worker_count(), &read.worker, &position));
  RETURN_IF_ERROR(exec::DecodeCursor(position).status());
  read.plan = std::move(page);
  read.row = {Value::Bytes(position), Value::Integer(RowLimitOf(operation))};
  std::move(arguments.begin(), arguments.end(), std::back_inserter(read.row));
  return std::vector<PlannedRead>{std::move(read)};
}

absl::Status CheckUsable(const graph::IndexDefinition& index, const catalog::SchemaTable& schema,
                         Csn read_csn) {
  if (index.kind == graph::IndexKind::kEdgeType || index.kind == graph::IndexKind::kExists) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", index.name, "\" is not an index of vertices by property"));
  }
  if (index.state != graph::IndexState::kOnline) {
    return absl::FailedPreconditionError(
        absl::StrCat("index \"", index.name, "\" is still being built"));
  }
  if (schema.IsUsable(index.id, read_csn)) return absl::OkStatus();
  return absl::AbortedError(absl::StrCat(
      "index \"", index.name, "\" came online after this transaction began, or is being ",
      "dropped; begin a new transaction"));
}

absl::StatusOr<const graph::IndexDefinition*> FindIndex(const Operation& operation,
                                                        const Backend& backend, Csn read_csn) {
  const catalog::SchemaTable& schema = backend.schema();
  const graph::IndexDefinition* found = nullptr;
  std::string wanted = absl::StrCat("index \"", operation.index_name, "\"");
  if (!operation.index_name.empty()) {
    found = schema.FindByName(operation.index_name);
  } else if (operation.labels.size() == 1) {
    wanted = absl::StrCat("index over label \"", operation.labels[0], "\" and these keys");
    const auto label = backend.names().Find(NameKind::kLabel, operation.labels[0]);
    std::vector<KeyId> keys;
    for (const std::string& key : operation.keys) {
      keys.push_back(KeyId(backend.names().Find(NameKind::kKey, key).value_or(0)));
    }
    if (label.has_value()) found = schema.FindForLookup(LabelId(*label), keys, read_csn);
  } else {
    return absl::InvalidArgumentError("a lookup names an index, or a label and keys");
  }
  if (found == nullptr) {
    return absl::NotFoundError(absl::StrCat("there is no ", wanted, "; create it first"));
  }
  RETURN_IF_ERROR(CheckUsable(*found, schema, read_csn));
  return found;
}

absl::StatusOr<std::optional<graph::Value>> Bound(const std::string& encoded) {
  if (encoded.empty()) return std::optional<graph::Value>();
  ASSIGN_OR_RETURN(graph::Value value, graph::DecodeValue(encoded));
  return std::optional(std::move(value));
}

absl::StatusOr<std::optional<graph::IndexKeyRange>> KeyRange(const Operation& operation) {
  if (operation.lookup == LookupKind::kPrefix) {
    return std::optional(graph::IndexKeyPrefixRange(operation.prefix));
  }
  ASSIGN_OR_RETURN(const std::optional<graph::Value> first, Bound(operation.range_first));
  ASSIGN_OR_RETURN(const std::optional<graph::Value> last, Bound(operation.range_last));
  return graph::IndexKeyRangeBetween(first, last);
}

// At the owners of the keys, which are more than one for 0.0 and -0.0 alone.
Reads KeyLookup(const std::vector<Value>& values, const graph::IndexDefinition& index,
                const Backend& backend) {
  ASSIGN_OR_RETURN(const std::vector<std::string> keys, graph::UniqueKeysEqualTo(values));
  std::vector<PlannedRead> reads;
  for (const std::string& key : keys) {
    const SlotId slot = graph::SlotOfIndexKey(index.id, key);
    const NodeId owner = OwnerOfSlot(slot, backend.worker_count());
    const bool is_asked = std::any_of(
        reads.begin(), reads.end(), [&](const PlannedRead& read) { return read.worker == owner; });
    if (!is_asked) reads.push_back({MakeKeyPlan(index), owner, values});
  }
  return reads;
}

Reads IndexPage(const Operation& operation, const graph::IndexDefinition& index,
                const graph::IndexKeyRange& range, const Backend& backend) {
  auto page = std::make_unique<plan::ScanPage>();
  page->source = plan::PageSource::kIndex;
  page->name = index.id.value();
  return PageOfEveryWorker(operation, MakePagePlan(std::move(page), 4),
                           {Value::Bytes(range.first), Value::Bytes(range.second)}, backend);
}

Reads EqualLookup(const Operation& operation, const graph::IndexDefinition& index,
                  const Backend& backend) {
  if (operation.equal.size() != index.keys.size()) {
    return absl::InvalidArgumentError(absl::StrCat("index \"", index.name, "\" has ",
                                                   index.keys.size(), " keys, but ",
                                                   operation.equal.size(), " values are given"));
  }
  std::vector<Value> values;
  for (const std::string& encoded : operation.equal) {
    ASSIGN_OR_RETURN(Value value, graph::DecodeValue(encoded));
    values.push_back(std::move(value));
  }
  if (index.kind == graph::IndexKind::kUnique) return KeyLookup(values, index, backend);
  ASSIGN_OR_RETURN(std::optional<std::string> key, graph::IndexKeyEqualTo(values));
  if (!key.has_value()) return std::vector<PlannedRead>();
  return IndexPage(operation, index, {*key, graph::IndexKeySuccessor(*key)}, backend);
}

Reads Lookup(const Operation& operation, const Backend& backend, Csn read_csn) {
  ASSIGN_OR_RETURN(const graph::IndexDefinition* index, FindIndex(operation, backend, read_csn));
  if (operation.lookup == LookupKind::kEqual) return EqualLookup(operation, *index, backend);
  if (index->kind == graph::IndexKind::kUnique) {
    return absl::InvalidArgumentError(
        absl::StrCat("uniqueness constraint \"", index->name,
                     "\" answers equality only; create a label property index for ranges"));
  }
  if (index->keys.size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("a range or prefix needs an index over one key; \"", index->name, "\" has ",
                     index->keys.size()));
  }
  ASSIGN_OR_RETURN(const std::optional<graph::IndexKeyRange> range, KeyRange(operation));
  if (!range.has_value()) return std::vector<PlannedRead>();
  return IndexPage(operation, *index, *range, backend);
}

Reads ScanLabel(const Operation& operation, const Backend& backend) {
  auto page = std::make_unique<plan::ScanPage>();
  page->source = plan::PageSource::kVertices;
  page->counts_properties = !operation.ids_only;
  if (!operation.labels.empty() && !operation.labels[0].empty()) {
    const auto label = backend.names().Find(NameKind::kLabel, operation.labels[0]);
    if (!label.has_value()) return std::vector<PlannedRead>();
    page->name = *label;
  }
  return PageOfEveryWorker(operation, MakePagePlan(std::move(page), 2), {}, backend);
}

Reads ScanType(const Operation& operation, const Backend& backend) {
  if (operation.types.size() != 1) {
    return absl::InvalidArgumentError("a scan of edges names exactly one type");
  }
  const auto type = backend.names().Find(NameKind::kType, operation.types[0]);
  if (!type.has_value()) return std::vector<PlannedRead>();
  auto page = std::make_unique<plan::ScanPage>();
  page->source = plan::PageSource::kEdges;
  page->name = *type;
  return PageOfEveryWorker(operation, MakePagePlan(std::move(page), 2), {}, backend);
}

plan::Direction FromStorage(storage::Direction direction) {
  switch (direction) {
    case storage::Direction::kOut:
      return plan::Direction::kOut;
    case storage::Direction::kIn:
      return plan::Direction::kIn;
    case storage::Direction::kAny:
      break;
  }
  return plan::Direction::kEither;
}

Reads Expand(const Operation& operation, VertexId vertex, const Backend& backend) {
  RETURN_IF_ERROR(CheckVertex(vertex));
  auto page = std::make_unique<plan::ScanPage>();
  page->source = plan::PageSource::kNeighbours;
  page->direction = FromStorage(operation.direction);
  for (const std::string& name : operation.types) {
    const auto type = backend.names().Find(NameKind::kType, name);
    if (type.has_value()) page->types.push_back(*type);
  }
  if (page->types.empty() && !operation.types.empty()) return std::vector<PlannedRead>();
  RETURN_IF_ERROR(exec::DecodeCursor(operation.cursor).status());
  PlannedRead read{
      MakePagePlan(std::move(page), 3),
      OwnerOfSlot(vertex.slot(), backend.worker_count()),
      {Value::Bytes(operation.cursor), Value::Integer(RowLimitOf(operation)), Value::Of(vertex)}};
  return std::vector<PlannedRead>{std::move(read)};
}

Reads GetEdge(EdgeId edge, uint32_t worker_count) {
  static const Plan* const plan = new Plan(MakeEdgePlan());
  RETURN_IF_ERROR(CheckEdge(edge));
  return std::vector<PlannedRead>{{*plan,
                                   OwnerOfSlot(edge.slot(), worker_count),
                                   {Value::Integer(static_cast<int64_t>(edge.value()))}}};
}

}  // namespace

uint32_t RowLimitOf(const Operation& operation) {
  if (operation.limit == 0) return exec::kMaxPageRowCount;
  return std::min(operation.limit, exec::kMaxPageRowCount);
}

PlannedRead ReadOfVertex(VertexId vertex, uint32_t worker_count) {
  static const Plan* const plan = new Plan(MakeVertexPlan());
  return {*plan, OwnerOfSlot(vertex.slot(), worker_count), {Value::Of(vertex)}};
}

absl::StatusOr<std::vector<PlannedRead>> PlanRead(const Operation& operation, VertexId vertex,
                                                  const Backend& backend, Csn read_csn) {
  switch (operation.kind) {
    case OperationKind::kGetVertex:
      RETURN_IF_ERROR(CheckVertex(vertex));
      return std::vector<PlannedRead>{ReadOfVertex(vertex, backend.worker_count())};
    case OperationKind::kGetEdge:
      return GetEdge(operation.edge, backend.worker_count());
    case OperationKind::kLookup:
      return Lookup(operation, backend, read_csn);
    case OperationKind::kScanLabel:
      return ScanLabel(operation, backend);
    case OperationKind::kScanType:
      return ScanType(operation, backend);
    case OperationKind::kExpand:
      return Expand(operation, vertex, backend);
    default:
      return absl::InvalidArgumentError("an operation is of a kind that this server does not know");
  }
}

}  // namespace tidemark::session
