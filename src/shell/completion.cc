// SPDX-License-Identifier: Apache-2.0
#include "shell/completion.h"

#include <algorithm>
#include <cctype>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "base/status.h"

namespace tidemark::shell {
namespace {

constexpr std::string_view kCommands[] = {":begin", ":commit",   ":help",  ":param",
                                          ":quit",  ":rollback", ":source"};

constexpr std::string_view kKeywords[] = {
#define TIDEMARK_KEYWORD(id, word) word,
#include "query/parser/keywords.inc"
#undef TIDEMARK_KEYWORD
};

bool IsPartOfWord(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalnum(byte) != 0 || c == '_' || byte >= 0x80;
}

bool BeginsSo(std::string_view word, std::string_view beginning) {
  return absl::StartsWithIgnoreCase(ToAbsl(word), ToAbsl(beginning));
}

void AddNames(const std::vector<std::string>& names, std::string_view word, Completions* found) {
  for (const std::string& name : names) {
    if (BeginsSo(name, word)) found->words.push_back(name);
  }
}

// In the case of letters in which the word was begun.
void AddKeywords(std::string_view word, Completions* found) {
  const bool lower = !word.empty() && std::islower(static_cast<unsigned char>(word[0])) != 0;
  for (const std::string_view keyword : kKeywords) {
    if (!BeginsSo(keyword, word)) continue;
    found->words.push_back(lower ? absl::AsciiStrToLower(ToAbsl(keyword)) : std::string(keyword));
  }
}

// A bracket that is open before the colon tells types from labels.
bool IsInBrackets(std::string_view before) {
  const size_t bracket = before.find_last_of("[]()");
  return bracket != std::string_view::npos && before[bracket] == '[';
}

}  // namespace

std::string Completions::CommonBeginning() const {
  if (words.empty()) return "";
  std::string_view common = words.front();
  for (const std::string& word : words) {
    const auto end = std::mismatch(common.begin(), common.end(), word.begin(), word.end()).first;
    common = common.substr(0, static_cast<size_t>(end - common.begin()));
  }
  return std::string(common);
}

Completions Complete(std::string_view before_cursor, const GraphNames& names) {
  size_t begin = before_cursor.size();
  while (begin > 0 && IsPartOfWord(before_cursor[begin - 1])) --begin;
  const std::string_view word = before_cursor.substr(begin);
  const std::string_view before = before_cursor.substr(0, begin);
  Completions found{.word_bytes = word.size(), .words = {}};
  const char last = before.empty() ? ' ' : before.back();
  if (before.find_first_not_of(' ') == before.size() - 1 && last == ':') {
    found.word_bytes += 1;
    for (const std::string_view command : kCommands) {
      if (BeginsSo(command.substr(1), word)) found.words.emplace_back(command);
    }
  } else if (last == ':' || last == '|' || last == '&' || last == '!') {
    AddNames(IsInBrackets(before) ? names.types : names.labels, word, &found);
  } else if (last == '.') {
    AddNames(names.property_keys, word, &found);
  } else if (last == '$') {
    AddNames(names.parameters, word, &found);
  } else if (!word.empty()) {
    AddKeywords(word, &found);
    AddNames(names.property_keys, word, &found);
  }
  std::sort(found.words.begin(), found.words.end());
  found.words.erase(std::unique(found.words.begin(), found.words.end()), found.words.end());
  return found;
}

}  // namespace tidemark::shell
