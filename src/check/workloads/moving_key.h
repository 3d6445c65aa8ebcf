// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "check/workload.h"

namespace tidemark::check {

// A few keys that move between vertices, often within one batch: each key is at one vertex at any
// time, with or without a uniqueness constraint over it, so making one never fails and no move is
// refused for a taken key. A lookup, when there is a constraint, gives what a scan of the same
// transaction shows, its own writes included. Who runs it may make and drop the constraint
// (kConstraintLabel, kConstraintKey) at any time.
// Owner: as Workload. Threads: one.
class MovingKeyWorkload final : public Workload {
 public:
  static constexpr char kConstraintLabel[] = "Badge";
  static constexpr char kConstraintKey[] = "key";

  std::string_view name() const override { return "moving-key"; }
  std::unique_ptr<Script> Setup() override;
  std::unique_ptr<Script> NextTransaction(env::Random* random) override;
  std::unique_ptr<Script> FinalRead() override;
  std::vector<std::string> Check(const LossRules& rules) override;

 private:
  Step Move(const Results& scan, uint64_t dice);
  void CheckScan(const Results& scan);
  void CheckAgreement(const Results& lookups, const Results& scan);

  bool is_set_up_ = false;
  int64_t next_home_ = 0;
  std::vector<std::string> violations_;
};

}  // namespace tidemark::check
