// SPDX-License-Identifier: Apache-2.0
#include "session/graph_writer.h"

#include <utility>

#include "base/check.h"

namespace tidemark::session {

void SessionWriter::Close() {
  if (runner_ != nullptr) runner_->Cancel();
  runner_ = nullptr;
}

void SessionWriter::Write(
    std::vector<exec::GraphChange> changes,
    std::function<void(absl::StatusOr<std::vector<exec::CreatedElement>>)> done) {
  CHECK(runner_ == nullptr) << "a transaction writes one batch after the other";
  if (changes.empty()) return done(std::vector<exec::CreatedElement>());
  runner_ = std::make_shared<ChangeRunner>(
      ChangeRunner::Options{backend_, tx_, std::nullopt}, std::move(changes),
      [this, done = std::move(done)](absl::StatusOr<std::vector<exec::CreatedElement>> created) {
        runner_.reset();
        done(std::move(created));
      });
  runner_->Start();
}

}  // namespace tidemark::session
