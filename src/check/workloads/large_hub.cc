// SPDX-License-Identifier: Apache-2.0
#include "check/workloads/large_hub.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace tidemark::check {
namespace {

constexpr char kLabel[] = "LargeHubPart";
constexpr char kType[] = "BRANCH";
constexpr size_t kVertexCount = 7;
// Two full blocks of 2,048 and the beginning of a third, and what is left of them now and then.
constexpr size_t kFullEdgeCount = 4300;
constexpr size_t kRestEdgeCount = 3300;
constexpr size_t kMaxGrowth = 250;
constexpr size_t kMaxFewRemoved = 30;

// Ascending: about in the order in which they were made.
std::vector<EdgeId> EdgesOf(const OperationResult& expanded) {
  std::vector<EdgeId> edges;
  for (const NeighbourRow& row : expanded.neighbours) edges.push_back(row.edge);
  std::sort(edges.begin(), edges.end());
  return edges;
}

// All above the rest when the hub is full, a few of the newest otherwise.
size_t RemovedCount(size_t count, uint64_t dice) {
  if (count > kFullEdgeCount) return count - kRestEdgeCount;
  return std::min(count, 1 + dice % kMaxFewRemoved);
}

}  // namespace

std::unique_ptr<Script> LargeHubWorkload::Setup() {
  if (vertices_.empty()) return MakeVertices();
  if (is_filled_) return nullptr;
  return Grow(kFullEdgeCount, [this](const Ending& ending) {
    if (ending.outcome == Outcome::kCommitted) is_filled_ = true;
  });
}

std::unique_ptr<Script> LargeHubWorkload::MakeVertices() {
  auto created = std::make_shared<std::vector<VertexId>>();
  auto create = [](const Results&) {
    std::vector<Operation> operations;
    for (size_t i = 0; i < kVertexCount; ++i) operations.push_back(CreateVertex(kLabel, {}));
    return Step::Run(std::move(operations));
  };
  auto commit = [created](const Results& results) {
    for (const OperationResult& result : results) created->push_back(result.vertex);
    return Step::Commit();
  };
  return MakeScript(false, {create, commit}, [this, created](const Ending& ending) {
    if (ending.outcome == Outcome::kCommitted) vertices_ = *created;
  });
}

std::unique_ptr<Script> LargeHubWorkload::NextTransaction(env::Random* random) {
  const uint64_t dice = random->Next();
  if (dice % 5 < 3) return Grow(1 + (dice >> 8) % kMaxGrowth, [](const Ending&) {});
  return Shrink(dice >> 8);
}

std::unique_ptr<Script> LargeHubWorkload::Grow(size_t count,
                                               std::function<void(const Ending&)> ended) {
  auto create = [this, count](const Results&) {
    std::vector<Operation> operations;
    for (size_t i = 0; i < count; ++i) {
      const VertexId neighbour = vertices_[1 + i % (vertices_.size() - 1)];
      operations.push_back(CreateEdge(vertices_[0], neighbour, kType));
    }
    return Step::Run(std::move(operations));
  };
  auto commit = [](const Results&) { return Step::Commit(); };
  return MakeScript(false, {create, commit}, std::move(ended));
}

std::unique_ptr<Script> LargeHubWorkload::Shrink(uint64_t dice) {
  auto before = std::make_shared<std::vector<EdgeId>>();
  auto read = [this](const Results&) { return Step::Run({Expand(vertices_[0])}); };
  auto remove = [before, dice](const Results& results) {
    *before = EdgesOf(results[0]);
    if (before->empty()) return Step::Rollback();
    std::vector<Operation> operations;
    for (size_t i = RemovedCount(before->size(), dice); i > 0; --i) {
      operations.push_back(DeleteEdge(before->back()));
      before->pop_back();
    }
    return Step::Run(std::move(operations));
  };
  auto compare = [this, before](const Results& results) {
    if (EdgesOf(results[0]) != *before) {
      violations_.push_back(absl::StrCat("large-hub: ", results[0].neighbours.size(),
                                         " edges are left after a deletion, or others, not the ",
                                         before->size(), " that it left"));
    }
    return Step::Commit();
  };
  return MakeScript(false, {read, remove, read, compare}, [this](const Ending& ending) {
    if (ending.status.code() == absl::StatusCode::kInternal) {
      violations_.push_back(absl::StrCat("large-hub: edges that are there were not deleted: ",
                                         std::string(ending.status.message())));
    }
  });
}

std::unique_ptr<Script> LargeHubWorkload::FinalRead() {
  auto expand = [this](const Results&) {
    std::vector<Operation> operations;
    for (const VertexId vertex : vertices_) operations.push_back(Expand(vertex));
    return Step::Run(std::move(operations));
  };
  auto compare = [this](const Results& results) {
    const std::vector<EdgeId> of_hub = EdgesOf(results[0]);
    std::vector<EdgeId> of_neighbours;
    for (size_t i = 1; i < results.size(); ++i) {
      const std::vector<EdgeId> edges = EdgesOf(results[i]);
      of_neighbours.insert(of_neighbours.end(), edges.begin(), edges.end());
    }
    std::sort(of_neighbours.begin(), of_neighbours.end());
    if (of_hub != of_neighbours) {
      violations_.push_back(absl::StrCat("large-hub: ", of_hub.size(), " edges at the hub, ",
                                         of_neighbours.size(), " at its neighbours, or others"));
    }
    return Step::Commit();
  };
  return MakeScript(true, {expand, compare}, [](const Ending&) {});
}

std::vector<std::string> LargeHubWorkload::Check(const LossRules&) { return violations_; }

}  // namespace tidemark::check
