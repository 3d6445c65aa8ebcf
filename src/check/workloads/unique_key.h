// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>

#include "check/workload.h"

namespace tidemark::check {

// Many insert and delete vertices under a few unique keys: a key never has two holders, the lookup
// by key and the scan of the label agree, and what was acknowledged is found.
// Owner: as Workload. Threads: one.
class UniqueKeyWorkload final : public Workload {
 public:
  std::string_view name() const override { return "unique"; }
  std::vector<std::pair<std::string, std::string>> unique_keys() const override;
  std::unique_ptr<Script> Setup() override { return nullptr; }
  std::unique_ptr<Script> NextTransaction(env::Random* random) override;
  std::unique_ptr<Script> FinalRead() override;
  std::vector<WriteRecord> Records() const override;
  std::vector<std::string> Check(const LossRules& rules) override;

 private:
  std::unique_ptr<Script> Insert(env::Random* random);
  std::unique_ptr<Script> Remove(env::Random* random);
  std::unique_ptr<Script> InsertFresh(env::Random* random);
  void CheckAgreement(const Results& lookups, const Results& scan);

  int64_t next_fresh_key_ = 1'000;
  std::vector<WriteRecord> fresh_;  // one per fresh key: never deleted
  std::map<int64_t, uint32_t> found_;
  std::vector<std::string> violations_;
};

}  // namespace tidemark::check
