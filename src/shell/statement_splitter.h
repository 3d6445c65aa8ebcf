// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidemark::shell {

// Cuts text into statements, which end with a semicolon, and commands of the shell, which begin
// with a colon and end with their line. Semicolons in strings, backticks and comments do not count.
// Owner: a shell. Threads: one.
class StatementSplitter {
 public:
  void Add(std::string_view text) { pending_.append(text); }
  // The next one that is complete, without its end and the blanks around it.
  std::optional<std::string> Next();
  // What is left when the input has ended; empty when it is blanks and comments alone.
  std::string TakeRest();
  void Clear();
  // A statement has begun.
  bool is_within_statement() const { return has_content_; }

 private:
  enum class Place : uint8_t {
    kCode,
    kSingleQuotes,
    kDoubleQuotes,
    kBackticks,
    kLineComment,
    kBlockComment,
    kCommand,
  };

  // One character at at_; true when it ends a statement or a command.
  bool Step();
  bool StepInCode(char c);
  std::string Take(size_t end, size_t next);

  std::string pending_;
  size_t at_ = 0;     // how far it was looked at
  size_t start_ = 0;  // of its first character that is neither blank nor of a comment
  Place place_ = Place::kCode;
  bool has_content_ = false;
};

}  // namespace tidemark::shell
