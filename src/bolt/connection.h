// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bolt/chunks.h"
#include "bolt/dialog.h"
#include "bolt/handshake.h"
#include "bolt/limits.h"
#include "bolt/replies.h"
#include "bolt/request.h"
#include "env/executor.h"
#include "session/memory_budget.h"

namespace tidemark::bolt {

// One client's connection as a step machine: bytes come in, bytes go out, no socket. It does the
// handshake, takes messages out of chunks, looks for RESET ahead of what runs, hands requests to
// the dialog one at a time, and keeps both directions within limits.
// Owner: whoever has the stream. Threads: the loop of the session. Errors: end the connection with
// a reason and touch nothing else.
class Connection : private Dialog::Listener {
 public:
  // The stream's side. No function calls back into the connection.
  class Outlet {
   public:
    virtual ~Outlet() = default;
    // Sends the bytes or keeps them until it can.
    virtual void Write(std::string_view bytes) = 0;
    // Likewise, without a copy of them.
    virtual void Give(std::string bytes) = 0;
    // Of what was written.
    virtual size_t unsent_bytes() const = 0;
    // wants_bytes() has changed.
    virtual void OnWantsBytes(bool wants) = 0;
    // The connection is over, for this reason (OK: as the client wanted): to be closed when what
    // was written is sent. Nothing else comes. The connection may be within an answer of its
    // session, so it is to be destroyed in a later step.
    virtual void OnEnd(const absl::Status& reason) = 0;
  };

  // What it needs of the process; all outlive it. `requests` is what the messages of all
  // connections may take.
  struct Surroundings {
    session::MemoryBudget* requests = nullptr;
    env::Executor* executor = nullptr;
    Outlet* outlet = nullptr;
  };
  Connection(DialogContext context, const Surroundings& surroundings);
  ~Connection() override;

  // Not to be called when !wants_bytes() but for the rest of what was read already.
  void OnBytes(std::string_view bytes);
  // Some of what was written has been sent.
  void OnSent();
  bool wants_bytes() const { return wants_bytes_; }
  // False while the client has to hurry: there is a time limit to log in.
  bool is_logged_in() const { return dialog_.is_logged_in(); }
  bool has_ended() const { return ended_; }

 private:
  // Does all that can be done now, and flushes or holds the answers.
  void Step(std::string_view bytes);
  void StepOnce(std::string_view bytes);
  void Consume(std::string_view* bytes);
  void ReadHandshake(std::string_view* bytes);
  void ReadMessages(std::string_view* bytes);
  void TakeMessage(MessageBytes message);
  void PauseForMemory();
  // A message that is taken apart in the background.
  struct LargeMessage {
    MessageBytes message;
    std::string bytes;
    uint64_t held_bytes = 0;     // charged for the message
    uint64_t values_bytes = 0;   // charged for its values
    uint64_t decoded_bytes = 0;  // what these will take
    RequestForm form;
    absl::StatusOr<Request> request = absl::InternalError("not decoded");
  };
  void TakeLargeMessage(MessageBytes message);
  void DecodeLargeMessage(const std::shared_ptr<LargeMessage>& work);
  RequestForm RequestFormNow() const;
  // Charges for the values of a message, for which `held_bytes` are charged already. 0: there is no
  // room.
  uint64_t ChargeValues(uint64_t bytes, uint64_t held_bytes);
  // Hands a charge over to the request, or refuses it when there is none.
  void GiveCharge(uint64_t bytes, Request* request);
  void TakeRequest(absl::StatusOr<Request> request);
  void HandleQueue();
  bool CanHandle() const;
  bool CanRead() const;
  // Charges for a message that is coming in or being decoded. False: the connection ends.
  bool Charge(size_t bytes);
  const MessageLimits& limits() const {
    return dialog_.is_logged_in() ? kSessionLimits : kLoginLimits;
  }
  size_t unsent_bytes() const { return replies_.size() + outlet_->unsent_bytes(); }
  // Whether the answers may wait for the one to the request under way.
  bool CanHold() const;
  void Hold();
  void Flush();
  void End(const absl::Status& reason);

  void OnAnswered() override;
  bool OnRow() override;

  session::MemoryBudget* const requests_;
  env::Executor* const executor_;
  Outlet* const outlet_;
  Handshake handshake_;
  Version version_;
  ChunkReader chunks_;
  session::MemoryCharge held_;  // of a large message that is coming in
  Replies replies_;
  Dialog dialog_;
  std::deque<Request> queue_;
  size_t queue_bytes_ = 0;
  std::string backlog_;  // read, but not taken apart yet
  bool wants_bytes_ = true;
  bool is_decoding_ = false;  // a large message; nothing behind it is looked at
  bool is_pausing_ = false;   // there is little memory for one
  bool in_step_ = false;
  bool held_back_ = false;                 // a row was refused
  env::Executor::TimerId hold_timer_ = 0;  // while answers wait
  bool ended_ = false;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace tidemark::bolt
