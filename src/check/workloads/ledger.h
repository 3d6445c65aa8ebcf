// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>

#include "check/workload.h"

namespace tidemark::check {

// Every transaction writes one to four marker vertices with unique keys, which land on different
// workers, and edges between them. Readers look markers up: all of a transaction's or none, and all
// of those acknowledged before. At the end the markers show what is there.
// Owner: as Workload. Threads: one.
class LedgerWorkload final : public Workload {
 public:
  std::string_view name() const override { return "ledger"; }
  std::vector<std::pair<std::string, std::string>> unique_keys() const override;
  std::unique_ptr<Script> Setup() override { return nullptr; }
  std::unique_ptr<Script> NextTransaction(env::Random* random) override;
  std::unique_ptr<Script> FinalRead() override;
  std::vector<WriteRecord> Records() const override;
  std::vector<std::string> Check(const LossRules& rules) override;

 private:
  std::unique_ptr<Script> Write(env::Random* random);
  std::unique_ptr<Script> Read(env::Random* random);
  void CheckRead(size_t tx, const std::vector<uint32_t>& edges_found, const Ending& ending);

  std::vector<WriteRecord> records_;
  std::set<int64_t> found_keys_;
  std::vector<std::string> violations_;
};

}  // namespace tidemark::check
