// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/generator/comparer.h"

namespace tidemark::generator {
namespace {

constexpr int kMaxTries = 2000;

// A case that may become smaller.
struct Failing {
  GraphPlan plan;
  Statement statement;
  std::string difference;
};

class Shrinker {
 public:
  Shrinker(Failing failing, bool commits, uint64_t seed)
      : failing_(std::move(failing)), commits_(commits), seed_(seed) {}

  const Failing& failing() const { return failing_; }

  void Run() {
    failing_.difference.clear();
    Try(failing_);
    for (bool smaller = true; smaller && tries_ < kMaxTries;) {
      smaller = ShrinkGraph() || ShrinkClauses() || ShrinkExpressions();
    }
  }

 private:
  // Keeps the candidate when its answers differ. One that has become a mistake shows nothing.
  bool Try(Failing candidate) {
    if (++tries_ > kMaxTries || IsMistake(candidate)) return false;
    Tally tally;
    Comparer comparer(candidate.plan, seed_);
    candidate.difference = comparer.Compare(candidate.statement, commits_, &tally);
    if (candidate.difference.empty()) return false;
    failing_ = std::move(candidate);
    return true;
  }
  // The evaluator has no binder: it gets nothing that the engine refuses.
  static bool IsMistake(const Failing& candidate) {
    Engine engine(1, 1);
    return !engine.Run("EXPLAIN " + candidate.statement.Text(), {}).error_code.empty();
  }

  bool ShrinkGraph() {
    for (size_t i = 0; i < failing_.plan.edges.size(); ++i) {
      Failing candidate = failing_;
      candidate.plan.edges.erase(candidate.plan.edges.begin() + static_cast<int64_t>(i));
      if (Try(std::move(candidate))) return true;
    }
    for (size_t i = 0; i < failing_.plan.vertices.size(); ++i) {
      if (TryWithoutVertex(i)) return true;
    }
    for (size_t i = 0; i < failing_.plan.schema.size(); ++i) {
      Failing candidate = failing_;
      candidate.plan.schema.erase(candidate.plan.schema.begin() + static_cast<int64_t>(i));
      if (Try(std::move(candidate))) return true;
    }
    return false;
  }

  bool TryWithoutVertex(size_t vertex) {
    Failing candidate = failing_;
    for (GraphPlan::Edge& edge : candidate.plan.edges) {
      if (edge.source == vertex || edge.target == vertex) return false;
      edge.source -= edge.source > vertex ? 1 : 0;
      edge.target -= edge.target > vertex ? 1 : 0;
    }
    auto& vertices = candidate.plan.vertices;
    vertices.erase(vertices.begin() + static_cast<int64_t>(vertex));
    return Try(std::move(candidate));
  }

  bool ShrinkClauses() {
    for (size_t i = 0; i + 1 < failing_.statement.clauses.size(); ++i) {
      Failing candidate = failing_;
      auto& clauses = candidate.statement.clauses;
      clauses.erase(clauses.begin() + static_cast<int64_t>(i));
      if (Try(std::move(candidate))) return true;
    }
    for (size_t i = 0; i < failing_.statement.clauses.size(); ++i) {
      const size_t where = failing_.statement.clauses[i].find(" WHERE ");
      if (where == std::string::npos) continue;
      Failing candidate = failing_;
      candidate.statement.clauses[i].resize(where);
      if (Try(std::move(candidate))) return true;
    }
    return false;
  }

  // What stands in brackets becomes a constant, or one of what stands in brackets within.
  bool ShrinkExpressions() {
    for (size_t i = 0; i < failing_.statement.clauses.size(); ++i) {
      const std::string& clause = failing_.statement.clauses[i];
      for (const auto& [begin, end] : Brackets(clause)) {
        const std::string whole = clause.substr(begin, end - begin);
        if (whole.size() < 6) continue;
        std::vector<std::string> simpler = {"1", "true", "null", "'a'"};
        for (const auto& [from, to] : Brackets(whole)) {
          if (from > 0) simpler.push_back(whole.substr(from, to - from));
        }
        for (const std::string& text : simpler) {
          Failing candidate = failing_;
          candidate.statement.clauses[i] = clause.substr(0, begin) + text + clause.substr(end);
          if (Try(std::move(candidate))) return true;
        }
      }
    }
    return false;
  }

  static std::vector<std::pair<size_t, size_t>> Brackets(const std::string& text) {
    std::vector<std::pair<size_t, size_t>> found;
    std::vector<size_t> open;
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '(' || text[i] == '[') open.push_back(i);
      if ((text[i] != ')' && text[i] != ']') || open.empty()) continue;
      found.emplace_back(open.back(), i + 1);
      open.pop_back();
    }
    std::reverse(found.begin(), found.end());
    return found;
  }

  Failing failing_;
  const bool commits_;
  const uint64_t seed_;
  int tries_ = 0;
};

}  // namespace

std::string Shrink(const GraphPlan& plan, const Statement& statement, bool commits, uint64_t seed) {
  Shrinker shrinker({plan, statement, ""}, commits, seed);
  shrinker.Run();
  const Failing& failing = shrinker.failing();
  return absl::StrCat("--- smaller:\n", absl::StrJoin(failing.plan.ToStatements(), ";\n"), ";\n",
                      failing.statement.Text(), "\n", failing.difference, "\n");
}

}  // namespace tidemark::generator
