// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "base/ids.h"
#include "exec/graph_writer.h"
#include "session/backend.h"
#include "session/batch_runner.h"

namespace tidemark::session {

// What the statements of one transaction change, as batches of typed operations.
// Owner: the ResultStream. Threads: the loop.
class SessionWriter final : public exec::GraphWriter {
 public:
  // The backend outlives the writer.
  SessionWriter(Backend* backend, TxId tx, Csn read_csn)
      : backend_(backend), tx_(tx), read_csn_(read_csn) {}
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
  const Csn read_csn_;
  std::shared_ptr<BatchRunner> runner_;  // of the call under way
};

}  // namespace tidemark::session
