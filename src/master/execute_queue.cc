// SPDX-License-Identifier: Apache-2.0
#include "master/execute_queue.h"

#include <utility>

#include "base/check.h"
#include "base/planted_bug.h"
#include "rpc/limits.h"

namespace tidemark::master {

void ExecuteQueue::Add(uint64_t request, wire::Frame frame) {
  const size_t bytes = frame.execute().operations().size();
  const bool is_new = requests_.try_emplace(request, Request{bytes, false}).second;
  CHECK(is_new) << "request " << request << " is sent twice";
  if (IsSmall(frame)) {
    small_.push_back({request, std::move(frame)});
  } else {
    ++large_of_[frame.execute().tx()];
    large_.push_back({request, std::move(frame)});
  }
  SendSome();
}

bool ExecuteQueue::IsSmall(const wire::Frame& frame) const {
  return frame.execute().operations().size() <= kSmallExecuteBytes &&
         !large_of_.contains(frame.execute().tx());
}

void ExecuteQueue::Forget(uint64_t request) {
  const auto found = requests_.find(request);
  if (found == requests_.end()) return;
  if (found->second.is_sent) {
    CHECK_GE(under_way_bytes_, found->second.bytes) << "request " << request;
    under_way_bytes_ -= found->second.bytes;
  }
  requests_.erase(found);
  SendSome();
}

void ExecuteQueue::SendSome() {
  SendFrom(&small_, kMaxSmallExecuteBytes);
  if (!small_.empty()) return;
  SendFrom(&large_, kMaxExecuteBytes);
}

bool ExecuteQueue::HasRoom(size_t bytes, size_t limit_bytes) const {
  if (PlantedBug("bulk-not-held-back")) return true;
  if (under_way_bytes_ != 0 && under_way_bytes_ + bytes > limit_bytes) return false;
  return bytes <= kSmallExecuteBytes || way_.unsent_bytes() <= rpc::kDrainedBytes;
}

void ExecuteQueue::SendFrom(std::deque<Waiting>* waiting, size_t limit_bytes) {
  while (!waiting->empty()) {
    const auto found = requests_.find(waiting->front().request);
    const uint64_t tx = waiting->front().frame.execute().tx();
    if (found != requests_.end() && way_.is_open(TxId(tx))) {
      if (!HasRoom(found->second.bytes, limit_bytes)) return;
      found->second.is_sent = true;
      under_way_bytes_ += found->second.bytes;
      way_.send(std::move(waiting->front().frame));
    }
    waiting->pop_front();
    if (waiting != &large_) continue;
    const auto count = large_of_.find(tx);
    if (--count->second == 0) large_of_.erase(count);
  }
}

}  // namespace tidemark::master
