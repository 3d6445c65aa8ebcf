// SPDX-License-Identifier: Apache-2.0
// The procedures that a node offers to CALL, and what SHOW gives.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "env/executor.h"
#include "exec/procedure_port.h"
#include "query/binder/procedure.h"
#include "session/backend.h"

namespace tidemark::session {

// What may be called. Threads: any.
class ProcedureTable : public query::ProcedureCatalog {
 public:
  const query::ProcedureSignature* Find(std::string_view name) const override;
  absl::Span<const std::string_view> Names() const override;
};

// Runs the calls of one statement.
// Owner: the ResultStream. Threads: the loop. Errors: query::Error.
class SessionProcedures final : public exec::ProcedurePort {
 public:
  // Both outlive it.
  SessionProcedures(Backend* backend, env::Executor* executor)
      : backend_(backend), executor_(executor) {}
  ~SessionProcedures() override { Close(); }
  SessionProcedures(const SessionProcedures&) = delete;
  SessionProcedures& operator=(const SessionProcedures&) = delete;

  // Nothing comes of a call that is under way.
  void Close();

  void Call(std::string_view procedure, std::vector<graph::Value> arguments,
            std::function<void(absl::StatusOr<Rows>)> done) override;

 private:
  // Looks again and again until all indexes are online.
  void AwaitIndexes(int64_t left_micros, const std::function<void(absl::StatusOr<Rows>)>& done);

  Backend* const backend_;
  env::Executor* const executor_;
  env::Executor::TimerId timer_ = 0;  // of the next look
};

}  // namespace tidemark::session
