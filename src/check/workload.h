// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "check/promises.h"
#include "check/script.h"
#include "env/random.h"

namespace tidemark::check {

// A kind of load with something that must hold: it makes up transactions, watches what they see,
// reads everything at the end and says what was broken. How to run one:
//   1. make the constraints of unique_keys(), then run Setup() scripts one by one, each again until
//      it commits, until Setup() gives null; then see that they are durable;
//   2. run NextTransaction() scripts on any number of clients, with faults;
//   3. end the faults, run FinalRead() (again until it commits), then Check().
// Owner: the simulator, the drill or a test. Threads: one.
class Workload {
 public:
  virtual ~Workload() = default;
  virtual std::string_view name() const = 0;
  // (label, property key).
  virtual std::vector<std::pair<std::string, std::string>> unique_keys() const { return {}; }
  virtual std::unique_ptr<Script> Setup() = 0;
  virtual std::unique_ptr<Script> NextTransaction(env::Random* random) = 0;
  virtual std::unique_ptr<Script> FinalRead() = 0;
  // The transactions that wrote what can be told apart at the end, and what was found of it; none
  // for workloads without such. REQUIRES: FinalRead has committed.
  virtual std::vector<WriteRecord> Records() const { return {}; }
  // What was broken, one line each; empty when all is well. REQUIRES: FinalRead has committed.
  virtual std::vector<std::string> Check(const LossRules& rules) = 0;
};

// The workloads that cost little, by name: ledger, bank, list-append, ring, symmetry, unique, hub,
// moving-key.
std::vector<std::string> WorkloadNames();
// Those, and large-hub, which takes some thousand edges.
// null when there is none of that name.
std::unique_ptr<Workload> MakeWorkload(std::string_view name);

}  // namespace tidemark::check
