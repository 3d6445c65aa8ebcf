// SPDX-License-Identifier: Apache-2.0
#include "check/promises.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"

namespace tidemark::check {
namespace {

bool Committed(const WriteRecord& record) { return record.ending.outcome == Outcome::kCommitted; }

std::string WriteName(const WriteRecord& record) {
  std::string name = record.name;
  if (Committed(record)) {
    absl::StrAppend(&name, " (epoch ", record.ending.place.epoch.value(), ", csn ",
                    record.ending.place.csn.value(), ")");
  }
  return name;
}

void CheckAlone(const WriteRecord& record, const LossRules& rules, std::vector<std::string>* out) {
  if (record.parts_found != 0 && record.parts_found != record.parts) {
    out->push_back(absl::StrCat("half a transaction: ", record.parts_found, " of ", record.parts,
                                " parts of ", WriteName(record)));
    return;
  }
  const bool present = record.parts_found != 0;
  if (present && record.ending.outcome == Outcome::kAborted) {
    out->push_back(absl::StrCat("reported as aborted, but there: ", WriteName(record)));
  }
  if (present || record.parts == 0) return;
  const auto watermark = rules.watermarks.find(record.ending.place.epoch);
  if (Committed(record) && watermark != rules.watermarks.end() &&
      record.ending.place.csn <= watermark->second) {
    out->push_back(absl::StrCat("lost below the watermark ", watermark->second.value(), ": ",
                                WriteName(record)));
    return;
  }
  if (rules.newest_end_may_be_lost) return;
  if (Committed(record)) {
    out->push_back(absl::StrCat("acknowledged, but lost: ", WriteName(record)));
  } else if (record.was_read) {
    out->push_back(absl::StrCat("a returned read was undone: ", WriteName(record)));
  }
}

// Within an epoch what is left is a prefix, and csns follow real time.
void CheckEpoch(std::vector<const WriteRecord*> records, std::vector<std::string>* out) {
  std::sort(records.begin(), records.end(), [](const WriteRecord* a, const WriteRecord* b) {
    return a->ending.place < b->ending.place;
  });
  const WriteRecord* lost = nullptr;
  for (size_t i = 0; i < records.size(); ++i) {
    const WriteRecord& record = *records[i];
    if (i > 0 && record.ending.place == records[i - 1]->ending.place) {
      out->push_back(absl::StrCat("one csn for two: ", WriteName(*records[i - 1]), " and ",
                                  WriteName(record)));
    }
    if (record.parts == 0) continue;
    if (record.parts_found == 0) {
      if (lost == nullptr) lost = &record;
    } else if (lost != nullptr) {
      out->push_back(absl::StrCat("not a prefix: ", WriteName(*lost), " is lost, but there is ",
                                  WriteName(record)));
      return;
    }
  }
  // From the newest csn down: the earliest end of those above must not be before this begin.
  int64_t earliest_end = INT64_MAX;
  const WriteRecord* earliest = nullptr;
  for (size_t i = records.size(); i-- > 0;) {
    const WriteRecord& record = *records[i];
    if (earliest_end < record.ending.begun_micros) {
      out->push_back(absl::StrCat("csn order against real time: ", WriteName(*earliest),
                                  " ended before this began: ", WriteName(record)));
      return;
    }
    if (record.ending.ended_micros < earliest_end) {
      earliest_end = record.ending.ended_micros;
      earliest = &record;
    }
  }
}

}  // namespace

std::vector<std::string> CheckPromises(const std::vector<WriteRecord>& records,
                                       const LossRules& rules) {
  std::vector<std::string> out;
  std::map<Epoch, std::vector<const WriteRecord*>> by_epoch;
  for (const WriteRecord& record : records) {
    CheckAlone(record, rules, &out);
    if (Committed(record)) by_epoch[record.ending.place.epoch].push_back(&record);
  }
  for (const auto& [epoch, committed] : by_epoch) CheckEpoch(committed, &out);
  return out;
}

}  // namespace tidemark::check
