// SPDX-License-Identifier: Apache-2.0
#include "check/workloads/ledger.h"

#include "absl/strings/str_cat.h"

namespace tidemark::check {
namespace {

constexpr char kMarkerLabel[] = "Marker";
constexpr char kMarkerKey[] = "key";
constexpr uint32_t kMaxPartCount = 4;

// A name of its own for every few transactions, so that names are made up all along; some come
// back.
constexpr size_t kTxPerName = 8;
constexpr size_t kMaxNameCount = 100;

int64_t KeyOf(size_t tx, uint32_t part) { return static_cast<int64_t>(tx * kMaxPartCount + part); }
std::string GroupName(size_t tx) { return absl::StrCat("group_", tx / kTxPerName % kMaxNameCount); }

}  // namespace

std::vector<std::pair<std::string, std::string>> LedgerWorkload::unique_keys() const {
  return {{kMarkerLabel, kMarkerKey}};
}

std::unique_ptr<Script> LedgerWorkload::NextTransaction(env::Random* random) {
  return random->Next() % 4 == 0 && !records_.empty() ? Read(random) : Write(random);
}

std::unique_ptr<Script> LedgerWorkload::Write(env::Random* random) {
  const size_t tx = records_.size();
  WriteRecord record;
  record.name = absl::StrCat("ledger transaction ", tx);
  record.parts = 1 + static_cast<uint32_t>(random->Next() % kMaxPartCount);
  record.ending.outcome = Outcome::kUnknown;
  const uint32_t parts = record.parts;
  records_.push_back(std::move(record));
  auto create = [tx, parts](const Results&) {
    std::vector<Operation> operations;
    for (uint32_t part = 0; part < parts; ++part) {
      operations.push_back(CreateVertex(kMarkerLabel, {{kMarkerKey, KeyOf(tx, part)},
                                                       {GroupName(tx), static_cast<int64_t>(tx)}}));
    }
    return Step::Run(std::move(operations));
  };
  auto link = [](const Results& created) {
    if (created.size() < 2) return Step::Commit();
    std::vector<Operation> operations;
    for (size_t i = 1; i < created.size(); ++i) {
      operations.push_back(CreateEdge(created[i - 1].vertex, created[i].vertex, "NEXT_PART"));
    }
    return Step::Run(std::move(operations));
  };
  auto commit = [](const Results&) { return Step::Commit(); };
  return MakeScript(false, {create, link, commit},
                    [this, tx](const Ending& ending) { records_[tx].ending = ending; });
}

std::unique_ptr<Script> LedgerWorkload::Read(env::Random* random) {
  // One of the newest.
  const size_t back = random->Next() % 16;
  const size_t tx = records_.size() - 1 - std::min(back, records_.size() - 1);
  const uint32_t parts = records_[tx].parts;
  auto found = std::make_shared<std::vector<uint32_t>>();
  auto find = [tx, parts](const Results&) {
    std::vector<Operation> operations;
    for (uint32_t part = 0; part < parts; ++part) {
      operations.push_back(FindVertex(kMarkerLabel, kMarkerKey, KeyOf(tx, part)));
    }
    return Step::Run(std::move(operations));
  };
  auto expand = [found](const Results& results) {
    std::vector<Operation> operations;
    for (const OperationResult& result : results) {
      for (const VertexRow& row : result.vertices) operations.push_back(Expand(row.id));
    }
    if (operations.empty()) return Step::Commit();
    return Step::Run(std::move(operations));
  };
  auto note = [found](const Results& results) {
    for (const OperationResult& result : results) {
      found->push_back(static_cast<uint32_t>(result.neighbours.size()));
    }
    return Step::Commit();
  };
  return MakeScript(true, {find, expand, note}, [this, tx, found](const Ending& ending) {
    if (ending.outcome == Outcome::kCommitted) CheckRead(tx, *found, ending);
  });
}

void LedgerWorkload::CheckRead(size_t tx, const std::vector<uint32_t>& edges_found,
                               const Ending& ending) {
  WriteRecord& record = records_[tx];
  if (!edges_found.empty()) record.was_read = true;
  uint32_t edge_ends = 0;
  for (const uint32_t count : edges_found) edge_ends += count;
  const bool whole = edges_found.size() == record.parts && edge_ends == 2 * (record.parts - 1);
  if (!edges_found.empty() && !whole) {
    violations_.push_back(absl::StrCat("a reader saw half of ", record.name, ": ",
                                       edges_found.size(), " of ", record.parts, " markers, ",
                                       edge_ends, " ends of edges"));
  }
  if (record.ending.outcome == Outcome::kAborted && !edges_found.empty()) {
    violations_.push_back(absl::StrCat("a reader saw the aborted ", record.name));
  }
  // An acknowledged commit of this epoch must be seen; one of an earlier epoch may be lost, which
  // the end of the run shows.
  if (record.ending.outcome == Outcome::kCommitted && edges_found.empty() &&
      record.ending.ended_micros < ending.begun_micros &&
      record.ending.place.epoch == ending.place.epoch) {
    violations_.push_back(
        absl::StrCat("a reader missed ", record.name, ", acknowledged before it began"));
  }
}

std::unique_ptr<Script> LedgerWorkload::FinalRead() {
  auto scan = [](const Results&) { return Step::Run({ScanLabel(kMarkerLabel)}); };
  auto note = [this](const Results& results) {
    found_keys_.clear();
    for (const VertexRow& row : results[0].vertices) {
      const int64_t key = row.Integer(kMarkerKey);
      if (!found_keys_.insert(key).second) {
        violations_.push_back(absl::StrCat("two markers with key ", key));
      }
      const int64_t tx = key / kMaxPartCount;
      if (row.Integer(GroupName(static_cast<size_t>(tx))) != tx) {
        violations_.push_back(absl::StrCat("the marker with key ", key, " has lost its ",
                                           GroupName(static_cast<size_t>(tx))));
      }
    }
    return Step::Commit();
  };
  return MakeScript(true, {scan, note}, [](const Ending&) {});
}

std::vector<WriteRecord> LedgerWorkload::Records() const {
  std::vector<WriteRecord> records = records_;
  for (size_t tx = 0; tx < records.size(); ++tx) {
    for (uint32_t part = 0; part < records[tx].parts; ++part) {
      if (found_keys_.contains(KeyOf(tx, part))) ++records[tx].parts_found;
    }
  }
  return records;
}

std::vector<std::string> LedgerWorkload::Check(const LossRules& rules) {
  std::vector<std::string> out = violations_;
  for (std::string& text : CheckPromises(Records(), rules)) out.push_back(std::move(text));
  return out;
}

}  // namespace tidemark::check
