// SPDX-License-Identifier: Apache-2.0
#include "tests/query/planner/plan_text.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "query/plan/write_operator.h"

namespace tidemark::query {
namespace {

using plan::As;
using plan::OperatorKind;

std::string Slots(const std::vector<uint32_t>& slots) {
  return absl::StrCat(
      "[",
      absl::StrJoin(slots, " ",
                    [](std::string* out, uint32_t slot) { absl::StrAppend(out, "$", slot); }),
      "]");
}

std::string_view TextOf(plan::Direction direction) {
  switch (direction) {
    case plan::Direction::kOut:
      return "out";
    case plan::Direction::kIn:
      return "in";
    case plan::Direction::kEither:
      return "either";
  }
  return "?";
}

std::string TextOf(const plan::Remote& node) {
  const char* const names[] = {"all", "vertex", "edge", "key"};
  std::string text = absl::StrCat(" to=", names[static_cast<int>(node.route)]);
  const bool has_slot = node.route == plan::Route::kVertex || node.route == plan::Route::kEdge;
  if (has_slot) absl::StrAppend(&text, "($", node.route_slot, ")");
  absl::StrAppend(&text, " sent=", Slots(node.sent), " returned=", Slots(node.returned));
  if (!node.keeps_input) absl::StrAppend(&text, " anew");
  if (node.is_one_to_one) absl::StrAppend(&text, " one-to-one");
  if (node.is_independent) absl::StrAppend(&text, " independent");
  return text;
}

std::string TextOf(const plan::Apply& node) {
  const char* const names[] = {"join", "optional", "exists", "count", "collect"};
  return absl::StrCat(" ", names[static_cast<int>(node.apply)],
                      " arguments=", Slots(node.arguments), " returned=", Slots(node.returned));
}

std::string TextOf(const plan::Trail& node) {
  std::string text = absl::StrCat(" from=$", node.from, " ", node.min, "..");
  if (node.max.has_value()) absl::StrAppend(&text, *node.max);
  if (node.to.has_value()) absl::StrAppend(&text, " to=$", *node.to);
  if (node.is_reversed) absl::StrAppend(&text, " reversed");
  absl::StrAppend(&text, " arguments=", Slots(node.arguments), " returned=", Slots(node.returned));
  if (!node.other_edges.empty()) absl::StrAppend(&text, " other=", Slots(node.other_edges));
  return text;
}

std::string TextOf(const plan::Sort& node) {
  std::vector<uint32_t> keys;
  for (const SortKey& key : node.keys) keys.push_back(key.slot);
  return absl::StrCat(" keys=", Slots(keys), " kept=", Slots(node.kept));
}

std::string TextOf(const plan::Aggregate& node) {
  const char* const phases[] = {"", " partial", " final"};
  std::string text = absl::StrCat(phases[static_cast<int>(node.phase)], " keys=", Slots(node.keys));
  for (const plan::AggregateCall& call : node.calls) {
    absl::StrAppend(&text, " ", ToAbsl(call.function->name), Slots(call.arguments));
  }
  return text;
}

std::string TextOf(const plan::Expand& node) {
  std::string text = absl::StrCat(" from=$", node.from, " ", ToAbsl(TextOf(node.direction)),
                                  " types=[", absl::StrJoin(node.types, " "), "]");
  if (node.to.has_value()) absl::StrAppend(&text, " to=$", *node.to);
  if (node.gives_edge) absl::StrAppend(&text, node.gives_ends ? " edge" : " edge-id");
  if (!node.other_edges.empty()) absl::StrAppend(&text, " not=", Slots(node.other_edges));
  if (!node.unread.empty()) absl::StrAppend(&text, " unread=", Slots(node.unread));
  return text;
}

std::string TextOf(const plan::Degree& node) {
  std::string text = absl::StrCat(" from=$", node.from, " ", ToAbsl(TextOf(node.direction)),
                                  " types=[", absl::StrJoin(node.types, " "), "]");
  if (!node.other_edges.empty()) absl::StrAppend(&text, " not=", Slots(node.other_edges));
  return text;
}

std::string TextOf(const plan::Fetch& node) {
  return absl::StrCat(node.is_edge ? " edge=$" : " vertex=$", node.element);
}

std::string TextOf(const std::vector<plan::WholeElement>& whole) {
  std::string text;
  for (const plan::WholeElement& one : whole) {
    absl::StrAppend(&text, text.empty() ? " known=[" : " ", "$", one.element);
  }
  return text.empty() ? "" : text + "]";
}

std::string FieldsOf(const plan::Operator& node) {
  switch (node.kind) {
    case OperatorKind::kRemote:
      return TextOf(As<plan::Remote>(node));
    case OperatorKind::kApply:
      return TextOf(As<plan::Apply>(node));
    case OperatorKind::kTrail:
      return TextOf(As<plan::Trail>(node));
    case OperatorKind::kSort:
      return TextOf(As<plan::Sort>(node));
    case OperatorKind::kAggregate:
      return TextOf(As<plan::Aggregate>(node));
    case OperatorKind::kExpand:
      return TextOf(As<plan::Expand>(node));
    case OperatorKind::kDistinctVertices:
      return absl::StrCat(" vertex=$", As<plan::DistinctVertices>(node).vertex);
    case OperatorKind::kDegree:
      return TextOf(As<plan::Degree>(node));
    case OperatorKind::kStoredCount:
      return absl::StrCat(" names=[", absl::StrJoin(As<plan::StoredCount>(node).names, " "), "]");
    case OperatorKind::kFetch:
      return TextOf(As<plan::Fetch>(node));
    case OperatorKind::kFilterLabels:
      return absl::StrCat(" vertex=$", As<plan::FilterLabels>(node).vertex);
    case OperatorKind::kDifferentEdges:
      return absl::StrCat(" ", Slots(As<plan::DifferentEdges>(node).edges));
    case OperatorKind::kMakePath:
      return absl::StrCat(" vertices=", Slots(As<plan::MakePath>(node).vertices),
                          " edges=", Slots(As<plan::MakePath>(node).edges));
    case OperatorKind::kLookup:
      return absl::StrCat(" ", Slots(As<plan::Lookup>(node).slots),
                          As<plan::Lookup>(node).takes_ends ? " with ends" : "",
                          TextOf(As<plan::Lookup>(node).whole));
    case OperatorKind::kSet:
      return absl::StrCat(" ", Slots(As<plan::Set>(node).looked_up),
                          TextOf(As<plan::Set>(node).whole));
    case OperatorKind::kUnion: {
      std::string text;
      for (const auto& columns : As<plan::Union>(node).columns) {
        absl::StrAppend(&text, " ", Slots(columns));
      }
      return text;
    }
    default:
      return "";
  }
}

void Append(const plan::Operator& node, int depth, std::string* text) {
  absl::StrAppend(text, std::string(2 * static_cast<size_t>(depth), ' '), ToAbsl(NameOf(node)),
                  FieldsOf(node));
  if (!node.details.empty()) absl::StrAppend(text, "  | ", node.details);
  absl::StrAppend(text, "\n");
  if (const plan::Fragment* inner = InnerOf(node)) Append(*inner->root, depth + 2, text);
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    Append(*node.inputs[i], node.inputs.size() > 1 ? depth + 1 : depth, text);
  }
}

}  // namespace

std::string PlanText(const plan::Plan& plan) {
  std::string text = absl::StrCat("Result ", Slots(plan.columns), "\n");
  Append(*plan.home.root, 0, &text);
  return text;
}

}  // namespace tidemark::query
