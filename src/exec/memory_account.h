// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "query/eval/environment.h"

namespace tidemark::exec {

// What all queries of a node may take together.
// Owner: the node; outlives its accounts. Threads: the loop of the queries.
class MemoryPool {
 public:
  virtual ~MemoryPool() = default;
  virtual bool TryTake(uint64_t bytes) = 0;
  virtual void Give(uint64_t bytes) = 0;
  virtual uint64_t limit_bytes() const = 0;
};

// An account takes from the pool in pieces of this size.
inline constexpr uint64_t kAccountPieceBytes = 256 << 10;

// More than this is freed in the background: it takes about 1 ms when it consists of small pieces.
inline constexpr uint64_t kMaxFreeAtOnceBytes = 512 << 10;

// What one query takes on one node. Memory is charged before it is made or, where its size is only
// known afterwards, at once.
// Owner: the query's run. Threads: the loop. Errors: query::Error, of the query itself, which would
// fail again, or of the node, which may have room later; both name the operator at work.
class MemoryAccount : public query::eval::MemoryAccount {
 public:
  // The pool outlives the account.
  MemoryAccount(MemoryPool* pool, uint64_t limit_bytes) : pool_(pool), limit_bytes_(limit_bytes) {}
  ~MemoryAccount() override {
    if (pool_ != nullptr) pool_->Give(taken_bytes_);
  }
  MemoryAccount(const MemoryAccount&) = delete;
  MemoryAccount& operator=(const MemoryAccount&) = delete;

  absl::Status Reserve(size_t bytes) override;
  void Release(size_t bytes) override;
  size_t room_bytes() const override { return limit_bytes_ - used_bytes_; }

  // The operator at work; gives the one before. `name` is a constant.
  std::string_view SetOperator(std::string_view name) { return std::exchange(operator_, name); }
  uint64_t used_bytes() const { return used_bytes_; }
  // Leaves the pool, before what is charged is freed elsewhere; gives what is to be given back to
  // it then. Nothing can be reserved any more.
  uint64_t Detach();

 private:
  MemoryPool* pool_;
  const uint64_t limit_bytes_;
  std::string_view operator_ = "Query";
  uint64_t used_bytes_ = 0;
  uint64_t taken_bytes_ = 0;  // from the pool; not less than what is used
};

// A part of an account, given back when it goes. Owner: whoever holds the memory, within the life
// of the account.
class MemoryHold {
 public:
  MemoryHold() = default;
  MemoryHold(const MemoryHold&) = delete;
  MemoryHold& operator=(const MemoryHold&) = delete;
  ~MemoryHold() { Clear(); }

  // REQUIRES: always the same account.
  absl::Status Add(MemoryAccount* account, size_t bytes);
  // Gives back a part of what was added.
  void Remove(size_t bytes);
  void Clear() {
    if (bytes_ != 0) account_->Release(std::exchange(bytes_, 0));
  }

 private:
  MemoryAccount* account_ = nullptr;
  size_t bytes_ = 0;
};

}  // namespace tidemark::exec
