// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "query/parser/ast.h"
#include "query/parser/token_stream.h"

namespace tidemark::query {

// What a pattern is for: some of its parts have no meaning in the others.
enum class PatternUse : uint8_t { kMatch, kCreate, kInsert, kMerge };

// Whether an expression can begin with the token; a word may also be a keyword that stands there
// for something else (parse_expression.cc).
bool BeginsExpression(const Token& token);

// Recursive descent for clauses and commands, operator precedence for expressions. Each file
// parse_*.cc has the functions of one group below. No function gives nullptr where it found an
// error: it gives some node, and the stream has the error. Owner: one Parse call. Threads: one.
class RecursiveParser : public TokenStream {
 public:
  using TokenStream::TokenStream;

  // parse_statement.cc
  const Statement* ParseStatement();

 private:
  enum class QueryPlace : uint8_t { kTop, kCall, kReadOnlySubquery };

  // parse_statement.cc
  void ParsePrefixes(Statement* statement);

  // parse_query.cc
  Query* ParseQuery(QueryPlace place);
  SingleQuery* ParseSingleQuery(QueryPlace place);
  Clause* ParseClause();
  using ClauseFunction = Clause* (RecursiveParser::*)(uint32_t begin);
  static ClauseFunction ClauseParser(Keyword keyword);
  Clause* ParseOptional(uint32_t begin);
  Clause* ParseMatch(uint32_t begin);
  Clause* ParseFinish(uint32_t begin);
  MatchBlock ParseMatchBlock();
  MatchMode ParseMatchMode();
  Clause* ParseUnwind(uint32_t begin);
  Clause* ParseWith(uint32_t begin);
  Clause* ParseReturn(uint32_t begin);
  Clause* ParseLoadCsv(uint32_t begin);
  Clause* ParseUse(uint32_t begin);
  Projection ParseProjection();
  bool TakeDistinct();
  ProjectionItem ParseProjectionItem();
  absl::Span<const SortItem> ParseOrder();
  void ParsePage(Expression** skip, Expression** limit);
  absl::Span<const Hint> ParseHints();
  Hint ParseHint();
  absl::Span<const Name> ParseNames(std::string_view what);

  // composition.cc: what may follow what in a query.
  static bool IsUpdateClause(ClauseKind kind);
  void CheckComposition(const SingleQuery& query, QueryPlace place);
  void CheckPair(const Clause& before, const Clause& after);
  void CheckLast(const Clause& last, QueryPlace place, bool is_alone);
  void CheckCall(const CallClause& call, bool is_alone);

  // parse_subquery.cc
  Clause* ParseCall(uint32_t begin, bool optional);
  Clause* ParseProcedureCall(uint32_t begin, bool optional);
  Clause* ParseSubqueryCall(uint32_t begin, bool optional);
  absl::Span<const YieldItem> ParseYieldItems();
  InTransactions* ParseInTransactions();
  void ParseBatch(InTransactions* transactions);
  Name ParseDottedName(std::string_view what);
  Expression* ParseSubqueryExpression(uint32_t begin, SubqueryKind kind);
  bool AtPatterns() const;
  void CheckCollects(const Query& query, SubqueryKind kind);

  // parse_update.cc
  Clause* ParseCreate(uint32_t begin, PatternUse use);
  Clause* ParseMerge(uint32_t begin);
  Clause* ParseSet(uint32_t begin);
  Clause* ParseRemove(uint32_t begin);
  Clause* ParseDelete(uint32_t begin, bool detach);
  Clause* ParseForeach(uint32_t begin);
  absl::Span<const SetItem> ParseSetItems();
  Expression* ParseSetTarget();
  SetItem ParseSetItem();
  SetItem ParseRemoveItem();
  LabelExpression* ParseSetLabels();
  void CheckWrittenPath(const PathPattern& path, PatternUse use);
  void CheckWrittenVertex(const VertexPattern& vertex);
  void CheckWrittenEdge(const EdgePattern& edge, PatternUse use);
  void CheckWrittenLabels(const LabelExpression* labels);

  // parse_pattern.cc
  absl::Span<PathPattern* const> ParsePaths(PatternUse use);
  PathPattern* ParsePath(PatternUse use);
  PathSelector ParseSelector();
  PathPattern* ParseShortestFunction(uint32_t begin, Name variable);
  // Vertices and edges in turn, until no edge follows.
  void ParseElements(PatternUse use, PathPattern* path);
  VertexPattern* ParseVertex(PatternUse use);
  EdgePattern* ParseEdge(PatternUse use);
  void ParseEdgeDetail(PatternUse use, EdgePattern* edge);
  PathGroup* ParseGroup(PatternUse use);
  bool AtEdge() const;
  bool AtGroup() const;
  bool AtVariableOfElement() const;
  Expression* ParsePatternProperties(PatternUse use);
  Repetition* ParseLength();
  Repetition* ParseQuantifier();
  int64_t ParseRepetitionBound();
  // Behind the colon, or behind IS.
  LabelExpression* ParseLabels();
  LabelExpression* ParseLabelAnd();
  LabelExpression* ParseLabelNot();
  LabelExpression* ParseLabelPrimary();
  LabelExpression* ParseDynamicLabel();
  LabelExpression* NewLabels(LabelKind kind, uint32_t begin, const Items<LabelExpression*>& inner);
  // Whether the parenthesis at token `open` (at the next token) begins a path, not an expression in
  // parentheses.
  bool IsPath(size_t open) const;
  bool AtPathInExpression() const;
  bool BeginsVertex(size_t index) const;

  // parse_expression.cc; levels from the loosest operator to the tightest. NOT and the signs stand
  // in front of their operand.
  static constexpr int kOrLevel = 1;
  static constexpr int kXorLevel = 2;
  static constexpr int kAndLevel = 3;
  static constexpr int kNotLevel = 4;
  static constexpr int kComparisonLevel = 5;
  static constexpr int kPredicateLevel = 6;
  static constexpr int kSumLevel = 7;
  static constexpr int kProductLevel = 8;
  static constexpr int kPowerLevel = 9;
  static constexpr int kSignLevel = 10;
  struct Infix {
    int level;
    Operator op;
    int token_count;
  };
  Expression* ParseExpression();
  Expression* ParseLevel(int level);
  Expression* ParsePrefix();
  Expression* ParseSign();
  std::optional<Infix> PeekInfix();
  std::optional<Infix> PeekWordInfix();
  Expression* ParseChain(uint32_t begin, Expression* first, const Infix& infix);
  // IN, STARTS WITH, IS NULL, IS :: and so on behind `operand`.
  Expression* ParsePredicate(uint32_t begin, Expression* operand, const Infix& infix);
  Expression* ParseIs(uint32_t begin, Expression* operand);
  bool AtIsPredicate() const;
  bool AtNormalForm(size_t ahead) const;
  Expression* ParsePostfix();
  bool AtLabelsOfOperand();
  Expression* ParseSubscript(uint32_t begin, Expression* base);
  Expressions ParseExpressions();
  size_t FindBar(size_t open) const;
  Expression* Dummy();

  // parse_atom.cc
  Expression* ParseAtom();
  Expression* ParseWordAtom();
  Expression* ParseKeywordAtom();
  Expression* ParseVariable();
  Expression* ParseCountStar();
  Expression* ParseNumber();
  Expression* ParseInteger(std::string_view digits, uint64_t base);
  Expression* ParseFloat(std::string_view digits);
  Expression* ParseFloatWord();
  Expression* ParseString();
  std::string_view ParseStringValue();
  std::string_view DecodeString(const Token& token);
  // The character behind \u or \U at `i` of the inner text; moves `i` behind it.
  void DecodeCharacter(const Token& token, size_t* i, std::string* out);
  Expression* ParseParameter();
  Expression* ParseParenthesized();
  bool AtFunctionCall() const;
  Expression* ParseFunctionCall();
  bool AtTrimSide() const;
  Expression* ParseTrimForm(uint32_t begin, Name name, size_t open);
  Expression* ParseNormalForm();
  Expression* ParseMap();
  Expression* ParseMapProjection(uint32_t begin, Name variable);
  MapProjectionItem ParseMapProjectionItem();
  TypeName* ParseType();
  TypeName* ParsePlainType();
  TypeName* ParseTypeName();
  TypeKind ParseTypeWords();
  TypeKind ParseTimeOrDateTime(TypeKind time);
  TypeKind ParseZone(TypeKind zoned);

  // parse_loop.cc: what has variables or alternatives of its own.
  // Sets the bar of the brackets that open at a token, and the one of outside again.
  class BarScope {
   public:
    BarScope(RecursiveParser* parser, size_t open) : parser_(*parser), outer_(parser->bar_) {
      parser_.bar_ = parser_.FindBar(open);
    }
    ~BarScope() { parser_.bar_ = outer_; }
    BarScope(const BarScope&) = delete;
    BarScope& operator=(const BarScope&) = delete;

   private:
    RecursiveParser& parser_;
    const size_t outer_;
  };
  Expression* ParseListOrComprehension();
  Expression* ParseListComprehension(uint32_t begin, size_t open);
  Expression* ParsePatternComprehension(uint32_t begin, size_t open);
  bool AtPatternComprehension() const;
  Expression* ParseListPredicate(ListPredicateKind kind);
  Expression* ParseReduce();
  bool AtListPredicate() const;
  bool AtCase() const;
  Expression* ParseCase();
  CaseCondition ParseCaseCondition(bool has_operand);
  bool IsNameInCase() const;
  Expression* ParsePatternAtom();

  // parse_schema.cc
  Command* ParseCreateIndex(uint32_t begin, IfExists if_exists);
  Command* ParseCreateConstraint(uint32_t begin, IfExists if_exists);
  void ParseRequirement(CreateConstraintCommand* command);
  Command* ParseDropIndex(uint32_t begin);
  Command* ParseDropConstraint(uint32_t begin);
  IndexKind ParseIndexKind();
  struct SchemaTarget {
    Name variable;
    bool on_edges = false;
    absl::Span<const Name> labels;
  };
  SchemaTarget ParseSchemaTarget(bool has_labels);
  absl::Span<const Name> ParseSchemaLabels();
  absl::Span<const Name> ParseSchemaProperties(const Name& variable, TokenKind closing);
  Name ParseSchemaProperty(const Name& variable);
  void ParseEachFunction(const SchemaTarget& target);
  CatalogName ParseCatalogName(std::string_view what);
  bool TakeIfNotExists();
  bool TakeIfExists();
  Expression* ParseOptions();

  // parse_show.cc
  ShowCommand* ParseShow();
  ShowCommand* ParseOneShow();
  ShowKind ParseShowKind(ShowCommand* show);
  std::string_view ParseShowFilter();
  void CheckShowFilter(const ShowCommand& show, uint32_t offset);
  void ParseShowSubjects(ShowCommand* show);
  void ParseExecutable(ShowCommand* show);
  void ParseShowTail(ShowCommand* show);

  // parse_admin.cc
  bool AtCommand();
  Command* ParseCommand();
  Command* ParseCreateCommand(uint32_t begin);
  Command* ParseDropCommand(uint32_t begin);
  Command* ParseAlterCommand(uint32_t begin);
  Command* ParseRenameCommand(uint32_t begin);
  Command* ParseStartOrStop(uint32_t begin);
  void ParseDatabaseTail(DatabaseCommand* database);
  template <typename T>
  T* NewCommand() {
    T* command = arena()->New<T>();
    command->kind = T::kKind;
    return command;
  }
  Command* Finish(Command* command, uint32_t begin) {
    command->source = Since(begin);
    return command;
  }

  // parse_users.cc
  Command* ParseCreateUser(uint32_t begin, IfExists if_exists);
  void ParseUserSettings(UserCommand* user);
  void ParseUserSetting(UserCommand* user);
  void ParsePasswordTail(UserCommand* user);
  Expression* ParsePassword();
  Command* ParseAlterCurrentUser(uint32_t begin);
  Command* ParseCreateRole(uint32_t begin, IfExists if_exists);
  Command* ParseGrantCommand(uint32_t begin);
  Command* ParsePrivilege(uint32_t begin, PrivilegeAction action);
  absl::Span<const CatalogName> ParseCatalogNames(std::string_view what);

  // The token of the | that ends the conditions of the comprehension around; see FindBar.
  size_t bar_ = 0;
  // The token of a number that has a minus before it: only such a one may be 2^63.
  size_t negated_ = 0;
};

}  // namespace tidemark::query
