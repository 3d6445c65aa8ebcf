// SPDX-License-Identifier: Apache-2.0
#include "rpc/redialer.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "rpc/limits.h"

namespace tidemark::rpc {

Redialer::Redialer(const env::Env& env, std::string address, std::function<void()> dial)
    : env_(env),
      address_(std::move(address)),
      dial_(std::move(dial)),
      wait_micros_(kFirstRedialMicros) {}

void Redialer::Start() { dial_(); }

void Redialer::Stop() {
  if (stopped_) return;
  stopped_ = true;
  env_.executor->Cancel(timer_);
}

void Redialer::Opened() {
  if (reported_) LOG(INFO) << "master " << address_ << " reached";
  reported_ = false;
  open_ = true;
  opened_micros_ = env_.clock->NowMicros();
}

void Redialer::Ended(const absl::Status& reason) {
  if (stopped_) return;
  const int64_t now_micros = env_.clock->NowMicros();
  if (!open_) {
    LogUnreachable(reason, now_micros);
  } else if (now_micros - opened_micros_ >= kStableStreamMicros) {
    wait_micros_ = kFirstRedialMicros;
  }
  open_ = false;
  timer_ = env_.executor->RunAfter(wait_micros_, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->dial_();
  });
  wait_micros_ = std::min(wait_micros_ * 2, kMaxRedialMicros);
}

void Redialer::LogUnreachable(const absl::Status& reason, int64_t now_micros) {
  if (reported_ && now_micros - reported_micros_ < kUnreachableLogMicros) return;
  reported_ = true;
  reported_micros_ = now_micros;
  LOG(WARNING) << "master " << address_ << " unreachable, trying again: " << reason.message();
}

}  // namespace tidemark::rpc
