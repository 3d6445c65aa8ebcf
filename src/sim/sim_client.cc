// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_client.h"

#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "sim/cypher_conversation.h"
#include "sim/typed_conversation.h"

namespace tidemark::sim {
namespace {

constexpr uint64_t kClientStream = 0x636c69656e74;

}  // namespace

SimClient::SimClient(Scheduler* scheduler, std::function<MasterAccess()> master, Language language,
                     uint64_t seed, uint64_t number)
    : scheduler_(scheduler),
      master_(std::move(master)),
      language_(language),
      random_(seed, kClientStream + number) {}

SimClient::~SimClient() { *alive_ = false; }

void SimClient::Ask(std::function<void()> on_master, std::function<void(absl::Status)> lost) {
  CHECK(!waiting_);
  waiting_ = true;
  answer_under_way_ = false;
  lost_ = std::move(lost);
  const uint64_t request = ++request_;
  const MasterAccess access = master_();
  if (access.node == nullptr) {
    scheduler_->After(random_.Between(1'000, 20'000), [this, alive = alive_, request] {
      if (!*alive || request != request_ || !waiting_) return;
      waiting_ = false;
      lost_(absl::UnavailableError("no master accepts clients"));
    });
    return;
  }
  scheduler_->After(Delay(), [this, alive = alive_, request, run = access.run, on_master] {
    if (!*alive || request != request_ || !waiting_) return;
    const MasterAccess now = master_();
    if (now.node == nullptr || now.run != run) return OnMasterGone();
    now.executor->Post([this, alive, request, on_master] {
      if (!*alive || request != request_ || !waiting_) return;
      EnsureConversation();
      on_master();
    });
  });
}

void SimClient::EnsureConversation() {
  const MasterAccess now = master_();
  CHECK(now.node != nullptr);
  if (conversation_ != nullptr && access_.run == now.run) return conversation_->CheckInvariants();
  access_ = now;
  if (language_ == Language::kCypher) {
    conversation_ = std::make_unique<CypherConversation>(now.node->front(), now.executor);
  } else {
    conversation_ = std::make_unique<TypedConversation>(now.node, now.executor);
  }
}

void SimClient::Answer(std::function<void()> fn) {
  answer_under_way_ = true;
  scheduler_->After(Delay(), [this, alive = alive_, request = request_, fn = std::move(fn)] {
    if (!*alive || request != request_ || !waiting_) return;
    waiting_ = false;
    fn();
  });
}

void SimClient::OnMasterGone() {
  conversation_.reset();
  if (!waiting_ || (answer_under_way_ && random_.Chance(500))) return;
  scheduler_->After(Delay(), [this, alive = alive_, request = request_] {
    if (!*alive || request != request_ || !waiting_) return;
    waiting_ = false;
    lost_(absl::UnavailableError("the connection to the master broke"));
  });
}

void SimClient::Begin(bool read_only, std::optional<check::CommitPlace> after,
                      StatusCallback done) {
  Ask(
      [this, read_only, after, done] {
        conversation_->Begin(read_only, after, [this, done](const absl::Status& status) {
          Answer([done, status] { done(status); });
        });
      },
      done);
}

void SimClient::Run(std::vector<check::Operation> operations, ResultsCallback done) {
  Ask(
      [this, operations = std::move(operations), done] {
        conversation_->Run(
            operations,
            [this, done](const absl::StatusOr<std::vector<check::OperationResult>>& results) {
              Answer([done, results] { done(results); });
            });
      },
      [done](const absl::Status& status) { done(status); });
}

void SimClient::Commit(CommitCallback done) {
  Ask(
      [this, done] {
        conversation_->Commit([this, done](const absl::StatusOr<check::CommitPlace>& place) {
          Answer([done, place] { done(place); });
        });
      },
      [done](const absl::Status& status) { done(absl::UnknownError(MessageOf(status))); });
}

void SimClient::Rollback(StatusCallback done) {
  Ask(
      [this, done] {
        conversation_->Rollback(
            [this, done](const absl::Status& status) { Answer([done, status] { done(status); }); });
      },
      done);
}

void SimClient::CreateUnique(const std::string& label, const std::string& key,
                             StatusCallback done) {
  Ask(
      [this, label, key, done, request = request_ + 1] {
        master::IndexRequest wanted;
        wanted.kind = graph::IndexKind::kUnique;
        wanted.label = label;
        wanted.keys = {key};
        access_.node->schema()->Create(
            wanted, [this, alive = alive_, request,
                     done](const absl::StatusOr<graph::IndexDefinition>& definition) {
              if (!*alive || request != request_) return;
              Answer([done, status = definition.status()] { done(status); });
            });
      },
      done);
}

}  // namespace tidemark::sim
