// SPDX-License-Identifier: Apache-2.0
// SKIP and LIMIT.
#pragma once

#include <optional>
#include <string_view>

#include "exec/operators/operator.h"

namespace tidemark::exec {

// The value of SKIP or LIMIT: an integer of 0 or more, or an error that names `clause`.
absl::StatusOr<uint64_t> EvaluateRowCount(const query::eval::Program& program,
                                          std::string_view clause,
                                          query::eval::Environment* environment);

// Passes over the first rows.
// Owner, threads, errors: as of every Operator.
class Skip final : public Operator {
 public:
  using Operator::Operator;

 protected:
  absl::StatusOr<Pulled> Next(query::BatchRef* batch) override;

 private:
  std::optional<uint64_t> left_;  // to be skipped, once it is known
};

// Gives the first rows and then pulls no more.
// Owner, threads, errors: as of every Operator.
class Limit final : public Operator {
 public:
  using Operator::Operator;

 protected:
  absl::StatusOr<Pulled> Next(query::BatchRef* batch) override;

 private:
  std::optional<uint64_t> left_;
  bool has_pulled_ = false;
};

}  // namespace tidemark::exec
