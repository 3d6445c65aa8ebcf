// SPDX-License-Identifier: Apache-2.0
#include "query/parser/ast_text.h"

#include <charconv>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "query/parser/ast_printer.h"
#include "query/parser/characters.h"
#include "query/parser/keywords.h"

namespace tidemark::query {
namespace {

// How tightly an expression binds; see the levels of RecursiveParser.
constexpr int kConditionLevel = 4;
constexpr int kTypeTestLevel = 6;
constexpr int kSumOperandLevel = 7;
constexpr int kSignedLevel = 10;
constexpr int kPostfixLevel = 11;
constexpr int kAtomLevel = 12;

struct OperatorText {
  std::string_view text;
  int level;
};

OperatorText WrittenAs(Operator op) {
  switch (op) {
    case Operator::kOr:
      return {"OR", 1};
    case Operator::kXor:
      return {"XOR", 2};
    case Operator::kAnd:
      return {"AND", 3};
    case Operator::kNot:
      return {"NOT", 4};
    case Operator::kEqual:
      return {"=", 5};
    case Operator::kNotEqual:
      return {"<>", 5};
    case Operator::kLess:
      return {"<", 5};
    case Operator::kLessOrEqual:
      return {"<=", 5};
    case Operator::kGreater:
      return {">", 5};
    case Operator::kGreaterOrEqual:
      return {">=", 5};
    case Operator::kMatches:
      return {"=~", 6};
    case Operator::kIn:
      return {"IN", 6};
    case Operator::kStartsWith:
      return {"STARTS WITH", 6};
    case Operator::kEndsWith:
      return {"ENDS WITH", 6};
    case Operator::kContains:
      return {"CONTAINS", 6};
    case Operator::kAdd:
      return {"+", 7};
    case Operator::kSubtract:
      return {"-", 7};
    case Operator::kConcatenate:
      return {"||", 7};
    case Operator::kMultiply:
      return {"*", 8};
    case Operator::kDivide:
      return {"/", 8};
    case Operator::kRemainder:
      return {"%", 8};
    case Operator::kPower:
      return {"^", 9};
    case Operator::kNegate:
      return {"-", kSignedLevel};
    case Operator::kPlus:
      return {"+", kSignedLevel};
  }
  return {"", 0};
}

int LevelOf(const Expression& expression) {
  switch (expression.kind) {
    case ExpressionKind::kUnary:
      return WrittenAs(As<UnaryOperation>(expression).op).level;
    case ExpressionKind::kChain:
      return WrittenAs(As<Chain>(expression).operators[0]).level;
    case ExpressionKind::kComparison:
      return WrittenAs(As<Comparison>(expression).operators[0]).level;
    case ExpressionKind::kIsNull:
    case ExpressionKind::kIsTyped:
    case ExpressionKind::kIsNormalized:
      return kTypeTestLevel;
    case ExpressionKind::kHasLabels:
    case ExpressionKind::kProperty:
    case ExpressionKind::kIndex:
    case ExpressionKind::kSlice:
      return kPostfixLevel;
    case ExpressionKind::kInteger:
      return As<IntegerLiteral>(expression).value < 0 ? kSignedLevel : kAtomLevel;
    case ExpressionKind::kPattern:
      // An operator that begins like an arrow would go on with the path.
      return As<PatternExpression>(expression).pattern->function == ShortestFunction::kNone
                 ? kConditionLevel
                 : kAtomLevel;
    default:
      return kAtomLevel;
  }
}

bool IsPlainName(std::string_view name) {
  size_t length = 0;
  for (size_t i = 0; i < name.size(); i += length) {
    const uint32_t c = DecodeUtf8(name, i, &length);
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    const bool is_digit = c >= '0' && c <= '9';
    const bool fits = c < 0x80 ? is_letter || (is_digit && i > 0)
                      : i == 0 ? BeginsName(c)
                               : ContinuesName(c);
    if (!fits) return false;
  }
  return !name.empty();
}

std::string InBackticks(std::string_view name) {
  std::string quoted = "`";
  for (const char c : name) quoted.append(c == '`' ? 2 : 1, c);
  return quoted + "`";
}

// Alone and before a dot it is a value, not a name.
bool IsLiteralWord(std::string_view word) {
  const Keyword keyword = FindKeyword(word);
  return keyword == Keyword::kNull || keyword == Keyword::kTrue || keyword == Keyword::kFalse;
}

std::string FloatLiteralText(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return "Infinity";
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value).ptr;
  std::string text(buffer, end);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

}  // namespace

std::string QuoteName(std::string_view name) {
  return IsPlainName(name) ? std::string(name) : InBackticks(name);
}

std::string QuoteVariable(std::string_view name) {
  return FindKeyword(name) == Keyword::kNone ? QuoteName(name) : InBackticks(name);
}

std::string QuoteString(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    static constexpr std::string_view kPlain = "\b\f\n\r\t\\'";
    static constexpr std::string_view kEscaped = "bfnrt\\'";
    const size_t i = kPlain.find(c);
    if (i == std::string_view::npos) {
      quoted += c;
    } else {
      quoted += '\\';
      quoted += kEscaped[i];
    }
  }
  return quoted + "'";
}

std::string ToText(const Statement& statement) {
  AstPrinter printer;
  printer.PrintStatement(statement);
  return printer.Take();
}

std::string ToText(const Query& query) {
  AstPrinter printer;
  printer.PrintQuery(query);
  return printer.Take();
}

std::string ToText(const Expression& expression) {
  AstPrinter printer;
  printer.PrintExpression(expression);
  return printer.Take();
}

std::string ToText(const PathPattern& path) {
  AstPrinter printer;
  printer.PrintPath(path);
  return printer.Take();
}

void AstPrinter::PutVariable(const Name& name) { Put(QuoteVariable(name.text)); }

void AstPrinter::PutName(const Name& name) { Put(QuoteName(name.text)); }

void AstPrinter::PutDotted(const Name& name) {
  std::string_view rest = name.text;
  for (size_t dot = rest.find('.'); dot != std::string_view::npos; dot = rest.find('.')) {
    const std::string_view part = rest.substr(0, dot);
    const bool is_first = rest.size() == name.text.size();
    Put(is_first && IsLiteralWord(part) ? InBackticks(part) : QuoteName(part));
    Put(".");
    rest.remove_prefix(dot + 1);
  }
  Put(QuoteName(rest));
}

void AstPrinter::PutPart(std::string_view word, const Expression* expression) {
  if (expression == nullptr) return;
  const bool is_first = !out_.empty() && (out_.back() == '(' || out_.back() == '[');
  if (!is_first) Put(" ");
  Put(word);
  Put(" ");
  PrintExpression(*expression);
}

void AstPrinter::PrintStatement(const Statement& statement) {
  text_ = statement.text;
  if (!statement.version.empty() || !statement.options.empty()) {
    Put("CYPHER ");
    if (!statement.version.empty()) {
      Put(statement.version);
      Put(" ");
    }
    for (const StatementOption& option : statement.options) {
      PutName(option.key);
      Put("=");
      Put(option.value);
      Put(" ");
    }
  }
  if (statement.mode == StatementMode::kExplain) Put("EXPLAIN ");
  if (statement.mode == StatementMode::kProfile) Put("PROFILE ");
  if (statement.query != nullptr) PrintQuery(*statement.query);
  if (statement.command != nullptr) PrintCommand(*statement.command);
}

void AstPrinter::PrintOperand(const Expression& expression, int level) {
  const bool in_parentheses = LevelOf(expression) < level;
  if (in_parentheses) Put("(");
  PrintPlain(expression);
  if (in_parentheses) Put(")");
}

void AstPrinter::PrintPlain(const Expression& expression) {
  switch (expression.kind) {
    case ExpressionKind::kNull:
    case ExpressionKind::kBoolean:
    case ExpressionKind::kInteger:
    case ExpressionKind::kFloat:
    case ExpressionKind::kString:
    case ExpressionKind::kParameter:
    case ExpressionKind::kVariable:
    case ExpressionKind::kList:
    case ExpressionKind::kMap:
    case ExpressionKind::kCountStar:
    case ExpressionKind::kCaseOperand:
      PrintLiteral(expression);
      break;
    case ExpressionKind::kProperty:
    case ExpressionKind::kIndex:
    case ExpressionKind::kSlice:
    case ExpressionKind::kHasLabels:
      PrintAccess(expression);
      break;
    case ExpressionKind::kUnary:
    case ExpressionKind::kChain:
    case ExpressionKind::kComparison:
      PrintOperation(expression);
      break;
    case ExpressionKind::kIsNull:
    case ExpressionKind::kIsTyped:
    case ExpressionKind::kIsNormalized:
      PrintIs(expression);
      break;
    default:
      PrintLoop(expression);
      break;
  }
}

void AstPrinter::PrintLiteral(const Expression& expression) {
  switch (expression.kind) {
    case ExpressionKind::kNull:
      Put("null");
      break;
    case ExpressionKind::kBoolean:
      Put(As<BooleanLiteral>(expression).value ? "true" : "false");
      break;
    case ExpressionKind::kInteger:
      Put(std::to_string(As<IntegerLiteral>(expression).value));
      break;
    case ExpressionKind::kFloat:
      Put(FloatLiteralText(As<FloatLiteral>(expression).value));
      break;
    case ExpressionKind::kString:
      Put(QuoteString(As<StringLiteral>(expression).value));
      break;
    case ExpressionKind::kParameter: {
      const std::string_view name = As<Parameter>(expression).name;
      const bool is_plain = IsPlainName(name) || IsPlainName(std::string("_").append(name));
      Put("$");
      Put(is_plain ? std::string(name) : InBackticks(name));
      break;
    }
    case ExpressionKind::kVariable:
      Put(QuoteVariable(As<Variable>(expression).name));
      break;
    case ExpressionKind::kList:
      Put("[");
      PutExpressions(As<ListLiteral>(expression).items);
      Put("]");
      break;
    case ExpressionKind::kMap:
      PrintMapEntries(As<MapLiteral>(expression).entries);
      break;
    case ExpressionKind::kCountStar:
      Put("count(*)");
      break;
    default:
      break;
  }
}

void AstPrinter::PrintMapEntries(absl::Span<const MapEntry> entries) {
  Put("{");
  PutList(entries, [&](const MapEntry& entry) {
    PutName(entry.key);
    Put(": ");
    PrintExpression(*entry.value);
  });
  Put("}");
}

void AstPrinter::PrintAccess(const Expression& expression) {
  switch (expression.kind) {
    case ExpressionKind::kProperty:
      PrintOperand(*As<PropertyAccess>(expression).base, kPostfixLevel);
      Put(".");
      PutName(As<PropertyAccess>(expression).key);
      break;
    case ExpressionKind::kIndex:
      PrintOperand(*As<IndexAccess>(expression).base, kPostfixLevel);
      Put("[");
      PrintExpression(*As<IndexAccess>(expression).index);
      Put("]");
      break;
    case ExpressionKind::kSlice: {
      const auto& slice = As<SliceAccess>(expression);
      PrintOperand(*slice.base, kPostfixLevel);
      Put("[");
      if (slice.from != nullptr) PrintExpression(*slice.from);
      Put(" .. ");  // the blanks keep numbers apart from the dots
      if (slice.to != nullptr) PrintExpression(*slice.to);
      Put("]");
      break;
    }
    default: {
      const auto& has_labels = As<HasLabels>(expression);
      // Labels behind labels would be read as more of them.
      const bool has_two = has_labels.operand->kind == ExpressionKind::kHasLabels;
      PrintOperand(*has_labels.operand, has_two ? kAtomLevel : kPostfixLevel);
      Put(":");
      // A bar could be the one of a comprehension around.
      PrintLabels(*has_labels.labels, 2);
      break;
    }
  }
}

void AstPrinter::PrintOperation(const Expression& expression) {
  if (expression.kind == ExpressionKind::kUnary) {
    const auto& unary = As<UnaryOperation>(expression);
    const OperatorText op = WrittenAs(unary.op);
    Put(op.text);
    if (unary.op == Operator::kNot) Put(" ");
    PrintOperand(*unary.operand, op.level);
  } else if (expression.kind == ExpressionKind::kComparison) {
    const auto& comparison = As<Comparison>(expression);
    PrintOperators(comparison.operands, comparison.operators, kTypeTestLevel);
  } else {
    const auto& chain = As<Chain>(expression);
    const int level = LevelOf(expression);
    PrintOperators(chain.operands, chain.operators, level + 1);
  }
}

void AstPrinter::PrintOperators(Expressions operands, absl::Span<const Operator> operators,
                                int level) {
  for (size_t i = 0; i < operands.size(); ++i) {
    if (i > 0) {
      const bool is_first_of_case = i == 1 && operands[0]->kind == ExpressionKind::kCaseOperand;
      if (!is_first_of_case) Put(" ");
      Put(WrittenAs(operators[i - 1]).text);
      Put(" ");
    }
    // IN, STARTS WITH and their like may stand one behind another without parentheses.
    const bool may_repeat = i == 0 && level == kSumOperandLevel;
    PrintOperand(*operands[i], may_repeat ? kTypeTestLevel : level);
  }
}

void AstPrinter::PrintIs(const Expression& expression) {
  const auto put_operand = [&](const Expression& operand, bool negated) {
    PrintOperand(operand, kTypeTestLevel);
    if (operand.kind != ExpressionKind::kCaseOperand) Put(" ");
    Put(negated ? "IS NOT " : "IS ");
  };
  if (expression.kind == ExpressionKind::kIsNull) {
    const auto& test = As<IsNull>(expression);
    put_operand(*test.operand, test.negated);
    Put("NULL");
  } else if (expression.kind == ExpressionKind::kIsTyped) {
    const auto& test = As<IsTyped>(expression);
    put_operand(*test.operand, test.negated);
    Put(":: ");
    PrintType(*test.type);
  } else {
    const auto& test = As<IsNormalized>(expression);
    static constexpr std::string_view kForms[] = {"NFC", "NFD", "NFKC", "NFKD"};
    put_operand(*test.operand, test.negated);
    Put(kForms[static_cast<size_t>(test.form)]);
    Put(" NORMALIZED");
  }
}

}  // namespace tidemark::query
