// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "check/workload.h"

namespace tidemark::check {

// Vertices and edges come and go, parallel edges and self loops too, vertices are deleted with all
// their edges. An edge must be at its source exactly when it is at its target.
// Owner: as Workload. Threads: one.
class SymmetryWorkload final : public Workload {
 public:
  std::string_view name() const override { return "symmetry"; }
  std::unique_ptr<Script> Setup() override;
  std::unique_ptr<Script> NextTransaction(env::Random* random) override;
  std::unique_ptr<Script> FinalRead() override;
  std::vector<std::string> Check(const LossRules& rules) override;

 private:
  std::unique_ptr<Script> Grow(env::Random* random);
  std::unique_ptr<Script> Shrink(env::Random* random);
  void CheckEdges(const std::vector<VertexId>& vertices, const Results& results);
  VertexId Pick(env::Random* random) const;

  bool set_up_ = false;
  std::vector<VertexId> pool_;  // some of them deleted meanwhile
  std::vector<std::string> violations_;
};

}  // namespace tidemark::check
