// SPDX-License-Identifier: Apache-2.0
#include "check/workloads/moving_key.h"

#include <map>

#include "absl/strings/str_cat.h"

namespace tidemark::check {
namespace {

constexpr char kHome[] = "home";  // a number of the vertex's own
constexpr int64_t kMovingKeyCount = 6;
// A vertex without one of the moving keys has this plus its home.
constexpr int64_t kFirstParkedKey = 1'000'000;

constexpr const char* kBadge = MovingKeyWorkload::kConstraintLabel;
constexpr const char* kBadgeKey = MovingKeyWorkload::kConstraintKey;

int64_t KeyOfBadge(const VertexRow& row) { return row.Integer(kBadgeKey); }

Step LookUpAllBadges(const Results&) {
  std::vector<Operation> operations;
  for (int64_t key = 0; key < kMovingKeyCount; ++key) {
    operations.push_back(FindVertex(kBadge, kBadgeKey, key));
  }
  return Step::Run(std::move(operations));
}

}  // namespace

std::unique_ptr<Script> MovingKeyWorkload::Setup() {
  if (is_set_up_) return nullptr;
  next_home_ = 2 * kMovingKeyCount;
  auto create = [](const Results&) {
    std::vector<Operation> operations;
    for (int64_t home = 0; home < 2 * kMovingKeyCount; ++home) {
      const int64_t key = home < kMovingKeyCount ? home : kFirstParkedKey + home;
      operations.push_back(CreateVertex(kBadge, {{kHome, home}, {kBadgeKey, key}}));
    }
    return Step::Run(std::move(operations));
  };
  auto commit = [](const Results&) { return Step::Commit(); };
  return MakeScript(false, {create, commit}, [this](const Ending& ending) {
    if (ending.outcome == Outcome::kCommitted) is_set_up_ = true;
  });
}

// A key goes to a vertex that has none, two vertices change keys, or a new vertex takes the place
// of an old one; every time the key is freed before it is taken.
Step MovingKeyWorkload::Move(const Results& scan, uint64_t dice) {
  const std::vector<VertexRow>& rows = scan[0].vertices;
  const VertexRow& from = rows[dice % rows.size()];
  const VertexRow& to = rows[dice / rows.size() % rows.size()];
  const int64_t key = KeyOfBadge(from);
  const int64_t other_key = KeyOfBadge(to);
  if (key >= kMovingKeyCount || from.id == to.id) return Step::Commit();
  std::vector<Operation> operations;
  operations.push_back(SetProperty(from.id, kBadgeKey, kFirstParkedKey + from.Integer(kHome)));
  if (dice % 7 == 0) {
    const int64_t home = next_home_++;
    operations.push_back(CreateVertex(kBadge, {{kHome, home}, {kBadgeKey, key}}));
    operations.push_back(DeleteVertex(from.id));
    return Step::Run(std::move(operations));
  }
  operations.push_back(SetProperty(to.id, kBadgeKey, key));
  if (other_key < kMovingKeyCount) {
    operations.push_back(SetProperty(from.id, kBadgeKey, other_key));
  }
  return Step::Run(std::move(operations));
}

std::unique_ptr<Script> MovingKeyWorkload::NextTransaction(env::Random* random) {
  const uint64_t dice = random->Next();
  auto lookups = std::make_shared<Results>();
  auto scan = [](const Results&) { return Step::Run({ScanLabel(kBadge)}); };
  auto move = [this, dice](const Results& results) {
    CheckScan(results);
    if (results[0].vertices.empty()) return Step::Rollback();
    return Move(results, dice >> 8);
  };
  auto scan_again = [lookups](const Results& results) {
    *lookups = results;
    return Step::Run({ScanLabel(kBadge)});
  };
  auto compare = [this, lookups](const Results& results) {
    CheckScan(results);
    CheckAgreement(*lookups, results);
    return Step::Commit();
  };
  auto commit = [](const Results&) { return Step::Commit(); };
  std::vector<StepFunction> steps;
  bool read_only = false;
  switch (dice % 4) {
    case 0:
      steps = {scan, LookUpAllBadges, scan_again, compare};
      read_only = true;
      break;
    case 1:
      steps = {scan, move, LookUpAllBadges, scan_again, compare};
      break;
    default:
      steps = {scan, move, commit};
  }
  return MakeScript(read_only, std::move(steps), [this](const Ending& ending) {
    if (ending.status.code() == absl::StatusCode::kAlreadyExists) {
      violations_.push_back(
          absl::StrCat("a key that was free was refused: ", std::string(ending.status.message())));
    }
  });
}

std::unique_ptr<Script> MovingKeyWorkload::FinalRead() {
  auto scan = [](const Results&) { return Step::Run({ScanLabel(kBadge)}); };
  auto check = [this](const Results& results) {
    CheckScan(results);
    return Step::Commit();
  };
  return MakeScript(true, {scan, check}, [](const Ending&) {});
}

void MovingKeyWorkload::CheckScan(const Results& scan) {
  std::map<int64_t, int> holders;
  for (const VertexRow& row : scan[0].vertices) ++holders[KeyOfBadge(row)];
  for (int64_t key = 0; key < kMovingKeyCount; ++key) {
    const int count = holders[key];
    if (count != 1) violations_.push_back(absl::StrCat("moving key ", key, " is at ", count));
  }
}

void MovingKeyWorkload::CheckAgreement(const Results& lookups, const Results& scan) {
  for (int64_t key = 0; key < kMovingKeyCount; ++key) {
    const std::vector<VertexRow>& found = lookups[static_cast<size_t>(key)].vertices;
    VertexId holder;
    for (const VertexRow& row : scan[0].vertices) {
      if (KeyOfBadge(row) == key) holder = row.id;
    }
    if (found.size() == 1 && found[0].id == holder) continue;
    violations_.push_back(absl::StrCat("moving key ", key, ": the lookup gives ", found.size(),
                                       " vertices or another than the scan"));
  }
}

std::vector<std::string> MovingKeyWorkload::Check(const LossRules&) { return violations_; }

}  // namespace tidemark::check
