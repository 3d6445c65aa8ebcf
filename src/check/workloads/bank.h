// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "check/workload.h"

namespace tidemark::check {

// Accounts on all workers; transfers move money between two of them. Every reader must see the same
// sum. Owner: as Workload. Threads: one.
class BankWorkload final : public Workload {
 public:
  std::string_view name() const override { return "bank"; }
  std::vector<std::pair<std::string, std::string>> unique_keys() const override;
  std::unique_ptr<Script> Setup() override;
  std::unique_ptr<Script> NextTransaction(env::Random* random) override;
  std::unique_ptr<Script> FinalRead() override;
  std::vector<std::string> Check(const LossRules& rules) override;

 private:
  std::unique_ptr<Script> Transfer(env::Random* random);

  std::vector<VertexId> accounts_;
  std::vector<std::string> violations_;
};

}  // namespace tidemark::check
