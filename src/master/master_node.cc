// SPDX-License-Identifier: Apache-2.0
#include "master/master_node.h"

#include <utility>

#include "base/check.h"
#include "base/status.h"

namespace tidemark::master {
namespace {

constexpr int64_t kTickMicros = 10'000;

}  // namespace

MasterNode::MasterNode(const env::Env& env, MasterOptions options, rpc::Transport* transport,
                       Events* events)
    : env_(env),
      options_(std::move(options)),
      transport_(transport),
      events_(events),
      boot_id_(env::NextNonZero(env.random)),
      traces_(env.clock) {}

MasterNode::~MasterNode() = default;

absl::StatusOr<MasterNode::Files> MasterNode::OpenFiles(const env::Env& env,
                                                        const MasterOptions& options,
                                                        const ClusterId& new_id) {
  Files result;
  ASSIGN_OR_RETURN(result.directory,
                   durability::DataDirectory::Open(env.files, options.data_directory,
                                                   durability::DirectoryRole::kMaster));
  if (!result.directory->identity().has_value()) {
    RETURN_IF_ERROR(result.directory->Establish({new_id, kMasterNode}));
  }
  durability::MasterLogOptions log_options;
  log_options.directory = result.directory->path();
  log_options.identity = *result.directory->identity();
  log_options.growth_bytes = options.log_growth_bytes;
  log_options.clock = env.clock;
  log_options.snapshot_retention_count = options.coordinator.snapshot_retention_count;
  auto log = durability::MasterLog::Open(env.files, env.executor, log_options);
  if (log.status().code() == absl::StatusCode::kNotFound) {
    // A new cluster, or one whose very first start was cut off before its log was there. Workers
    // that hold data refuse a master without epochs, so nothing can be overwritten.
    log = durability::MasterLog::Create(env.files, env.executor, log_options,
                                        {log_options.identity.cluster, options.worker_count});
  }
  if (!log.ok()) return log.status();
  result.log = std::move(*log);
  const uint32_t worker_count = result.log->state().cluster().worker_count;
  if (worker_count != options.worker_count) {
    return absl::FailedPreconditionError(
        absl::StrCat(options.data_directory, " holds a cluster of ", worker_count, " workers, not ",
                     options.worker_count, "; start it with --workers=", worker_count));
  }
  return result;
}

void MasterNode::Start() {
  const ClusterId new_id{env::NextNonZero(env_.random), env::NextNonZero(env_.random)};
  const auto result =
      std::make_shared<absl::StatusOr<Files>>(absl::InternalError("the files were not opened"));
  env_.executor->Submit(
      env::JobQueue::kRecovery,
      [env = env_, options = options_, new_id, result] {
        *result = OpenFiles(env, options, new_id);
      },
      [this, result, alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired()) OnFilesOpened(std::move(*result));
      });
}

void MasterNode::OnFilesOpened(absl::StatusOr<Files> files) {
  if (exited_) return;
  CHECK(coordinator_ == nullptr) << "the files are opened twice";
  if (!files.ok()) return Exit(files.status());
  files_ = std::move(*files);
  for (const std::string& remark : files_.log->remarks()) Log(remark);
  log_end_ = files_.log->DescribeEnd();
  stream_of_.assign(options_.worker_count, rpc::StreamId());
  coordinator_ =
      std::make_unique<txn::Coordinator>(options_.coordinator, boot_id_, files_.log->state(),
                                         static_cast<txn::CoordinatorPort*>(this));
  const auto send = [this](NodeId to, wire::Frame frame) { Send(to, std::move(frame)); };
  schema_ = std::make_unique<SchemaManager>(coordinator_.get(), env_.executor, send);
  const auto unsent_bytes = [this](NodeId to) {
    return transport_->UnsentBytes(stream_of_[to.value() - 1]);
  };
  gateway_ =
      std::make_unique<Gateway>(coordinator_.get(), &schema_->table(), env_.executor, &traces_,
                                Gateway::Streams{send, unsent_bytes, options_.client_memory_bytes});
  schema_->set_gateway(gateway_.get());
  gateway_->set_schema_manager(schema_.get());
  front_ = std::make_unique<session::QueryFront>(gateway_.get(), env_);
  transport_->Start(this, [this, alive = std::weak_ptr<bool>(alive_)](const absl::Status& status) {
    if (alive.expired() || exited_) return;
    if (!status.ok()) return Exit(status);
    events_->OnStarted();
    Tick();
  });
}

void MasterNode::Tick() {
  if (exited_) return;
  coordinator_->OnTick(env_.clock->NowMicros());
  if (coordinator_->state() == txn::ClusterState::kStopping) events_->OnStopGoesOn();
  env_.executor->RunAfter(kTickMicros, [this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) Tick();
  });
}

void MasterNode::Shutdown() {
  if (coordinator_ == nullptr) return Exit(absl::OkStatus());
  coordinator_->Shutdown(options_.snapshot_on_exit);
}

void MasterNode::OnStreamOpened(rpc::StreamId /*stream*/, const std::string& /*peer*/) {}

void MasterNode::OnEnvelope(rpc::StreamId stream, wire::Envelope&& envelope) {
  for (wire::Frame& frame : *envelope.mutable_frames()) {
    if (exited_) return;
    const auto it = node_of_.find(stream);
    if (it == node_of_.end()) {
      OnUnboundFrame(stream, frame);
      continue;
    }
    const NodeId from = it->second;
    if (frame.body_case() != wire::Frame::BODY_NOT_SET)
      ++message_counts_[frame.body_case()].received;
    if (!traces_.empty()) traces_.OnReceive(from, frame);
    if (!coordinator_->OnFrame(from, frame)) OnOtherFrame(from, std::move(frame));
  }
}

void MasterNode::OnUnboundFrame(rpc::StreamId stream, const wire::Frame& frame) {
  if (frame.has_hello()) {
    coordinator_->OnHello(stream, frame.hello());
  } else {
    transport_->Close(stream, absl::InvalidArgumentError("the first frame is not Hello"));
  }
}

void MasterNode::OnOtherFrame(NodeId from, wire::Frame&& frame) {
  if (frame.has_executed()) {
    gateway_->OnExecuted(from, std::move(*frame.mutable_executed()));
  } else if (frame.has_index_built()) {
    schema_->OnIndexBuilt(from, frame.index_built());
  }
}

void MasterNode::OnStreamDrained(rpc::StreamId stream) {
  const auto it = node_of_.find(stream);
  if (it != node_of_.end() && !exited_) gateway_->OnStreamDrained(it->second);
}

void MasterNode::OnStreamClosed(rpc::StreamId stream, const absl::Status& /*reason*/) {
  const auto it = node_of_.find(stream);
  if (it != node_of_.end()) {
    stream_of_[it->second.value() - 1] = rpc::StreamId();
    node_of_.erase(it);
  }
  if (!exited_) coordinator_->OnStreamClosed(stream);
}

void MasterNode::BindStream(txn::StreamId stream, NodeId node) {
  CHECK(node.value() >= 1 && node.value() <= stream_of_.size()) << "there is no worker " << node;
  rpc::StreamId& present = stream_of_[node.value() - 1];
  CHECK_EQ(present.value(), 0u) << "worker " << node << " has a stream already";
  present = stream;
  const bool is_new = node_of_.emplace(stream, node).second;
  CHECK(is_new) << "a stream of two workers";
}

void MasterNode::Send(NodeId to, wire::Frame frame) {
  const rpc::StreamId stream = stream_of_[to.value() - 1];
  if (stream.value() == 0) return;
  ++message_counts_[frame.body_case()].sent;
  if (!traces_.empty()) traces_.OnSend(to, &frame);
  transport_->Send(stream, std::move(frame));
}

void MasterNode::SendUnbound(txn::StreamId stream, wire::Frame frame) {
  CHECK(!node_of_.contains(stream)) << "the stream is bound";
  transport_->Send(stream, std::move(frame));
}

void MasterNode::SendAndClose(txn::StreamId stream, wire::Frame frame) {
  CHECK(!node_of_.contains(stream)) << "the stream is bound";
  transport_->Send(stream, std::move(frame));
  transport_->Close(stream, absl::OkStatus());
}

void MasterNode::CloseStream(NodeId node, const std::string& reason) {
  const rpc::StreamId stream = stream_of_[node.value() - 1];
  if (stream.value() == 0) return;
  stream_of_[node.value() - 1] = rpc::StreamId();
  node_of_.erase(stream);
  transport_->Close(stream, absl::UnavailableError(reason));
}

uint64_t MasterNode::AppendLog(const durability::MasterLogRecord& record) {
  const uint64_t position = files_.log->Append(record);
  if (!traces_.empty()) traces_.OnLogAppended(position, record);
  return position;
}

void MasterNode::SyncLog() {
  const uint64_t position = files_.log->last_position();
  files_.log->SyncThrough(position, [this, position] {
    if (exited_) return;
    if (!traces_.empty()) traces_.OnLogSynced(position, files_.log->last_sync_micros());
    coordinator_->OnLogSynced(position);
  });
}

// The coordinator gives up when somebody knows more than the log: where that ends says where to
// look.
void MasterNode::Fail(const absl::Status& status) {
  if (log_end_.empty()) return env_.executor->Fail(status);
  const bool is_torn = !files_.log->remarks().empty();
  env_.executor->Fail(
      absl::Status(is_torn ? absl::StatusCode::kDataLoss : status.code(),
                   absl::StrCat(status.message(), ". The log was read up to ", log_end_,
                                is_torn ? ", where a record is damaged or was not finished" : "")));
}

void MasterNode::OnStateChange(txn::ClusterState state) {
  events_->OnStateChange(state);
  if (state != txn::ClusterState::kStopping && state != txn::ClusterState::kStopped) return;
  env_.executor->Post([this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) schema_->OnStopping();
  });
}

void MasterNode::OnTransactionAborted(TxId tx, const absl::Status& reason) {
  // Sessions answer clients and may come back to the coordinator: not from inside its call.
  env_.executor->Post([this, tx, reason, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) gateway_->OnTransactionAborted(tx, reason);
  });
}

void MasterNode::OnRecovered(Csn /*csn*/) {
  log_end_.clear();
  env_.executor->Post([this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) schema_->OnRecovered();
  });
}

// What was posted before, above all the answers to clients, comes first.
void MasterNode::OnStopped() {
  env_.executor->Post([this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) Exit(absl::OkStatus());
  });
}

void MasterNode::Log(std::string_view line) { LOG(INFO) << "master: " << line; }

void MasterNode::Exit(const absl::Status& status) {
  if (exited_) return;
  exited_ = true;
  transport_->Stop();
  events_->OnExit(status);
}

}  // namespace tidemark::master
