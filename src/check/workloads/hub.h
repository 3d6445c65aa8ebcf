// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>

#include "check/workload.h"

namespace tidemark::check {

// Everybody adds edges to one vertex: no two of these transactions conflict, and the edges of all
// acknowledged ones are there at the end, each once. Owner: as Workload. Threads: one.
class HubWorkload final : public Workload {
 public:
  std::string_view name() const override { return "hub"; }
  std::vector<std::pair<std::string, std::string>> unique_keys() const override;
  std::unique_ptr<Script> Setup() override;
  std::unique_ptr<Script> NextTransaction(env::Random* random) override;
  std::unique_ptr<Script> FinalRead() override;
  std::vector<WriteRecord> Records() const override;
  std::vector<std::string> Check(const LossRules& rules) override;

 private:
  struct Added {
    Ending ending;
    std::vector<EdgeId> edges;
  };

  // Which transaction each edge belongs to.
  struct Accounting {
    std::vector<WriteRecord> records;  // newest first
    std::vector<EdgeId> given_again;   // to a committed transaction, and then to a newer one
    std::set<EdgeId> unaccounted;      // found, and of nobody
  };

  Accounting Account() const;

  std::vector<VertexId> vertices_;  // the hub first
  std::vector<Added> added_;
  std::vector<EdgeId> found_;
  std::vector<std::string> violations_;
};

}  // namespace tidemark::check
