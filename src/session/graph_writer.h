// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "base/ids.h"
#include "exec/graph_writer.h"
#include "session/backend.h"
#include "session/change_runner.h"

namespace tidemark::session {

// What the statements of one transaction change, one batch after the other.
// Owner: the ResultStream. Threads: the loop.
class SessionWriter final : public exec::GraphWriter {
 public:
  // The backend outlives the writer.
  SessionWriter(Backend* backend, TxId tx) : backend_(backend), tx_(tx) {}
  ~SessionWriter() override { Close(); }
  SessionWriter(const SessionWriter&) = delete;
  SessionWriter& operator=(const SessionWriter&) = delete;

  // Nothing comes of a call that is under way.
  void Close();

  void Write(std::vector<exec::GraphChange> changes,
             std::function<void(absl::StatusOr<std::vector<exec::CreatedElement>>)> done) override;

 private:
  Backend* const backend_;
  const TxId tx_;
  std::shared_ptr<ChangeRunner> runner_;  // of the call under way
};

}  // namespace tidemark::session
