// SPDX-License-Identifier: Apache-2.0
#include "check/workloads/list_append.h"

#include <set>

#include "absl/strings/str_cat.h"

namespace tidemark::check {
namespace {

constexpr char kListLabel[] = "List";
constexpr char kListNumber[] = "number";
constexpr char kValues[] = "values";
constexpr int64_t kListCount = 6;

}  // namespace

std::vector<std::pair<std::string, std::string>> ListAppendWorkload::unique_keys() const {
  return {{kListLabel, kListNumber}};
}

std::unique_ptr<Script> ListAppendWorkload::Setup() {
  if (!lists_.empty()) return nullptr;
  auto created = std::make_shared<std::vector<VertexId>>();
  auto create = [](const Results&) {
    std::vector<Operation> operations;
    for (int64_t i = 0; i < kListCount; ++i) {
      operations.push_back(CreateVertex(kListLabel, {{kListNumber, i}}));
    }
    return Step::Run(std::move(operations));
  };
  auto commit = [created](const Results& results) {
    for (const OperationResult& result : results) created->push_back(result.vertex);
    return Step::Commit();
  };
  return MakeScript(false, {create, commit}, [this, created](const Ending& ending) {
    if (ending.outcome == Outcome::kCommitted) lists_ = *created;
  });
}

std::unique_ptr<Script> ListAppendWorkload::NextTransaction(env::Random* random) {
  const bool read_only = random->Next() % 3 == 0;
  auto transaction = std::make_shared<ListTransaction>();
  auto chosen = std::make_shared<std::vector<int64_t>>();
  std::set<int64_t> distinct;
  const uint64_t count = 1 + random->Next() % 4;
  for (uint64_t i = 0; i < count; ++i) {
    distinct.insert(static_cast<int64_t>(random->Next() % kListCount));
  }
  chosen->assign(distinct.begin(), distinct.end());
  auto appends = std::make_shared<std::map<int64_t, std::vector<int64_t>>>();
  for (const int64_t list : *chosen) {
    if (read_only || random->Next() % 2 == 0) continue;
    (*appends)[list].push_back(next_value_++);
    if (random->Next() % 8 == 0) (*appends)[list].push_back(next_value_++);
  }
  auto read = [this, chosen](const Results&) {
    std::vector<Operation> operations;
    for (const int64_t list : *chosen) {
      operations.push_back(GetVertex(lists_[static_cast<size_t>(list)]));
    }
    return Step::Run(std::move(operations));
  };
  auto write = [this, chosen, appends, transaction](const Results& results) {
    std::vector<Operation> operations;
    for (size_t i = 0; i < chosen->size(); ++i) {
      const int64_t list = (*chosen)[i];
      std::vector<int64_t> values;
      if (!results[i].vertices.empty()) values = results[i].vertices[0].List(kValues);
      transaction->reads[list] = values;
      const auto append = appends->find(list);
      if (append == appends->end()) continue;
      transaction->appends[list] = append->second;
      for (const int64_t value : append->second) {
        values.push_back(value);
        operations.push_back(SetProperty(lists_[static_cast<size_t>(list)], kValues, values));
      }
    }
    return operations.empty() ? Step::Commit() : Step::Run(std::move(operations));
  };
  auto commit = [](const Results&) { return Step::Commit(); };
  return MakeScript(read_only, {read, write, commit}, [this, transaction](const Ending& ending) {
    transaction->ending = ending;
    history_.push_back(*transaction);
  });
}

std::unique_ptr<Script> ListAppendWorkload::FinalRead() {
  auto read = [this](const Results&) {
    std::vector<Operation> operations;
    for (const VertexId list : lists_) operations.push_back(GetVertex(list));
    return Step::Run(std::move(operations));
  };
  auto note = [this](const Results& results) {
    final_lists_.clear();
    for (size_t i = 0; i < results.size(); ++i) {
      if (results[i].vertices.empty()) continue;
      final_lists_[static_cast<int64_t>(i)] = results[i].vertices[0].List(kValues);
    }
    return Step::Commit();
  };
  return MakeScript(true, {read, note}, [](const Ending&) {});
}

std::vector<WriteRecord> ListAppendWorkload::Records() const {
  std::set<int64_t> present;
  for (const auto& [list, values] : final_lists_) present.insert(values.begin(), values.end());
  std::vector<WriteRecord> records;
  for (size_t i = 0; i < history_.size(); ++i) {
    WriteRecord record;
    record.name = absl::StrCat("list-append transaction ", i);
    record.ending = history_[i].ending;
    for (const auto& [list, values] : history_[i].appends) {
      for (const int64_t value : values) {
        ++record.parts;
        if (present.contains(value)) ++record.parts_found;
      }
    }
    if (record.parts != 0) records.push_back(std::move(record));
  }
  return records;
}

std::vector<std::string> ListAppendWorkload::Check(const LossRules& rules) {
  std::vector<std::string> out = CheckPromises(Records(), rules);
  for (std::string& text : CheckListHistory(history_, final_lists_, rules)) {
    out.push_back(std::move(text));
  }
  return out;
}

}  // namespace tidemark::check
