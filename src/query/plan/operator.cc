// SPDX-License-Identifier: Apache-2.0
#include "query/plan/operator.h"

#include "query/plan/write_operator.h"

namespace tidemark::query::plan {

const Fragment* InnerOf(const Operator& node) {
  switch (node.kind) {
    case OperatorKind::kRemote:
      return &As<Remote>(node).fragment;
    case OperatorKind::kApply:
      return &As<Apply>(node).inner;
    case OperatorKind::kTrail:
      return &As<Trail>(node).step;
    case OperatorKind::kMerge:
      return &As<Merge>(node).inner;
    case OperatorKind::kForeach:
      return &As<Foreach>(node).inner;
    default:
      return nullptr;
  }
}

KeySeek KeySeekOf(const Fragment& fragment) {
  const Operator* node = fragment.root.get();
  while (node->inputs[0]->kind != OperatorKind::kInput) node = node->inputs[0].get();
  if (node->kind == OperatorKind::kSeekEdge) return {As<SeekEdge>(*node).equal, std::nullopt};
  const auto& seek = As<SeekIndex>(*node);
  CHECK(seek.is_unique) << "an index that is not unique has no owner";
  if (seek.is_id) return {seek.equal, std::nullopt};
  return {seek.equal, seek.index};
}

namespace {

std::string_view SeekName(const SeekIndex& seek) {
  if (seek.is_id) return seek.is_element_id ? "NodeByElementIdSeek" : "NodeByIdSeek";
  return seek.is_unique ? "NodeUniqueIndexSeek" : "NodeIndexSeek";
}

std::string_view SeekName(const SeekEdge& seek) {
  if (seek.direction == Direction::kEither) {
    return seek.is_element_id ? "UndirectedRelationshipByElementIdSeek"
                              : "UndirectedRelationshipByIdSeek";
  }
  return seek.is_element_id ? "DirectedRelationshipByElementIdSeek"
                            : "DirectedRelationshipByIdSeek";
}

// Of the operators that run at home alone.
std::string_view HomeNameOf(const Operator& node) {
  switch (node.kind) {
    case OperatorKind::kLookup:
      return "Lookup";
    case OperatorKind::kCreate:
      return "Create";
    case OperatorKind::kMerge:
      return "Merge";
    case OperatorKind::kSet:
      return "SetProperties";
    case OperatorKind::kDelete:
      return "Delete";
    case OperatorKind::kForeach:
      return As<Foreach>(node).gives_inner_rows ? "Apply" : "Foreach";
    case OperatorKind::kProcedureCall:
      return "ProcedureCall";
    default:
      break;
  }
  return "Operator";
}

}  // namespace

std::string_view NameOf(const Operator& node) {
  switch (node.kind) {
    case OperatorKind::kValues:
      return "Values";
    case OperatorKind::kUnwind:
      return "Unwind";
    case OperatorKind::kProject:
    case OperatorKind::kMakePath:
      return "Projection";
    case OperatorKind::kFilter:
    case OperatorKind::kFilterLabels:
    case OperatorKind::kDifferentEdges:
      return "Filter";
    case OperatorKind::kSkip:
      return "Skip";
    case OperatorKind::kLimit:
      return "Limit";
    case OperatorKind::kAggregate:
      return As<Aggregate>(node).calls.empty() ? "Distinct" : "Aggregation";
    case OperatorKind::kSort:
      return As<Sort>(node).limit.has_value() ? "Top" : "Sort";
    case OperatorKind::kUnion:
      return "Union";
    case OperatorKind::kInput:
      return "Argument";
    case OperatorKind::kRemote:
      return "Remote";
    case OperatorKind::kScanVertices:
      return As<ScanVertices>(node).labels.empty() ? "AllNodesScan" : "NodeByLabelScan";
    case OperatorKind::kSeekIndex:
      return SeekName(As<SeekIndex>(node));
    case OperatorKind::kExpand:
      return As<Expand>(node).to.has_value() ? "Expand(Into)" : "Expand(All)";
    case OperatorKind::kDegree:
      return "Degree";
    case OperatorKind::kStoredCount:
      return As<StoredCount>(node).is_of_edges ? "RelationshipCountFromCountStore"
                                               : "NodeCountFromCountStore";
    case OperatorKind::kDistinctVertices:
      return "Distinct";
    case OperatorKind::kFetch:
      return "CacheProperties";
    case OperatorKind::kApply:
      return As<Apply>(node).apply == ApplyKind::kOptional ? "OptionalApply" : "Apply";
    case OperatorKind::kTrail:
      return As<Trail>(node).to.has_value() ? "VarLengthExpand(Into)" : "VarLengthExpand(All)";
    case OperatorKind::kSeekEdge:
      return SeekName(As<SeekEdge>(node));
    case OperatorKind::kChangeGraph:
      return "ChangeGraph";
    case OperatorKind::kScanPage:
      return "ScanPage";
    default:
      return HomeNameOf(node);
  }
}

}  // namespace tidemark::query::plan
