// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "check/client.h"
#include "check/script.h"

namespace tidemark::check {

// Runs one script at a time on one client, tells the script how it ended, then calls back.
// Owner: who runs a workload; destroyed before the client. Threads: the client's.
class Runner {
 public:
  // Does not own the client. `now_micros` tells the time that orders acknowledgements and begins.
  Runner(Client* client, std::function<int64_t()> now_micros);
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  // REQUIRES: idle().
  void Start(std::unique_ptr<Script> script, std::function<void(const Ending&)> done);
  bool idle() const { return script_ == nullptr; }

 private:
  void Continue(const std::vector<OperationResult>& results);
  void OnResults(absl::StatusOr<std::vector<OperationResult>> results);
  void OnCommit(absl::StatusOr<CommitPlace> place);
  void Finish(Outcome outcome, const absl::Status& status, CommitPlace place);
  // A callback that does nothing once this run of a script is over.
  template <typename Fn>
  auto Guard(Fn fn);

  Client* client_;
  std::function<int64_t()> now_micros_;
  std::unique_ptr<Script> script_;
  std::function<void(const Ending&)> done_;
  Ending ending_;
  uint64_t run_ = 0;
  std::shared_ptr<uint64_t> live_run_ = std::make_shared<uint64_t>(0);
};

}  // namespace tidemark::check
