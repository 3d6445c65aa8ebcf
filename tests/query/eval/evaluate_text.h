// SPDX-License-Identifier: Apache-2.0
// Runs statements that read no graph, for tests: parsed, bound, and every expression compiled and
// evaluated over a batch of one row.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "graph/value.h"
#include "query/eval/evaluator.h"
#include "tests/query/binder/bind_fixture.h"
#include "tests/query/functions/test_environment.h"

namespace tidemark::query::eval {

using Parameters = std::map<std::string, graph::Value>;

// The elements of TestEnvironment.
class TestGraph final : public GraphAccess {
 public:
  ValueOr Property(const graph::Value& element, std::string_view key) override {
    return environment_.Property(element, key);
  }
  ValueOr Properties(const graph::Value& element) override {
    return environment_.Properties(element);
  }
  ValueOr Keys(const graph::Value& element) override { return environment_.Keys(element); }
  ValueOr Labels(VertexId vertex) override { return environment_.Labels(vertex); }
  std::string TypeName(TypeId type) override { return environment_.TypeName(type); }

 private:
  TestEnvironment environment_;
};

// Refuses more than its limit.
class TestAccount final : public MemoryAccount {
 public:
  explicit TestAccount(size_t limit) : limit_(limit) {}
  absl::Status Reserve(size_t bytes) override;
  void Release(size_t bytes) override { used_bytes_ -= bytes; }
  size_t room_bytes() const override { return limit_ - used_bytes_; }
  size_t used_bytes() const { return used_bytes_; }
  size_t peak_bytes() const { return peak_bytes_; }

 private:
  const size_t limit_;
  size_t used_bytes_ = 0;
  size_t peak_bytes_ = 0;
};

struct ResultTable {
  std::vector<std::string> columns;
  std::vector<std::vector<graph::Value>> rows;
};

// UNWIND, WITH and RETURN without aggregates, UNION and ORDER BY. kUnimplemented, without an Error,
// for other statements.
absl::StatusOr<ResultTable> RunText(std::string_view text, const Parameters& parameters = {});

// The value of an expression as text, or "!" and the detail of its error.
std::string Evaluated(std::string_view expression, const Parameters& parameters = {});

}  // namespace tidemark::query::eval
