// SPDX-License-Identifier: Apache-2.0
#include "bench/commit_counts.h"

#include <unistd.h>

#include <memory>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/status.h"

namespace tidemark::bench {
namespace {

constexpr int kTransactionCount = 200;
constexpr double kMessagesGoal = 2;
// Workers tell their figures once a second.
constexpr int kFiguresWaitMicros = 1'500'000;

CommitCounts Sum(const api::StatusResponse& status) {
  CommitCounts counts;
  counts.commits = status.visible_csn();
  counts.syncs = status.master().log_syncs();
  for (const api::WorkerInfo& worker : status.workers()) counts.syncs += worker.wal_syncs();
  for (const api::MessageCount& message : status.master().messages()) {
    const std::string& kind = message.kind();
    if (kind != "commit" && kind != "applied" && kind != "abort") continue;
    counts.messages += message.sent() + message.received();
  }
  return counts;
}

// Commits a transaction of `batches` vertices, which go to the workers by turns; the number of its
// participants.
absl::StatusOr<size_t> CommitVertices(client::ClientSession* session, int64_t batches,
                                      uint32_t worker_count) {
  api::Run run;
  run.add_operations()->mutable_create_vertex();
  std::set<NodeId> participants;
  RETURN_IF_ERROR(session->Begin().status());
  for (int64_t i = 0; i < batches; ++i) {
    ASSIGN_OR_RETURN(const api::RunResult result, session->Run(run));
    const VertexId vertex(result.results(0).vertex());
    participants.insert(OwnerOfSlot(vertex.slot(), worker_count));
  }
  RETURN_IF_ERROR(session->Commit().status());
  return participants.size();
}

absl::StatusOr<double> MessagesPerParticipant(client::Client* client, int64_t batches) {
  ASSIGN_OR_RETURN(const api::StatusResponse before, client->Status());
  const auto worker_count = static_cast<uint32_t>(before.workers_size());
  const auto session = client->OpenSession();
  size_t participants = 0;
  for (int i = 0; i < kTransactionCount; ++i) {
    ASSIGN_OR_RETURN(const size_t count, CommitVertices(session.get(), batches, worker_count));
    participants += count;
  }
  ASSIGN_OR_RETURN(const api::StatusResponse after, client->Status());
  return static_cast<double>(Sum(after).messages - Sum(before).messages) /
         static_cast<double>(participants);
}

absl::StatusOr<double> MessagesOfRead(client::Client* client) {
  const auto session = client->OpenSession();
  api::Run run;
  run.add_operations()->mutable_create_vertex();
  ASSIGN_OR_RETURN(const api::RunResult created, session->Run(run));
  run.clear_operations();
  run.add_operations()->mutable_get_vertex()->mutable_vertex()->set_id(created.results(0).vertex());
  ASSIGN_OR_RETURN(const api::StatusResponse before, client->Status());
  for (int i = 0; i < kTransactionCount; ++i) {
    RETURN_IF_ERROR(session->Run(run).status());
  }
  ASSIGN_OR_RETURN(const api::StatusResponse after, client->Status());
  return static_cast<double>(Sum(after).messages - Sum(before).messages) / kTransactionCount;
}

}  // namespace

absl::StatusOr<CommitCounts> ReadCommitCounts(client::Client* client) {
  usleep(kFiguresWaitMicros);
  ASSIGN_OR_RETURN(const api::StatusResponse status, client->Status());
  return Sum(status);
}

absl::Status AddMessageRows(const BenchContext& context, const std::string& cluster,
                            client::Client* client) {
  for (const int64_t workers : {int64_t{1}, context.options.workers}) {
    BenchRow row{
        "commit",     absl::StrCat(cluster, ": messages per participant, ", workers, " of them"),
        "messages",   {},
        "goal",       kMessagesGoal,
        Goal{1, true}};
    ASSIGN_OR_RETURN(const double messages, MessagesPerParticipant(client, workers));
    row.figure.Add(messages);
    context.report->Add(std::move(row));
  }
  BenchRow row{"commit", cluster + ": messages of a read-only commit", "messages", {}, "", 0, {}};
  ASSIGN_OR_RETURN(const double messages, MessagesOfRead(client));
  row.figure.Add(messages);
  context.report->Add(std::move(row));
  return absl::OkStatus();
}

}  // namespace tidemark::bench
