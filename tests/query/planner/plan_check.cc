// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "query/plan/write_operator.h"
#include "tests/query/planner/plan_text.h"

namespace tidemark::query {
namespace {

using plan::As;
using plan::OperatorKind;

void CheckSlot(uint32_t slot, uint32_t count, const plan::Operator& node) {
  EXPECT_LT(slot, count) << NameOf(node) << " " << node.details;
}

void CheckSlots(const std::vector<uint32_t>& slots, uint32_t count, const plan::Operator& node) {
  for (const uint32_t slot : slots) CheckSlot(slot, count, node);
}

void CheckProgram(const eval::Program& program, uint32_t count, const plan::Operator& node) {
  for (const eval::Load& load : program.code.loads) {
    if (load.from == eval::Load::From::kSlot) CheckSlot(load.index, count, node);
  }
}

void CheckPrograms(const std::vector<eval::Program>& programs, uint32_t count,
                   const plan::Operator& node) {
  for (const eval::Program& program : programs) CheckProgram(program, count, node);
}

// `handed_in` columns come from the operator around the fragment.
uint32_t Check(const plan::Operator& node, uint32_t handed_in);

uint32_t CheckInner(const plan::Fragment& fragment, size_t handed_in,
                    const std::vector<uint32_t>& returned, const plan::Operator& node) {
  const uint32_t count = Check(*fragment.root, static_cast<uint32_t>(handed_in));
  CheckSlots(returned, count, node);
  return count;
}

uint32_t CheckSeek(const plan::SeekIndex& node, uint32_t count) {
  CheckPrograms(node.equal, count, node);
  for (const auto* program : {&node.first, &node.last, &node.prefix}) {
    if (program->has_value()) CheckProgram(**program, count, node);
  }
  return count + 1;
}

uint32_t CheckSeek(const plan::SeekEdge& node, uint32_t count) {
  EXPECT_EQ(node.equal.size(), 1u);
  CheckPrograms(node.equal, count, node);
  return count + 3;
}

uint32_t CheckExpand(const plan::Expand& node, uint32_t count) {
  CheckSlot(node.from, count, node);
  if (node.to.has_value()) CheckSlot(*node.to, count, node);
  return count + (node.gives_edge ? 1 : 0) + (node.to.has_value() ? 0 : 1);
}

uint32_t CheckTrail(const plan::Trail& node, uint32_t count) {
  CheckSlot(node.from, count, node);
  if (node.to.has_value()) CheckSlot(*node.to, count, node);
  CheckSlots(node.arguments, count, node);
  CheckSlots(node.other_edges, count, node);
  EXPECT_EQ(node.returned.size(), 3u);
  CheckInner(node.step, node.arguments.size() + 1, node.returned, node);
  return count + (node.to.has_value() ? 1 : 2);
}

uint32_t CheckMakePath(const plan::MakePath& node, uint32_t count) {
  CheckSlots(node.vertices, count, node);
  CheckSlots(node.edges, count, node);
  return count + 1;
}

uint32_t CheckApply(const plan::Apply& node, uint32_t count) {
  CheckSlots(node.arguments, count, node);
  CheckInner(node.inner, node.arguments.size(), node.returned, node);
  const bool gives_rows =
      node.apply == plan::ApplyKind::kJoin || node.apply == plan::ApplyKind::kOptional;
  return count + (gives_rows ? static_cast<uint32_t>(node.returned.size()) - 1 : 1);
}

uint32_t CheckRemote(const plan::Remote& node, uint32_t count) {
  const bool has_slot = node.route == plan::Route::kVertex || node.route == plan::Route::kEdge;
  if (has_slot) CheckSlot(node.route_slot, count, node);
  if (node.route == plan::Route::kKey) {
    EXPECT_FALSE(KeySeekOf(node.fragment).values.empty());
  }
  CheckSlots(node.sent, count, node);
  CheckInner(node.fragment, node.sent.size(), node.returned, node);
  const auto returned = static_cast<uint32_t>(node.returned.size());
  return node.keeps_input ? count + returned - 1 : returned;
}

uint32_t CheckSort(const plan::Sort& node, uint32_t count) {
  for (const SortKey& key : node.keys) CheckSlot(key.slot, count, node);
  CheckSlots(node.kept, count, node);
  return static_cast<uint32_t>(node.kept.size() + node.keys.size());
}

uint32_t CheckAggregate(const plan::Aggregate& node, uint32_t count) {
  CheckSlots(node.keys, count, node);
  for (const plan::AggregateCall& call : node.calls) CheckSlots(call.arguments, count, node);
  return static_cast<uint32_t>(node.keys.size() + node.calls.size());
}

uint32_t CheckFetch(const plan::Fetch& node, uint32_t count) {
  CheckSlot(node.element, count, node);
  return count + static_cast<uint32_t>(node.keys.size()) + (node.wants_labels ? 1 : 0) +
         (node.wants_all ? 1 : 0);
}

// What an update keeps is numbered anew; the new elements and paths stand behind it.
uint32_t CheckKept(const plan::UpdateOperator& node, uint32_t count) {
  CheckSlots(node.kept, count, node);
  return static_cast<uint32_t>(node.kept.size());
}

uint32_t CheckPattern(const plan::Pattern& pattern, uint32_t kept, const plan::Operator& node) {
  const auto count = kept + static_cast<uint32_t>(pattern.elements.size() + pattern.paths.size());
  for (const plan::NewElement& element : pattern.elements) {
    for (const auto& [key, slot] : element.properties.entries) CheckSlot(slot, kept, node);
    if (element.properties.map.has_value()) CheckSlot(*element.properties.map, kept, node);
    if (!element.is_edge) continue;
    CheckSlot(element.source, count, node);
    CheckSlot(element.target, count, node);
  }
  for (const plan::NewPath& path : pattern.paths) {
    CheckSlots(path.vertices, count, node);
    CheckSlots(path.edges, count, node);
  }
  return count;
}

void CheckItems(const std::vector<plan::ChangeItem>& items, uint32_t count,
                const plan::Operator& node) {
  for (const plan::ChangeItem& item : items) {
    CheckProgram(item.target, count, node);
    if (item.key_value.has_value()) CheckProgram(*item.key_value, count, node);
    if (item.value.has_value()) CheckProgram(*item.value, count, node);
  }
}

uint32_t CheckMerge(const plan::Merge& node, uint32_t count) {
  const uint32_t kept = CheckKept(node, count);
  CheckSlots(node.arguments, kept, node);
  CheckInner(node.inner, node.arguments.size(), node.returned, node);
  const uint32_t after = CheckPattern(node.pattern, kept, node);
  EXPECT_EQ(kept + node.returned.size() - 1, after);
  CheckItems(node.on_create, after, node);
  CheckItems(node.on_match, after, node);
  return after;
}

uint32_t CheckForeach(const plan::Foreach& node, uint32_t count) {
  const uint32_t kept = CheckKept(node, count);
  CheckSlots(node.arguments, kept, node);
  CheckInner(node.inner, node.arguments.size(), node.returned, node);
  EXPECT_TRUE(node.gives_inner_rows || node.returned.empty());
  return kept + static_cast<uint32_t>(node.returned.size());
}

void CheckWhole(const std::vector<plan::WholeElement>& whole, uint32_t count,
                const plan::Operator& node) {
  for (const plan::WholeElement& one : whole) {
    CheckSlots({one.element, one.properties, one.labels.value_or(0)}, count, node);
  }
}

uint32_t CheckGiven(const plan::UpdateOperator& node, uint32_t count) {
  const uint32_t before = count;
  for (const plan::GivenElement& one : node.given) {
    CheckSlot(one.element, before, node);
    count += one.is_edge ? 1 : 2;
  }
  return count;
}

uint32_t CheckLookup(const plan::Lookup& node, uint32_t count) {
  CheckSlots(node.slots, count, node);
  CheckWhole(node.whole, count, node);
  return count;
}

uint32_t CheckUpdate(const plan::Operator& node, uint32_t count) {
  if (node.kind == OperatorKind::kMerge) return CheckMerge(As<plan::Merge>(node), count);
  if (node.kind == OperatorKind::kForeach) return CheckForeach(As<plan::Foreach>(node), count);
  const uint32_t kept = CheckKept(static_cast<const plan::UpdateOperator&>(node), count);
  if (node.kind == OperatorKind::kCreate) {
    const auto& create = As<plan::Create>(node);
    return CheckGiven(create, CheckPattern(create.pattern, kept, node));
  }
  if (node.kind == OperatorKind::kSet) {
    CheckItems(As<plan::Set>(node).items, kept, node);
    const auto& set = As<plan::Set>(node);
    CheckSlots(set.looked_up, set.row_slots, node);
    CheckWhole(set.whole, kept, node);
    EXPECT_LE(set.row_slots, kept);
    return CheckGiven(set, set.row_slots);
  } else {
    CheckSlots(As<plan::Delete>(node).targets, kept, node);
  }
  return kept;
}

uint32_t CheckUnion(const plan::Union& node) {
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    CheckSlots(node.columns[i], Check(*node.inputs[i], 0), node);
  }
  return static_cast<uint32_t>(node.columns[0].size());
}

uint32_t CheckKind(const plan::Operator& node, uint32_t count, uint32_t handed_in) {
  switch (node.kind) {
    case OperatorKind::kValues:
      return 0;
    case OperatorKind::kInput:
      EXPECT_EQ(As<plan::Input>(node).slot_count, handed_in);
      return handed_in + 1;
    case OperatorKind::kUnwind:
      CheckPrograms(As<plan::Unwind>(node).programs, count, node);
      return count + 1;
    case OperatorKind::kProject:
      CheckPrograms(As<plan::Project>(node).programs, count, node);
      return count + static_cast<uint32_t>(As<plan::Project>(node).programs.size());
    case OperatorKind::kFilter:
      CheckProgram(As<plan::Filter>(node).condition, count, node);
      return count;
    case OperatorKind::kAggregate:
      return CheckAggregate(As<plan::Aggregate>(node), count);
    case OperatorKind::kSort:
      return CheckSort(As<plan::Sort>(node), count);
    case OperatorKind::kRemote:
      return CheckRemote(As<plan::Remote>(node), count);
    case OperatorKind::kScanVertices:
      return count + 1;
    case OperatorKind::kSeekIndex:
      return CheckSeek(As<plan::SeekIndex>(node), count);
    case OperatorKind::kSeekEdge:
      return CheckSeek(As<plan::SeekEdge>(node), count);
    case OperatorKind::kExpand:
      return CheckExpand(As<plan::Expand>(node), count);
    case OperatorKind::kFetch:
      return CheckFetch(As<plan::Fetch>(node), count);
    case OperatorKind::kFilterLabels:
      CheckSlot(As<plan::FilterLabels>(node).vertex, count, node);
      return count;
    case OperatorKind::kDifferentEdges:
      CheckSlots(As<plan::DifferentEdges>(node).edges, count, node);
      return count;
    case OperatorKind::kApply:
      return CheckApply(As<plan::Apply>(node), count);
    case OperatorKind::kTrail:
      return CheckTrail(As<plan::Trail>(node), count);
    case OperatorKind::kMakePath:
      return CheckMakePath(As<plan::MakePath>(node), count);
    case OperatorKind::kCreate:
    case OperatorKind::kSet:
    case OperatorKind::kDelete:
    case OperatorKind::kMerge:
    case OperatorKind::kForeach:
      return CheckUpdate(node, count);
    case OperatorKind::kProcedureCall:
      CheckSlots(As<plan::ProcedureCall>(node).arguments, count, node);
      return count + static_cast<uint32_t>(As<plan::ProcedureCall>(node).columns.size());
    case OperatorKind::kLookup:
      return CheckLookup(As<plan::Lookup>(node), count);
    default:
      return count;
  }
}

uint32_t Check(const plan::Operator& node, uint32_t handed_in) {
  if (node.kind == OperatorKind::kUnion) return CheckUnion(As<plan::Union>(node));
  const uint32_t count = node.inputs.empty() ? 0 : Check(*node.inputs[0], handed_in);
  return CheckKind(node, count, handed_in);
}

}  // namespace

uint32_t CheckPlan(const plan::Plan& plan) {
  const uint32_t count = Check(*plan.home.root, 0);
  CheckSlots(plan.columns, count, *plan.home.root);
  return count;
}

}  // namespace tidemark::query
