// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "check/workload.h"

namespace tidemark::check {

// Vertices on all workers, joined by edges into one cycle. A transaction takes one vertex out of
// its place and puts it into another: every reader must see one cycle through all vertices, from
// both ends of each edge. Owner: as Workload. Threads: one.
class RingWorkload final : public Workload {
 public:
  std::string_view name() const override { return "ring"; }
  std::vector<std::pair<std::string, std::string>> unique_keys() const override;
  std::unique_ptr<Script> Setup() override;
  std::unique_ptr<Script> NextTransaction(env::Random* random) override;
  std::unique_ptr<Script> FinalRead() override;
  std::vector<std::string> Check(const LossRules& rules) override;

 private:
  std::unique_ptr<Script> Move(env::Random* random);
  std::vector<Operation> ExpandAll() const;

  std::vector<VertexId> vertices_;
  std::vector<std::string> violations_;
};

}  // namespace tidemark::check
