// SPDX-License-Identifier: Apache-2.0
#include "check/workloads/hub.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace tidemark::check {
namespace {

constexpr char kHubLabel[] = "HubPart";
constexpr char kHubNumber[] = "number";
constexpr char kHubType[] = "SPOKE";
constexpr int64_t kHubVertexCount = 9;

}  // namespace

std::vector<std::pair<std::string, std::string>> HubWorkload::unique_keys() const {
  return {{kHubLabel, kHubNumber}};
}

std::unique_ptr<Script> HubWorkload::Setup() {
  if (!vertices_.empty()) return nullptr;
  auto created = std::make_shared<std::vector<VertexId>>();
  auto create = [](const Results&) {
    std::vector<Operation> operations;
    for (int64_t i = 0; i < kHubVertexCount; ++i) {
      operations.push_back(CreateVertex(kHubLabel, {{kHubNumber, i}}));
    }
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

std::unique_ptr<Script> HubWorkload::NextTransaction(env::Random* random) {
  std::vector<Operation> operations;
  const uint64_t count = 1 + random->Next() % 3;
  for (uint64_t i = 0; i < count; ++i) {
    const VertexId spoke = vertices_[1 + random->Next() % (vertices_.size() - 1)];
    const bool out = random->Next() % 2 == 0;
    operations.push_back(
        CreateEdge(out ? vertices_[0] : spoke, out ? spoke : vertices_[0], kHubType));
  }
  auto edges = std::make_shared<std::vector<EdgeId>>();
  auto create = [operations](const Results&) { return Step::Run(operations); };
  auto commit = [edges](const Results& results) {
    for (const OperationResult& result : results) edges->push_back(result.edge);
    return Step::Commit();
  };
  return MakeScript(false, {create, commit}, [this, edges](const Ending& ending) {
    added_.push_back({ending, *edges});
    if (ending.status.code() == absl::StatusCode::kAborted) {
      violations_.push_back("hub: adding edges conflicted: " + MessageOf(ending.status));
    }
  });
}

std::unique_ptr<Script> HubWorkload::FinalRead() {
  auto expand = [this](const Results&) { return Step::Run({Expand(vertices_[0])}); };
  auto note = [this](const Results& results) {
    found_.clear();
    for (const NeighbourRow& row : results[0].neighbours) found_.push_back(row.edge);
    return Step::Commit();
  };
  return MakeScript(true, {expand, note}, [](const Ending&) {});
}

// By when they began: one whose connection broke may be told so after the id of its edge was given
// again. The id of an edge that was undone, or whose commit never came, may be given again: only
// the newest of an id counts.
HubWorkload::Accounting HubWorkload::Account() const {
  std::vector<size_t> order(added_.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [this](size_t a, size_t b) {
    return added_[a].ending.begun_micros > added_[b].ending.begun_micros;
  });
  Accounting accounting;
  accounting.unaccounted.insert(found_.begin(), found_.end());
  std::set<EdgeId> given;
  for (const size_t i : order) {
    const Ending& ending = added_[i].ending;
    if (ending.outcome == Outcome::kAborted) continue;
    WriteRecord record;
    record.name = absl::StrCat("hub transaction ", i);
    record.ending = ending;
    for (const EdgeId edge : added_[i].edges) {
      ++record.parts;
      record.parts_found += static_cast<uint32_t>(accounting.unaccounted.erase(edge));
      const bool again = !given.insert(edge).second;
      if (again && ending.outcome == Outcome::kCommitted) accounting.given_again.push_back(edge);
    }
    accounting.records.push_back(std::move(record));
  }
  return accounting;
}

std::vector<WriteRecord> HubWorkload::Records() const { return Account().records; }

std::vector<std::string> HubWorkload::Check(const LossRules& rules) {
  std::vector<std::string> out = violations_;
  if (std::set<EdgeId>(found_.begin(), found_.end()).size() != found_.size()) {
    out.push_back("hub: an edge is there twice");
  }
  const Accounting accounting = Account();
  for (const EdgeId edge : accounting.given_again) {
    if (rules.newest_end_may_be_lost) break;
    out.push_back(absl::StrCat("hub: two transactions were given edge ", edge.value()));
  }
  for (const EdgeId edge : accounting.unaccounted) {
    out.push_back(absl::StrCat("hub: nobody added edge ", edge.value()));
  }
  for (std::string& text : CheckPromises(accounting.records, rules)) out.push_back(std::move(text));
  return out;
}

}  // namespace tidemark::check
