// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "exec/operators/operator.h"
#include "exec/procedure_port.h"

namespace tidemark::exec {

// Calls a procedure for one row after the other; the rows that it gives extend that row.
// Owner, threads, errors: as of every Operator, at home alone.
class ProcedureCall final : public Operator {
 public:
  using Operator::Operator;

 protected:
  absl::StatusOr<Pulled> Next(query::BatchRef* batch) override;

 private:
  const query::plan::ProcedureCall& call() const {
    return query::plan::As<query::plan::ProcedureCall>(plan());
  }
  // Opens the next row of the input and calls the procedure; kBatch when that is done.
  absl::StatusOr<Pulled> OpenRow();
  // kBatch when the rows of the call under way are there.
  absl::StatusOr<Pulled> TakeAnswer();
  query::BatchRef MakeOutput();

  query::BatchRef input_batch_;
  size_t next_row_ = 0;  // of those that count
  uint16_t open_row_ = 0;
  std::shared_ptr<bool> turn_;  // of the call under way
  std::optional<absl::StatusOr<ProcedurePort::Rows>> answer_;
  bool waits_ = false;
  ProcedurePort::Rows results_;  // of the open row
  MemoryHold results_hold_;
  size_t next_result_ = 0;
};

}  // namespace tidemark::exec
