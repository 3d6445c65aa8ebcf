// SPDX-License-Identifier: Apache-2.0
#include "check/list_history.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "check/dependency_graph.h"

namespace tidemark::check {
namespace {

using List = std::vector<int64_t>;

class Analysis {
 public:
  Analysis(const std::vector<ListTransaction>& transactions,
           const std::map<int64_t, List>& final_lists, const LossRules& rules)
      : transactions_(transactions), final_lists_(final_lists), rules_(rules) {}

  std::vector<std::string> Run() {
    FindWriters();
    CheckFinalLists();
    for (size_t i = 0; i < transactions_.size(); ++i) {
      if (transactions_[i].ending.outcome == Outcome::kCommitted) CheckReads(i);
    }
    CheckLostUpdates();
    if (out_.empty()) CheckCycles();
    return std::move(out_);
  }

 private:
  void Report(size_t tx, std::string text) {
    out_.push_back(absl::StrCat("list-append transaction ", tx, ": ", text));
  }

  void FindWriters() {
    for (size_t i = 0; i < transactions_.size(); ++i) {
      for (const auto& [list, values] : transactions_[i].appends) {
        for (const int64_t value : values) writer_[value] = i;
      }
    }
    for (const auto& [list, values] : final_lists_) present_.insert(values.begin(), values.end());
  }

  // Committed, or unknown and there; not lost.
  bool Counts(size_t tx) const {
    const ListTransaction& transaction = transactions_[tx];
    if (transaction.ending.outcome == Outcome::kAborted) return false;
    for (const auto& [list, values] : transaction.appends) {
      for (const int64_t value : values) {
        if (!present_.contains(value)) return false;
      }
    }
    return transaction.ending.outcome == Outcome::kCommitted || !transaction.appends.empty();
  }

  void CheckFinalLists() {
    for (const auto& [list, values] : final_lists_) {
      std::set<int64_t> seen;
      for (const int64_t value : values) {
        if (!writer_.contains(value)) {
          out_.push_back(absl::StrCat("list ", list, " holds ", value, ", which nobody appended"));
        }
        if (!seen.insert(value).second) {
          out_.push_back(absl::StrCat("list ", list, " holds ", value, " twice"));
        }
      }
    }
  }

  // G1a, G1b, and that what was read is a prefix of what is there now.
  void CheckReads(size_t tx) {
    for (const auto& [list, values] : transactions_[tx].reads) {
      bool saw_lost = false;
      for (const int64_t value : values) {
        const auto writer = writer_.find(value);
        if (writer == writer_.end()) {
          Report(tx, absl::StrCat("read ", value, ", which nobody appended"));
          return;
        }
        if (transactions_[writer->second].ending.outcome == Outcome::kAborted) {
          Report(tx, absl::StrCat("G1a: read ", value, " of the aborted ", writer->second));
        }
        if (!present_.contains(value)) saw_lost = true;
      }
      CheckIntermediate(tx, list, values);
      if (saw_lost && rules_.newest_end_may_be_lost) {
        tainted_.insert(tx);
        continue;
      }
      const auto now = final_lists_.find(list);
      const List& final_list = now == final_lists_.end() ? kEmpty : now->second;
      if (values.size() > final_list.size() ||
          !std::equal(values.begin(), values.end(), final_list.begin())) {
        Report(tx, absl::StrCat("read list ", list, " as [", absl::StrJoin(values, " "),
                                "], which is no prefix of [", absl::StrJoin(final_list, " "), "]"));
      }
    }
  }

  void CheckIntermediate(size_t tx, int64_t list, const List& values) {
    if (values.empty()) return;
    const size_t writer = writer_.at(values.back());
    const auto& appends = transactions_[writer].appends;
    const auto own = appends.find(list);
    if (writer != tx && own != appends.end() && own->second.back() != values.back()) {
      Report(tx, absl::StrCat("G1b: read list ", list, " in the middle of ", writer));
    }
  }

  // Two that appended to the same version of a list.
  void CheckLostUpdates() {
    std::map<std::pair<int64_t, List>, size_t> bases;
    for (size_t i = 0; i < transactions_.size(); ++i) {
      if (!Counts(i) || tainted_.contains(i)) continue;
      for (const auto& [list, values] : transactions_[i].appends) {
        const auto read = transactions_[i].reads.find(list);
        if (read == transactions_[i].reads.end()) continue;
        const auto [other, first] = bases.emplace(std::make_pair(list, read->second), i);
        if (!first) Report(i, absl::StrCat("lost update of list ", list, " with ", other->second));
      }
    }
  }

  void CheckCycles() {
    DependencyGraph graph(transactions_.size());
    for (const auto& [list, values] : final_lists_) {
      for (size_t i = 1; i < values.size(); ++i) {
        graph.Add(writer_.at(values[i - 1]), writer_.at(values[i]), Dependency::kWriteWrite);
      }
    }
    for (size_t i = 0; i < transactions_.size(); ++i) {
      if (Counts(i) && !tainted_.contains(i)) AddReads(i, &graph);
    }
    AddRealTime(&graph);
    const DependencyGraph::Cycle cycle = graph.FindForbiddenCycle();
    if (cycle.nodes.empty()) return;
    out_.push_back(
        absl::StrCat("list-append: ", cycle.anomaly, ": ", absl::StrJoin(cycle.nodes, " -> ")));
  }

  void AddReads(size_t tx, DependencyGraph* graph) {
    for (const auto& [list, values] : transactions_[tx].reads) {
      const auto now = final_lists_.find(list);
      const List& final_list = now == final_lists_.end() ? kEmpty : now->second;
      if (!values.empty()) graph->Add(writer_.at(values.back()), tx, Dependency::kWriteRead);
      if (values.size() < final_list.size()) {
        graph->Add(tx, writer_.at(final_list[values.size()]), Dependency::kReadWrite);
      }
    }
  }

  // Every end gets a moment; moments form a chain; a begin hangs on the last moment before it.
  void AddRealTime(DependencyGraph* graph) {
    std::vector<std::pair<int64_t, size_t>> ends;
    for (size_t i = 0; i < transactions_.size(); ++i) {
      const Ending& ending = transactions_[i].ending;
      if (ending.outcome == Outcome::kCommitted && Counts(i) && !tainted_.contains(i)) {
        ends.emplace_back(ending.ended_micros, i);
      }
    }
    std::sort(ends.begin(), ends.end());
    std::vector<std::pair<int64_t, size_t>> moments;
    for (const auto& [time, tx] : ends) {
      const size_t moment = graph->AddMoment();
      graph->Add(tx, moment, Dependency::kRealTime);
      if (!moments.empty()) graph->Add(moments.back().second, moment, Dependency::kRealTime);
      moments.emplace_back(time, moment);
    }
    for (const auto& [time, tx] : ends) {
      const int64_t begun = transactions_[tx].ending.begun_micros;
      const auto after =
          std::lower_bound(moments.begin(), moments.end(), std::make_pair(begun, size_t{0}));
      if (after != moments.begin()) {
        graph->Add(std::prev(after)->second, tx, Dependency::kRealTime);
      }
    }
  }

  static const List kEmpty;

  const std::vector<ListTransaction>& transactions_;
  const std::map<int64_t, List>& final_lists_;
  const LossRules rules_;
  std::map<int64_t, size_t> writer_;
  std::set<int64_t> present_;
  std::set<size_t> tainted_;
  std::vector<std::string> out_;
};

const List Analysis::kEmpty;

}  // namespace

std::vector<std::string> CheckListHistory(const std::vector<ListTransaction>& transactions,
                                          const std::map<int64_t, List>& final_lists,
                                          const LossRules& rules) {
  return Analysis(transactions, final_lists, rules).Run();
}

}  // namespace tidemark::check
