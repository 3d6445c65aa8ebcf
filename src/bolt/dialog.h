// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "bolt/authentication.h"
#include "bolt/replies.h"
#include "bolt/request.h"
#include "bolt/request_options.h"
#include "bolt/structures.h"
#include "bolt/versions.h"
#include "session/front.h"

namespace tidemark::bolt {

// Where a conversation is; the names are those of the protocol.
enum class State : uint8_t {
  kNegotiation,     // HELLO comes
  kAuthentication,  // LOGON comes
  kReady,
  kStreaming,    // a statement of its own has rows or its summary left
  kTxReady,      // a transaction is open
  kTxStreaming,  // and some statement in it has rows or its summary left
  kFailed,       // everything is ignored until RESET
  kInterrupted,  // likewise, because RESET has come in and is not its turn yet
  kDefunct,      // the connection ends
};
std::string_view NameOf(State state);

// What a dialog needs of the process.
struct DialogContext {
  session::Front* front = nullptr;
  const Authenticator* authenticator = nullptr;
  std::string address;           // host:port that clients reach this server at; for routing
  std::string agent;             // what HELLO says of the server
  std::string connection_label;  // likewise of the connection: "bolt-17"
};

// One client's conversation as a state machine: a request comes in, replies are appended. It takes
// one request at a time, because a session does.
// Owner: a connection. Threads: the loop of the session. Answers of the session come in as calls of
// AnswerSink, within a request or later.
class Dialog : private session::AnswerSink {
 public:
  // The connection's ears. Called for answers that come later than within a request, too.
  class Listener {
   public:
    virtual ~Listener() = default;
    // A request was answered: the next one may come.
    virtual void OnAnswered() = 0;
    // A row was written. False: no more until Resume.
    virtual bool OnRow() = 0;
  };

  // All outlive the dialog.
  Dialog(DialogContext context, Replies* replies, Listener* listener);
  ~Dialog() override;
  Dialog(const Dialog&) = delete;
  Dialog& operator=(const Dialog&) = delete;

  // Once, after the handshake and before the first request.
  void SetVersion(Version version);

  State state() const;
  // Whether a request may come.
  bool is_idle() const { return !awaited_.has_value() && state_ != State::kDefunct; }
  bool is_logged_in() const { return session_ != nullptr; }
  ValueForms value_forms() const { return forms_; }
  // Why the conversation is over. REQUIRES: state() == kDefunct.
  const absl::Status& end() const { return end_; }

  // REQUIRES: is_idle().
  void Handle(const Request& request);
  // A RESET has come in behind requests that are not answered yet: the one under way is
  // interrupted, the others will be ignored. False before the client has logged in, when nothing
  // can be interrupted.
  bool Interrupt();
  // The client has broken the protocol: it is told so, and the conversation is over.
  void Break(const absl::Status& reason);
  // Goes on with rows that OnRow held back.
  void Resume();
  // Frees what ended while its session was answering. Not to be called within an answer.
  void ReleaseRetired() { retired_ = nullptr; }

 private:
  struct OpenQuery {
    size_t column_count = 0;
    bool has_rows = false;
  };

  bool IsAllowed(RequestKind kind) const;
  bool in_transaction() const { return state_ == State::kTxReady || state_ == State::kTxStreaming; }

  void HandleAllowed(const Request& request);
  void HandleHello(const Request& request);
  void HandleLogon(const graph::Value& token);
  void HandleLogoff();
  void HandleRun(const Request& request);
  void HandleBegin(const Request& request);
  void HandleFetch(const Request& request);
  void HandleRoute(const Request& request);
  void HandleReset(const Request& request);
  void FinishReset();
  void LogIn(std::string user);

  void Fail(const session::Failure& failure);
  void End(absl::Status reason);
  void Answered();
  OptionContext option_context() const { return {version_, context_.front->database(), user_}; }

  void OnDone() override;
  void OnCommitted(const session::Bookmark& bookmark) override;
  void OnRunning(const session::RunningQuery& running) override;
  graph::ValueSink* BeginRow() override;
  bool EndRow() override;
  void PauseRow() override;
  void DropRow() override;
  void OnPaused() override;
  void OnEnd(const session::Summary& summary) override;
  void OnFailure(const session::Failure& failure) override;

  const DialogContext context_;
  Replies* const replies_;
  Listener* const listener_;
  Version version_;
  ValueForms forms_;
  State state_ = State::kNegotiation;
  absl::Status end_;
  std::string user_;
  session::NotificationFilter notifications_;  // of HELLO
  std::unique_ptr<session::FrontSession> session_;
  std::unique_ptr<session::FrontSession> retired_;  // logged off

  std::optional<RequestKind> awaited_;  // the session has still to answer it
  bool answering_ = false;              // within a request to the session
  int interrupts_ = 0;                  // RESETs that have come in and are not their turn yet
  bool reset_asked_ = false;            // the session has been told
  bool reset_done_ = false;             // and has answered

  absl::flat_hash_map<int64_t, OpenQuery> queries_;
  int64_t latest_query_ = 0;
  int64_t fetched_query_ = 0;  // of the PULL or DISCARD under way
  OpenQuery* fetched_ = nullptr;
};

}  // namespace tidemark::bolt
