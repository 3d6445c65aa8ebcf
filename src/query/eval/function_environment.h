// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "query/eval/environment.h"
#include "query/functions/environment.h"

namespace tidemark::query::eval {

// Shows functions and operators the environment of a run, and counts the memory of the values that
// they make: what is used up to now, of which a caller settles what lives on.
// Owner: a Run. Threads: one.
class FunctionEnvironment final : public query::Environment {
 public:
  // REQUIRES: lives as long as this.
  explicit FunctionEnvironment(eval::Environment* environment) : environment_(*environment) {}
  FunctionEnvironment(const FunctionEnvironment&) = delete;
  FunctionEnvironment& operator=(const FunctionEnvironment&) = delete;
  ~FunctionEnvironment() override { ReleaseAll(); }

  ValueOr Property(const graph::Value& element, std::string_view key) override;
  ValueOr Properties(const graph::Value& element) override;
  ValueOr Keys(const graph::Value& element) override;
  ValueOr Labels(VertexId vertex) override;
  std::string TypeName(TypeId type) override;
  int64_t StatementMillis() override;
  uint64_t RandomBits() override;
  absl::Status Reserve(size_t bytes) override;

  size_t used_bytes() const { return used_bytes_; }
  // So many bytes live on of what was used.
  void Settle(size_t used_bytes) { used_bytes_ = used_bytes; }
  void ReleaseAll();
  // The units that making values took since it was last asked.
  int64_t TakeUnits() { return std::exchange(units_, 0); }
  eval::Environment* environment() { return &environment_; }

 private:
  GraphAccess& graph() const;

  eval::Environment& environment_;
  size_t used_bytes_ = 0;
  size_t reserved_bytes_ = 0;  // of the query's account
  int64_t units_ = 0;
};

}  // namespace tidemark::query::eval
