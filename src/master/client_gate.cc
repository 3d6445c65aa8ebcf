// SPDX-License-Identifier: Apache-2.0
#include "master/client_gate.h"

#include <utility>

#include "base/status.h"
#include "base/time_units.h"

namespace tidemark::master {
namespace {

using graph::IndexDefinition;
using graph::NameKind;

absl::StatusOr<IndexRequest> FromMessage(const api::Index& wanted) {
  IndexRequest request;
  switch (wanted.kind()) {
    case api::LABEL_PROPERTY:
      request.kind = graph::IndexKind::kLabelProperty;
      break;
    case api::EDGE_TYPE:
      request.kind = graph::IndexKind::kEdgeType;
      break;
    case api::UNIQUE:
      request.kind = graph::IndexKind::kUnique;
      break;
    case api::EXISTS:
      request.kind = graph::IndexKind::kExists;
      break;
    default:
      return absl::InvalidArgumentError(
          "an index needs a kind: LABEL_PROPERTY, EDGE_TYPE, UNIQUE or EXISTS");
  }
  request.name = wanted.name();
  request.label = wanted.label();
  request.type = wanted.type();
  request.keys.assign(wanted.keys().begin(), wanted.keys().end());
  return request;
}

api::IndexKind ToMessageKind(graph::IndexKind kind) {
  switch (kind) {
    case graph::IndexKind::kLabelProperty:
      return api::LABEL_PROPERTY;
    case graph::IndexKind::kEdgeType:
      return api::EDGE_TYPE;
    case graph::IndexKind::kUnique:
      return api::UNIQUE;
    case graph::IndexKind::kExists:
      return api::EXISTS;
  }
  return api::INDEX_KIND_UNSPECIFIED;
}

void StepsToMessage(const env::StepFigures& steps, api::StepInfo* message) {
  message->set_over_1ms(steps.long_step_count);
  message->set_max_cpu_micros(static_cast<uint64_t>(steps.max_cpu_micros));
  message->mutable_by_micros()->Add(steps.by_micros.begin(), steps.by_micros.end());
}

void MessagesToMessage(const MasterNode::MessageCounts& counts, api::MasterInfo* message) {
  for (const auto& [kind, count] : counts) {
    api::MessageCount* entry = message->add_messages();
    entry->set_kind(wire::Frame::descriptor()->FindFieldByNumber(kind)->name());
    entry->set_sent(count.sent);
    entry->set_received(count.received);
  }
}

void WorkerToMessage(const txn::WorkerStatus& worker, api::WorkerInfo* message) {
  message->set_id(worker.node.value());
  message->set_pid(worker.pid);
  message->set_address(worker.address);
  message->set_state(std::string(txn::NameOf(worker.state)));
  message->set_figures_known(worker.figures_age_micros.has_value());
  message->set_figures_age_ms(
      static_cast<uint64_t>(worker.figures_age_micros.value_or(0) / kMicrosPerMs));
  message->set_reason(worker.reason);
  message->set_vertices(worker.vertices);
  message->set_edges(worker.edges);
  message->set_wal_bytes(worker.wal_bytes);
  message->set_wal_syncs(worker.wal_syncs);
  message->set_resident_bytes(worker.resident_bytes);
  message->set_storage_bytes(worker.storage_bytes);
  StepsToMessage(worker.steps, message->mutable_steps());
}

void SnapshotToMessage(const durability::SnapshotCompleteRecord& record,
                       api::SnapshotInfo* message) {
  message->set_epoch(record.epoch.value());
  message->set_csn(record.csn.value());
  uint64_t bytes = 0;
  for (const auto& part : record.parts) bytes += part.bytes;
  message->set_bytes(bytes);
}

}  // namespace

void ClientGate::SetBolt(std::string address, bool needs_login) {
  bolt_address_ = std::move(address);
  bolt_login_ = needs_login;
}

std::unique_ptr<session::Session> ClientGate::NewSession() {
  return std::make_unique<session::Session>(node_->gateway());
}

api::Index ClientGate::ToMessage(const IndexDefinition& definition) const {
  api::Index message;
  message.set_name(definition.name);
  message.set_kind(ToMessageKind(definition.kind));
  if (definition.label.value() != 0) {
    message.set_label(names().Text(NameKind::kLabel, definition.label.value()));
  }
  if (definition.type.value() != 0) {
    message.set_type(names().Text(NameKind::kType, definition.type.value()));
  }
  for (KeyId key : definition.keys) {
    message.add_keys(names().Text(NameKind::kKey, key.value()));
  }
  message.set_state(definition.state == graph::IndexState::kOnline ? "online" : "building");
  return message;
}

void ClientGate::CreateIndex(const api::Index& wanted, Done<api::Index> done) {
  const absl::StatusOr<IndexRequest> request = FromMessage(wanted);
  if (!request.ok()) return done(request.status());
  node_->schema()->Create(
      *request, [this, done = std::move(done)](const absl::StatusOr<IndexDefinition>& definition) {
        if (!definition.ok()) return done(definition.status());
        done(ToMessage(*definition));
      });
}

void ClientGate::DropIndex(const std::string& name, std::function<void(absl::Status)> done) {
  node_->schema()->Drop(name, std::move(done));
}

api::ListIndexesResponse ClientGate::ListIndexes() {
  api::ListIndexesResponse response;
  for (const IndexDefinition& definition : node_->schema()->table().all()) {
    *response.add_indexes() = ToMessage(definition);
  }
  return response;
}

// What it shows of the workers is as of the request, or says how old it is.
void ClientGate::Status(Done<api::StatusResponse> done) {
  node_->coordinator()->RefreshFigures([this, done = std::move(done)] { done(DescribeStatus()); });
}

api::StatusResponse ClientGate::DescribeStatus() const {
  const txn::ClusterStatus status = node_->coordinator()->Status();
  api::StatusResponse response;
  response.set_state(std::string(txn::NameOf(status.state)));
  response.set_detail(status.reason);
  response.set_cluster_id(status.cluster_id.ToString());
  response.set_epoch(status.epoch.value());
  response.set_visible_csn(status.visible.value());
  response.set_watermark(status.watermark.value());
  response.set_undone_count(status.undone.count);
  response.set_undone_first_csn(status.undone.first.value());
  response.set_undone_last_csn(status.undone.last.value());
  response.set_synchronous_commit(node_->options().coordinator.synchronous_commit);
  response.set_build(node_->options().coordinator.build);
  response.set_open_transactions(status.open_transactions);
  response.set_bolt_address(bolt_address_);
  response.set_bolt_login(bolt_login_);
  response.mutable_master()->set_pid(node_->options().pid);
  response.mutable_master()->set_address(node_->options().address);
  StepsToMessage(node_->step_figures(), response.mutable_master()->mutable_steps());
  response.mutable_master()->set_log_syncs(node_->log_sync_count());
  MessagesToMessage(node_->message_counts(), response.mutable_master());
  for (const auto& snapshot : status.snapshots) {
    SnapshotToMessage(snapshot, response.add_snapshots());
  }
  for (const txn::WorkerStatus& worker : status.workers) {
    WorkerToMessage(worker, response.add_workers());
  }
  return response;
}

void ClientGate::SnapshotNow(Done<api::SnapshotInfo> done) {
  txn::Coordinator* coordinator = node_->coordinator();
  coordinator->RequestSnapshot(
      [coordinator, done = std::move(done)](const absl::StatusOr<txn::CommitId>& id) {
        if (!id.ok()) return done(id.status());
        api::SnapshotInfo info;
        info.set_epoch(id->epoch.value());
        info.set_csn(id->csn.value());
        for (const auto& record : coordinator->Status().snapshots) {
          if (record.csn == id->csn) SnapshotToMessage(record, &info);
        }
        done(std::move(info));
      });
}

void ClientGate::FlushNow(Done<uint64_t> done) {
  node_->coordinator()->RequestFlush([done = std::move(done)](const absl::StatusOr<Csn>& csn) {
    if (!csn.ok()) return done(csn.status());
    done(csn->value());
  });
}

}  // namespace tidemark::master
