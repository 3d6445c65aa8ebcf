// SPDX-License-Identifier: Apache-2.0
#include "txn/heartbeats.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace tidemark::txn {

bool Heartbeats::IsDue(int64_t now_micros) {
  if (now_micros < next_micros_) return false;
  next_micros_ = now_micros + interval_micros_;
  return true;
}

void Heartbeats::Wait(int64_t now_micros, std::function<void()> done) {
  CHECK(!is_full());
  requests_.push_back({sequence_, now_micros + kFiguresLimitMicros, std::move(done)});
}

std::vector<std::function<void()>> Heartbeats::TakeAnswered(const Membership& members,
                                                            int64_t now_micros) {
  std::vector<std::function<void()>> answered;
  if (requests_.empty()) return answered;
  uint64_t sequence = sequence_;  // answered by every worker
  members.connected().ForEach([&](NodeId node) {
    sequence = std::min<uint64_t>(sequence, members.Find(node)->figures.sequence());
  });
  while (!requests_.empty()) {
    Request& next = requests_.front();
    if (next.sequence > sequence && next.deadline_micros > now_micros) break;
    answered.push_back(std::move(next.done));
    requests_.pop_front();
  }
  return answered;
}

std::vector<std::function<void()>> Heartbeats::TakeAll() {
  std::vector<std::function<void()>> all;
  for (Request& request : requests_) all.push_back(std::move(request.done));
  requests_.clear();
  return all;
}

}  // namespace tidemark::txn
