// SPDX-License-Identifier: Apache-2.0
#include "check/workloads/unique_key.h"

#include "absl/strings/str_cat.h"

namespace tidemark::check {
namespace {

constexpr char kTicketLabel[] = "Ticket";
constexpr char kTicketKey[] = "key";
constexpr int64_t kSharedKeyCount = 8;
constexpr int64_t kFirstFreshKey = 1'000;

}  // namespace

std::vector<std::pair<std::string, std::string>> UniqueKeyWorkload::unique_keys() const {
  return {{kTicketLabel, kTicketKey}};
}

std::unique_ptr<Script> UniqueKeyWorkload::NextTransaction(env::Random* random) {
  switch (random->Next() % 8) {
    case 0:
      return FinalRead();
    case 1:
    case 2:
      return Remove(random);
    case 3:
      return InsertFresh(random);
    default:
      return Insert(random);
  }
}

// Two keys that everybody fights for; the second by changing a property of the vertex.
std::unique_ptr<Script> UniqueKeyWorkload::Insert(env::Random* random) {
  const int64_t key = static_cast<int64_t>(random->Next() % kSharedKeyCount);
  const int64_t other = static_cast<int64_t>(random->Next() % kSharedKeyCount);
  const bool change = random->Next() % 4 == 0;
  auto create = [key](const Results&) {
    return Step::Run({CreateVertex(kTicketLabel, {{kTicketKey, key}})});
  };
  auto move = [change, other](const Results& results) {
    if (!change) return Step::Commit();
    return Step::Run({SetProperty(results[0].vertex, kTicketKey, other)});
  };
  auto commit = [](const Results&) { return Step::Commit(); };
  return MakeScript(false, {create, move, commit}, [](const Ending&) {});
}

std::unique_ptr<Script> UniqueKeyWorkload::Remove(env::Random* random) {
  const int64_t key = static_cast<int64_t>(random->Next() % kSharedKeyCount);
  auto find = [key](const Results&) {
    return Step::Run({FindVertex(kTicketLabel, kTicketKey, key)});
  };
  auto remove = [](const Results& results) {
    if (results[0].vertices.empty()) return Step::Rollback();
    return Step::Run({DeleteVertex(results[0].vertices[0].id)});
  };
  auto commit = [](const Results&) { return Step::Commit(); };
  return MakeScript(false, {find, remove, commit}, [](const Ending&) {});
}

std::unique_ptr<Script> UniqueKeyWorkload::InsertFresh(env::Random*) {
  const int64_t key = next_fresh_key_++;
  const size_t index = fresh_.size();
  WriteRecord record;
  record.name = absl::StrCat("unique key ", key);
  record.parts = 1;
  record.ending.outcome = Outcome::kUnknown;
  fresh_.push_back(std::move(record));
  auto create = [key](const Results&) {
    return Step::Run({CreateVertex(kTicketLabel, {{kTicketKey, key}})});
  };
  auto commit = [](const Results&) { return Step::Commit(); };
  return MakeScript(false, {create, commit}, [this, index](const Ending& ending) {
    fresh_[index].ending = ending;
    if (ending.status.code() == absl::StatusCode::kAlreadyExists) {
      violations_.push_back(absl::StrCat(fresh_[index].name, " was refused though it is new"));
    }
  });
}

std::unique_ptr<Script> UniqueKeyWorkload::FinalRead() {
  auto lookups = std::make_shared<Results>();
  auto scans = std::make_shared<Results>();
  auto look_up = [](const Results&) {
    std::vector<Operation> operations;
    for (int64_t key = 0; key < kSharedKeyCount; ++key) {
      operations.push_back(FindVertex(kTicketLabel, kTicketKey, key));
    }
    return Step::Run(std::move(operations));
  };
  auto scan = [lookups](const Results& results) {
    *lookups = results;
    return Step::Run({ScanLabel(kTicketLabel)});
  };
  auto keep = [scans](const Results& results) {
    *scans = results;
    return Step::Commit();
  };
  return MakeScript(true, {look_up, scan, keep}, [this, lookups, scans](const Ending& ending) {
    if (ending.outcome == Outcome::kCommitted) CheckAgreement(*lookups, *scans);
  });
}

void UniqueKeyWorkload::CheckAgreement(const Results& lookups, const Results& scan) {
  std::map<int64_t, VertexId> holders;
  found_.clear();
  for (const VertexRow& row : scan[0].vertices) {
    const int64_t key = row.Integer(kTicketKey);
    if (++found_[key] > 1)
      violations_.push_back(absl::StrCat("two vertices with unique key ", key));
    holders[key] = row.id;
  }
  for (int64_t key = 0; key < kSharedKeyCount; ++key) {
    const std::vector<VertexRow>& rows = lookups[static_cast<size_t>(key)].vertices;
    const auto holder = holders.find(key);
    const bool agree =
        holder == holders.end() ? rows.empty() : rows.size() == 1 && rows[0].id == holder->second;
    if (!agree) {
      violations_.push_back(absl::StrCat("unique key ", key, ": the lookup gives ", rows.size(),
                                         " vertices, the scan ", found_.count(key), " or another"));
    }
  }
}

std::vector<WriteRecord> UniqueKeyWorkload::Records() const {
  std::vector<WriteRecord> records = fresh_;
  for (size_t i = 0; i < records.size(); ++i) {
    records[i].parts_found = found_.contains(kFirstFreshKey + static_cast<int64_t>(i)) ? 1 : 0;
  }
  return records;
}

std::vector<std::string> UniqueKeyWorkload::Check(const LossRules& rules) {
  std::vector<std::string> out = violations_;
  for (std::string& text : CheckPromises(Records(), rules)) out.push_back(std::move(text));
  return out;
}

}  // namespace tidemark::check
