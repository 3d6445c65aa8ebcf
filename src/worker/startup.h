// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "base/ids.h"
#include "durability/identity.h"
#include "env/env.h"
#include "proto/cluster.pb.h"
#include "worker/start_files.h"

namespace tidemark::worker {

// A worker before it has joined: opens its directory and reads its files, perhaps for minutes, and
// knows how far that is and what the master has asked for meanwhile. The directory is open as long
// as this lives.
//
// Owner: WorkerNode. Threads: its loop; what blocks runs in jobs of JobQueue::kRecovery. No `done`
// is called after this is gone.
// Errors: those of opening and reading go to `done`; kDataLoss names the damaged file.
class Startup {
 public:
  enum class State : uint8_t {
    kOpening,  // the directory is not open yet
    kReading,  // the files are being read
    kRead,     // Take gives what was found
    kJoined,   // Take was called
    kRefused,  // what was found is for an operator: refusal() waits for a master that can be told
  };
  using Done = std::function<void(const absl::Status&)>;

  Startup(const env::Env& env, std::string path) : env_(env), path_(std::move(path)) {}
  Startup(const Startup&) = delete;
  Startup& operator=(const Startup&) = delete;

  // REQUIRES: state() is kOpening. When `done` comes with OK it is kReading.
  void Open(Done done);
  // REQUIRES: state() is kReading. When `done` comes with OK it is kRead.
  void Read(Done done);
  // Reading ends soon, with an error. Nothing happens when it does not go on.
  void Cancel() { progress_->reads.cancelled = true; }
  // Makes durable whose the directory is. REQUIRES: it is open. An error when it is another's.
  void Establish(const durability::FileIdentity& identity, Done done);
  void Refuse(const absl::Status& refusal);

  // The master wants to know what the files say: kept until they are read.
  void KeepReport(wire::Frame report);
  std::optional<wire::Frame> TakeReport();
  void ForgetReport() { report_.reset(); }

  // REQUIRES: state() is kRead. Once.
  StartFiles Take();

  State state() const { return state_; }
  // REQUIRES: it is open.
  const durability::DataDirectory& directory() const;
  // What the files say; 0 while they are not read.
  Epoch epoch() const { return epoch_; }
  // OK unless state() is kRefused.
  const absl::Status& refusal() const { return refusal_; }
  // For people: what the scan of the log has found.
  const std::vector<std::string>& remarks() const { return files_.wal.remarks; }
  void FillProgress(wire::HeartbeatReply* reply) const;

  // The master refuses the files for this reason: where their log ends says where to look.
  absl::Status ExplainRefusal(const std::string& reason) const;
  // The log ends somewhere else from now on.
  void OnWalCut() { log_end_.clear(); }

  void CheckInvariants() const;

 private:
  void OnOpened(absl::StatusOr<std::unique_ptr<durability::DataDirectory>> directory,
                const Done& done);
  void OnRead(absl::StatusOr<StartFiles> files, const Done& done);

  const env::Env env_;
  const std::string path_;
  State state_ = State::kOpening;
  std::unique_ptr<durability::DataDirectory> directory_;
  const std::shared_ptr<StartProgress> progress_ = std::make_shared<StartProgress>();
  StartFiles files_;  // in the state kRead
  Epoch epoch_;
  std::string log_end_;  // a sentence; empty: not known, or not so any more
  bool log_is_torn_ = false;
  absl::Status refusal_;
  std::optional<wire::Frame> report_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace tidemark::worker
