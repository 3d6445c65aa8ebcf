// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "shell/completion.h"

struct editline;
struct history;

namespace tidemark::shell {

// Lines from a terminal, with editing, history and completion, by libedit.
// Owner: the shell; one in a process. Threads: main's.
class LineEditor {
 public:
  using Completer = std::function<Completions(std::string_view before_cursor)>;

  // The history is read from the file and written to it at the end; an empty path: none is kept.
  LineEditor(std::string history_path, Completer completer);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  enum class End { kLine, kInterrupt, kInput };
  // A line without its end into `line`; or Ctrl-C, or Ctrl-D on an empty line.
  End Read(std::string_view prompt, std::string* line);
  void AddToHistory(const std::string& entry);

 private:
  static constexpr int kHistoryEntries = 10'000;

  static char* Prompt(editline* editor);
  static unsigned char OnTab(editline* editor, int key);
  static unsigned char OnInterrupt(editline* editor, int key);

  const std::string history_path_;
  const Completer completer_;
  std::string prompt_;
  bool interrupted_ = false;
  editline* editor_ = nullptr;
  history* history_ = nullptr;
};

}  // namespace tidemark::shell
