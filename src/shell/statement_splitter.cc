// SPDX-License-Identifier: Apache-2.0
#include "shell/statement_splitter.h"

#include <utility>

namespace tidemark::shell {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\f\v";

bool IsBlank(char c) { return kBlanks.find(c) != std::string_view::npos; }

std::string WithoutBlanks(std::string_view text) {
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1));
}

}  // namespace

std::optional<std::string> StatementSplitter::Next() {
  while (at_ < pending_.size()) {
    // Whether these begin a comment only the next character tells.
    const bool may_be_two = place_ == Place::kCode           ? pending_[at_] == '/'
                            : place_ == Place::kBlockComment ? pending_[at_] == '*'
                                                             : pending_[at_] == '\\';
    if (may_be_two && at_ + 1 == pending_.size()) return std::nullopt;
    if (!Step()) continue;
    const bool was_content = std::exchange(has_content_, false);
    place_ = Place::kCode;
    std::string entry = Take(at_ - 1, at_);
    if (was_content) return entry;
  }
  return std::nullopt;
}

bool StatementSplitter::Step() {
  const char c = pending_[at_++];
  const char next = at_ < pending_.size() ? pending_[at_] : '\0';
  switch (place_) {
    case Place::kCode:
      return StepInCode(c);
    case Place::kSingleQuotes:
    case Place::kDoubleQuotes:
      if (c == '\\') ++at_;
      if (c == (place_ == Place::kSingleQuotes ? '\'' : '"')) place_ = Place::kCode;
      return false;
    case Place::kBackticks:
      if (c == '`') place_ = Place::kCode;
      return false;
    case Place::kLineComment:
      if (c == '\n') place_ = Place::kCode;
      return false;
    case Place::kBlockComment:
      if (c != '*' || next != '/') return false;
      ++at_;
      place_ = Place::kCode;
      return false;
    case Place::kCommand:
      return c == '\n';
  }
  return false;
}

bool StatementSplitter::StepInCode(char c) {
  const char next = at_ < pending_.size() ? pending_[at_] : '\0';
  if (c == ';') return true;
  if (c == '/' && (next == '/' || next == '*')) {
    ++at_;
    place_ = next == '/' ? Place::kLineComment : Place::kBlockComment;
    return false;
  }
  if (c == ':' && !has_content_) place_ = Place::kCommand;
  if (c == '\'') place_ = Place::kSingleQuotes;
  if (c == '"') place_ = Place::kDoubleQuotes;
  if (c == '`') place_ = Place::kBackticks;
  if (!has_content_ && !IsBlank(c)) {
    has_content_ = true;
    start_ = at_ - 1;
  }
  return false;
}

std::string StatementSplitter::Take(size_t end, size_t next) {
  std::string entry = WithoutBlanks(std::string_view(pending_).substr(start_, end - start_));
  pending_.erase(0, next);
  at_ = 0;
  start_ = 0;
  return entry;
}

std::string StatementSplitter::TakeRest() {
  std::string rest = has_content_ ? WithoutBlanks(std::string_view(pending_).substr(start_)) : "";
  Clear();
  return rest;
}

void StatementSplitter::Clear() { *this = StatementSplitter(); }

}  // namespace tidemark::shell
