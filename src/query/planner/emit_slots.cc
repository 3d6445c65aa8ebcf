// SPDX-License-Identifier: Apache-2.0
// Which column is in which slot.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "query/batch/batch.h"
#include "query/planner/emitter.h"
#include "query/text/error.h"

namespace tidemark::query {
namespace {

template <typename Slots, typename Key>
std::optional<uint32_t> Get(const Slots& slots, const Key& key) {
  const auto slot = slots.find(key);
  if (slot == slots.end()) return std::nullopt;
  return slot->second;
}

}  // namespace

std::optional<uint32_t> Emitter::Find(const PlanColumn& column) const {
  const eval::Layout& layout = rows_.layout;
  switch (column.kind) {
    case PlanColumnKind::kVariable:
      return Get(layout.variables, column.variable);
    case PlanColumnKind::kProperty:
      return Get(layout.properties, std::pair(column.variable, std::string(column.key)));
    case PlanColumnKind::kLabels:
      return Get(layout.labels, column.variable);
    case PlanColumnKind::kProperties:
      return Get(rows_.properties, column.variable);
  }
  return std::nullopt;
}

bool Emitter::HasSlot(const PlanColumn& column) const { return Find(column).has_value(); }

uint32_t Emitter::SlotOf(const PlanColumn& column) const {
  const std::optional<uint32_t> slot = Find(column);
  if (slot.has_value()) return *slot;
  // A statement that cannot be planned must not end the server: Run gives the error.
  error_.Update(absl::InternalError(
      absl::StrCat("the statement cannot be planned: ", TextOf(column), " has no slot")));
  return 0;
}

void Emitter::SetSlot(const PlanColumn& column, uint32_t slot) {
  switch (column.kind) {
    case PlanColumnKind::kVariable:
      rows_.layout.variables[column.variable] = slot;
      return;
    case PlanColumnKind::kProperty:
      rows_.layout.properties[{column.variable, std::string(column.key)}] = slot;
      return;
    case PlanColumnKind::kLabels:
      rows_.layout.labels[column.variable] = slot;
      return;
    case PlanColumnKind::kProperties:
      rows_.properties[column.variable] = slot;
      return;
  }
}

absl::Status Emitter::AddColumns(const std::vector<PlanColumn>& columns, Source source) {
  const uint32_t first = rows_.slot_count;
  if (absl::Status status = AddSlots(columns.size(), source); !status.ok()) return status;
  for (size_t i = 0; i < columns.size(); ++i) {
    SetSlot(columns[i], first + static_cast<uint32_t>(i));
  }
  return absl::OkStatus();
}

absl::Status Emitter::AddSlots(size_t count, Source source) {
  if (rows_.slot_count + count > kMaxBatchColumns) {
    return ToStatus(
        MakeError(ErrorId::kUnexpectedSyntax, statement_.text, source.offset,
                  {absl::StrCat("The statement computes more than ", kMaxBatchColumns,
                                " values for a row; put some of them into a list or a map")}));
  }
  rows_.slot_count += static_cast<uint32_t>(count);
  return absl::OkStatus();
}

void Emitter::SetLayout(const std::vector<PlanColumn>& columns) {
  rows_.layout = eval::Layout();
  rows_.properties.clear();
  rows_.slot_count = 0;
  for (const PlanColumn& column : columns) SetSlot(column, rows_.slot_count++);
}

std::vector<plan::WholeElement> Emitter::WholeOf(const std::vector<bound::VariableId>& variables,
                                                 const ColumnSet& uses) const {
  std::vector<plan::WholeElement> whole;
  for (const bound::VariableId variable : variables) {
    const PlanColumn properties{variable, PlanColumnKind::kProperties};
    if (!uses.contains(properties)) continue;
    plan::WholeElement& one = whole.emplace_back();
    one.element = SlotOf(variable);
    one.properties = SlotOf(properties);
    if (variables_.IsVertex(variable)) one.labels = SlotOf({variable, PlanColumnKind::kLabels});
  }
  return whole;
}

// Columns that nobody needs any more are not found again.
void Emitter::Prune(const ColumnSet& after) {
  eval::Layout& layout = rows_.layout;
  absl::erase_if(layout.variables,
                 [&](const auto& entry) { return !after.contains({entry.first}); });
  absl::erase_if(layout.labels, [&](const auto& entry) {
    return !after.contains({entry.first, PlanColumnKind::kLabels});
  });
  absl::erase_if(rows_.properties, [&](const auto& entry) {
    return !after.contains({entry.first, PlanColumnKind::kProperties});
  });
  absl::erase_if(layout.properties, [&](const auto& entry) {
    return !after.contains({entry.first.first, PlanColumnKind::kProperty, entry.first.second});
  });
}

}  // namespace tidemark::query
