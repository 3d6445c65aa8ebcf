// SPDX-License-Identifier: Apache-2.0
// Bound statements as text: variables as name#number, hidden ones as #number.
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "query/binder/infer.h"
#include "tests/query/binder/bind_fixture.h"

namespace tidemark::query {
namespace {

// Owner: one ToText call.
class BoundWriter {
 public:
  explicit BoundWriter(const bound::Statement& statement) : statement_(statement) {}

  void Write(const bound::Query& query) {
    for (size_t i = 0; i < query.branches.size(); ++i) {
      if (i > 0) Line(query.is_union_all ? "union all" : "union");
      for (const bound::Part& part : query.branches[i]->parts) Write(part);
      if (query.branches.size() > 1) Line("outputs " + Ids(query.branches[i]->outputs));
    }
    std::string columns;
    for (const bound::Column& column : query.columns) {
      absl::StrAppend(&columns, " ", ToAbsl(column.name), "=", Var(column.variable));
    }
    Line("columns" + columns);
  }

  std::string out;

 private:
  void Line(const std::string& line) { absl::StrAppend(&out, line, "\n"); }

  std::string Var(bound::VariableId id) {
    return absl::StrCat(ToAbsl(statement_.variables[id].name), "#", id);
  }
  std::string Ids(absl::Span<const bound::VariableId> ids) {
    return absl::StrJoin(ids, " ", [this](std::string* text, bound::VariableId id) {
      absl::StrAppend(text, Var(id));
    });
  }
  std::string NameText(const bound::Name& name) {
    return absl::StrCat(ToAbsl(name.text), name.id == 0 ? "?" : "");
  }

  std::string All(bound::Expressions expressions) {
    return absl::StrJoin(expressions, ", ", [this](std::string* text, const auto* expression) {
      absl::StrAppend(text, Text(expression));
    });
  }

  std::string Test(const bound::LabelTest& test) {
    if (test.kind == bound::LabelTestKind::kName) return NameText(test.name);
    if (test.kind == bound::LabelTestKind::kAny) return "%";
    std::vector<std::string> inner;
    for (const bound::LabelTest* part : test.inner) inner.push_back(Test(*part));
    if (test.kind == bound::LabelTestKind::kNot) return "!" + inner[0];
    const std::string joined =
        absl::StrJoin(inner, test.kind == bound::LabelTestKind::kAnd ? "&" : "|");
    return absl::StrCat("(", joined, ")");
  }

  std::string Chain(bound::Expressions operands, absl::Span<const std::string> operators) {
    std::string text = "(" + Text(operands[0]);
    for (size_t i = 0; i < operators.size(); ++i) {
      absl::StrAppend(&text, " ", operators[i], " ", Text(operands[i + 1]));
    }
    return text + ")";
  }

  std::string Text(const bound::Expression* expression) {
    if (expression == nullptr) return "-";
    const bound::Expression& e = *expression;
    switch (e.kind) {
      case bound::ExpressionKind::kNull:
        return "null";
      case bound::ExpressionKind::kBoolean:
        return bound::As<bound::BooleanLiteral>(e).value ? "true" : "false";
      case bound::ExpressionKind::kInteger:
        return absl::StrCat(bound::As<bound::IntegerLiteral>(e).value);
      case bound::ExpressionKind::kFloat:
        return absl::StrCat(bound::As<bound::FloatLiteral>(e).value);
      case bound::ExpressionKind::kString:
        return absl::StrCat("'", ToAbsl(bound::As<bound::StringLiteral>(e).value), "'");
      case bound::ExpressionKind::kParameter:
        return absl::StrCat(
            "$",
            ToAbsl(statement_.parameters[bound::As<bound::ParameterReference>(e).parameter].name));
      case bound::ExpressionKind::kVariable:
        return Var(bound::As<bound::VariableReference>(e).variable);
      case bound::ExpressionKind::kProperty:
        return absl::StrCat(Text(bound::As<bound::Property>(e).base), ".",
                            NameText(bound::As<bound::Property>(e).key));
      case bound::ExpressionKind::kLogic: {
        constexpr const char* kWords[] = {" and ", " or ", " xor "};
        const auto& node = bound::As<bound::Logic>(e);
        return absl::StrCat("(",
                            absl::StrJoin(node.operands, kWords[static_cast<int>(node.op)],
                                          [this](std::string* text, const auto* operand) {
                                            absl::StrAppend(text, Text(operand));
                                          }),
                            ")");
      }
      case bound::ExpressionKind::kNot:
        return "not " + Text(bound::As<bound::Not>(e).operand);
      case bound::ExpressionKind::kHasLabels:
        return absl::StrCat(Text(bound::As<bound::HasLabels>(e).operand), ":",
                            Test(*bound::As<bound::HasLabels>(e).test));
      case bound::ExpressionKind::kCall:
        return absl::StrCat(ToAbsl(bound::As<bound::Call>(e).function->name), "(",
                            All(bound::As<bound::Call>(e).arguments), ")");
      default:
        return LongText(e);
    }
  }

  std::string LongText(const bound::Expression& e) {
    switch (e.kind) {
      case bound::ExpressionKind::kList:
        return absl::StrCat("[", All(bound::As<bound::ListLiteral>(e).items), "]");
      case bound::ExpressionKind::kOperation: {
        const auto& node = bound::As<bound::Operation>(e);
        std::vector<std::string> words;
        for (const auto op : node.operators) words.emplace_back(TextOf(op));
        return Chain(node.operands, words);
      }
      case bound::ExpressionKind::kComparison: {
        constexpr const char* kWords[] = {"=", "<>", "<", "<=", ">", ">="};
        const auto& node = bound::As<bound::Comparison>(e);
        std::vector<std::string> words;
        for (const auto op : node.operators) words.emplace_back(kWords[static_cast<int>(op)]);
        return Chain(node.operands, words);
      }
      case bound::ExpressionKind::kCase: {
        const auto& node = bound::As<bound::Case>(e);
        std::string text = "case";
        if (node.subject != bound::kNoVariable) {
          absl::StrAppend(&text, " ", Var(node.subject), "=", Text(node.subject_value));
        }
        for (const auto& alternative : node.alternatives) {
          absl::StrAppend(&text, " when ", Text(alternative.condition), " then ",
                          Text(alternative.result));
        }
        return absl::StrCat(text, " else ", Text(node.otherwise), " end");
      }
      case bound::ExpressionKind::kListComprehension: {
        const auto& node = bound::As<bound::ListComprehension>(e);
        return absl::StrCat("[", Var(node.variable), " in ", Text(node.list), " where ",
                            Text(node.where), " | ", Text(node.projection), "]");
      }
      case bound::ExpressionKind::kSubplan: {
        const auto& node = bound::As<bound::Subplan>(e);
        std::string text = node.subplan == bound::SubplanKind::kPatternExists ? "exists" : "list";
        absl::StrAppend(&text, "<", Ids(node.arguments), ">");
        if (node.graph != nullptr) absl::StrAppend(&text, "{", Graph(*node.graph), "}");
        if (node.projection != nullptr) absl::StrAppend(&text, "|", Text(node.projection));
        return text;
      }
      default:
        return absl::StrCat("<", static_cast<int>(e.kind), ">");
    }
  }

  std::string Predicates(absl::Span<const bound::Predicate> predicates) {
    return absl::StrJoin(predicates, "; ", [this](std::string* text, const auto& predicate) {
      absl::StrAppend(text, Text(predicate.condition), "<", Ids(predicate.uses), ">");
    });
  }

  std::string Edge(const bound::QueryGraph& graph, const bound::PatternEdge& edge) {
    constexpr const char* kArrows[] = {"->", "<-", "--"};
    std::string text = absl::StrCat(
        Var(graph.vertices[edge.left].variable), " ", edge.is_bound ? "!" : "", Var(edge.variable),
        kArrows[static_cast<int>(edge.direction)], " ", Var(graph.vertices[edge.right].variable));
    for (const bound::Name& type : edge.types) absl::StrAppend(&text, ":", NameText(type));
    if (edge.has_length) {
      absl::StrAppend(&text, "*", edge.min_length, "..", edge.max_length, " each ",
                      Var(edge.element), " ", Predicates(edge.element_predicates));
    }
    return text;
  }

  std::string Graph(const bound::QueryGraph& graph) {
    std::vector<std::string> parts;
    for (const bound::PatternVertex& vertex : graph.vertices) {
      std::string text = absl::StrCat(vertex.is_bound ? "!" : "", Var(vertex.variable));
      for (const bound::Name& label : vertex.labels) absl::StrAppend(&text, ":", NameText(label));
      parts.push_back(absl::StrCat("(", text, ")"));
    }
    for (const bound::PatternEdge& edge : graph.edges) {
      parts.push_back(absl::StrCat("[", Edge(graph, edge), "]"));
    }
    for (const bound::PathVariable& path : graph.paths) {
      parts.push_back(absl::StrCat("path ", Var(path.variable), "=",
                                   absl::StrJoin(path.vertices, "-"), "/",
                                   absl::StrJoin(path.edges, "-")));
    }
    for (const auto& group : graph.all_different) {
      parts.push_back(absl::StrCat("different ", absl::StrJoin(group, " ")));
    }
    if (!graph.predicates.empty()) parts.push_back("where " + Predicates(graph.predicates));
    if (!graph.arguments.empty()) parts.push_back("uses " + Ids(graph.arguments));
    return absl::StrJoin(parts, " ");
  }

  std::string Elements(absl::Span<const bound::NewElement> elements) {
    std::vector<std::string> parts;
    for (const bound::NewElement& element : elements) {
      std::string text = Var(element.variable);
      if (element.kind == bound::NewElementKind::kBoundVertex) text = "!" + text;
      for (const bound::Name& label : element.labels) absl::StrAppend(&text, ":", NameText(label));
      if (element.kind == bound::NewElementKind::kEdge) {
        absl::StrAppend(&text, ":", NameText(element.type), " ", Var(element.source_vertex), "->",
                        Var(element.target_vertex));
      }
      for (const auto& entry : element.properties.entries) {
        absl::StrAppend(&text, " ", NameText(entry.key), "=", Text(entry.value));
      }
      if (element.properties.map != nullptr)
        absl::StrAppend(&text, " ", Text(element.properties.map));
      parts.push_back(absl::StrCat("(", text, ")"));
    }
    return absl::StrJoin(parts, " ");
  }

  std::string SetItems(absl::Span<const bound::SetItem> items) {
    constexpr const char* kWords[] = {"set",    "set[]",  "replace",  "add",
                                      "labels", "remove", "remove[]", "remove labels"};
    std::vector<std::string> parts;
    for (const bound::SetItem& item : items) {
      std::string text = absl::StrCat(kWords[static_cast<int>(item.kind)], " ", Text(item.target));
      if (!item.key.text.empty()) absl::StrAppend(&text, ".", NameText(item.key));
      if (item.key_value != nullptr) absl::StrAppend(&text, "[", Text(item.key_value), "]");
      if (item.value != nullptr) absl::StrAppend(&text, "=", Text(item.value));
      for (const bound::Name& label : item.labels) absl::StrAppend(&text, ":", NameText(label));
      parts.push_back(text);
    }
    return absl::StrJoin(parts, ", ");
  }

  void Write(const bound::Clause& clause) {
    switch (clause.kind) {
      case bound::ClauseKind::kMatch: {
        const auto& match = bound::As<bound::Match>(clause);
        return Line((match.is_optional ? "optional " : "match ") + Graph(*match.graph));
      }
      case bound::ClauseKind::kUnwind:
        return Line(absl::StrCat("unwind ", Text(bound::As<bound::Unwind>(clause).list), " as ",
                                 Var(bound::As<bound::Unwind>(clause).variable)));
      case bound::ClauseKind::kProcedureCall: {
        const auto& call = bound::As<bound::ProcedureCall>(clause);
        std::string text =
            absl::StrCat("call ", ToAbsl(call.procedure->name), "(", All(call.arguments), ")");
        for (const bound::Output& output : call.outputs) {
          absl::StrAppend(&text, " ", output.column, "=", Var(output.variable));
        }
        return Line(text);
      }
      case bound::ClauseKind::kShow:
        return Line("show");
      case bound::ClauseKind::kCreate:
        return Line("create " + Elements(bound::As<bound::Create>(clause).elements));
      case bound::ClauseKind::kMerge: {
        const auto& merge = bound::As<bound::Merge>(clause);
        Line("merge " + Graph(*merge.graph));
        Line("  make " + Elements(merge.elements));
        if (!merge.on_create.empty()) Line("  on create " + SetItems(merge.on_create));
        if (!merge.on_match.empty()) Line("  on match " + SetItems(merge.on_match));
        return;
      }
      case bound::ClauseKind::kSet:
        return Line(SetItems(bound::As<bound::Set>(clause).items));
      case bound::ClauseKind::kDelete:
        return Line((bound::As<bound::Delete>(clause).is_detach ? "detach delete " : "delete ") +
                    All(bound::As<bound::Delete>(clause).targets));
      case bound::ClauseKind::kForeach: {
        const auto& node = bound::As<bound::Foreach>(clause);
        Line(absl::StrCat("foreach ", Var(node.variable), " in ", Text(node.list)));
        for (const bound::Clause* update : node.updates) Write(*update);
        return Line("end");
      }
      default:
        return Line("?");
    }
  }

  std::string Items(absl::Span<const bound::Projected> items) {
    return absl::StrJoin(items, ", ", [this](std::string* text, const auto& item) {
      absl::StrAppend(text, Var(item.variable), "=", Text(item.expression));
    });
  }

  void Write(const bound::Part& part) {
    for (const bound::Clause* clause : part.clauses) Write(*clause);
    if (part.projection == nullptr) return;
    const bound::Projection& projection = *part.projection;
    if (projection.is_aggregating) {
      std::vector<std::string> aggregates;
      for (const bound::Aggregate& aggregate : projection.aggregates) {
        aggregates.push_back(
            absl::StrCat(Var(aggregate.variable), "=", ToAbsl(aggregate.function->name), "(",
                         aggregate.is_distinct ? "distinct " : "",
                         aggregate.arguments.empty() ? "*" : All(aggregate.arguments), ")"));
      }
      Line(absl::StrCat("group ", Items(projection.keys), " | ", absl::StrJoin(aggregates, ", ")));
    }
    Line(absl::StrCat("project ", projection.is_distinct ? "distinct " : "",
                      Items(projection.items)));
    for (const bound::SortKey& key : projection.order) {
      Line(absl::StrCat("order ", Text(key.expression), key.is_descending ? " desc" : ""));
    }
    if (projection.skip != nullptr) Line("skip " + Text(projection.skip));
    if (projection.limit != nullptr) Line("limit " + Text(projection.limit));
    if (!projection.where.empty()) Line("where " + Predicates(projection.where));
  }

  const bound::Statement& statement_;
};

}  // namespace

std::string ToText(const bound::Statement& statement) {
  BoundWriter writer(statement);
  if (statement.query != nullptr) writer.Write(*statement.query);
  return writer.out;
}

}  // namespace tidemark::query
