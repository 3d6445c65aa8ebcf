// SPDX-License-Identifier: Apache-2.0
#include "storage/records/count_store.h"

#include <algorithm>

#include "base/check.h"

namespace tidemark::storage {

uint32_t CountChanges::NumberOf(uint64_t key) const {
  const uint32_t few = std::min(changes_.size(), kFewCount);
  for (uint32_t i = 0; i < few; ++i) {
    if (changes_[i].key == key) return i;
  }
  const uint32_t* number = numbers_.Find(key);
  return number == nullptr ? kNone : *number;
}

void CountChanges::Add(CountKey key, int64_t change) {
  const uint32_t number = NumberOf(key.value());
  if (number != kNone) {
    changes_[number].change += change;
    return;
  }
  if (changes_.size() >= kFewCount) numbers_[key.value()] = changes_.size();
  changes_.push_back({key.value(), change});
}

int64_t CountChanges::Of(CountKey key) const {
  const uint32_t number = NumberOf(key.value());
  return number == kNone ? 0 : changes_[number].change;
}

void CountChanges::Clear() {
  changes_.clear();
  numbers_ = {};
}

const CountStore::Counter* CountStore::FindCounter(uint64_t key) const {
  const uint32_t* number = numbers_.Find(key);
  return number == nullptr ? nullptr : &counters_[*number];
}

CountStore::Counter* CountStore::CounterOf(uint64_t key) {
  const uint32_t* number = numbers_.Find(key);
  if (number != nullptr) return &counters_[*number];
  numbers_[key] = counters_.size();
  Counter counter;
  counter.key = key;
  counters_.push_back(std::move(counter));
  return &counters_.back();
}

void CountStore::Add(uint64_t key, int64_t change, Csn csn) {
  if (change == 0) return;
  Counter* counter = CounterOf(key);
  if (counter->versions == nullptr) counter->versions = std::make_unique<std::deque<Version>>();
  if (counter->versions->empty() || counter->versions->back().csn != csn.value()) {
    CHECK(log_.empty() || log_.back().csn <= csn.value()) << "commits must come in order";
    counter->versions->push_back({csn.value(), counter->newest});
    log_.push_back({csn.value(), numbers_[key]});
  }
  counter->newest += change;
}

int64_t CountStore::At(CountKey key, Csn csn) const {
  const Counter* counter = FindCounter(key.value());
  if (counter == nullptr) return 0;
  if (counter->versions == nullptr) return counter->newest;
  const std::deque<Version>& versions = *counter->versions;
  const auto newer =
      std::upper_bound(versions.begin(), versions.end(), csn.value(),
                       [](uint64_t read, const Version& version) { return read < version.csn; });
  return newer == versions.end() ? counter->newest : newer->before;
}

int64_t CountStore::Newest(CountKey key) const {
  const Counter* counter = FindCounter(key.value());
  return counter == nullptr ? 0 : counter->newest;
}

bool CountStore::Collect(Csn horizon, int64_t* units) {
  while (!log_.empty() && log_.front().csn <= horizon.value()) {
    if (--*units < 0) return false;
    counters_[log_.front().number].versions->pop_front();
    log_.pop_front();
  }
  return true;
}

void CountStore::RollbackTo(Csn csn) {
  while (!log_.empty() && log_.back().csn > csn.value()) {
    Counter& counter = counters_[log_.back().number];
    counter.newest = counter.versions->back().before;
    counter.versions->pop_back();
    log_.pop_back();
  }
}

void CountStore::CheckInvariants() const {
  std::vector<size_t> seen(counters_.size());
  for (const Logged& logged : log_) {
    const Counter& counter = counters_[logged.number];
    CHECK(counter.versions != nullptr && seen[logged.number] < counter.versions->size());
    CHECK_EQ((*counter.versions)[seen[logged.number]++].csn, logged.csn);
  }
  for (uint32_t i = 0; i < counters_.size(); ++i) {
    CHECK_GE(counters_[i].newest, 0) << "count " << counters_[i].key;
    CHECK_EQ(seen[i], counters_[i].versions == nullptr ? 0 : counters_[i].versions->size());
  }
}

}  // namespace tidemark::storage
