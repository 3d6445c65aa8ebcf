// SPDX-License-Identifier: Apache-2.0
// The text of patterns.
#include "absl/strings/str_cat.h"
#include "query/parser/ast_printer.h"

namespace tidemark::query {
namespace {

// How tightly label expressions bind.
constexpr int kAndLabels = 2;
constexpr int kNotLabels = 3;

int LevelOfLabels(const LabelExpression& labels) {
  switch (labels.kind) {
    case LabelKind::kOr:
      return 1;
    case LabelKind::kAnd:
      return kAndLabels;
    case LabelKind::kNot:
      return kNotLabels;
    default:
      return 4;
  }
}

}  // namespace

void AstPrinter::PrintPaths(absl::Span<PathPattern* const> paths) {
  PutList(paths, [&](const PathPattern* path) { PrintPath(*path); });
}

void AstPrinter::PrintPath(const PathPattern& path) {
  if (!path.variable.empty()) {
    PutVariable(path.variable);
    Put(" = ");
  }
  PrintSelector(path.selector);
  if (path.function == ShortestFunction::kShortestPath) Put("shortestPath(");
  if (path.function == ShortestFunction::kAllShortestPaths) Put("allShortestPaths(");
  for (const PathElement* element : path.elements) PrintElement(*element);
  if (path.function != ShortestFunction::kNone) Put(")");
}

void AstPrinter::PrintSelector(const PathSelector& selector) {
  const auto put_count = [&] {
    if (selector.count == nullptr) return;
    PrintExpression(*selector.count);
    Put(" ");
  };
  switch (selector.kind) {
    case PathSelectorKind::kNone:
      break;
    case PathSelectorKind::kAll:
      Put("ALL PATHS ");
      break;
    case PathSelectorKind::kAny:
      Put("ANY ");
      put_count();
      Put("PATHS ");
      break;
    case PathSelectorKind::kShortest:
      Put("SHORTEST ");
      put_count();
      Put("PATHS ");
      break;
    case PathSelectorKind::kShortestGroups:
      Put("SHORTEST ");
      put_count();
      Put("GROUPS ");
      break;
    case PathSelectorKind::kAllShortest:
      Put("ALL SHORTEST PATHS ");
      break;
    case PathSelectorKind::kAnyShortest:
      Put("ANY SHORTEST PATHS ");
      break;
  }
}

void AstPrinter::PrintElement(const PathElement& element) {
  switch (element.kind) {
    case PathElementKind::kVertex:
      PrintVertex(As<VertexPattern>(element));
      break;
    case PathElementKind::kEdge:
      PrintEdge(As<EdgePattern>(element));
      break;
    case PathElementKind::kGroup:
      PrintGroup(As<PathGroup>(element));
      break;
  }
}

void AstPrinter::PrintVertex(const VertexPattern& vertex) {
  Put("(");
  if (!vertex.variable.empty()) PutVariable(vertex.variable);
  if (vertex.labels != nullptr) {
    Put(":");
    PrintLabels(*vertex.labels, 0);
  }
  if (vertex.properties != nullptr) {
    if (!vertex.variable.empty() || vertex.labels != nullptr) Put(" ");
    PrintExpression(*vertex.properties);
  }
  PutPart("WHERE", vertex.where);
  Put(")");
}

void AstPrinter::PrintEdge(const EdgePattern& edge) {
  const bool points_left =
      edge.direction == EdgeDirection::kIn || edge.direction == EdgeDirection::kBoth;
  const bool points_right =
      edge.direction == EdgeDirection::kOut || edge.direction == EdgeDirection::kBoth;
  Put(points_left ? "<-" : "-");
  PrintEdgeDetail(edge);
  Put(points_right ? "->" : "-");
  PrintQuantifier(edge.quantifier);
}

void AstPrinter::PrintEdgeDetail(const EdgePattern& edge) {
  const bool is_empty = edge.variable.empty() && edge.types == nullptr && edge.length == nullptr &&
                        edge.properties == nullptr && edge.where == nullptr;
  if (is_empty) return;
  Put("[");
  if (!edge.variable.empty()) PutVariable(edge.variable);
  if (edge.types != nullptr) {
    Put(":");
    PrintLabels(*edge.types, 0);
  }
  if (edge.length != nullptr) {
    Put("*");
    const bool is_any = edge.length->min == 1 && edge.length->max == kUnboundedRepetition;
    if (!is_any) Put(absl::StrCat(edge.length->min));
    if (!is_any && edge.length->max != edge.length->min) Put("..");
    const bool has_max =
        edge.length->max != kUnboundedRepetition && edge.length->max != edge.length->min;
    if (has_max) Put(absl::StrCat(edge.length->max));
  }
  if (edge.properties != nullptr) {
    if (!edge.variable.empty() || edge.types != nullptr || edge.length != nullptr) Put(" ");
    PrintExpression(*edge.properties);
  }
  PutPart("WHERE", edge.where);
  Put("]");
}

void AstPrinter::PrintGroup(const PathGroup& group) {
  Put("(");
  PrintPath(*group.path);
  PutPart("WHERE", group.where);
  Put(")");
  PrintQuantifier(group.quantifier);
}

void AstPrinter::PrintQuantifier(const Repetition* quantifier) {
  if (quantifier == nullptr) return;
  const bool is_open = quantifier->max == kUnboundedRepetition;
  if (is_open && quantifier->min < 2) {
    Put(quantifier->min == 0 ? "*" : "+");
    return;
  }
  Put(absl::StrCat("{", quantifier->min));
  if (is_open) {
    Put(",");
  } else if (quantifier->max != quantifier->min) {
    Put(absl::StrCat(",", quantifier->max));
  }
  Put("}");
}

void AstPrinter::PrintLabels(const LabelExpression& labels, int level) {
  const int own_level = LevelOfLabels(labels);
  if (own_level < level) {
    Put("(");
    PrintLabels(labels, 0);
    Put(")");
    return;
  }
  if (own_level > kNotLabels) {
    PrintLabel(labels);
    return;
  }
  if (labels.kind == LabelKind::kNot) {
    Put("!");
    PrintLabels(*labels.inner[0], kNotLabels);
    return;
  }
  bool first = true;
  for (const LabelExpression* inner : labels.inner) {
    if (!first) Put(labels.kind == LabelKind::kOr ? "|" : "&");
    first = false;
    PrintLabels(*inner, own_level + 1);
  }
}

void AstPrinter::PrintLabel(const LabelExpression& label) {
  if (label.kind == LabelKind::kName) {
    PutName(label.name);
  } else if (label.kind == LabelKind::kAny) {
    Put("%");
  } else {
    Put(label.any_of ? "$any(" : "$(");
    PrintExpression(*label.dynamic);
    Put(")");
  }
}

}  // namespace tidemark::query
