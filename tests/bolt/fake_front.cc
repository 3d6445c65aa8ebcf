// SPDX-License-Identifier: Apache-2.0
#include "tests/bolt/fake_front.h"

#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/check.h"
#include "base/status.h"
#include "tests/bolt/fake_rows.h"

namespace tidemark::bolt {

using session::Failure;
using session::FrontSession;

// One client's session.
class FakeSession : public FrontSession {
 public:
  FakeSession(FakeFront* front, session::AnswerSink* answers) : front_(front), answers_(answers) {
    ++front_->session_count_;
  }
  ~FakeSession() override {
    --front_->session_count_;
    if (in_transaction_) front_->Log("rolled back");
  }

  void Begin(session::TransactionOptions options) override {
    front_->Log(absl::StrCat("begin", OptionsText(options)));
    Answer([this] {
      in_transaction_ = true;
      next_query_ = 0;
      answers_->OnDone();
    });
  }

  void Run(session::Statement statement, session::TransactionOptions options) override {
    if (!in_transaction_) front_->Log(absl::StrCat("run", OptionsText(options)));
    Answer([this, statement = std::move(statement)] { Start(statement); });
  }

  void Pull(int64_t query, int64_t count) override {
    Answer([this, query, count] { Fetch(query, count, true); });
  }
  void Discard(int64_t query, int64_t count) override {
    Answer([this, query, count] { Fetch(query, count, false); });
  }
  void Commit() override {
    front_->Log("commit");
    Answer([this] {
      in_transaction_ = false;
      queries_.clear();
      answers_->OnCommitted({Epoch(1), Csn(front_->next_csn_++)});
    });
  }
  void Rollback() override {
    front_->Log("rollback");
    Answer([this] {
      in_transaction_ = false;
      queries_.clear();
      answers_->OnDone();
    });
  }
  void Resume() override {
    if (!held_.has_value()) return;
    const Held held = *std::exchange(held_, std::nullopt);
    Fetch(held.query, held.left, true);
  }
  void Reset() override {
    front_->Log("reset");
    if (slow_ || held_.has_value() || row_ != nullptr) {
      slow_ = false;
      held_.reset();
      if (std::exchange(row_, nullptr) != nullptr) answers_->DropRow();
      Fail({.code = "Neo.ClientError.Transaction.Terminated", .message = "interrupted"});
    }
    Answer([this] {
      in_transaction_ = false;
      queries_.clear();
      answers_->OnDone();
    });
  }

 private:
  struct Held {
    int64_t query;
    int64_t left;
  };

  static std::string OptionsText(const session::TransactionOptions& options) {
    std::string text = options.mode == session::AccessMode::kRead ? " read" : " write";
    for (const session::Bookmark& bookmark : options.bookmarks) {
      absl::StrAppend(&text, " after ", bookmark.epoch.value(), ":", bookmark.csn.value());
    }
    if (options.timeout_ms.has_value()) absl::StrAppend(&text, " within ", *options.timeout_ms);
    if (!options.metadata.is_null()) absl::StrAppend(&text, " for someone");
    if (options.notifications.minimum == session::Severity::kWarning) text += " warnings";
    for (const std::string& category : options.notifications.disabled_categories) {
      absl::StrAppend(&text, " without ", category);
    }
    return text;
  }

  void Answer(std::function<void()> answer) {
    if (front_->post_ == nullptr) return answer();
    front_->post_([alive = std::weak_ptr<bool>(alive_), answer = std::move(answer)] {
      if (!alive.expired()) answer();
    });
  }

  void Start(const session::Statement& statement) {
    if (statement.text.string() == "SLOW") {
      slow_ = true;
      return;
    }
    has_parts_ = statement.text.string() == "PARTS";
    std::unique_ptr<FakeRows> rows = FindRows(statement);
    if (rows == nullptr) return Fail(UnknownStatement(statement.text.string()));
    const int64_t query = in_transaction_ ? next_query_++ : 0;
    const std::vector<std::string> columns = rows->columns();
    queries_[query] = std::move(rows);
    answers_->OnRunning({.query = query, .columns = columns, .planned_ms = 2});
  }

  void Fetch(int64_t query, int64_t count, bool wanted) {
    FakeRows* const rows = queries_.at(query).get();
    if (rows->failure().has_value()) return Fail(*rows->failure());
    if (has_parts_ && wanted && count != 0) {
      row_ = answers_->BeginRow();
      row_->BeginList(FakeFront::kPartCount);
      return WritePart(query, FakeFront::kPartCount);
    }
    for (; rows->left() > 0 && count != 0; count -= count > 0 ? 1 : 0) {
      if (!wanted) {
        rows->Skip();
        continue;
      }
      graph::ValueSink* const sink = answers_->BeginRow();
      rows->Write(sink);
      if (sink->is_full()) {
        answers_->DropRow();
        return Fail({.code = "Neo.ClientError.General.TransactionOutOfMemoryError",
                     .message = "a row is too large"});
      }
      if (!answers_->EndRow()) {
        held_ = {query, count > 0 ? count - 1 : count};
        return;
      }
    }
    if (rows->left() > 0) return answers_->OnPaused();
    session::Summary summary = rows->summary();
    if (!in_transaction_) summary.bookmark = {Epoch(1), Csn(front_->next_csn_++)};
    queries_.erase(query);
    answers_->OnEnd(summary);
  }

  // One of those that are left, then the next one in a later step.
  void WritePart(int64_t query, size_t left) {
    if (row_ == nullptr) return;
    row_->String(std::string(FakeFront::kPartBytes, static_cast<char>('a' + left % 26)));
    if (left > 1) {
      answers_->PauseRow();
      return Answer([this, query, left] { WritePart(query, left - 1); });
    }
    row_ = nullptr;
    queries_.erase(query);
    if (answers_->EndRow()) answers_->OnEnd({});
  }

  void Fail(const Failure& failure) {
    in_transaction_ = false;
    queries_.clear();
    answers_->OnFailure(failure);
  }

  FakeFront* const front_;
  session::AnswerSink* const answers_;
  bool in_transaction_ = false;
  bool slow_ = false;
  bool has_parts_ = false;
  graph::ValueSink* row_ = nullptr;  // of parts
  int64_t next_query_ = 0;
  std::optional<Held> held_;
  std::map<int64_t, std::unique_ptr<FakeRows>> queries_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

std::unique_ptr<FrontSession> FakeFront::NewSession(std::string_view user,
                                                    session::AnswerSink* answers) {
  Log(absl::StrCat("session of ", user.empty() ? "anybody" : ToAbsl(user)));
  return std::make_unique<FakeSession>(this, answers);
}

}  // namespace tidemark::bolt
