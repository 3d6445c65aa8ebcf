// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

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

  // Vertices to begin with, of which later transactions know.
  std::unique_ptr<Script> Plant();
  // A script that uses ids of the pool: begins after the newest commit that made one of them.
  std::unique_ptr<Script> OnPool(std::vector<StepFunction> steps,
                                 std::function<void(const Ending&)> ended);
  // A transaction that began after `after` has made these; they join the pool unless a recovery
  // between may have undone what the pool knows.
  void Join(const std::vector<VertexId>& created, std::optional<CommitPlace> after,
            const CommitPlace& place);

  std::vector<VertexId> pool_;         // some of them deleted meanwhile
  std::optional<CommitPlace> newest_;  // commit behind the pool; none when it is empty
  std::vector<std::string> violations_;
};

}  // namespace tidemark::check
