// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "env/env.h"

namespace tidemark::rpc {

// Decides when a client transport dials again: at once after a stream that lived, then after twice
// the time up to kMaxRedialMicros; and tells the log, seldom, that the master cannot be reached.
// Owner: a client transport, by a shared pointer so that its links can hold a weak one.
// Threads: the loop.
class Redialer : public std::enable_shared_from_this<Redialer> {
 public:
  // `dial` starts one try; the transport answers with Opened or Ended.
  Redialer(const env::Env& env, std::string address, std::function<void()> dial);

  void Start();
  // The try has led to a stream.
  void Opened();
  // The try failed or its stream has ended.
  void Ended(const absl::Status& reason);
  void Stop();

 private:
  void LogUnreachable(const absl::Status& reason, int64_t now_micros);

  const env::Env env_;
  const std::string address_;
  const std::function<void()> dial_;
  bool stopped_ = false;
  bool open_ = false;
  bool reported_ = false;
  int64_t wait_micros_;
  int64_t opened_micros_ = 0;
  int64_t reported_micros_ = 0;
  env::Executor::TimerId timer_ = 0;
};

}  // namespace tidemark::rpc
