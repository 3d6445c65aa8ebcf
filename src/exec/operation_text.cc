// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "exec/operation.h"
#include "exec/operation_fields.h"

namespace tidemark::exec {
namespace {

template <typename Id>
std::string ElementText(Id id) {
  return absl::StrCat(id.slot().value(), ":", id.sequence());
}

template <typename Id>
std::string IdsText(const std::vector<Id>& ids) {
  return absl::StrCat(
      "[",
      absl::StrJoin(ids, ",", [](std::string* out, Id id) { absl::StrAppend(out, id.value()); }),
      "]");
}

std::string Hex(const std::string& bytes) { return absl::BytesToHexString(bytes); }

std::string RowText(const VertexRow& row) {
  return absl::StrCat(ElementText(row.id), IdsText(row.labels), Hex(row.properties));
}
std::string RowText(const EdgeRow& row) {
  return absl::StrCat(ElementText(row.id), "(", ElementText(row.source), ")-", row.type.value(),
                      "->(", ElementText(row.target), ")", Hex(row.properties));
}
std::string RowText(const NeighbourRow& row) {
  return absl::StrCat(row.outgoing ? "->" : "<-", ElementText(row.vertex), "/",
                      ElementText(row.edge), "/", row.type.value());
}

template <typename Row>
void AddRows(std::string_view name, const std::vector<Row>& rows, std::string* text) {
  if (rows.empty()) return;
  absl::StrAppend(text, " ", ToAbsl(name), "=",
                  absl::StrJoin(rows, ";", [](std::string* out, const Row& row) {
                    out->append(RowText(row));
                  }));
}

}  // namespace

std::string DebugString(const Operation& operation) {
  const uint32_t fields = FieldsOf(operation.kind);
  std::string text(KindName(operation.kind));
  const auto add = [&](uint32_t field, std::string_view name, const auto& value) {
    if ((fields & field) != 0) absl::StrAppend(&text, " ", ToAbsl(name), "=", value);
  };
  add(kVertexField, "vertex", ElementText(operation.vertex));
  add(kTargetField, "target", ElementText(operation.target));
  add(kEdgeField, "edge", ElementText(operation.edge));
  add(kLabelField, "label", operation.label.value());
  add(kTypeField, "type", operation.type.value());
  add(kKeyField, "key", operation.key.value());
  add(kIndexField, "index", operation.index.value());
  if (operation.slot.has_value()) add(kSlotField, "slot", operation.slot->value());
  add(kDetachField, "detach", operation.detach ? 1 : 0);
  add(kPresentField, "present", operation.present ? 1 : 0);
  add(kIdsOnlyField, "ids_only", operation.ids_only ? 1 : 0);
  add(kDirectionField, "direction", static_cast<uint32_t>(operation.direction));
  add(kLabelsField, "labels", IdsText(operation.labels));
  add(kTypesField, "types", IdsText(operation.types));
  add(kPropertiesField | kValueField | kIndexKeyField, "bytes", Hex(operation.bytes));
  add(kLastKeyField, "last_key", Hex(operation.last_key));
  add(kCursorField, "cursor", Hex(operation.cursor));
  add(kLimitField, "limit", operation.limit);
  add(kMoreField, "more", operation.more ? 1 : 0);
  return text;
}

std::string DebugString(const OperationResult& result) {
  std::string text = "result";
  if (result.vertex.valid()) absl::StrAppend(&text, " vertex=", ElementText(result.vertex));
  if (result.edge.valid()) absl::StrAppend(&text, " edge=", ElementText(result.edge));
  AddRows("vertices", result.vertices, &text);
  AddRows("edges", result.edges, &text);
  AddRows("neighbours", result.neighbours, &text);
  if (!result.cursor.empty()) absl::StrAppend(&text, " cursor=", Hex(result.cursor));
  return text;
}

}  // namespace tidemark::exec
