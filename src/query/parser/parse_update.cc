// SPDX-License-Identifier: Apache-2.0
// The clauses that write.
#include "query/parser/recursive_parser.h"

namespace tidemark::query {
namespace {

std::string_view NameOf(PatternUse use) {
  switch (use) {
    case PatternUse::kMatch:
      return "MATCH";
    case PatternUse::kCreate:
      return "CREATE";
    case PatternUse::kInsert:
      return "INSERT";
    case PatternUse::kMerge:
      return "MERGE";
  }
  return "";
}

}  // namespace

Clause* RecursiveParser::ParseCreate(uint32_t begin, PatternUse use) {
  const auto paths = ParsePaths(use);
  for (const PathPattern* path : paths) CheckWrittenPath(*path, use);
  return arena()->New<CreateClause>(Clause{ClauseKind::kCreate, Since(begin)}, paths);
}

Clause* RecursiveParser::ParseMerge(uint32_t begin) {
  PathPattern* path = ParsePath(PatternUse::kMerge);
  CheckWrittenPath(*path, PatternUse::kMerge);
  Items<MergeAction> actions;
  while (At(Keyword::kOn)) {
    Skip();
    const bool on_create = Take(Keyword::kCreate);
    if (!on_create) ExpectEither(Keyword::kMatch, Keyword::kCreate);
    Expect(Keyword::kSet);
    actions.push_back({on_create, ParseSetItems()});
  }
  return arena()->New<MergeClause>(Clause{ClauseKind::kMerge, Since(begin)}, path, Keep(actions));
}

Clause* RecursiveParser::ParseSet(uint32_t begin) {
  const auto items = ParseSetItems();
  return arena()->New<SetClause>(Clause{ClauseKind::kSet, Since(begin)}, items);
}

absl::Span<const SetItem> RecursiveParser::ParseSetItems() {
  Items<SetItem> items;
  do {
    items.push_back(ParseSetItem());
  } while (Take(TokenKind::kComma));
  return Keep(items);
}

// What a change is made to: a variable, a property of any expression, or an entry by its name.
Expression* RecursiveParser::ParseSetTarget() {
  const Nesting nesting(this);
  const uint32_t begin = Here();
  const bool is_name = AtName() && !AtFunctionCall() && Peek(1).kind != TokenKind::kLeftBrace;
  Expression* target = is_name ? ParseVariable() : ParseAtom();
  while (At(TokenKind::kDot) || At(TokenKind::kLeftBracket)) {
    if (At(TokenKind::kLeftBracket)) {
      target = ParseSubscript(begin, target);
    } else {
      Skip();
      const Name key = ExpectName("the name of a property");
      target = New<PropertyAccess>(begin, target, key);
    }
    Wrap();
  }
  return target;
}

SetItem RecursiveParser::ParseSetItem() {
  const uint32_t begin = Here();
  SetItem item = {};
  item.target = ParseSetTarget();
  const ExpressionKind kind = item.target->kind;
  const bool is_property = kind == ExpressionKind::kProperty || kind == ExpressionKind::kIndex;
  const bool is_variable = kind == ExpressionKind::kVariable;
  if (is_variable && (Take(TokenKind::kColon) || Take(Keyword::kIs))) {
    item.kind = SetKind::kLabels;
    item.labels = ParseSetLabels();
  } else if (is_variable && Take(TokenKind::kPlusEqual)) {
    item.kind = SetKind::kAdd;
    item.value = ParseExpression();
  } else if (!is_variable && !is_property) {
    FailAt(begin, ErrorId::kUnexpectedSyntax,
           {"SET changes a property, a variable's properties or its labels: write n.key = value, "
            "n = map, n += map or n:Label"});
  } else if (Take(TokenKind::kEqual)) {
    item.kind = is_property ? SetKind::kProperty : SetKind::kReplace;
    item.value = ParseExpression();
  } else {
    Fail(is_property ? "'='" : "'.', '=', '+=' or ':'");
  }
  item.source = Since(begin);
  return item;
}

LabelExpression* RecursiveParser::ParseSetLabels() {
  LabelExpression* labels = ParseLabels();
  CheckWrittenLabels(labels);
  return labels;
}

Clause* RecursiveParser::ParseRemove(uint32_t begin) {
  Items<SetItem> items;
  do {
    items.push_back(ParseRemoveItem());
  } while (Take(TokenKind::kComma));
  return arena()->New<RemoveClause>(Clause{ClauseKind::kRemove, Since(begin)}, Keep(items));
}

SetItem RecursiveParser::ParseRemoveItem() {
  const uint32_t begin = Here();
  SetItem item = {};
  item.target = ParseSetTarget();
  const ExpressionKind kind = item.target->kind;
  item.kind = SetKind::kProperty;
  if (kind == ExpressionKind::kVariable && (Take(TokenKind::kColon) || Take(Keyword::kIs))) {
    item.kind = SetKind::kLabels;
    item.labels = ParseSetLabels();
  } else if (kind != ExpressionKind::kProperty && kind != ExpressionKind::kIndex) {
    Fail("'.' and a property, or ':' and a label");
  }
  item.source = Since(begin);
  return item;
}

Clause* RecursiveParser::ParseDelete(uint32_t begin, bool detach) {
  Expect(Keyword::kDelete);
  const Expressions targets = ParseExpressions();
  for (const Expression* target : targets) {
    if (target->kind != ExpressionKind::kHasLabels) continue;
    FailAt(target->source.offset, ErrorId::kInvalidDelete, {target->source.Of(text())});
  }
  return arena()->New<DeleteClause>(Clause{ClauseKind::kDelete, Since(begin)}, detach, targets);
}

Clause* RecursiveParser::ParseForeach(uint32_t begin) {
  const Nesting nesting(this);
  const size_t open = index();
  const BarScope scope(this, open);
  Expect(TokenKind::kLeftParenthesis);
  const Name variable = ExpectName("a variable");
  Expect(Keyword::kIn);
  Expression* list = ParseExpression();
  Expect(TokenKind::kBar);
  Items<Clause*> updates;
  while (Clause* clause = ParseClause()) {
    if (!IsUpdateClause(clause->kind)) {
      FailAt(clause->source.offset, ErrorId::kInvalidClauseComposition,
             {"FOREACH holds only CREATE, MERGE, SET, REMOVE, DELETE and FOREACH"});
    }
    updates.push_back(clause);
  }
  if (updates.empty()) Fail("CREATE, MERGE, SET, REMOVE, DELETE or FOREACH");
  ExpectClosing(TokenKind::kRightParenthesis, open, "an update or ')'");
  return arena()->New<ForeachClause>(Clause{ClauseKind::kForeach, Since(begin)}, variable, list,
                                     Keep(updates));
}

// Labels that can be given: names, without choice.
void RecursiveParser::CheckWrittenLabels(const LabelExpression* labels) {
  if (labels == nullptr) return;
  const bool is_plain = labels->kind == LabelKind::kName || labels->kind == LabelKind::kDynamic;
  if (is_plain && !labels->any_of) return;
  if (labels->kind == LabelKind::kAnd) {
    for (const LabelExpression* inner : labels->inner) CheckWrittenLabels(inner);
    return;
  }
  FailAt(labels->source.offset, ErrorId::kUnexpectedSyntax,
         {"Labels that are written are names joined by ':' or '&'"});
}

void RecursiveParser::CheckWrittenPath(const PathPattern& path, PatternUse use) {
  if (path.function != ShortestFunction::kNone) {
    FailAt(path.source.offset, ErrorId::kUnexpectedSyntax,
           {"shortestPath and allShortestPaths can only be matched"});
  }
  for (const PathElement* element : path.elements) {
    if (element->kind == PathElementKind::kVertex) {
      CheckWrittenVertex(As<VertexPattern>(*element));
    } else if (element->kind == PathElementKind::kEdge) {
      CheckWrittenEdge(As<EdgePattern>(*element), use);
    } else {
      FailAt(element->source.offset, ErrorId::kUnexpectedSyntax,
             {"A part of a path in parentheses can only be matched"});
    }
  }
}

void RecursiveParser::CheckWrittenVertex(const VertexPattern& vertex) {
  CheckWrittenLabels(vertex.labels);
  if (vertex.where == nullptr) return;
  FailAt(vertex.where->source.offset, ErrorId::kUnexpectedSyntax,
         {"A node with WHERE can only be matched"});
}

void RecursiveParser::CheckWrittenEdge(const EdgePattern& edge, PatternUse use) {
  const uint32_t at = edge.source.offset;
  const bool has_one_type = edge.types != nullptr && (edge.types->kind == LabelKind::kName ||
                                                      edge.types->kind == LabelKind::kDynamic);
  const bool may_be_undirected = use == PatternUse::kMerge;
  const bool is_directed =
      edge.direction == EdgeDirection::kOut || edge.direction == EdgeDirection::kIn;
  if (edge.length != nullptr || edge.quantifier != nullptr) {
    FailAt(at, ErrorId::kCreatingVarLength, {NameOf(use)});
  } else if (edge.types == nullptr && !edge.variable.empty()) {
    // The variable may be bound, which is the worse mistake: the binder decides.
  } else if (!has_one_type || edge.types->any_of) {
    FailAt(at, ErrorId::kNoSingleRelationshipType, {NameOf(use)});
  } else if (!is_directed && !may_be_undirected) {
    FailAt(at, ErrorId::kRequiresDirectedRelationship, {NameOf(use)});
  } else if (edge.where != nullptr) {
    FailAt(edge.where->source.offset, ErrorId::kUnexpectedSyntax,
           {"A relationship with WHERE can only be matched"});
  }
}

}  // namespace tidemark::query
