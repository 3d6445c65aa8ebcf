// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "check/client.h"
#include "check/script.h"
#include "sim/scheduler.h"
#include "sim/sim_client.h"

namespace tidemark::sim {

// A client that moves much and leaves nothing: it writes a batch of large vertices, reads them, and
// rolls back; again and again. What waits on a stream then is what the cluster lets wait.
// Owner: the simulation. Threads: one.
class BulkClient {
 public:
  BulkClient(Scheduler* scheduler, std::unique_ptr<SimClient> client)
      : scheduler_(scheduler), client_(std::move(client)) {}
  ~BulkClient() { *alive_ = false; }

  SimClient* client() { return client_.get(); }
  void Start();
  // No transaction begins after this.
  void Stop() { running_ = false; }
  uint64_t round_count() const { return round_count_; }

 private:
  void Begin();
  void Write();
  void Read(const check::Results& written);
  void Rollback();
  void BeginLater();

  Scheduler* const scheduler_;
  const std::unique_ptr<SimClient> client_;
  bool running_ = false;
  uint64_t round_count_ = 0;  // in which all was read
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace tidemark::sim
