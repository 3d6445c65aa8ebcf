// SPDX-License-Identifier: Apache-2.0
#include "worker/worker_node.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/check.h"
#include "base/planted_bug.h"
#include "base/status.h"

namespace tidemark::worker {
namespace {

constexpr int64_t kTickMicros = 100'000;
constexpr int64_t kLeaveWaitMicros = 2'000'000;
constexpr int64_t kSilenceLimitMicros = 5'000'000;
// Who cannot go on waits so long for a master that can be told.
constexpr int64_t kRefusalWaitMicros = 1'000'000;

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
      spent_(env.clock),
      answers_([this](wire::Frame frame) { Send(std::move(frame)); },
               [this] { return stream_.has_value() ? transport_->UnsentBytes(*stream_) : 0; }) {
  identity_.node = options_.wanted_node;
  identity_.boot_id = boot_id_;
  identity_.pid = options_.pid;
  identity_.address = options_.address;
  identity_.build = options_.build;
  identity_.credential = options_.credential;
}

WorkerNode::~WorkerNode() = default;

void WorkerNode::Start() {
  const auto result =
      std::make_shared<absl::StatusOr<Directory>>(absl::InternalError("nothing was opened"));
  env_.executor->Submit(
      env::JobQueue::kRecovery,
      [files = env_.files, path = options_.data_directory, result] {
        *result = durability::DataDirectory::Open(files, path, durability::DirectoryRole::kWorker);
      },
      [this, result, alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired()) OnDirectoryOpened(std::move(*result));
      });
}

void WorkerNode::OnDirectoryOpened(absl::StatusOr<Directory> directory) {
  if (on_exit_ == nullptr) return;
  if (!directory.ok()) return Exit(directory.status());
  directory_ = std::move(*directory);
  if (const auto& identity = directory_->identity(); identity.has_value()) {
    identity_.cluster_id = identity->cluster;
    identity_.node = identity->node;
  }
  if (!PlantedBug("files-read-before-greeting")) StartTransport();
  ReadFiles();
}

void WorkerNode::StartTransport() {
  transport_->Start(this, [this, alive = std::weak_ptr<bool>(alive_)](const absl::Status& status) {
    if (alive.expired() || on_exit_ == nullptr) return;
    if (!status.ok()) return Exit(status);
    Tick();
  });
}

void WorkerNode::ReadFiles() {
  const auto result =
      std::make_shared<absl::StatusOr<StartFiles>>(absl::InternalError("the files were not read"));
  env_.executor->Submit(
      env::JobQueue::kRecovery,
      [files = env_.files, directory = directory_.get(), progress = start_progress_, result] {
        *result = ReadStartFiles(files, *directory, progress.get());
      },
      [this, result, alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired()) OnFilesRead(std::move(*result));
      });
}

void WorkerNode::OnFilesRead(absl::StatusOr<StartFiles> files) {
  if (on_exit_ == nullptr) return;
  if (!files.ok()) return Refuse(files.status());
  files_ = std::move(*files);
  files_are_read_ = true;
  for (const std::string& remark : files_.wal.remarks) Log(remark);
  log_is_torn_ = files_.wal.torn.segment != 0;
  log_end_ = absl::StrCat("Its log ends at ", files_.wal.DescribeEnd(directory_->wal_path()),
                          log_is_torn_ ? ", where a record is damaged or was not finished" : "");
  if (PlantedBug("files-read-before-greeting")) StartTransport();
  JoinWhenReady();
}

void WorkerNode::Leave() {
  leaving_ = true;
  if (!greeted_ || participant_ == nullptr) return Exit(absl::OkStatus());
  env_.executor->RunAfter(kLeaveWaitMicros, [this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) Exit(absl::OkStatus());
  });
}

void WorkerNode::Tick() {
  if (participant_ != nullptr) participant_->OnTick(env_.clock->NowMicros());
  if (hello_waits_ && !participant_->disk_is_silent()) SendHello();
  GiveUpSilentMaster();
  env_.executor->RunAfter(kTickMicros, [this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) Tick();
  });
}

// A master that lost its power does not end its streams, and until it has greeted and the files are
// read the participant does not watch it.
void WorkerNode::GiveUpSilentMaster() {
  const bool participant_watches = greeted_ && participant_ != nullptr;
  if (!stream_.has_value() || establishing_ || hello_waits_ || participant_watches) return;
  if (env_.clock->NowMicros() - heard_micros_ < kSilenceLimitMicros) return;
  CloseStream(absl::StrCat("the master was silent for ", kSilenceLimitMicros / 1'000'000, " s"));
}

void WorkerNode::OnStreamOpened(rpc::StreamId stream, const std::string& /*peer*/) {
  stream_ = stream;
  heard_micros_ = env_.clock->NowMicros();
  spent_.Clear();
  greeted_ = false;
  report_.reset();
  hello_waits_ = participant_ != nullptr && participant_->disk_is_silent();
  if (!establishing_ && !hello_waits_) SendHello();
}

// What its files say before there is a participant; zero while they are read.
Epoch WorkerNode::newest_epoch() const {
  return participant_ != nullptr ? participant_->epoch() : files_.wal.base.epoch;
}

void WorkerNode::SendHello() {
  hello_waits_ = false;
  heard_micros_ = env_.clock->NowMicros();
  wire::Frame frame;
  frame.set_epoch(newest_epoch().value());
  *frame.mutable_hello() = txn::MakeWorkerHello(identity_, newest_epoch());
  Send(std::move(frame));
}

void WorkerNode::OnEnvelope(rpc::StreamId stream, wire::Envelope&& envelope) {
  for (wire::Frame& frame : *envelope.mutable_frames()) {
    if (stream_ != stream || on_exit_ == nullptr) return;
    heard_micros_ = env_.clock->NowMicros();
    if (frame.trace()) spent_.OnReceive(frame);
    if (!greeted_ || frame.has_refused()) {
      OnGreeting(frame);
    } else if (participant_ == nullptr) {
      OnFrameWhileReading(std::move(frame));
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
  const absl::Status status = txn::CheckMasterHello(hello, identity_, newest_epoch());
  if (!status.ok()) return TellAndExit(status);
  if (identity_.cluster_id.IsZero()) return TakeIdentity(hello);
  if (participant_ == nullptr) {
    settings_ = hello.settings();
  } else if (!SameSettings(settings_, hello.settings())) {
    return Fail(absl::UnavailableError(
        "the master has come back with other settings; this worker must be started again"));
  }
  greeted_ = true;
  master_boot_id_ = BootId(hello.boot_id());
  master_epoch_ = Epoch(hello.epoch());
  if (!refusal_.ok()) return TellAndExit(refusal_);
  JoinWhenReady();
}

void WorkerNode::JoinWhenReady() {
  if (!greeted_ || !files_are_read_) return;
  if (participant_ == nullptr) {
    // A master whose log is old must hear so, and end.
    if (newest_epoch() > master_epoch_) return CloseStream("the files know a later epoch");
    const absl::Status made = MakeParticipant();
    if (!made.ok()) return Refuse(made);
  }
  participant_->OnStreamOpened(master_boot_id_);
  if (const auto report = std::exchange(report_, std::nullopt)) participant_->OnFrame(*report);
}

// The master may ask at once what the worker holds: it gets its answer when the files are read.
void WorkerNode::OnFrameWhileReading(wire::Frame&& frame) {
  if (frame.has_heartbeat()) {
    AnswerWhileReading(frame.heartbeat());
  } else if (frame.has_report()) {
    report_ = std::move(frame);
  } else if (frame.has_shutdown()) {
    Exit(absl::OkStatus());
  }
}

void WorkerNode::AnswerWhileReading(const wire::Heartbeat& heartbeat) {
  wire::Frame frame;
  wire::HeartbeatReply* reply = frame.mutable_heartbeat_reply();
  reply->set_sequence(heartbeat.sequence());
  // Some places are read twice, and snapshots are not counted beforehand.
  const uint64_t all_bytes = start_progress_->all_bytes;
  reply->set_start_bytes(all_bytes);
  reply->set_start_read_bytes(std::min(start_progress_->reads.read_bytes.load(), all_bytes));
  FillProcessFigures(reply);
  Send(std::move(frame));
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
      [directory = directory_.get(), identity, status] {
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
        // That the stream of the greeting was open has kept the id; a new one greets again.
        if (stream_.has_value()) CloseStream("identity taken");
      });
}

absl::Status WorkerNode::MakeParticipant() {
  EngineOptions options;
  options.wal = settings_.wal();
  options.wal_segment_bytes = settings_.wal_segment_bytes();
  options.tx_part_bytes = options_.tx_part_bytes;
  options.identity = {identity_.cluster_id, identity_.node};
  options.shard.limits.memory_limit_bytes = settings_.memory_limit_bytes() != 0
                                                ? settings_.memory_limit_bytes()
                                                : options_.default_memory_limit_bytes;
  options.shard.worker_count = settings_.worker_count();
  options.shard.self = identity_.node;
  if (identity_.node.value() > settings_.worker_count()) {
    return absl::FailedPreconditionError(
        absl::StrCat("this directory is worker ", identity_.node.value(),
                     "'s, but the cluster has only ", settings_.worker_count(), " workers"));
  }
  txn::ParticipantOptions participant_options;
  participant_options.wal = settings_.wal();
  txn::RecoveredFiles recovered = DescribeFiles(files_);
  engine_ = std::make_unique<Engine>(env_, options, *directory_, std::move(files_.wal),
                                     static_cast<EngineEvents*>(this));
  participant_ = std::make_unique<txn::Participant>(participant_options, identity_.node, boot_id_,
                                                    std::move(recovered),
                                                    static_cast<txn::ParticipantPort*>(this));
  return absl::OkStatus();
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
  hello_waits_ = false;
  answers_.Clear();
  if (!greeted_) return;
  greeted_ = false;
  Log(absl::StrCat("has lost the master: ", reason.message()));
  if (participant_ != nullptr) participant_->OnStreamClosed();
  if (leaving_) Exit(absl::OkStatus());
}

void WorkerNode::Send(wire::Frame frame) {
  if (!stream_.has_value()) return;
  if (!spent_.empty() && engine_ != nullptr) spent_.OnSend(&frame, engine_->last_sync_micros());
  transport_->Send(*stream_, std::move(frame));
}

void WorkerNode::CloseStream(const std::string& reason) {
  if (!stream_.has_value()) return;
  transport_->Close(*stream_, absl::UnavailableError(reason));
  stream_.reset();
  answers_.Clear();
  greeted_ = false;
  hello_waits_ = false;
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
  answers_.Add(std::move(frame));
}

void WorkerNode::OnStreamDrained(rpc::StreamId stream) {
  if (stream_ != stream) return;
  answers_.SendSome();
  if (engine_ != nullptr) engine_->OnAnswersTaken();
}

void WorkerNode::OnIndexBuilt(IndexId index) {
  wire::Frame frame;
  frame.set_epoch(participant_->epoch().value());
  frame.mutable_index_built()->set_index(index.value());
  Send(std::move(frame));
}

void WorkerNode::FillFigures(wire::HeartbeatReply* reply) {
  engine_->FillFigures(reply);
  FillProcessFigures(reply);
}

void WorkerNode::FillProcessFigures(wire::HeartbeatReply* reply) const {
  reply->set_resident_bytes(ResidentBytes(env_.files));
  const env::StepFigures steps = env_.executor->step_figures();
  reply->set_steps_over_1ms(steps.long_step_count);
  reply->set_max_step_micros(static_cast<uint64_t>(steps.max_cpu_micros));
  for (const uint64_t count : steps.by_micros) reply->add_steps_by_micros(count);
}

void WorkerNode::OnRecoveryDone(const absl::Status& status) {
  if (!status.ok()) return Refuse(status);
  participant_->OnRecoveryDone(status);
}

void WorkerNode::Stop() { Exit(absl::OkStatus()); }

void WorkerNode::Fail(const absl::Status& status) { env_.executor->Fail(status); }

void WorkerNode::Log(std::string_view line) {
  LOG(INFO) << "worker " << identity_.node << ": " << line;
}

void WorkerNode::Refuse(const absl::Status& status) {
  if (greeted_) return TellAndExit(status);
  // A master that is there answers soon.
  refusal_ = status;
  env_.executor->RunAfter(kRefusalWaitMicros, [this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) Exit(refusal_);
  });
}

void WorkerNode::TellAndExit(const absl::Status& status) {
  wire::Frame frame;
  frame.mutable_refused()->set_reason(MessageOf(status));
  frame.mutable_refused()->set_permanent(true);
  Send(std::move(frame));
  Exit(status);
}

void WorkerNode::Exit(const absl::Status& status) {
  if (on_exit_ == nullptr) return;
  start_progress_->reads.cancelled = true;
  if (engine_ != nullptr) engine_->CancelRecovery();
  const auto on_exit = std::move(on_exit_);
  on_exit_ = nullptr;
  transport_->Stop();
  stream_.reset();
  on_exit(status);
}

}  // namespace tidemark::worker
