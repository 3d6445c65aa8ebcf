// SPDX-License-Identifier: Apache-2.0
#include "exec/change_rows.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/coding.h"
#include "base/status.h"
#include "graph/index_key.h"
#include "graph/mutation.h"
#include "graph/property_set.h"
#include "query/plan/plan_coding.h"
#include "query/text/error.h"

namespace tidemark::exec {

using query::Batch;
using query::BatchRef;
using query::ColumnKind;

namespace {

namespace plan = query::plan;

// Columns of a change, in their order. `name` is a label, a type or an index; `option` the slot
// and 1 of a new vertex, else the flags; `more` the labels of a new vertex, or a cursor.
enum ChangeColumn : size_t { kKind, kVertex, kTarget, kEdge, kName, kOption, kBytes, kMore };
static_assert(kMore + 1 == kChangeColumnCount);

constexpr int64_t kDetach = 1;
constexpr int64_t kPresent = 2;

// A number in front, so that it is no payload of another kind of error.
constexpr char kFailureMark = '\0';

// Fields that a change of a kind has beside its bytes.
enum ChangeField : uint8_t {
  kHasVertex = 1,
  kHasTarget = 2,
  kHasEdge = 4,
  kHasName = 8,
  kHasPropertySet = 16,
  kHasProperties = 32,
  kHasKey = 64,
};

uint8_t FieldsOf(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kCreateVertex:
      return kHasPropertySet;
    case ChangeKind::kDeleteVertex:
    case ChangeKind::kTouchVertex:
      return kHasVertex;
    case ChangeKind::kSetLabel:
      return kHasVertex | kHasName;
    case ChangeKind::kSetVertexProperties:
      return kHasVertex | kHasProperties;
    case ChangeKind::kCreateEdge:
      return kHasVertex | kHasTarget | kHasName | kHasPropertySet;
    case ChangeKind::kDeleteEdge:
      return kHasEdge;
    case ChangeKind::kSetEdgeProperties:
      return kHasEdge | kHasProperties;
    case ChangeKind::kLinkTarget:
    case ChangeKind::kUnlinkTarget:
      return kHasVertex | kHasTarget | kHasEdge | kHasName;
    case ChangeKind::kChangeKey:
      return kHasVertex | kHasName | kHasKey;
    case ChangeKind::kValidate:
    case ChangeKind::kKeysLater:
      break;
  }
  return 0;
}

uint32_t NameOfChange(const Change& change) {
  return std::max({change.label.value(), change.type.value(), change.index.value()});
}

int64_t OptionOf(const Change& change) {
  if (change.slot.has_value()) return change.slot->value() + 1;
  return (change.detach ? kDetach : 0) | (change.present ? kPresent : 0);
}

std::string MoreOf(const Change& change) {
  std::string more = change.cursor;
  for (const LabelId label : change.labels) AppendVarint(&more, label.value());
  return more;
}

// Many changes that go together are of one kind, type and so on: such a column is one constant.
template <typename Rows, typename Get>
void AddIntegers(const Rows& rows, Get get, Batch* batch) {
  std::vector<int64_t> values;
  values.reserve(rows.size());
  for (const auto& row : rows) values.push_back(get(row));
  const bool is_constant =
      std::all_of(values.begin(), values.end(), [&](int64_t value) { return value == values[0]; });
  if (is_constant && !values.empty()) {
    *batch->AddColumn(ColumnKind::kConstant)->values() = graph::Value::Integer(values[0]);
    return;
  }
  query::Column* const column = batch->AddColumn(ColumnKind::kInteger);
  for (size_t row = 0; row < values.size(); ++row) {
    column->SetWord(row, static_cast<uint64_t>(values[row]));
  }
}

template <typename Rows, typename Get>
void AddVertices(const Rows& rows, Get get, Batch* batch) {
  const bool has_any =
      std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return get(row).valid(); });
  if (!has_any) {
    batch->AddColumn(ColumnKind::kConstant);
    return;
  }
  query::Column* const column = batch->AddColumn(ColumnKind::kVertex);
  for (size_t row = 0; row < rows.size(); ++row) {
    const VertexId vertex = get(rows[row]);
    if (vertex.valid()) {
      column->SetWord(row, vertex.value());
    } else {
      column->SetNull(row);
    }
  }
}

template <typename Rows, typename Get>
void AddTexts(const Rows& rows, Get get, Batch* batch) {
  const bool has_any =
      std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return !get(row).empty(); });
  if (!has_any) {
    batch->AddColumn(ColumnKind::kConstant);
    return;
  }
  query::Column* const column = batch->AddColumn(ColumnKind::kString);
  for (size_t row = 0; row < rows.size(); ++row) column->SetText(row, get(rows[row]));
}

// `get` gives the change of a row.
template <typename Rows, typename Get>
void AddChanges(const Rows& rows, Get get, Batch* batch) {
  AddIntegers(
      rows, [&](const auto& row) { return static_cast<int64_t>(get(row).kind); }, batch);
  AddVertices(
      rows, [&](const auto& row) { return get(row).vertex; }, batch);
  AddVertices(
      rows, [&](const auto& row) { return get(row).target; }, batch);
  AddIntegers(
      rows, [&](const auto& row) { return static_cast<int64_t>(get(row).edge.value()); }, batch);
  AddIntegers(
      rows, [&](const auto& row) { return int64_t{NameOfChange(get(row))}; }, batch);
  AddIntegers(
      rows, [&](const auto& row) { return OptionOf(get(row)); }, batch);
  AddTexts(
      rows, [&](const auto& row) -> const std::string& { return get(row).bytes; }, batch);
  AddTexts(
      rows, [&](const auto& row) { return MoreOf(get(row)); }, batch);
}

// Reads the cells of one change. Once a cell is of another type ok() is false.
// Owner: one call. Threads: one.
class CellReader {
 public:
  CellReader(const Batch& batch, size_t first_slot, uint16_t row)
      : batch_(batch), first_slot_(first_slot), row_(row) {}

  bool ok() const { return ok_; }
  int64_t Integer(size_t column) {
    const query::Cell cell = batch_.CellAt(first_slot_ + column, row_);
    if (!Check(cell.type == graph::ValueType::kInteger)) return 0;
    return cell.form == query::Cell::Form::kValue ? cell.value().integer() : cell.integer();
  }
  VertexId Vertex(size_t column) {
    const query::Cell cell = batch_.CellAt(first_slot_ + column, row_);
    if (cell.type == graph::ValueType::kNull) return VertexId();
    if (!Check(cell.type == graph::ValueType::kVertex)) return VertexId();
    return cell.form == query::Cell::Form::kValue ? cell.value().vertex() : VertexId(cell.word);
  }
  std::string_view Text(size_t column) {
    const query::Cell cell = batch_.CellAt(first_slot_ + column, row_);
    if (cell.type == graph::ValueType::kNull) return {};
    if (!Check(cell.type == graph::ValueType::kString)) return {};
    return cell.text();
  }

 private:
  bool Check(bool holds) {
    ok_ = ok_ && holds;
    return holds;
  }

  const Batch& batch_;
  const size_t first_slot_;
  const uint16_t row_;
  bool ok_ = true;
};

bool ReadLabels(std::string_view bytes, std::vector<LabelId>* labels) {
  ByteReader reader(bytes);
  while (reader.ok() && !reader.done()) {
    labels->push_back(LabelId(reader.Varint32()));
    if (labels->back() == LabelId() || labels->size() > graph::kMaxLabelCount) return false;
  }
  return reader.ok();
}

// What is wrong with the fields, taken together; nullptr when nothing is.
const char* FindFault(const Change& change, uint32_t name) {
  const uint8_t fields = FieldsOf(change.kind);
  if ((fields & kHasVertex) != 0 && !change.vertex.valid()) return "no vertex";
  if ((fields & kHasTarget) != 0 && !change.target.valid()) return "no target";
  if ((fields & kHasEdge) != 0 && !change.edge.valid()) return "no edge";
  if ((fields & kHasName) != 0 && name == 0) return "no name";
  if ((fields & kHasPropertySet) != 0 && (change.bytes.size() > graph::kMaxPropertySetBytes ||
                                          !graph::ValidatePropertySet(change.bytes).ok())) {
    return "malformed property set";
  }
  if ((fields & kHasProperties) != 0 && !UnpackProperties(change.bytes).ok()) {
    return "malformed changes of properties";
  }
  if ((fields & kHasKey) != 0 && change.bytes.size() > graph::kMaxIndexKeyBytes) {
    return "an index key that is too long";
  }
  if (change.cursor.size() > kMaxCursorBytes) return "a cursor that is too long";
  const bool names_edge = (fields & kHasEdge) != 0 && (fields & kHasVertex) != 0;
  if (names_edge && change.edge.slot() != change.vertex.slot()) {
    return "the edge is not in its source's slot";
  }
  return nullptr;
}

void SetName(uint32_t name, Change* change) {
  switch (change->kind) {
    case ChangeKind::kSetLabel:
      change->label = LabelId(name);
      break;
    case ChangeKind::kChangeKey:
      change->index = IndexId(name);
      break;
    default:
      change->type = TypeId(name);
  }
}

absl::Status Malformed(ChangeKind kind, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(ToAbsl(KindName(kind)), ": ", ToAbsl(what)));
}

std::unique_ptr<const plan::Remote> MakeChangeFragment() {
  auto input = std::make_unique<plan::Input>();
  input->slot_count = kChangeColumnCount;
  auto change = std::make_unique<plan::ChangeGraph>();
  change->number = 1;
  change->inputs.push_back(std::move(input));
  auto remote = std::make_unique<plan::Remote>();
  for (uint32_t slot = 0; slot <= kChangeColumnCount; ++slot) remote->returned.push_back(slot);
  remote->keeps_input = false;
  remote->fragment.root = std::move(change);
  remote->fragment.operator_count = 2;
  EncodeFragment(remote.get());
  return remote;
}

}  // namespace

BatchRef MakeChangeRows(query::SlabPool* pool, absl::Span<const Change> changes) {
  BatchRef batch = Batch::Make(pool, changes.size());
  batch->set_row_count(changes.size());
  AddChanges(
      changes, [](const Change& change) -> const Change& { return change; }, batch.get());
  return batch;
}

BatchRef MakeOutputRows(query::SlabPool* pool, absl::Span<const ChangeOutput> outputs) {
  BatchRef batch = Batch::Make(pool, outputs.size());
  batch->set_row_count(outputs.size());
  AddIntegers(
      outputs, [](const ChangeOutput& output) { return static_cast<int64_t>(output.cause); },
      batch.get());
  AddChanges(
      outputs, [](const ChangeOutput& output) -> const Change& { return output.change; },
      batch.get());
  return batch;
}

absl::StatusOr<Change> ReadChange(const Batch& batch, size_t first_slot, uint16_t row) {
  if (batch.slot_count() < first_slot + kChangeColumnCount) {
    return absl::InvalidArgumentError("a change has too few columns");
  }
  CellReader reader(batch, first_slot, row);
  Change change;
  const int64_t kind = reader.Integer(kKind);
  if (kind < static_cast<int64_t>(ChangeKind::kCreateVertex) ||
      kind > static_cast<int64_t>(ChangeKind::kKeysLater)) {
    return absl::InvalidArgumentError(absl::StrCat("no kind of change: ", kind));
  }
  change.kind = static_cast<ChangeKind>(kind);
  change.vertex = reader.Vertex(kVertex);
  change.target = reader.Vertex(kTarget);
  change.edge = EdgeId(static_cast<uint64_t>(reader.Integer(kEdge)));
  const int64_t name = reader.Integer(kName);
  const int64_t option = reader.Integer(kOption);
  change.bytes = reader.Text(kBytes);
  const std::string_view more = reader.Text(kMore);
  if (!reader.ok() || name < 0 || name > UINT32_MAX) return Malformed(change.kind, "malformed");
  SetName(static_cast<uint32_t>(name), &change);
  if (change.kind == ChangeKind::kCreateVertex) {
    if (option < 0 || option > kSlotCount) return Malformed(change.kind, "no such slot");
    if (option > 0) change.slot = SlotId(static_cast<uint16_t>(option - 1));
    if (!ReadLabels(more, &change.labels)) return Malformed(change.kind, "malformed labels");
  } else {
    change.detach = (option & kDetach) != 0;
    change.present = (option & kPresent) != 0;
    change.cursor = more;
  }
  const char* const fault = FindFault(change, static_cast<uint32_t>(name));
  if (fault != nullptr) return Malformed(change.kind, fault);
  return change;
}

absl::StatusOr<ChangeOutput> ReadOutput(const Batch& batch, uint16_t row) {
  if (batch.slot_count() != kChangeColumnCount + 1) {
    return absl::InvalidArgumentError("rows of another shape");
  }
  CellReader cause(batch, 0, row);
  CellReader kind(batch, 1, row);
  ChangeOutput output;
  output.cause = static_cast<size_t>(cause.Integer(0));
  const auto made = static_cast<ChangeKind>(kind.Integer(kKind));
  if (!cause.ok() || !kind.ok()) return absl::InvalidArgumentError("rows of another shape");
  // An element that was made has its id and nothing else.
  if (made == ChangeKind::kCreateVertex || made == ChangeKind::kCreateEdge) {
    output.change.kind = made;
    output.change.vertex = kind.Vertex(kVertex);
    output.change.edge = EdgeId(static_cast<uint64_t>(kind.Integer(kEdge)));
    const bool is_there = made == ChangeKind::kCreateVertex ? output.change.vertex.valid()
                                                            : output.change.edge.valid();
    if (!kind.ok() || !is_there) return Malformed(made, "nothing was made");
    return output;
  }
  ASSIGN_OR_RETURN(output.change, ReadChange(batch, 1, row));
  return output;
}

const plan::Remote& ChangeFragment() {
  static const plan::Remote* const remote = MakeChangeFragment().release();
  return *remote;
}

absl::Status WithFailure(const absl::Status& status, const ChangeFailure& failure) {
  std::string payload(1, kFailureMark);
  AppendVarint(&payload, failure.row);
  AppendFixed8(&payload, failure.refused.has_value() ? 1 : 0);
  if (failure.refused.has_value()) {
    AppendVarint(&payload, failure.refused->index.value());
    AppendFixed64(&payload, failure.refused->vertex.value());
    AppendBytes(&payload, failure.refused->bytes);
  }
  return query::WithPayload(status, payload);
}

std::optional<ChangeFailure> FailureOf(const absl::Status& status) {
  const std::string payload = query::PayloadOf(status);
  if (payload.empty() || payload[0] != kFailureMark) return std::nullopt;
  ByteReader reader(std::string_view(payload).substr(1));
  ChangeFailure failure;
  failure.row = reader.Varint();
  if (reader.Fixed8() != 0) {
    Change& refused = failure.refused.emplace();
    refused.kind = ChangeKind::kChangeKey;
    refused.index = IndexId(reader.Varint32());
    refused.vertex = VertexId(reader.Fixed64());
    refused.bytes = reader.Bytes();
  }
  if (!reader.ok() || !reader.done()) return std::nullopt;
  return failure;
}

}  // namespace tidemark::exec
