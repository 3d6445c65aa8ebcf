// SPDX-License-Identifier: Apache-2.0
// Cells of the kit's tables.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "graph/value_text.h"
#include "tests/query/feature_scenario.h"

namespace tidemark::query {
namespace {

class CellReader {
 public:
  CellReader(std::string_view text, bool sort_lists) : text_(text), sort_lists_(sort_lists) {}

  std::optional<std::string> Read() {
    std::string value = Item();
    Blanks();
    if (failed_ || at_ != text_.size()) return std::nullopt;
    return value;
  }

 private:
  void Blanks() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool Take(std::string_view what) {
    Blanks();
    if (text_.substr(at_, what.size()) != what) return false;
    at_ += what.size();
    return true;
  }
  void Need(std::string_view what) {
    if (!Take(what)) failed_ = true;
  }
  char Next() {
    Blanks();
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  std::string Item() {
    if (failed_) return "";
    switch (Next()) {
      case '\'':
        return QuotedCell(String());
      case '{':
        return Map();
      case '(':
        return Vertex();
      case '<':
        return Path();
      case '[':
        return text_.substr(at_, 2) == "[:" ? Edge() : List();
      default:
        return Scalar();
    }
  }

  std::string String() {
    std::string value;
    for (++at_; at_ < text_.size() && text_[at_] != '\''; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
        const char escaped = text_[++at_];
        value += escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped;
      } else {
        value += text_[at_];
      }
    }
    Need("'");
    return value;
  }

  std::string Word() {
    Blanks();
    const size_t begin = at_;
    while (at_ < text_.size() &&
           std::string_view(" :,{}[]()<>").find(text_[at_]) == std::string_view::npos) {
      ++at_;
    }
    if (begin == at_) failed_ = true;
    return std::string(text_.substr(begin, at_ - begin));
  }

  std::string Scalar() {
    const std::string word = Word();
    if (word == "NaN") return "NaN";
    if (word == "Inf" || word == "-Inf") return word[0] == '-' ? "-Infinity" : "Infinity";
    const bool is_number = !word.empty() && (absl::ascii_isdigit(word.back()) != 0);
    if (!is_number || word.find_first_of(".eE") == std::string::npos) return word;
    const double real = std::strtod(word.c_str(), nullptr);
    return graph::FormatFloat(real == 0 ? 0.0 : real);
  }

  std::string Map() {
    Need("{");
    std::map<std::string, std::string> entries;
    while (!failed_ && Next() != '}') {
      const std::string key = Word();
      Need(":");
      entries[key] = Item();
      if (!Take(",")) break;
    }
    Need("}");
    return absl::StrCat("{", absl::StrJoin(entries, ", ", absl::PairFormatter(": ")), "}");
  }

  std::string List() {
    Need("[");
    std::vector<std::string> items;
    while (!failed_ && Next() != ']') {
      items.push_back(Item());
      if (!Take(",")) break;
    }
    Need("]");
    if (sort_lists_) std::sort(items.begin(), items.end());
    return absl::StrCat("[", absl::StrJoin(items, ", "), "]");
  }

  std::string Names() {
    std::vector<std::string> names;
    while (Take(":")) names.push_back(Word());
    std::sort(names.begin(), names.end());
    std::string text;
    for (const std::string& name : names) absl::StrAppend(&text, ":", name);
    return text;
  }

  std::string Element(const std::string& begin, const std::string& end) {
    Need(begin);
    std::string text = Names();
    if (Next() == '{') {
      const std::string map = Map();
      if (map != "{}") absl::StrAppend(&text, text.empty() ? "" : " ", map);
    }
    Need(end);
    return absl::StrCat(begin, text, end);
  }
  std::string Vertex() { return Element("(", ")"); }
  std::string Edge() { return Element("[", "]"); }

  std::string Path() {
    Need("<");
    std::string text = "<" + Vertex();
    while (!failed_ && Next() != '>') {
      const bool backward = Take("<-");
      if (!backward) Need("-");
      absl::StrAppend(&text, backward ? "<-" : "-", Edge());
      Need(backward ? "-" : "->");
      absl::StrAppend(&text, backward ? "-" : "->", Vertex());
    }
    Need(">");
    return text + ">";
  }

  const std::string_view text_;
  const bool sort_lists_;
  size_t at_ = 0;
  bool failed_ = false;
};

}  // namespace

std::string QuotedCell(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    if (c == '\n') {
      quoted += "\\n";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

std::string CanonicalCell(std::string_view text, bool sort_lists) {
  return CellReader(text, sort_lists).Read().value_or(std::string(text));
}

}  // namespace tidemark::query
