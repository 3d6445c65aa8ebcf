// SPDX-License-Identifier: Apache-2.0
#include "check/dependency_graph.h"

#include <algorithm>
#include <deque>
#include <utility>

namespace tidemark::check {

// The search runs over states (node, came by an anti-dependency): state = 2 * node + flag. A walk
// that never takes two anti-dependencies in a row is exactly a walk over states.

void DependencyGraph::Add(size_t from, size_t to, Dependency why) {
  if (from == to) return;
  edges_[from].push_back({to, why});
}

size_t DependencyGraph::AddMoment() {
  edges_.emplace_back();
  return edges_.size() - 1;
}

bool DependencyGraph::Passes(const Filter& filter, bool after_read_write, const Edge& edge) const {
  switch (edge.why) {
    case Dependency::kWriteWrite:
      return true;
    case Dependency::kWriteRead:
      return filter.write_read;
    case Dependency::kReadWrite:
      return filter.read_write && !after_read_write;
    case Dependency::kRealTime:
      return filter.real_time;
  }
  return false;
}

// Which states lie on a cycle: strongly connected components (Tarjan, without recursion).
std::vector<std::vector<size_t>> DependencyGraph::Components(const Filter& filter) const {
  const size_t count = edges_.size() * 2;
  std::vector<size_t> index(count, 0), low(count, 0), stack;
  std::vector<bool> on_stack(count, false);
  std::vector<std::pair<size_t, size_t>> path;  // (state, next edge)
  std::vector<std::vector<size_t>> out;
  size_t next_index = 1;
  for (size_t root = 0; root < count; ++root) {
    if (index[root] != 0) continue;
    path.emplace_back(root, 0);
    while (!path.empty()) {
      const size_t state = path.back().first;
      if (path.back().second == 0 && index[state] == 0) {
        index[state] = low[state] = next_index++;
        stack.push_back(state);
        on_stack[state] = true;
      }
      bool descended = false;
      while (path.back().second < edges_[state / 2].size()) {
        const Edge& edge = edges_[state / 2][path.back().second++];
        if (!Passes(filter, state % 2 != 0, edge)) continue;
        const size_t to = edge.to * 2 + (edge.why == Dependency::kReadWrite ? 1 : 0);
        if (index[to] == 0) {
          path.emplace_back(to, 0);
          descended = true;
          break;
        }
        if (on_stack[to]) low[state] = std::min(low[state], index[to]);
      }
      if (descended) continue;
      path.pop_back();
      if (!path.empty()) low[path.back().first] = std::min(low[path.back().first], low[state]);
      if (low[state] != index[state]) continue;
      std::vector<size_t> component;
      size_t member;
      do {
        member = stack.back();
        stack.pop_back();
        on_stack[member] = false;
        component.push_back(member);
      } while (member != state);
      if (component.size() > 1) out.push_back(std::move(component));
    }
  }
  return out;
}

std::vector<size_t> DependencyGraph::Shortest(const Filter& filter, size_t start) const {
  std::vector<size_t> from(edges_.size() * 2, SIZE_MAX);
  std::deque<size_t> queue = {start};
  while (!queue.empty()) {
    const size_t state = queue.front();
    queue.pop_front();
    for (const Edge& edge : edges_[state / 2]) {
      if (!Passes(filter, state % 2 != 0, edge)) continue;
      const size_t to = edge.to * 2 + (edge.why == Dependency::kReadWrite ? 1 : 0);
      if (from[to] != SIZE_MAX) continue;
      from[to] = state;
      if (to == start) {
        std::vector<size_t> cycle;
        size_t at = start;
        do {
          cycle.push_back(at / 2);
          at = from[at];
        } while (at != start);
        std::reverse(cycle.begin(), cycle.end());
        return cycle;
      }
      queue.push_back(to);
    }
  }
  return {};
}

std::vector<size_t> DependencyGraph::FindCycle(const Filter& filter) const {
  std::vector<size_t> best;
  for (const std::vector<size_t>& component : Components(filter)) {
    const std::vector<size_t> cycle = Shortest(filter, component.front());
    if (!cycle.empty() && (best.empty() || cycle.size() < best.size())) best = cycle;
  }
  return best;
}

size_t DependencyGraph::CountReadWrite(const std::vector<size_t>& cycle) const {
  size_t count = 0;
  for (size_t i = 0; i < cycle.size(); ++i) {
    const size_t to = cycle[(i + 1) % cycle.size()];
    const auto& edges = edges_[cycle[i]];
    if (std::all_of(edges.begin(), edges.end(), [to](const Edge& edge) {
          return edge.to != to || edge.why == Dependency::kReadWrite;
        })) {
      ++count;
    }
  }
  return count;
}

DependencyGraph::Cycle DependencyGraph::FindForbiddenCycle() const {
  const Filter write_write{false, false, false};
  const Filter no_anti{false, true, false};
  const Filter snapshot{true, true, false};
  const Filter strong{true, true, true};
  if (auto cycle = FindCycle(write_write); !cycle.empty()) return {"G0", cycle};
  if (auto cycle = FindCycle(no_anti); !cycle.empty()) return {"G1c", cycle};
  for (const Filter& filter : {snapshot, strong}) {
    auto cycle = FindCycle(filter);
    if (cycle.empty()) continue;
    std::string name = filter.real_time ? "stale " : "";
    name += CountReadWrite(cycle) > 1 ? "long fork" : "read skew";
    return {name, cycle};
  }
  return {};
}

}  // namespace tidemark::check
