// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "check/promises.h"
#include "check/script.h"
#include "check/workload.h"
#include "cli/seeded_random.h"
#include "client/client.h"
#include "drill/drill_client.h"
#include "env/clock.h"

namespace tidemark::drill {

// Where the load of a drill goes.
struct DrillAddresses {
  client::Client* client = nullptr;  // for the administration of the cluster
  std::string bolt;                  // host:port
};

// One round's workloads on concurrent clients, each with a thread and a connection's stream of its
// own. What it writes carries its label suffix; two suffixes take turns, so that what one round has
// left goes through the faults of the next one too.
// Owner: the drill. Threads: main's; the clients' threads take the lock for everything of the
// workloads.
class DrillLoad {
 public:
  struct Options {
    std::string label_suffix;
    int64_t client_count = 8;
    uint64_t seed = 0;
  };
  struct Tally {
    uint64_t acknowledged = 0;  // commits that left something to be found
    uint64_t lost = 0;          // of these
    uint64_t committed = 0;     // transactions by their ends
    uint64_t aborted = 0;
    uint64_t unknown = 0;
  };

  DrillLoad(const DrillAddresses& addresses, env::Clock* clock, const Options& options);
  // Waits for the clients.
  ~DrillLoad();

  // Makes constraints and what the workloads begin with, durably. REQUIRES: nothing of the label
  // suffix is there, no faults happen.
  absl::Status SetUp();
  void Begin();
  void ForgetCommits();
  // True when every client has committed since the last call of ForgetCommits; false when one has
  // waited longer for an answer, or much longer for a commit.
  bool AwaitCommitOfEach(int64_t answer_limit_ms);
  // False when a client gets no answer: then the cluster has to go before this object does.
  bool End(int64_t answer_limit_ms);
  // What the clients are doing that have not ended, as text.
  std::string Waiting() const;

  // REQUIRES: ended. Brings everything committed to the disks, reads everything.
  absl::Status ReadAtEnd();
  // What was broken. REQUIRES: ReadAtEnd was OK.
  std::vector<std::string> Check(const check::LossRules& rules) const;
  // What was acknowledged and lost is known after ReadAtEnd only.
  Tally tally() const;

 private:
  void RunClient(size_t number);
  // Runs what `make` gives, again until it commits; `once`, or until `make` gives nothing.
  absl::Status RunToCommit(const std::function<std::unique_ptr<check::Script>()>& make, bool once);
  absl::Status SetUp(check::Workload* workload);
  void CountEnding(size_t client, const check::Ending& ending);
  // Waits for `is_done`. False when an answer takes longer than that.
  bool AwaitAll(int64_t answer_limit_ms, const std::function<bool()>& is_done);

  const DrillAddresses addresses_;
  env::Clock* const clock_;
  const Options options_;
  mutable std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  cli::SeededRandom random_;
  std::vector<std::unique_ptr<check::Workload>> workloads_;
  std::vector<uint64_t> commits_;  // of each client, since ForgetCommits
  Tally tally_;
  bool was_read_ = false;
  bool ending_ = false;
  size_t ended_count_ = 0;
  std::vector<const DrillClient*> clients_;  // by number; null: has ended
  std::vector<std::thread> threads_;
};

}  // namespace tidemark::drill
