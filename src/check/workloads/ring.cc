// SPDX-License-Identifier: Apache-2.0
#include "check/workloads/ring.h"

#include <map>

#include "absl/strings/str_cat.h"

namespace tidemark::check {
namespace {

constexpr char kRingLabel[] = "Link";
constexpr char kRingNumber[] = "number";
constexpr char kRingType[] = "NEXT";
constexpr size_t kRingVertexCount = 12;

// Each vertex's one edge out and in, as an expansion of all vertices gave them.
struct RingView {
  struct Place {
    VertexId next;
    EdgeId next_edge;
    VertexId previous;
    EdgeId previous_edge;
  };
  std::map<VertexId, Place> places;
  std::string error;
};

RingView ViewOf(const std::vector<VertexId>& vertices, const Results& results) {
  RingView view;
  for (size_t i = 0; i < vertices.size(); ++i) {
    size_t out_count = 0;
    size_t in_count = 0;
    RingView::Place& place = view.places[vertices[i]];
    for (const NeighbourRow& row : results[i].neighbours) {
      if (row.outgoing) {
        place.next = row.vertex;
        place.next_edge = row.edge;
        ++out_count;
      } else {
        place.previous = row.vertex;
        place.previous_edge = row.edge;
        ++in_count;
      }
    }
    if (out_count != 1 || in_count != 1) {
      view.error = absl::StrCat("ring: vertex ", vertices[i].value(), " has ", out_count,
                                " edges out and ", in_count, " in");
    }
  }
  return view;
}

std::string CheckRing(const std::vector<VertexId>& vertices, const RingView& view) {
  if (!view.error.empty()) return view.error;
  VertexId at = vertices[0];
  for (size_t i = 0; i < vertices.size(); ++i) {
    const RingView::Place& place = view.places.at(at);
    const auto next = view.places.find(place.next);
    if (next == view.places.end()) return "ring: an edge leads out of the ring";
    if (next->second.previous != at || next->second.previous_edge != place.next_edge) {
      return absl::StrCat("ring: the ends of edge ", place.next_edge.value(), " do not agree");
    }
    at = place.next;
    if (at == vertices[0] && i + 1 != vertices.size()) {
      return absl::StrCat("ring: closed after ", i + 1, " of ", vertices.size(), " vertices");
    }
  }
  return at == vertices[0] ? "" : "ring: not closed";
}

}  // namespace

std::vector<std::pair<std::string, std::string>> RingWorkload::unique_keys() const {
  return {{kRingLabel, kRingNumber}};
}

std::unique_ptr<Script> RingWorkload::Setup() {
  if (!vertices_.empty()) return nullptr;
  auto created = std::make_shared<std::vector<VertexId>>();
  auto create = [](const Results&) {
    std::vector<Operation> operations;
    for (size_t i = 0; i < kRingVertexCount; ++i) {
      operations.push_back(CreateVertex(kRingLabel, {{kRingNumber, static_cast<int64_t>(i)}}));
    }
    return Step::Run(std::move(operations));
  };
  auto link = [created](const Results& results) {
    for (const OperationResult& result : results) created->push_back(result.vertex);
    std::vector<Operation> operations;
    for (size_t i = 0; i < kRingVertexCount; ++i) {
      operations.push_back(
          CreateEdge((*created)[i], (*created)[(i + 1) % kRingVertexCount], kRingType));
    }
    return Step::Run(std::move(operations));
  };
  auto commit = [](const Results&) { return Step::Commit(); };
  return MakeScript(false, {create, link, commit}, [this, created](const Ending& ending) {
    if (ending.outcome == Outcome::kCommitted) vertices_ = *created;
  });
}

std::vector<Operation> RingWorkload::ExpandAll() const {
  std::vector<Operation> operations;
  for (const VertexId vertex : vertices_) operations.push_back(Expand(vertex));
  return operations;
}

std::unique_ptr<Script> RingWorkload::NextTransaction(env::Random* random) {
  return random->Next() % 3 == 0 ? FinalRead() : Move(random);
}

std::unique_ptr<Script> RingWorkload::Move(env::Random* random) {
  const VertexId moved = vertices_[random->Next() % vertices_.size()];
  const VertexId before = vertices_[random->Next() % vertices_.size()];
  auto read = [this](const Results&) { return Step::Run(ExpandAll()); };
  auto write = [this, moved, before](const Results& results) {
    const RingView view = ViewOf(vertices_, results);
    const RingView::Place& old_place = view.places.at(moved);
    const RingView::Place& new_place = view.places.at(before);
    if (!view.error.empty() || before == moved || new_place.next == moved) {
      return Step::Rollback();
    }
    // Every edge that the move relies on is deleted by it, so concurrent moves conflict.
    return Step::Run(
        {DeleteEdge(old_place.previous_edge), DeleteEdge(old_place.next_edge),
         DeleteEdge(new_place.next_edge), CreateEdge(old_place.previous, old_place.next, kRingType),
         CreateEdge(before, moved, kRingType), CreateEdge(moved, new_place.next, kRingType)});
  };
  auto commit = [](const Results&) { return Step::Commit(); };
  return MakeScript(false, {read, write, commit}, [](const Ending&) {});
}

std::unique_ptr<Script> RingWorkload::FinalRead() {
  auto read = [this](const Results&) { return Step::Run(ExpandAll()); };
  auto error = std::make_shared<std::string>();
  auto look = [this, error](const Results& results) {
    *error = CheckRing(vertices_, ViewOf(vertices_, results));
    return Step::Commit();
  };
  return MakeScript(true, {read, look}, [this, error](const Ending& ending) {
    if (ending.outcome == Outcome::kCommitted && !error->empty()) violations_.push_back(*error);
  });
}

std::vector<std::string> RingWorkload::Check(const LossRules&) { return violations_; }

}  // namespace tidemark::check
