// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "check/workload.h"

namespace tidemark::check {

// The newest of the edges of a hub that fills several blocks come and go, up to a thousand in one
// transaction, and some of the others: each that a transaction sees can be deleted, and is gone for
// it then; the hub and its neighbours have the same edges at the end.
// Owner: as Workload. Threads: one.
class LargeHubWorkload final : public Workload {
 public:
  std::string_view name() const override { return "large-hub"; }
  std::unique_ptr<Script> Setup() override;
  std::unique_ptr<Script> NextTransaction(env::Random* random) override;
  std::unique_ptr<Script> FinalRead() override;
  std::vector<std::string> Check(const LossRules& rules) override;

 private:
  std::unique_ptr<Script> MakeVertices();
  std::unique_ptr<Script> Grow(size_t count, std::function<void(const Ending&)> ended);
  std::unique_ptr<Script> Shrink(uint64_t dice);

  std::vector<VertexId> vertices_;  // the hub first
  bool is_filled_ = false;
  std::vector<std::string> violations_;
};

}  // namespace tidemark::check
