// SPDX-License-Identifier: Apache-2.0
#include "session/schema_run.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "query/text/error.h"

namespace tidemark::session {
namespace {

// The commands of one transaction on their way. Owner: the callbacks it waits for. Threads: the
// loop. Errors: see RunSchemaCommands.
class SchemaRun : public std::enable_shared_from_this<SchemaRun> {
 public:
  SchemaRun(Backend* backend, std::vector<SchemaCommand> commands,
            std::function<void(absl::Status)> done)
      : backend_(backend), commands_(std::move(commands)), done_(std::move(done)) {}

  void MakeNext() {
    while (next_ < commands_.size()) {
      const auto change = PlanSchemaChange(commands_[next_++], *backend_);
      if (!change.ok()) return TakeBack(change.status());
      if (!change->has_value()) continue;
      return backend_->ChangeSchema(
          **change, [self = shared_from_this(), change = **change,
                     opposite = OppositeOf(**change, *backend_)](const absl::Status& status) {
            if (!status.ok()) return self->TakeBack(SchemaFailure(change, status));
            self->opposites_.push_back(opposite);
            self->MakeNext();
          });
    }
    done_(absl::OkStatus());
  }

 private:
  void TakeBack(const absl::Status& failure) {
    failure_ = failure;
    TakeBackNext();
  }

  void TakeBackNext() {
    if (opposites_.empty()) return done_(failure_);
    SchemaChange change = std::move(opposites_.back());
    opposites_.pop_back();
    if (change.drops) {
      change.name = NameOf(change, *backend_);
      if (change.name.empty()) return TakeBackNext();  // somebody else has dropped it
    }
    backend_->ChangeSchema(change, [self = shared_from_this(), change](const absl::Status& status) {
      if (!status.ok()) self->NoteLeft(change, status);
      self->TakeBackNext();
    });
  }

  // The client must know that the schema is not as it was.
  void NoteLeft(const SchemaChange& change, const absl::Status& status) {
    const std::string text = absl::StrCat(
        failure_.message(), "; and of what the transaction had done before '", change.name,
        "' could not be ", change.drops ? "dropped" : "created again", ": ", status.message());
    failure_ = query::WithPayload(absl::Status(failure_.code(), text), query::PayloadOf(failure_));
  }

  Backend* const backend_;
  const std::vector<SchemaCommand> commands_;
  const std::function<void(absl::Status)> done_;
  size_t next_ = 0;
  std::vector<SchemaChange> opposites_;  // of the changes that have been made
  absl::Status failure_;
};

}  // namespace

void RunSchemaCommands(Backend* backend, std::vector<SchemaCommand> commands,
                       std::function<void(absl::Status)> done) {
  std::make_shared<SchemaRun>(backend, std::move(commands), std::move(done))->MakeNext();
}

}  // namespace tidemark::session
