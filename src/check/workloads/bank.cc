// SPDX-License-Identifier: Apache-2.0
#include "check/workloads/bank.h"

#include "absl/strings/str_cat.h"

namespace tidemark::check {
namespace {

constexpr char kAccountLabel[] = "Account";
constexpr char kAccountNumber[] = "number";
constexpr char kBalance[] = "balance";
constexpr int64_t kAccountCount = 10;
constexpr int64_t kStartBalance = 100;

}  // namespace

std::vector<std::pair<std::string, std::string>> BankWorkload::unique_keys() const {
  return {{kAccountLabel, kAccountNumber}};
}

std::unique_ptr<Script> BankWorkload::Setup() {
  if (!accounts_.empty()) return nullptr;
  auto created = std::make_shared<std::vector<VertexId>>();
  auto create = [](const Results&) {
    std::vector<Operation> operations;
    for (int64_t i = 0; i < kAccountCount; ++i) {
      operations.push_back(
          CreateVertex(kAccountLabel, {{kAccountNumber, i}, {kBalance, kStartBalance}}));
    }
    return Step::Run(std::move(operations));
  };
  auto commit = [created](const Results& results) {
    for (const OperationResult& result : results) created->push_back(result.vertex);
    return Step::Commit();
  };
  return MakeScript(false, {create, commit}, [this, created](const Ending& ending) {
    if (ending.outcome == Outcome::kCommitted) accounts_ = *created;
  });
}

std::unique_ptr<Script> BankWorkload::NextTransaction(env::Random* random) {
  return random->Next() % 4 == 0 ? FinalRead() : Transfer(random);
}

std::unique_ptr<Script> BankWorkload::Transfer(env::Random* random) {
  const size_t count = accounts_.size();
  const size_t from = random->Next() % count;
  const size_t to = (from + 1 + random->Next() % (count - 1)) % count;
  const int64_t amount = static_cast<int64_t>(1 + random->Next() % 20);
  const VertexId source = accounts_[from];
  const VertexId target = accounts_[to];
  auto read = [source, target](const Results&) {
    return Step::Run({GetVertex(source), GetVertex(target)});
  };
  auto write = [this, source, target, amount](const Results& results) {
    if (results[0].vertices.empty() || results[1].vertices.empty()) {
      violations_.push_back("bank: an account is missing");
      return Step::Rollback();
    }
    const int64_t have = results[0].vertices[0].Integer(kBalance);
    const int64_t has = results[1].vertices[0].Integer(kBalance);
    if (have < amount) return Step::Rollback();
    return Step::Run({SetProperty(source, kBalance, have - amount),
                      SetProperty(target, kBalance, has + amount)});
  };
  auto commit = [](const Results&) { return Step::Commit(); };
  return MakeScript(false, {read, write, commit}, [](const Ending&) {});
}

std::unique_ptr<Script> BankWorkload::FinalRead() {
  auto read = [this](const Results&) {
    std::vector<Operation> operations;
    for (const VertexId account : accounts_) operations.push_back(GetVertex(account));
    return Step::Run(std::move(operations));
  };
  auto sum = std::make_shared<int64_t>(0);
  auto add = [sum](const Results& results) {
    for (const OperationResult& result : results) {
      for (const VertexRow& row : result.vertices) *sum += row.Integer(kBalance);
    }
    return Step::Commit();
  };
  return MakeScript(true, {read, add}, [this, sum](const Ending& ending) {
    if (ending.outcome != Outcome::kCommitted || *sum == kAccountCount * kStartBalance) return;
    violations_.push_back(absl::StrCat("bank: a reader saw the sum ", *sum, " instead of ",
                                       kAccountCount * kStartBalance));
  });
}

std::vector<std::string> BankWorkload::Check(const LossRules&) { return violations_; }

}  // namespace tidemark::check
