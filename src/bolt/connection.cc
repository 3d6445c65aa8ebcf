// SPDX-License-Identifier: Apache-2.0
#include "bolt/connection.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "bolt/value_reader.h"

namespace tidemark::bolt {

Connection::Connection(DialogContext context, const Surroundings& surroundings)
    : requests_(surroundings.requests),
      executor_(surroundings.executor),
      outlet_(surroundings.outlet),
      dialog_(std::move(context), &replies_, this) {}

Connection::~Connection() {
  if (hold_timer_ != 0) executor_->Cancel(hold_timer_);
}

void Connection::OnBytes(std::string_view bytes) {
  dialog_.ReleaseRetired();
  if (!in_step_ && !ended_) Step(bytes);
}

void Connection::OnSent() {
  if (in_step_ || ended_) return;
  if (held_back_ && unsent_bytes() <= kResumeUnsentBytes) {
    in_step_ = true;
    held_back_ = false;
    dialog_.Resume();
    in_step_ = false;
  }
  Step({});
}

void Connection::OnAnswered() {
  if (!in_step_ && !ended_) Step({});
}

bool Connection::OnRow() {
  if (ended_ || dialog_.state() == State::kDefunct) {
    replies_.Clear();
    return false;
  }
  if (replies_.size() >= kFlushBytes) Flush();
  held_back_ = unsent_bytes() >= kMaxUnsentBytes;
  return !held_back_;
}

void Connection::Step(std::string_view bytes) {
  do {
    StepOnce(bytes);
    bytes = {};
    // Where the system took all that kept requests waiting, nobody says later that it was sent.
  } while (!ended_ && dialog_.state() != State::kDefunct && !queue_.empty() && CanHandle());
  if (dialog_.state() == State::kDefunct) return End(dialog_.end());
  if (ended_) return;
  const bool wants = CanRead() && backlog_.empty();
  if (wants != wants_bytes_) {
    wants_bytes_ = wants;
    outlet_->OnWantsBytes(wants);
  }
}

void Connection::StepOnce(std::string_view bytes) {
  in_step_ = true;
  HandleQueue();
  if (backlog_.empty()) {
    Consume(&bytes);
    backlog_.assign(bytes);
  } else {
    backlog_.append(bytes);
    const std::string earlier = std::move(backlog_);
    backlog_.clear();
    std::string_view rest = earlier;
    Consume(&rest);
    backlog_.assign(rest);
  }
  in_step_ = false;
  if (CanHold()) {
    Hold();
  } else {
    Flush();
  }
}

void Connection::Consume(std::string_view* bytes) {
  if (!handshake_.done()) ReadHandshake(bytes);
  if (handshake_.done() && !ended_) ReadMessages(bytes);
}

void Connection::ReadHandshake(std::string_view* bytes) {
  const absl::Status status = handshake_.Consume(bytes, replies_.out());
  if (!status.ok()) {
    Flush();
    return End(status);
  }
  if (!handshake_.done()) return;
  version_ = handshake_.version();
  dialog_.SetVersion(version_);
}

void Connection::ReadMessages(std::string_view* bytes) {
  const bool takes_some = !bytes->empty();
  while (!bytes->empty() && CanRead() && dialog_.state() != State::kDefunct) {
    chunks_.set_message_limit(limits().message_bytes);
    MessageBytes message;
    const absl::StatusOr<bool> complete = chunks_.Next(bytes, &message);
    if (!complete.ok()) return dialog_.Break(complete.status());
    if (!*complete) break;
    TakeMessage(std::move(message));
  }
  if (dialog_.state() == State::kDefunct) {
    *bytes = {};
  } else if (!is_decoding_) {
    Charge(chunks_.held_bytes());
    if (takes_some && held_.bytes() > 0 && executor_->memory_is_low()) PauseForMemory();
  }
}

// What comes in goes into new memory: if the loop took it from the kernel page by page, all others
// would wait with it. After each pause some is read in any case.
void Connection::PauseForMemory() {
  if (std::exchange(is_pausing_, true)) return;
  executor_->RunAfter(env::kLowMemoryPauseMicros, [this, alive = std::weak_ptr<bool>(alive_)] {
    if (alive.expired()) return;
    is_pausing_ = false;
    if (!ended_) Step({});
  });
}

void Connection::TakeMessage(MessageBytes message) {
  if (!message.parts.empty()) return TakeLargeMessage(std::move(message));
  absl::StatusOr<Request> request = ReadRequest(message.whole, RequestFormNow());
  if (request.ok() && request->decoded_bytes > kUnchargedMessageBytes) {
    GiveCharge(ChargeValues(request->decoded_bytes, /*held_bytes=*/0), &*request);
  }
  TakeRequest(std::move(request));
}

// Its values may need many times its bytes: they are counted and charged before they are decoded.
// The memory is the job's until it ends, so the charges are given back then, even where the
// connection has gone.
void Connection::TakeLargeMessage(MessageBytes message) {
  if (!Charge(message.size())) return;
  const auto work = std::make_shared<LargeMessage>();
  work->message = std::move(message);
  work->held_bytes = held_.Detach();
  work->form = RequestFormNow();
  is_decoding_ = true;
  executor_->Submit(
      env::JobQueue::kConnect,
      [work] {
        work->bytes = Join(std::move(work->message));
        work->decoded_bytes = std::min(DecodedBytes(work->bytes), work->form.decoded_bytes);
      },
      [this, work, requests = requests_, alive = std::weak_ptr<bool>(alive_)] {
        if (alive.expired() || ended_) return requests->Give(work->held_bytes);
        DecodeLargeMessage(work);
      });
}

void Connection::DecodeLargeMessage(const std::shared_ptr<LargeMessage>& work) {
  work->values_bytes = ChargeValues(work->decoded_bytes, work->held_bytes);
  // Without room nothing is decoded but what kind of message it is.
  if (work->values_bytes == 0) work->form.decoded_bytes = 0;
  executor_->Submit(
      env::JobQueue::kConnect,
      [work] { work->request = ReadRequest(std::exchange(work->bytes, {}), work->form); },
      [this, work, requests = requests_, alive = std::weak_ptr<bool>(alive_)] {
        requests->Give(work->held_bytes);
        if (alive.expired() || ended_) return requests->Give(work->values_bytes);
        is_decoding_ = false;
        if (work->request.ok()) {
          GiveCharge(work->values_bytes, &*work->request);
        } else {
          requests->Give(work->values_bytes);
        }
        in_step_ = true;
        TakeRequest(std::move(work->request));
        in_step_ = false;
        Step({});
      });
}

RequestForm Connection::RequestFormNow() const {
  return {.version = version_,
          .values = dialog_.value_forms(),
          .decoded_bytes = limits().decoded_bytes};
}

// One message may pass the limit, when there is nothing but it.
uint64_t Connection::ChargeValues(uint64_t bytes, uint64_t held_bytes) {
  bool is_taken = requests_->TryTake(bytes);
  if (!is_taken && requests_->used_bytes() == held_bytes) {
    requests_->Give(held_bytes);
    is_taken = requests_->TryTake(bytes);
    requests_->Take(held_bytes);
  }
  return is_taken ? bytes : 0;
}

void Connection::GiveCharge(uint64_t bytes, Request* request) {
  if (bytes != 0) {
    request->charge = std::make_shared<const session::MemoryCharge>(requests_, bytes);
    return;
  }
  request->fields = {};
  request->decoded_bytes = 0;
  request->status = absl::UnavailableError(
      "the messages of all clients need more memory than there is for them; send less at once, or "
      "try again later");
}

void Connection::TakeRequest(absl::StatusOr<Request> request) {
  if (!request.ok()) return dialog_.Break(request.status());
  if (queue_.empty() && CanHandle()) return dialog_.Handle(*request);
  if (request->kind == RequestKind::kReset) request->interrupts = dialog_.Interrupt();
  queue_bytes_ += request->decoded_bytes + request->encoded_bytes;
  queue_.push_back(*std::move(request));
  HandleQueue();
}

void Connection::HandleQueue() {
  while (!queue_.empty() && CanHandle()) {
    const Request request = std::move(queue_.front());
    queue_.pop_front();
    queue_bytes_ -= request.decoded_bytes + request.encoded_bytes;
    dialog_.Handle(request);
  }
}

// A client that does not take its answers gets no new ones.
bool Connection::CanHandle() const { return dialog_.is_idle() && unsent_bytes() < kMaxUnsentBytes; }

bool Connection::CanRead() const {
  return !is_decoding_ && !is_pausing_ && queue_.size() < kMaxQueuedRequests &&
         queue_bytes_ < kMaxQueuedBytes;
}

bool Connection::Charge(size_t bytes) {
  if (bytes <= kUnchargedMessageBytes) bytes = 0;
  if (bytes < held_.bytes()) held_.Release();
  if (bytes == held_.bytes()) return true;
  const size_t more = bytes - held_.bytes();
  if (!requests_->TryTake(more)) {
    dialog_.Break(absl::ResourceExhaustedError(
        "the messages of all clients need more memory than there is for them"));
    return false;
  }
  if (held_.bytes() == 0) {
    held_ = session::MemoryCharge(requests_, more);
  } else {
    held_.Add(more);
  }
  return true;
}

bool Connection::CanHold() const {
  return !dialog_.is_idle() && dialog_.state() != State::kDefunct && !held_back_ &&
         replies_.size() < kFlushBytes;
}

void Connection::Hold() {
  if (replies_.size() == 0 || hold_timer_ != 0) return;
  hold_timer_ = executor_->RunAfter(kMaxHoldMicros, [this] {
    hold_timer_ = 0;
    if (!ended_) Flush();
  });
}

void Connection::Flush() {
  if (hold_timer_ != 0) executor_->Cancel(std::exchange(hold_timer_, 0));
  if (replies_.size() == 0) return;
  if (replies_.has_open_record()) {
    std::string complete = replies_.TakeComplete();
    if (!complete.empty()) outlet_->Give(std::move(complete));
    return;
  }
  for (std::string& piece : *replies_.pieces()) outlet_->Give(std::move(piece));
  outlet_->Write(*replies_.out());
  replies_.Clear();
}

void Connection::End(const absl::Status& reason) {
  if (ended_) return;
  ended_ = true;
  queue_.clear();
  backlog_.clear();
  outlet_->OnEnd(reason);
}

}  // namespace tidemark::bolt
