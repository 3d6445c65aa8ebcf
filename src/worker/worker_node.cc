// SPDX-License-Identifier: Apache-2.0
#include "worker/worker_node.h"

#include <charconv>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "durability/wal/wal_reader.h"

namespace tidemark::worker {
namespace {

constexpr int64_t kTickMicros = 100'000;
constexpr int64_t kLeaveWaitMicros = 2'000'000;
constexpr int64_t kGreetingLimitMicros = 5'000'000;

// What the operating system has given this process; 0 where it does not tell.
uint64_t ResidentBytes(env::FileSystem* files) {
  constexpr uint64_t kPageBytes = 4096;
  const auto file = files->Open("/proc/self/statm", env::OpenMode::kRead);
  if (!file.ok()) return 0;
  char text[128];
  const absl::StatusOr<size_t> size = (*file)->ReadAt(0, text, sizeof text);
  if (!size.ok()) return 0;
  const std::string_view line(text, *size);
  const size_t space = line.find(' ');
  if (space == std::string_view::npos) return 0;
  uint64_t pages = 0;
  std::from_chars(line.data() + space + 1, line.data() + line.size(), pages);
  return pages * kPageBytes;
}

bool SameSettings(const wire::Settings& a, const wire::Settings& b) {
  return a.worker_count() == b.worker_count() && a.wal() == b.wal() &&
         a.wal_segment_bytes() == b.wal_segment_bytes() &&
         a.memory_limit_bytes() == b.memory_limit_bytes();
}

}  // namespace

WorkerNode::WorkerNode(const env::Env& env, WorkerOptions options, rpc::Transport* transport,
                       std::function<void(const absl::Status&)> on_exit)
    : env_(env),
      options_(std::move(options)),
      transport_(transport),
      on_exit_(std::move(on_exit)),
      boot_id_(env::NextNonZero(env.random)),
      spent_(env.clock) {
  identity_.node = options_.wanted_node;
  identity_.boot_id = boot_id_;
  identity_.pid = options_.pid;
  identity_.address = options_.address;
  identity_.build = options_.build;
  identity_.credential = options_.credential;
}

WorkerNode::~WorkerNode() = default;

absl::StatusOr<WorkerNode::Files> WorkerNode::ReadFiles(env::FileSystem* files,
                                                        const std::string& path) {
  Files result;
  ASSIGN_OR_RETURN(result.directory, durability::DataDirectory::Open(
                                         files, path, durability::DirectoryRole::kWorker));
  if (!result.directory->identity().has_value()) return result;
  const durability::FileIdentity& identity = *result.directory->identity();
  RETURN_IF_ERROR(durability::RemoveUnfinishedSnapshots(files, result.directory->snapshots_path()));
  ASSIGN_OR_RETURN(result.wal, durability::ScanWal(files, result.directory->wal_path(), identity));
  ASSIGN_OR_RETURN(result.snapshots,
                   durability::ListSnapshots(files, result.directory->snapshots_path(), identity));
  return result;
}

void WorkerNode::Start() {
  const auto result =
      std::make_shared<absl::StatusOr<Files>>(absl::InternalError("the files were not read"));
  env_.executor->Submit(
      env::JobQueue::kRecovery,
      [files = env_.files, path = options_.data_directory, result] {
        *result = ReadFiles(files, path);
      },
      [this, result, alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired()) OnFilesRead(std::move(*result));
      });
}

void WorkerNode::OnFilesRead(absl::StatusOr<Files> files) {
  if (!files.ok()) return Exit(files.status());
  files_ = std::move(*files);
  if (const auto& identity = files_.directory->identity(); identity.has_value()) {
    identity_.cluster_id = identity->cluster;
    identity_.node = identity->node;
  }
  for (const std::string& remark : files_.wal.remarks) Log(remark);
  log_is_torn_ = files_.wal.torn.segment != 0;
  log_end_ = absl::StrCat("Its log ends at ", files_.wal.DescribeEnd(files_.directory->wal_path()),
                          log_is_torn_ ? ", where a record is damaged or was not finished" : "");
  transport_->Start(this, [this, alive = std::weak_ptr<bool>(alive_)](const absl::Status& status) {
    if (alive.expired() || on_exit_ == nullptr) return;
    if (!status.ok()) return Exit(status);
    Tick();
  });
}

void WorkerNode::Leave() {
  leaving_ = true;
  if (!greeted_) return Exit(absl::OkStatus());
  env_.executor->RunAfter(kLeaveWaitMicros, [this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) Exit(absl::OkStatus());
  });
}

void WorkerNode::Tick() {
  if (participant_ != nullptr) participant_->OnTick(env_.clock->NowMicros());
  GiveUpGreeting();
  env_.executor->RunAfter(kTickMicros, [this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) Tick();
  });
}

// A master that lost its power does not end its streams, and until it has answered the participant
// does not watch it.
void WorkerNode::GiveUpGreeting() {
  if (!stream_.has_value() || greeted_ || establishing_) return;
  if (env_.clock->NowMicros() - stream_opened_micros_ < kGreetingLimitMicros) return;
  CloseStream(absl::StrCat("the greeting was not answered within ",
                           kGreetingLimitMicros / 1'000'000, " s"));
}

void WorkerNode::OnStreamOpened(rpc::StreamId stream, const std::string& /*peer*/) {
  stream_ = stream;
  stream_opened_micros_ = env_.clock->NowMicros();
  spent_.Clear();
  greeted_ = false;
  if (!establishing_) SendHello();
}

void WorkerNode::SendHello() {
  Epoch epoch = files_.wal.base.epoch;
  if (participant_ != nullptr) epoch = participant_->epoch();
  wire::Frame frame;
  frame.set_epoch(epoch.value());
  *frame.mutable_hello() = txn::MakeWorkerHello(identity_, epoch);
  Send(std::move(frame));
}

void WorkerNode::OnEnvelope(rpc::StreamId stream, wire::Envelope&& envelope) {
  for (wire::Frame& frame : *envelope.mutable_frames()) {
    if (stream_ != stream || on_exit_ == nullptr) return;
    if (frame.trace()) spent_.OnReceive(frame);
    if (!greeted_ || frame.has_refused()) {
      OnGreeting(frame);
    } else if (!participant_->OnFrame(frame)) {
      OnOtherFrame(std::move(frame));
    }
  }
}

void WorkerNode::OnGreeting(const wire::Frame& frame) {
  if (frame.has_refused()) {
    if (frame.refused().permanent()) return Exit(RefusalStatus(frame.refused().reason()));
    Log(absl::StrCat("the master asks to come back later: ", frame.refused().reason()));
    return CloseStream("asked to come back later");
  }
  if (!frame.has_hello()) return CloseStream("the first frame of the master is not Hello");
  const wire::Hello& hello = frame.hello();
  Epoch epoch = files_.wal.base.epoch;
  if (participant_ != nullptr) epoch = participant_->epoch();
  const absl::Status status = txn::CheckMasterHello(hello, identity_, epoch);
  if (!status.ok()) return Exit(status);
  if (identity_.cluster_id.IsZero()) return TakeIdentity(hello);
  if (participant_ == nullptr) {
    const absl::Status made = MakeParticipant(hello.settings());
    if (!made.ok()) return Exit(made);
  } else if (!SameSettings(settings_, hello.settings())) {
    return Fail(absl::UnavailableError(
        "the master has come back with other settings; this worker must be started again"));
  }
  greeted_ = true;
  participant_->OnStreamOpened(BootId(hello.boot_id()));
}

// Who is refused after the greeting has files that do not fit; where the log ends says where to
// look.
absl::Status WorkerNode::RefusalStatus(const std::string& reason) const {
  if (!greeted_ || log_end_.empty()) return absl::FailedPreconditionError(reason);
  const std::string message = absl::StrCat(reason, ". ", log_end_);
  return log_is_torn_ ? absl::DataLossError(message) : absl::FailedPreconditionError(message);
}

// A fresh worker: its identity is durable before the master counts it as a member.
void WorkerNode::TakeIdentity(const wire::Hello& hello) {
  durability::FileIdentity identity;
  identity.cluster = {hello.cluster_id_high(), hello.cluster_id_low()};
  identity.node = NodeId(hello.assigned_node());
  establishing_ = true;
  const auto status = std::make_shared<absl::Status>();
  env_.executor->Submit(
      env::JobQueue::kRecovery,
      [directory = files_.directory.get(), identity, status] {
        *status = directory->Establish(identity);
      },
      [this, identity, status, alive = std::weak_ptr<bool>(alive_)] {
        if (alive.expired()) return;
        if (!status->ok()) return Exit(*status);
        establishing_ = false;
        identity_.cluster_id = identity.cluster;
        identity_.node = identity.node;
        Log(absl::StrCat("is worker ", identity.node.value(), " of cluster ",
                         identity.cluster.ToString()));
        // The master has closed the stream of the greeting, or does so now; a new one greets again.
        if (stream_.has_value()) CloseStream("identity taken");
      });
}

absl::Status WorkerNode::MakeParticipant(const wire::Settings& settings) {
  settings_ = settings;
  EngineOptions options;
  options.wal = settings.wal();
  options.wal_segment_bytes = settings.wal_segment_bytes();
  options.tx_part_bytes = options_.tx_part_bytes;
  options.identity = {identity_.cluster_id, identity_.node};
  options.shard.limits.memory_limit_bytes = settings.memory_limit_bytes() != 0
                                                ? settings.memory_limit_bytes()
                                                : options_.default_memory_limit_bytes;
  options.shard.worker_count = settings.worker_count();
  options.shard.self = identity_.node;
  if (identity_.node.value() > settings.worker_count()) {
    return absl::FailedPreconditionError(
        absl::StrCat("this directory is worker ", identity_.node.value(),
                     "'s, but the cluster has only ", settings.worker_count(), " workers"));
  }
  txn::ParticipantOptions participant_options;
  participant_options.wal = settings.wal();
  txn::RecoveredFiles recovered = DescribeFiles();
  engine_ = std::make_unique<Engine>(env_, options, *files_.directory, std::move(files_.wal),
                                     static_cast<EngineEvents*>(this));
  participant_ = std::make_unique<txn::Participant>(participant_options, identity_.node, boot_id_,
                                                    std::move(recovered),
                                                    static_cast<txn::ParticipantPort*>(this));
  return absl::OkStatus();
}

txn::RecoveredFiles WorkerNode::DescribeFiles() const {
  const durability::WalState& wal = files_.wal;
  txn::RecoveredFiles recovered;
  recovered.epoch = wal.base.epoch;
  recovered.watermark = wal.base.watermark;
  recovered.tail_after = wal.base.watermark;
  recovered.last_csn = wal.base.watermark_last;
  recovered.wal_complete_after = wal.base.complete_after;
  recovered.wal_from_start = wal.base.complete_after.value() == 0;
  for (const durability::SnapshotInfo& info : files_.snapshots) {
    wire::SnapshotFile file;
    file.set_epoch(info.epoch.value());
    file.set_csn(info.csn.value());
    file.set_digest(info.digest);
    file.set_last_csn(info.last_csn.value());
    recovered.snapshots.push_back(file);
    recovered.epoch = std::max(recovered.epoch, info.epoch);
  }
  for (const durability::WalTailEntry& entry : wal.tail) {
    recovered.tail.push_back({entry.epoch, entry.csn, entry.participants});
  }
  return recovered;
}

void WorkerNode::OnOtherFrame(wire::Frame&& frame) {
  if (frame.has_execute()) {
    engine_->Execute(std::move(*frame.mutable_execute()));
  } else if (frame.has_build_index()) {
    engine_->BuildIndex(IndexId(frame.build_index().index()));
  } else {
    CloseStream("the master sent a frame of a kind that this worker does not know");
  }
}

void WorkerNode::OnStreamClosed(rpc::StreamId stream, const absl::Status& reason) {
  if (stream_ != stream) return;
  stream_.reset();
  if (!greeted_) return;
  greeted_ = false;
  Log(absl::StrCat("has lost the master: ", reason.message()));
  participant_->OnStreamClosed();
  if (leaving_) Exit(absl::OkStatus());
}

void WorkerNode::Send(wire::Frame frame) {
  if (!stream_.has_value()) return;
  if (!spent_.empty()) spent_.OnSend(&frame, engine_->last_sync_micros());
  transport_->Send(*stream_, std::move(frame));
}

void WorkerNode::CloseStream(const std::string& reason) {
  if (!stream_.has_value()) return;
  transport_->Close(*stream_, absl::UnavailableError(reason));
  stream_.reset();
  greeted_ = false;
}

void WorkerNode::OnExecuted(const wire::Execute& execute, BatchOutcome outcome, bool wrote) {
  wire::Frame frame;
  frame.set_epoch(participant_->epoch().value());
  wire::Executed* executed = frame.mutable_executed();
  executed->set_tx(execute.tx());
  executed->set_request(execute.request());
  executed->set_status_code(static_cast<uint32_t>(outcome.status.code()));
  executed->set_status_message(MessageOf(outcome.status));
  executed->set_wrote(wrote);
  if (outcome.failed_operation.has_value()) {
    executed->set_failed_operation(static_cast<uint32_t>(*outcome.failed_operation));
  }
  executed->set_results(std::move(outcome.results));
  Send(std::move(frame));
}

void WorkerNode::OnIndexBuilt(IndexId index) {
  wire::Frame frame;
  frame.set_epoch(participant_->epoch().value());
  frame.mutable_index_built()->set_index(index.value());
  Send(std::move(frame));
}

void WorkerNode::FillFigures(wire::HeartbeatReply* reply) {
  engine_->FillFigures(reply);
  reply->set_resident_bytes(ResidentBytes(env_.files));
  const env::StepFigures steps = env_.executor->step_figures();
  reply->set_steps_over_1ms(steps.long_step_count);
  reply->set_max_step_micros(static_cast<uint64_t>(steps.max_cpu_micros));
  for (const uint64_t count : steps.by_micros) reply->add_steps_by_micros(count);
}

void WorkerNode::Stop() { Exit(absl::OkStatus()); }

void WorkerNode::Fail(const absl::Status& status) { env_.executor->Fail(status); }

void WorkerNode::Log(std::string_view line) {
  LOG(INFO) << "worker " << identity_.node << ": " << line;
}

void WorkerNode::Exit(const absl::Status& status) {
  if (on_exit_ == nullptr) return;
  const auto on_exit = std::move(on_exit_);
  on_exit_ = nullptr;
  transport_->Stop();
  stream_.reset();
  on_exit(status);
}

}  // namespace tidemark::worker
