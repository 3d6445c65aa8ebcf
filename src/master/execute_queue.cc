// SPDX-License-Identifier: Apache-2.0
#include "master/execute_queue.h"

#include <utility>

#include "base/check.h"
#include "base/planted_bug.h"
#include "rpc/limits.h"

namespace tidemark::master {

void ExecuteQueue::Add(uint64_t request, wire::Frame frame) {
  CHECK(frame.has_execute() && frame.execute().tx() != 0) << "only Execute frames wait here";
  const size_t bytes = frame.execute().call().size();
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
  return frame.execute().call().size() <= kSmallExecuteBytes &&
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
    CHECK(count != large_of_.end()) << "transaction " << tx;
    if (--count->second == 0) large_of_.erase(count);
  }
}

void ExecuteQueue::CheckInvariants() const {
  size_t bytes = 0;
  for (const auto& [number, request] : requests_) bytes += request.is_sent ? request.bytes : 0;
  CHECK_EQ(bytes, under_way_bytes_);
  absl::flat_hash_map<uint64_t, size_t> large_of;
  for (const Waiting& waiting : large_) ++large_of[waiting.frame.execute().tx()];
  CHECK(large_of == large_of_) << "the large frames of the transactions are counted wrong";
  for (const std::deque<Waiting>* queue : {&small_, &large_}) {
    for (const Waiting& waiting : *queue) {
      const auto found = requests_.find(waiting.request);
      if (found == requests_.end()) continue;
      CHECK(!found->second.is_sent) << "request " << waiting.request << " waits and is sent";
    }
  }
}

}  // namespace tidemark::master
