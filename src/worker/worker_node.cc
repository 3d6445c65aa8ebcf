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

constexpr uint64_t kMinQueryMemoryBytes = uint64_t{64} << 20;
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

txn::WorkerIdentity IdentityOf(const WorkerOptions& options, BootId boot_id) {
  txn::WorkerIdentity identity;
  identity.node = options.wanted_node;
  identity.boot_id = boot_id;
  identity.pid = options.pid;
  identity.address = options.address;
  identity.build = options.build;
  identity.credential = options.credential;
  return identity;
}

}  // namespace

WorkerNode::WorkerNode(const env::Env& env, WorkerOptions options, rpc::Transport* transport,
                       std::function<void(const absl::Status&)> on_exit)
    : env_(env),
      options_(std::move(options)),
      transport_(transport),
      on_exit_(std::move(on_exit)),
      boot_id_(env::NextNonZero(env.random)),
      startup_(env, options_.data_directory),
      greeting_(IdentityOf(options_, boot_id_)),
      spent_(env.clock),
      answers_([this](wire::Frame frame) { Send(std::move(frame)); },
               [this] { return stream_.has_value() ? transport_->UnsentBytes(*stream_) : 0; }) {
  CHECK(transport_ != nullptr && on_exit_ != nullptr);
}

WorkerNode::~WorkerNode() = default;

void WorkerNode::Start() {
  startup_.Open([this](const absl::Status& status) { OnDirectoryOpened(status); });
}

void WorkerNode::OnDirectoryOpened(const absl::Status& status) {
  if (on_exit_ == nullptr) return;
  if (!status.ok()) return Exit(status);
  const auto& identity = startup_.directory().identity();
  if (identity.has_value()) greeting_.SetIdentity(*identity);
  if (!PlantedBug("files-read-before-greeting")) StartTransport();
  startup_.Read([this](const absl::Status& read) { OnFilesRead(read); });
}

void WorkerNode::StartTransport() {
  transport_->Start(this, [this, alive = std::weak_ptr<bool>(alive_)](const absl::Status& status) {
    if (alive.expired() || on_exit_ == nullptr) return;
    if (!status.ok()) return Exit(status);
    Tick();
  });
}

void WorkerNode::OnFilesRead(const absl::Status& status) {
  if (on_exit_ == nullptr) return;
  if (!status.ok()) return Refuse(status);
  for (const std::string& remark : startup_.remarks()) Log(remark);
  if (PlantedBug("files-read-before-greeting")) StartTransport();
  JoinWhenReady();
}

void WorkerNode::Leave() {
  leaving_ = true;
  if (!greeting_.agreed() || participant_ == nullptr) return Exit(absl::OkStatus());
  env_.executor->RunAfter(kLeaveWaitMicros, [this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) Exit(absl::OkStatus());
  });
}

void WorkerNode::Tick() {
  if (participant_ != nullptr) participant_->OnTick(env_.clock->NowMicros());
  const bool held_back = greeting_.state() == Greeting::State::kHeldBack;
  if (held_back && !participant_->disk_is_silent()) SendHello();
  GiveUpSilentMaster();
  env_.executor->RunAfter(kTickMicros, [this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) Tick();
  });
}

// A master that lost its power does not end its streams, and until it has greeted and the files are
// read the participant does not watch it.
void WorkerNode::GiveUpSilentMaster() {
  const bool participant_watches = greeting_.agreed() && participant_ != nullptr;
  const bool asked = greeting_.state() == Greeting::State::kAsked || greeting_.agreed();
  if (!asked || participant_watches) return;
  if (env_.clock->NowMicros() - heard_micros_ < kSilenceLimitMicros) return;
  CloseStream(absl::StrCat("the master was silent for ", kSilenceLimitMicros / 1'000'000, " s"));
}

void WorkerNode::OnStreamOpened(rpc::StreamId stream, const std::string& /*peer*/) {
  stream_ = stream;
  heard_micros_ = env_.clock->NowMicros();
  spent_.Clear();
  startup_.ForgetReport();
  const bool disk_is_silent = participant_ != nullptr && participant_->disk_is_silent();
  if (greeting_.OnStreamOpened(disk_is_silent)) SendHello();
}

// What its files say before there is a participant; zero while they are read.
Epoch WorkerNode::newest_epoch() const {
  return participant_ != nullptr ? participant_->epoch() : startup_.epoch();
}

void WorkerNode::SendHello() {
  heard_micros_ = env_.clock->NowMicros();
  wire::Frame frame;
  frame.set_epoch(newest_epoch().value());
  *frame.mutable_hello() = greeting_.MakeHello(newest_epoch());
  Send(std::move(frame));
}

void WorkerNode::OnEnvelope(rpc::StreamId stream, wire::Envelope&& envelope) {
  for (wire::Frame& frame : *envelope.mutable_frames()) {
    if (stream_ != stream || on_exit_ == nullptr) return;
    heard_micros_ = env_.clock->NowMicros();
    if (frame.trace()) spent_.OnReceive(frame);
    if (!greeting_.agreed() || frame.has_refused()) {
      OnGreeting(frame);
    } else if (participant_ == nullptr) {
      OnFrameWhileReading(std::move(frame));
    } else if (!participant_->OnFrame(frame)) {
      OnOtherFrame(std::move(frame));
    }
  }
}

void WorkerNode::OnGreeting(const wire::Frame& frame) {
  if (frame.has_refused()) return OnRefused(frame.refused());
  if (greeting_.state() == Greeting::State::kEstablishing) return;  // a new stream greets again
  if (!frame.has_hello() || greeting_.state() != Greeting::State::kAsked) {
    return CloseStream("the first frame of the master is not the answer to Hello");
  }
  const absl::Status status =
      greeting_.OnHello(frame.hello(), newest_epoch(), participant_ != nullptr);
  if (absl::IsUnavailable(status)) return Fail(status);
  if (!status.ok()) return TellAndExit(status);
  if (!greeting_.agreed()) return TakeIdentity();
  if (!startup_.refusal().ok()) return TellAndExit(startup_.refusal());
  JoinWhenReady();
}

// Who is refused after the greeting has files that do not fit.
void WorkerNode::OnRefused(const wire::Refused& refused) {
  if (refused.permanent()) {
    return Exit(greeting_.agreed() ? startup_.ExplainRefusal(refused.reason())
                                   : absl::FailedPreconditionError(refused.reason()));
  }
  Log(absl::StrCat("the master asks to come back later: ", refused.reason()));
  CloseStream("asked to come back later");
}

void WorkerNode::JoinWhenReady() {
  const bool is_read = startup_.state() == Startup::State::kRead;
  if (!greeting_.agreed() || (!is_read && participant_ == nullptr)) return;
  if (participant_ == nullptr) {
    // A master whose log is old must hear so, and end.
    if (newest_epoch() > greeting_.master_epoch()) {
      return CloseStream("the files know a later epoch");
    }
    const absl::Status made = MakeParticipant();
    if (!made.ok()) return Refuse(made);
  }
  participant_->OnStreamOpened(greeting_.master_boot_id());
  if (const auto report = startup_.TakeReport()) participant_->OnFrame(*report);
}

// The master may ask at once what the worker holds: it gets its answer when the files are read.
void WorkerNode::OnFrameWhileReading(wire::Frame&& frame) {
  if (frame.has_heartbeat()) {
    AnswerWhileReading(frame.heartbeat());
  } else if (frame.has_report()) {
    startup_.KeepReport(std::move(frame));
  } else if (frame.has_shutdown()) {
    Exit(absl::OkStatus());
  }
}

void WorkerNode::AnswerWhileReading(const wire::Heartbeat& heartbeat) {
  wire::Frame frame;
  wire::HeartbeatReply* reply = frame.mutable_heartbeat_reply();
  reply->set_sequence(heartbeat.sequence());
  startup_.FillProgress(reply);
  FillProcessFigures(reply);
  Send(std::move(frame));
}

// A fresh worker: its identity is durable before the master counts it as a member.
void WorkerNode::TakeIdentity() {
  startup_.Establish(greeting_.assigned(), [this](const absl::Status& status) {
    if (!status.ok()) return Exit(status);
    greeting_.OnEstablished();
    Log(absl::StrCat("is worker ", greeting_.node().value(), " of cluster ",
                     greeting_.cluster().ToString()));
    // That the stream of the greeting was open has kept the id; a new one greets again.
    if (stream_.has_value()) CloseStream("identity taken");
  });
}

absl::Status WorkerNode::MakeParticipant() {
  CHECK(engine_ == nullptr && participant_ == nullptr);
  const wire::Settings& settings = greeting_.settings();
  if (greeting_.node().value() > settings.worker_count()) {
    return absl::FailedPreconditionError(
        absl::StrCat("this directory is worker ", greeting_.node().value(),
                     "'s, but the cluster has only ", settings.worker_count(), " workers"));
  }
  EngineOptions options;
  options.wal = settings.wal();
  options.wal_segment_bytes = settings.wal_segment_bytes();
  options.tx_part_bytes = options_.tx_part_bytes;
  options.identity = {greeting_.cluster(), greeting_.node()};
  options.shard.limits.memory_limit_bytes = settings.memory_limit_bytes() != 0
                                                ? settings.memory_limit_bytes()
                                                : options_.default_memory_limit_bytes;
  options.query_memory_bytes =
      std::max(options.shard.limits.memory_limit_bytes / 4, kMinQueryMemoryBytes);
  options.shard.worker_count = settings.worker_count();
  options.shard.self = greeting_.node();
  StartFiles files = startup_.Take();
  txn::RecoveredFiles recovered = DescribeFiles(files);
  engine_ = std::make_unique<Engine>(env_, options, startup_.directory(), std::move(files.wal),
                                     static_cast<EngineEvents*>(this));
  txn::ParticipantOptions participant_options;
  participant_options.wal = settings.wal();
  participant_ = std::make_unique<txn::Participant>(
      participant_options, greeting_.node(), boot_id_, std::move(recovered),
      txn::ParticipantPorts{static_cast<txn::ParticipantPort*>(this), engine_.get()});
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
  answers_.Clear();
  const bool had_agreed = greeting_.agreed();
  greeting_.OnStreamGone();
  if (!had_agreed) return;
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
  greeting_.OnStreamGone();
}

void WorkerNode::OnExecuted(const wire::Execute& execute, absl::StatusOr<std::string> answer,
                            bool wrote) {
  wire::Frame frame;
  frame.set_epoch(participant_->epoch().value());
  wire::Executed* executed = frame.mutable_executed();
  executed->set_tx(execute.tx());
  executed->set_request(execute.request());
  executed->set_status_code(static_cast<uint32_t>(answer.status().code()));
  executed->set_status_message(MessageOf(answer.status()));
  executed->set_wrote(wrote);
  executed->set_results(answer.ok() ? *std::move(answer) : query::PayloadOf(answer.status()));
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

void WorkerNode::FillCounts(wire::HeartbeatReply* reply) { engine_->FillCounts(reply); }

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
  LOG(INFO) << "worker " << greeting_.node() << ": " << line;
}

void WorkerNode::Refuse(const absl::Status& status) {
  if (greeting_.agreed()) return TellAndExit(status);
  // A master that is there answers soon.
  startup_.Refuse(status);
  env_.executor->RunAfter(kRefusalWaitMicros, [this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) Exit(startup_.refusal());
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
  startup_.Cancel();
  if (engine_ != nullptr) engine_->CancelRecovery();
  const auto on_exit = std::move(on_exit_);
  on_exit_ = nullptr;
  transport_->Stop();
  stream_.reset();
  greeting_.OnStreamGone();
  on_exit(status);
}

void WorkerNode::CheckInvariants() const {
  startup_.CheckInvariants();
  greeting_.CheckInvariants();
  answers_.CheckInvariants();
  CHECK_EQ(participant_ == nullptr, engine_ == nullptr);
  if (participant_ != nullptr) participant_->CheckInvariants();
  if (greeting_.state() == Greeting::State::kEstablishing) return;
  CHECK_EQ(stream_.has_value(), greeting_.state() != Greeting::State::kNoStream);
}

}  // namespace tidemark::worker
