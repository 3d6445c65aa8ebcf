// SPDX-License-Identifier: Apache-2.0
#include "shell/line_editor.h"

#include <histedit.h>

#include <cstdio>
#include <utility>

#include "absl/strings/str_join.h"

namespace tidemark::shell {
namespace {

// More are not listed.
constexpr size_t kMaxListed = 100;

}  // namespace

LineEditor::LineEditor(std::string history_path, Completer completer)
    : history_path_(std::move(history_path)), completer_(std::move(completer)) {
  history_ = history_init();
  HistEvent event;
  ::history(history_, &event, H_SETSIZE, kHistoryEntries);
  ::history(history_, &event, H_SETUNIQUE, 1);
  if (!history_path_.empty()) ::history(history_, &event, H_LOAD, history_path_.c_str());
  editor_ = el_init("tidemark", stdin, stdout, stderr);
  el_set(editor_, EL_CLIENTDATA, this);
  el_set(editor_, EL_PROMPT, &LineEditor::Prompt);
  el_set(editor_, EL_EDITOR, "emacs");
  el_set(editor_, EL_HIST, ::history, history_);
  el_set(editor_, EL_ADDFN, "tidemark-complete", "completes a word", &LineEditor::OnTab);
  el_set(editor_, EL_BIND, "^I", "tidemark-complete", nullptr);
  // Ctrl-C comes as a key while a line is edited: it throws the line away, not the shell.
  el_set(editor_, EL_ADDFN, "tidemark-interrupt", "drops the line", &LineEditor::OnInterrupt);
  el_set(editor_, EL_BIND, "^C", "tidemark-interrupt", nullptr);
  el_set(editor_, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  el_set(editor_, EL_SETTY, "-d", "-isig", nullptr);
}

LineEditor::~LineEditor() {
  HistEvent event;
  if (!history_path_.empty()) ::history(history_, &event, H_SAVE, history_path_.c_str());
  el_end(editor_);
  history_end(history_);
}

char* LineEditor::Prompt(editline* editor) {
  LineEditor* self = nullptr;
  el_get(editor, EL_CLIENTDATA, &self);
  return self->prompt_.data();
}

unsigned char LineEditor::OnTab(editline* editor, int) {
  LineEditor* self = nullptr;
  el_get(editor, EL_CLIENTDATA, &self);
  const LineInfo* const line = el_line(editor);
  const std::string_view before(line->buffer, static_cast<size_t>(line->cursor - line->buffer));
  const Completions found = self->completer_(before);
  if (found.words.empty()) return CC_ERROR;
  const std::string common = found.CommonBeginning();
  const bool is_only = found.words.size() == 1;
  if (common.size() > found.word_bytes || is_only) {
    // libedit counts characters; what was typed of a name is given back with it.
    const std::string typed(before.substr(before.size() - found.word_bytes));
    int characters = 0;
    for (const char c : typed) characters += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
    el_deletestr(editor, characters);
    el_insertstr(editor, (common + (is_only ? " " : "")).c_str());
    return CC_REFRESH;
  }
  if (found.words.size() > kMaxListed) {
    std::printf("\n%zu names begin so\n", found.words.size());
  } else {
    std::printf("\n%s\n", absl::StrJoin(found.words, "  ").c_str());
  }
  return CC_REDISPLAY;
}

unsigned char LineEditor::OnInterrupt(editline* editor, int) {
  LineEditor* self = nullptr;
  el_get(editor, EL_CLIENTDATA, &self);
  self->interrupted_ = true;
  return CC_NEWLINE;
}

LineEditor::End LineEditor::Read(std::string_view prompt, std::string* line) {
  prompt_ = prompt;
  interrupted_ = false;
  int count = 0;
  const char* const text = el_gets(editor_, &count);
  if (interrupted_) {
    std::printf("\n");
    return End::kInterrupt;
  }
  if (text == nullptr || count <= 0) return End::kInput;
  line->assign(text, static_cast<size_t>(count));
  while (!line->empty() && (line->back() == '\n' || line->back() == '\r')) line->pop_back();
  return End::kLine;
}

void LineEditor::AddToHistory(const std::string& entry) {
  HistEvent event;
  if (!entry.empty()) ::history(history_, &event, H_ENTER, entry.c_str());
}

}  // namespace tidemark::shell
