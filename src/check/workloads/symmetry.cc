// SPDX-License-Identifier: Apache-2.0
#include "check/workloads/symmetry.h"

#include <map>
#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"

namespace tidemark::check {
namespace {

constexpr char kKnotLabel[] = "Knot";
constexpr char kKnotType[] = "TIE";
constexpr size_t kStartCount = 8;
constexpr size_t kMaxPoolCount = 64;

}  // namespace

std::unique_ptr<Script> SymmetryWorkload::Setup() { return pool_.empty() ? Plant() : nullptr; }

std::unique_ptr<Script> SymmetryWorkload::Plant() {
  auto created = std::make_shared<std::vector<VertexId>>();
  auto create = [](const Results&) {
    std::vector<Operation> operations;
    for (size_t i = 0; i < kStartCount; ++i) operations.push_back(CreateVertex(kKnotLabel, {}));
    return Step::Run(std::move(operations));
  };
  auto commit = [created](const Results& results) {
    for (const OperationResult& result : results) created->push_back(result.vertex);
    return Step::Commit();
  };
  return MakeScript(false, {create, commit}, [this, created](const Ending& ending) {
    if (ending.outcome == Outcome::kCommitted) Join(*created, std::nullopt, ending.place);
  });
}

std::unique_ptr<Script> SymmetryWorkload::OnPool(std::vector<StepFunction> steps,
                                                 std::function<void(const Ending&)> ended) {
  auto forget_or_end = [this, ended = std::move(ended), after = newest_](const Ending& ending) {
    if (ending.status.code() == absl::StatusCode::kFailedPrecondition && newest_ == after) {
      pool_.clear();
      newest_.reset();
    }
    ended(ending);
  };
  return MakeScript(false, std::move(steps), std::move(forget_or_end), newest_);
}

void SymmetryWorkload::Join(const std::vector<VertexId>& created, std::optional<CommitPlace> after,
                            const CommitPlace& place) {
  const bool proven = newest_ == after || (newest_.has_value() && newest_->epoch == place.epoch);
  if (!proven) return;
  if (!newest_.has_value() || *newest_ < place) newest_ = place;
  pool_.insert(pool_.end(), created.begin(), created.end());
  if (pool_.size() > kMaxPoolCount) {
    pool_.erase(pool_.begin(), pool_.begin() + static_cast<int64_t>(created.size()));
  }
}

VertexId SymmetryWorkload::Pick(env::Random* random) const {
  return pool_[random->Next() % pool_.size()];
}

std::unique_ptr<Script> SymmetryWorkload::NextTransaction(env::Random* random) {
  const uint64_t dice = random->Next() % 8;
  if (dice == 0) return FinalRead();
  if (pool_.empty()) return Plant();
  return dice < 5 ? Grow(random) : Shrink(random);
}

// New vertices, tied to one another and to old ones.
std::unique_ptr<Script> SymmetryWorkload::Grow(env::Random* random) {
  const uint64_t count = random->Next() % 3;
  std::vector<VertexId> old;
  for (int i = 0; i < 4; ++i) old.push_back(Pick(random));
  auto created = std::make_shared<std::vector<VertexId>>();
  auto create = [count, old](const Results&) {
    std::vector<Operation> operations = {GetVertex(old[0])};
    for (uint64_t i = 0; i < count; ++i) operations.push_back(CreateVertex(kKnotLabel, {}));
    return Step::Run(std::move(operations));
  };
  auto tie = [created, old](const Results& results) {
    std::vector<Operation> operations;
    for (size_t i = 1; i < results.size(); ++i) {
      created->push_back(results[i].vertex);
      operations.push_back(CreateEdge(results[i].vertex, old[i % old.size()], kKnotType));
      operations.push_back(CreateEdge(old[0], results[i].vertex, kKnotType));
    }
    operations.push_back(CreateEdge(old[1], old[2], kKnotType));
    operations.push_back(CreateEdge(old[2], old[3], kKnotType));
    return Step::Run(std::move(operations));
  };
  auto commit = [](const Results&) { return Step::Commit(); };
  return OnPool({create, tie, commit}, [this, created, after = newest_](const Ending& ending) {
    if (ending.outcome == Outcome::kCommitted) Join(*created, after, ending.place);
  });
}

// Deletes some edges of a vertex, or the vertex with all of them.
std::unique_ptr<Script> SymmetryWorkload::Shrink(env::Random* random) {
  const VertexId vertex = Pick(random);
  const bool whole = random->Next() % 4 == 0;
  const uint64_t every = 1 + random->Next() % 3;
  auto read = [vertex](const Results&) { return Step::Run({GetVertex(vertex), Expand(vertex)}); };
  auto remove = [vertex, whole, every](const Results& results) {
    if (results[0].vertices.empty()) return Step::Rollback();
    if (whole) return Step::Run({DeleteVertex(vertex)});
    std::set<EdgeId> edges;  // a self loop is met twice
    for (const NeighbourRow& row : results[1].neighbours) edges.insert(row.edge);
    std::vector<Operation> operations;
    uint64_t i = 0;
    for (const EdgeId edge : edges) {
      if (i++ % every == 0) operations.push_back(DeleteEdge(edge));
    }
    return operations.empty() ? Step::Rollback() : Step::Run(std::move(operations));
  };
  auto commit = [](const Results&) { return Step::Commit(); };
  return OnPool({read, remove, commit}, [](const Ending&) {});
}

void SymmetryWorkload::CheckEdges(const std::vector<VertexId>& vertices, const Results& results) {
  using Ends = std::tuple<EdgeId, VertexId, VertexId>;
  std::set<Ends> at_source;
  std::set<Ends> at_target;
  std::set<Ends> loops;
  for (size_t i = 0; i < vertices.size(); ++i) {
    for (const NeighbourRow& row : results[i].neighbours) {
      if (row.vertex == vertices[i]) {
        loops.insert({row.edge, row.vertex, row.vertex});
      } else if (row.outgoing) {
        at_source.insert({row.edge, vertices[i], row.vertex});
      } else {
        at_target.insert({row.edge, row.vertex, vertices[i]});
      }
    }
  }
  const std::set<VertexId> known(vertices.begin(), vertices.end());
  for (const auto& [edge, source, target] : at_source) {
    if (at_target.contains({edge, source, target})) continue;
    violations_.push_back(absl::StrCat("symmetry: edge ", edge.value(), " is at its source ",
                                       source.value(), " and not at its target ", target.value(),
                                       known.contains(target) ? "" : ", which is gone"));
  }
  for (const auto& [edge, source, target] : at_target) {
    if (at_source.contains({edge, source, target})) continue;
    violations_.push_back(absl::StrCat("symmetry: edge ", edge.value(), " is at its target ",
                                       target.value(), " and not at its source ", source.value(),
                                       known.contains(source) ? "" : ", which is gone"));
  }
}

std::unique_ptr<Script> SymmetryWorkload::FinalRead() {
  auto vertices = std::make_shared<std::vector<VertexId>>();
  auto kept = std::make_shared<Results>();
  auto scan = [](const Results&) { return Step::Run({ScanLabel(kKnotLabel)}); };
  auto expand = [vertices](const Results& results) {
    std::vector<Operation> operations;
    for (const VertexRow& row : results[0].vertices) {
      vertices->push_back(row.id);
      operations.push_back(Expand(row.id));
    }
    return operations.empty() ? Step::Commit() : Step::Run(std::move(operations));
  };
  auto keep = [kept](const Results& results) {
    *kept = results;
    return Step::Commit();
  };
  return MakeScript(true, {scan, expand, keep}, [this, vertices, kept](const Ending& ending) {
    if (ending.outcome == Outcome::kCommitted && !vertices->empty()) CheckEdges(*vertices, *kept);
  });
}

std::vector<std::string> SymmetryWorkload::Check(const LossRules&) { return violations_; }

}  // namespace tidemark::check
