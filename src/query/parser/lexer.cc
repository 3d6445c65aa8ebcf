// SPDX-License-Identifier: Apache-2.0
#include "query/parser/lexer.h"

#include <array>
#include <cstddef>

#include "query/parser/characters.h"

namespace tidemark::query {
namespace {

enum class CharacterClass : uint8_t { kOther, kBlank, kLetter, kDigit, kSymbol, kQuote, kHigh };

constexpr std::array<CharacterClass, 256> MakeClasses() {
  std::array<CharacterClass, 256> classes = {};
  for (const char c : std::string_view("\t\n\v\f\r \x1c\x1d\x1e\x1f")) {
    classes[static_cast<uint8_t>(c)] = CharacterClass::kBlank;
  }
  for (int c = 'a'; c <= 'z'; ++c) {
    classes[c] = classes[c - 'a' + 'A'] = CharacterClass::kLetter;
  }
  classes['_'] = CharacterClass::kLetter;
  for (int c = '0'; c <= '9'; ++c) classes[c] = CharacterClass::kDigit;
  for (const char c : std::string_view("()[]{},.:;|&!=<>+-*/%^$")) {
    classes[static_cast<uint8_t>(c)] = CharacterClass::kSymbol;
  }
  for (const char c : std::string_view("'\"`")) {
    classes[static_cast<uint8_t>(c)] = CharacterClass::kQuote;
  }
  for (int c = 0x80; c < 0x100; ++c) classes[c] = CharacterClass::kHigh;
  return classes;
}
constexpr std::array<CharacterClass, 256> kClasses = MakeClasses();

struct SymbolText {
  std::string_view text;
  TokenKind kind;
};

// A symbol stands before those that it begins with.
constexpr SymbolText kSymbols[] = {
    {"(", TokenKind::kLeftParenthesis},
    {")", TokenKind::kRightParenthesis},
    {"[", TokenKind::kLeftBracket},
    {"]", TokenKind::kRightBracket},
    {"{", TokenKind::kLeftBrace},
    {"}", TokenKind::kRightBrace},
    {",", TokenKind::kComma},
    {"..", TokenKind::kDotDot},
    {".", TokenKind::kDot},
    {"::", TokenKind::kColonColon},
    {":", TokenKind::kColon},
    {";", TokenKind::kSemicolon},
    {"||", TokenKind::kBarBar},
    {"|", TokenKind::kBar},
    {"&", TokenKind::kAmpersand},
    {"!=", TokenKind::kExclamationEqual},
    {"!", TokenKind::kExclamation},
    {"=~", TokenKind::kMatches},
    {"=", TokenKind::kEqual},
    {"<>", TokenKind::kNotEqual},
    {"<=", TokenKind::kLessOrEqual},
    {"<", TokenKind::kLess},
    {">=", TokenKind::kGreaterOrEqual},
    {">", TokenKind::kGreater},
    {"+=", TokenKind::kPlusEqual},
    {"+", TokenKind::kPlus},
    {"-", TokenKind::kMinus},
    {"*", TokenKind::kStar},
    {"/", TokenKind::kSlash},
    {"%", TokenKind::kPercent},
    {"^", TokenKind::kCaret},
    {"$", TokenKind::kDollar},
};

struct SymbolChoice {
  TokenKind alone = TokenKind::kInvalid;
  char second = 0;  // makes `pair` of it
  TokenKind pair = TokenKind::kInvalid;
  char other_second = 0;  // makes `other_pair` of it
  TokenKind other_pair = TokenKind::kInvalid;
};

// By the first character.
constexpr std::array<SymbolChoice, 128> MakeSymbolChoices() {
  std::array<SymbolChoice, 128> choices = {};
  for (const SymbolText& symbol : kSymbols) {
    SymbolChoice& choice = choices[static_cast<size_t>(symbol.text[0])];
    if (symbol.text.size() == 1) {
      choice.alone = symbol.kind;
    } else if (choice.second == 0) {
      choice.second = symbol.text[1];
      choice.pair = symbol.kind;
    } else {
      choice.other_second = symbol.text[1];
      choice.other_pair = symbol.kind;
    }
  }
  return choices;
}
constexpr std::array<SymbolChoice, 128> kSymbolChoices = MakeSymbolChoices();

class Lexer {
 public:
  Lexer(std::string_view text, std::vector<Token>* tokens) : text_(text), tokens_(*tokens) {}

  void Run();

 private:
  char At(size_t i) const { return i < text_.size() ? text_[i] : '\0'; }
  CharacterClass ClassAt(size_t i) const {
    return i < text_.size() ? kClasses[static_cast<uint8_t>(text_[i])] : CharacterClass::kOther;
  }
  // The end of the name that goes on at `i`.
  size_t NameEnd(size_t i) const;
  // The end of what is quoted by the character at `i`, or 0 when it is not closed.
  size_t QuotedNameEnd(size_t i) const;

  void Add(TokenKind kind, size_t end) {
    tokens_.push_back({static_cast<uint32_t>(at_), static_cast<uint32_t>(end - at_), kNoPartner,
                       kind, Keyword::kNone});
    at_ = end;
  }
  void AddInvalid(ErrorId id, size_t end) {
    Add(TokenKind::kInvalid, end);
    tokens_.back().link = static_cast<uint32_t>(id);
  }
  void AddWord();
  void AddNumber();
  void AddQuoted();
  void AddString();
  void AddSymbol();
  void AddParameter();
  void AddHigh();
  // The bracket that was added last.
  void MatchBracket();
  // Whether a comment stood there, which is skipped or an invalid token now.
  bool TakeComment();

  const std::string_view text_;
  std::vector<Token>& tokens_;
  std::vector<uint32_t> open_;  // indexes of brackets that are not closed yet
  size_t at_ = 0;
};

void Lexer::Run() {
  while (at_ < text_.size()) {
    switch (kClasses[static_cast<uint8_t>(text_[at_])]) {
      case CharacterClass::kBlank:
        ++at_;
        break;
      case CharacterClass::kLetter:
        AddWord();
        break;
      case CharacterClass::kDigit:
        AddNumber();
        break;
      case CharacterClass::kSymbol:
        AddSymbol();
        break;
      case CharacterClass::kQuote:
        AddQuoted();
        break;
      case CharacterClass::kHigh:
        AddHigh();
        break;
      case CharacterClass::kOther:
        AddInvalid(ErrorId::kUnexpectedCharacter, at_ + 1);
        break;
    }
  }
  Add(TokenKind::kEnd, at_);
}

size_t Lexer::NameEnd(size_t i) const {
  while (i < text_.size()) {
    const CharacterClass kind = kClasses[static_cast<uint8_t>(text_[i])];
    if (kind == CharacterClass::kLetter || kind == CharacterClass::kDigit) {
      ++i;
      continue;
    }
    if (kind != CharacterClass::kHigh) break;
    size_t length = 0;
    if (!ContinuesName(DecodeUtf8(text_, i, &length))) break;
    i += length;
  }
  return i;
}

size_t Lexer::QuotedNameEnd(size_t i) const {
  for (size_t end = i + 1; end < text_.size(); ++end) {
    if (text_[end] != '`') continue;
    if (At(end + 1) != '`') return end + 1;
    ++end;
  }
  return 0;
}

void Lexer::AddWord() {
  const size_t end = NameEnd(at_ + 1);
  const std::string_view word = text_.substr(at_, end - at_);
  Add(TokenKind::kWord, end);
  tokens_.back().keyword = FindKeyword(word);
}

// Takes all that looks like a part of the number, so that 12ab is one wrong number and not two
// tokens. 1..3 are two numbers with dots between them.
void Lexer::AddNumber() {
  const bool is_decimal = (At(at_ + 1) | 0x20) != 'x' && (At(at_ + 1) | 0x20) != 'o';
  size_t end = at_;
  bool has_point = false;
  while (true) {
    end = NameEnd(end);
    if (!is_decimal) break;
    const char c = At(end);
    if (c == '.' && !has_point && ClassAt(end + 1) == CharacterClass::kDigit) {
      has_point = true;
      ++end;
      continue;
    }
    const bool is_exponent = (c == '+' || c == '-') && end > at_ && (At(end - 1) | 0x20) == 'e' &&
                             ClassAt(end + 1) == CharacterClass::kDigit;
    if (!is_exponent) break;
    ++end;
  }
  Add(TokenKind::kNumber, end);
}

void Lexer::AddQuoted() {
  if (text_[at_] != '`') {
    AddString();
    return;
  }
  const size_t end = QuotedNameEnd(at_);
  if (end == 0) {
    AddInvalid(ErrorId::kUnterminatedName, text_.size());
  } else {
    Add(TokenKind::kQuotedName, end);
  }
}

void Lexer::AddString() {
  const char quote = text_[at_];
  for (size_t end = at_ + 1; end < text_.size(); ++end) {
    if (text_[end] == '\\') {
      ++end;
    } else if (text_[end] == quote) {
      Add(TokenKind::kString, end + 1);
      return;
    }
  }
  AddInvalid(ErrorId::kUnterminatedString, text_.size());
}

bool Lexer::TakeComment() {
  const char second = At(at_ + 1);
  if (second == '/') {
    while (at_ < text_.size() && text_[at_] != '\n' && text_[at_] != '\r') ++at_;
    return true;
  }
  if (second != '*') return false;
  const size_t end = text_.find("*/", at_ + 2);
  if (end == std::string_view::npos) {
    AddInvalid(ErrorId::kUnterminatedComment, text_.size());
  } else {
    at_ = end + 2;
  }
  return true;
}

void Lexer::AddSymbol() {
  const char c = text_[at_];
  const char second = At(at_ + 1);
  if (c == '/' && TakeComment()) return;
  if (c == '$') {
    AddParameter();
    return;
  }
  if (c == '.' && ClassAt(at_ + 1) == CharacterClass::kDigit) {
    AddNumber();
    return;
  }
  const SymbolChoice& choice = kSymbolChoices[static_cast<size_t>(c)];
  if (second != 0 && second == choice.second) {
    Add(choice.pair, at_ + 2);
  } else if (second != 0 && second == choice.other_second) {
    Add(choice.other_pair, at_ + 2);
  } else {
    Add(choice.alone, at_ + 1);
    if (choice.alone <= TokenKind::kRightBrace) MatchBracket();
  }
}

void Lexer::MatchBracket() {
  const uint32_t index = static_cast<uint32_t>(tokens_.size() - 1);
  const TokenKind kind = tokens_[index].kind;
  const bool opens = kind == TokenKind::kLeftParenthesis || kind == TokenKind::kLeftBracket ||
                     kind == TokenKind::kLeftBrace;
  if (opens) {
    open_.push_back(index);
    return;
  }
  // A closing bracket has the kind that follows the opening one's.
  if (open_.empty() || static_cast<int>(tokens_[open_.back()].kind) + 1 != static_cast<int>(kind)) {
    return;
  }
  tokens_[index].link = open_.back();
  tokens_[open_.back()].link = index;
  open_.pop_back();
}

void Lexer::AddParameter() {
  if (At(at_ + 1) == '`') {
    const size_t end = QuotedNameEnd(at_ + 1);
    if (end == 0) {
      AddInvalid(ErrorId::kUnterminatedName, text_.size());
    } else {
      Add(TokenKind::kParameter, end);
    }
    return;
  }
  const size_t end = NameEnd(at_ + 1);
  Add(end == at_ + 1 ? TokenKind::kDollar : TokenKind::kParameter, end);
}

void Lexer::AddHigh() {
  size_t length = 0;
  const uint32_t code_point = DecodeUtf8(text_, at_, &length);
  if (IsUnicodeBlank(code_point)) {
    at_ += length;
  } else if (BeginsName(code_point)) {
    Add(TokenKind::kWord, NameEnd(at_ + length));
  } else {
    AddInvalid(ErrorId::kInvalidUnicodeCharacter, at_ + length);
  }
}

}  // namespace

void Lex(std::string_view text, std::vector<Token>* tokens) {
  tokens->clear();
  tokens->reserve(text.size() / 4 + 8);
  Lexer(text, tokens).Run();
}

std::string_view TextOf(TokenKind kind) {
  switch (kind) {
    case TokenKind::kEnd:
      return "the end of the statement";
    case TokenKind::kWord:
    case TokenKind::kQuotedName:
      return "a name";
    case TokenKind::kNumber:
      return "a number";
    case TokenKind::kString:
      return "a string";
    case TokenKind::kParameter:
      return "a parameter";
    default:
      break;
  }
  for (const SymbolText& symbol : kSymbols) {
    if (symbol.kind == kind) return symbol.text;
  }
  return "";
}

}  // namespace tidemark::query
