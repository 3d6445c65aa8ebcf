// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "check/client.h"
#include "master/master_node.h"
#include "sim/conversation.h"
#include "sim/scheduler.h"
#include "sim/sim_executor.h"
#include "sim/sim_random.h"

namespace tidemark::sim {

// The master as clients reach it: null pointers while no master accepts clients. `run` names the
// run of its process.
struct MasterAccess {
  master::MasterNode* node = nullptr;
  SimExecutor* executor = nullptr;
  uint64_t run = 0;
};

// What a client speaks: the typed operations of the gRPC API, or Cypher as over Bolt.
enum class Language : uint8_t { kTyped, kCypher };

// A client of the simulated cluster: a conversation with the master, requests and answers that take
// their time on the way, and an unknown outcome when the master dies with a commit under way.
// Owner: the simulation. Threads: one.
class SimClient final : public check::Client {
 public:
  SimClient(Scheduler* scheduler, std::function<MasterAccess()> master, Language language,
            uint64_t seed, uint64_t number);
  ~SimClient() override;

  void Begin(bool read_only, std::optional<check::CommitPlace> after, StatusCallback done) override;
  void Run(std::vector<check::Operation> operations, ResultsCallback done) override;
  void Commit(CommitCallback done) override;
  void Rollback(StatusCallback done) override;
  void CreateUnique(const std::string& label, const std::string& key, StatusCallback done) override;
  // Before the master's objects are destroyed.
  void OnMasterGone();

 private:
  // Runs `on_master` on the master's loop after the time of the way; `lost` is told when the master
  // dies before the answer.
  void Ask(std::function<void()> on_master, std::function<void(absl::Status)> lost);
  // Brings an answer back to the client.
  void Answer(std::function<void()> fn);
  void EnsureConversation();
  int64_t Delay() { return random_.Between(20, 300); }

  Scheduler* scheduler_;
  std::function<MasterAccess()> master_;
  const Language language_;
  SimRandom random_;
  MasterAccess access_;  // of the conversation
  std::unique_ptr<Conversation> conversation_;
  uint64_t request_ = 0;
  bool waiting_ = false;
  bool answer_under_way_ = false;
  std::function<void(absl::Status)> lost_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace tidemark::sim
