// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bolt/connection.h"
#include "tests/bolt/fake_front.h"
#include "tests/bolt/pack_text.h"
#include "tests/worker/hand_executor.h"

namespace tidemark::bolt {

// A connection with a fake node behind it; what it sends is kept until the test takes it. Threads:
// one.
class TestConnection : public Connection::Outlet {
 public:
  // `later`: answers of the session wait for Answer().
  explicit TestConnection(bool later = false, const Authenticator* authenticator = nullptr)
      : front_(later ? FakeFront::Post([this](std::function<void()> answer) {
          answers_.push_back(std::move(answer));
        })
                     : nullptr),
        connection_(
            std::in_place,
            DialogContext{.front = &front_,
                          .authenticator = authenticator == nullptr ? &anybody_ : authenticator,
                          .address = "",
                          .agent = "Neo4j/5.26.0",
                          .connection_label = "bolt-1"},
            Connection::Surroundings{
                .requests = &requests_, .executor = &executor_, .outlet = this}) {}

  void Write(std::string_view bytes) override {
    sent_.append(bytes);
    ++write_count_;
  }
  void Give(std::string bytes) override { Write(bytes); }
  // Nothing is taken by the client while it is stuck.
  size_t unsent_bytes() const override { return stuck_ ? sent_.size() : 0; }
  void OnWantsBytes(bool) override {}
  void OnEnd(const absl::Status& reason) override {
    ends_.push_back(reason.ok() ? "as the client wanted" : std::string(reason.message()));
  }

  // Does the handshake and throws its answer away.
  void Open(int major_number, int minor_number) {
    connection_->OnBytes(Opening(major_number, minor_number));
    TakeSent();
  }
  void Send(std::string_view request) { connection_->OnBytes(RequestBytes(request)); }
  // Logs in without credentials, by what the version has.
  void LogIn(int major_number, int minor_number) {
    Open(major_number, minor_number);
    Send("HELLO {user_agent: 'test'}");
    if (Version{static_cast<uint8_t>(major_number), static_cast<uint8_t>(minor_number)}
            .has_logon()) {
      Send("LOGON {scheme: 'none'}");
    }
    TakeSent();
  }
  bool Answer() {
    if (answers_.empty()) return false;
    const std::function<void()> answer = std::move(answers_.front());
    answers_.pop_front();
    answer();
    return true;
  }

  // Of answers that are held too.
  std::string TakeSent() {
    Advance(kMaxHoldMicros);
    return std::exchange(sent_, {});
  }
  void Advance(int64_t micros) { executor_.Advance(micros); }
  void set_memory_is_low(bool is_low) { executor_.set_memory_is_low(is_low); }
  size_t sent_bytes() const { return sent_.size(); }
  int write_count() const { return write_count_; }
  std::vector<std::string> TakeReplies() { return ReplyTexts(TakeSent()); }
  std::vector<std::string> TakeEnds() { return std::exchange(ends_, {}); }
  void set_stuck(bool stuck) { stuck_ = stuck; }
  Connection& connection() { return *connection_; }
  // The client has gone.
  void DropConnection() { connection_.reset(); }
  FakeFront& front() { return front_; }
  session::MemoryBudget& requests() { return requests_; }
  // Does the oldest job of the background. False when there is none.
  bool RunJob() {
    const bool ran = executor_.RunJob();
    executor_.RunPosted();
    return ran;
  }
  // Does them all.
  bool RunJobs() {
    const bool ran = RunJob();
    while (RunJob()) {
    }
    return ran;
  }

 private:
  const Authenticator anybody_;
  worker::HandExecutor executor_;
  session::MemoryBudget requests_{&executor_, 1 << 20};
  std::deque<std::function<void()>> answers_;
  FakeFront front_;
  std::string sent_;
  std::vector<std::string> ends_;
  int write_count_ = 0;
  bool stuck_ = false;
  std::optional<Connection> connection_;
};

}  // namespace tidemark::bolt
