// SPDX-License-Identifier: Apache-2.0
#include "durability/verify.h"

#include <algorithm>

#include "base/status.h"
#include "durability/identity.h"
#include "durability/master_log/master_log.h"
#include "durability/master_log/master_log_file.h"
#include "durability/snapshot/snapshot_reader.h"
#include "graph/mutation.h"

namespace tidemark::durability {
namespace {

absl::StatusOr<FileIdentity> ReadIdentity(env::FileSystem* files, const std::string& directory) {
  const std::string path = directory + "/IDENTITY";
  ASSIGN_OR_RETURN(const std::string text, env::ReadWholeFile(files, path, kMaxIdentityFileBytes));
  return DecodeIdentity(text, path);
}

// Keeps the message of an error; false when there was none.
bool Keep(const absl::Status& status, std::vector<std::string>* errors) {
  if (status.ok()) return false;
  errors->push_back(MessageOf(status));
  return true;
}

absl::Status CheckMutations(std::string_view bytes) {
  graph::MutationReader reader(bytes);
  graph::Mutation mutation;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, reader.Next(&mutation));
    if (!more) return absl::OkStatus();
  }
}

// Replays what a recovery from the oldest snapshot would replay, into nothing.
absl::Status CheckReplay(env::FileSystem* files, const std::string& directory,
                         const FileIdentity& identity, const WalState& state, Csn oldest_snapshot) {
  const Csn after = std::max(state.base.complete_after, oldest_snapshot);
  WalReplay replay(files, directory, identity, &state, {after, state.base.last_csn, {}});
  WalReplay::Chunk chunk;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, replay.Next(&chunk));
    if (!more) return absl::OkStatus();
    RETURN_IF_ERROR(Annotate(CheckMutations(chunk.mutations),
                             absl::StrCat(directory, ", csn ", chunk.csn.value())));
  }
}

// One worker directory being checked.
class WorkerCheck {
 public:
  WorkerCheck(env::FileSystem* files, std::string path, const MasterDirectoryReport* master)
      : files_(files),
        path_(std::move(path)),
        master_(master == nullptr ? nullptr : &master->state),
        master_log_end_(master == nullptr ? "" : master->log_end) {}

  absl::StatusOr<WorkerDirectoryReport> Run() {
    ASSIGN_OR_RETURN(report_.identity, ReadIdentity(files_, path_));
    if (report_.identity.node == kMasterNode) {
      return absl::FailedPreconditionError(path_ + " is a master's directory, not a worker's");
    }
    if (master_ != nullptr && report_.identity.cluster != master_->cluster().id) {
      report_.errors.push_back(absl::StrCat(path_, " belongs to ", DebugString(report_.identity),
                                            "; the master is of cluster ",
                                            master_->cluster().id.ToString()));
      return std::move(report_);
    }
    CheckSnapshots();
    if (CheckWal()) CheckLastCsn();
    CheckCompleteSnapshots();
    return std::move(report_);
  }

 private:
  Csn watermark() const { return master_ == nullptr ? Csn() : master_->watermark().csn; }
  Csn expected_last() const {
    if (master_ == nullptr) return Csn();
    for (const auto& last : master_->watermark().last) {
      if (last.node == report_.identity.node) return last.csn;
    }
    return Csn();
  }

  void CheckSnapshots() {
    const std::string directory = path_ + "/snapshots";
    const absl::StatusOr<std::vector<std::string>> names = files_->List(directory);
    if (absl::IsNotFound(names.status()) || Keep(names.status(), &report_.errors)) return;
    for (const std::string& name : *names) {
      const std::string path = absl::StrCat(directory, "/", name);
      Epoch epoch;
      Csn csn;
      if (!ParseSnapshotName(name, &epoch, &csn)) {
        report_.remarks.push_back(path + ": not a complete snapshot, ignored");
        continue;
      }
      absl::StatusOr<std::unique_ptr<SnapshotReader>> reader =
          SnapshotReader::Open(files_, path, report_.identity);
      if (Keep(reader.status(), &report_.errors)) continue;
      if (Keep((*reader)->Verify(), &report_.errors)) continue;
      if ((*reader)->info().epoch != epoch || (*reader)->info().csn != csn) {
        report_.errors.push_back(path + ", offset 0: the header names another epoch or csn");
        continue;
      }
      report_.snapshots.push_back((*reader)->info());
    }
  }

  // The newest commit that snapshots at or below the watermark account for.
  Csn LastOfSnapshots(Csn through) const {
    Csn last;
    for (const SnapshotInfo& info : report_.snapshots) {
      if (info.csn <= through) last = std::max(last, info.last_csn);
    }
    return last;
  }

  // False when it cannot be read.
  bool CheckWal() {
    const std::string directory = path_ + "/wal";
    WalExpectation expectation{watermark(), expected_last()};
    if (LastOfSnapshots(watermark()) >= expectation.last_csn) expectation = {};
    absl::StatusOr<WalState> state = ScanWal(files_, directory, report_.identity, expectation);
    if (Keep(state.status(), &report_.errors)) return false;
    report_.wal = *std::move(state);
    report_.remarks.insert(report_.remarks.end(), report_.wal.remarks.begin(),
                           report_.wal.remarks.end());
    const Csn oldest = report_.snapshots.empty() ? Csn() : report_.snapshots.front().csn;
    Keep(CheckReplay(files_, directory, report_.identity, report_.wal, oldest), &report_.errors);
    return true;
  }

  std::string OldMaster() const {
    return absl::StrCat("the master's directory is older or damaged, its log was read up to ",
                        master_log_end_);
  }

  void CheckLastCsn() {
    const WalBase& base = report_.wal.base;
    const Csn known = std::max(watermark(), base.watermark);
    if (master_ != nullptr && base.watermark > watermark()) {
      report_.errors.push_back(absl::StrCat(path_, "/wal knows watermark ", base.watermark.value(),
                                            ", the master log only ", watermark().value(), ": ",
                                            OldMaster()));
    }
    if (master_ != nullptr && base.epoch > master_->epoch()) {
      report_.errors.push_back(absl::StrCat(path_, "/wal knows epoch ", base.epoch.value(),
                                            ", the master log only ", master_->epoch().value(),
                                            ": ", OldMaster()));
    }
    report_.last_csn = std::max(report_.wal.NewestThrough(known), LastOfSnapshots(known));
    if (master_ == nullptr || known != watermark() || report_.last_csn == expected_last()) return;
    report_.errors.push_back(absl::StrCat(
        path_, ": the newest commit at or below watermark ", watermark().value(), " is csn ",
        report_.last_csn.value(), ", but the master log says csn ", expected_last().value(),
        ". The WAL ends at ", report_.wal.DescribeEnd(path_ + "/wal")));
  }

  void CheckCompleteSnapshots() {
    if (master_ == nullptr) return;
    for (const SnapshotCompleteRecord& record : master_->snapshots()) {
      const auto part = std::find_if(
          record.parts.begin(), record.parts.end(),
          [&](const auto& candidate) { return candidate.node == report_.identity.node; });
      if (part == record.parts.end()) continue;
      const auto info = std::find_if(
          report_.snapshots.begin(), report_.snapshots.end(), [&](const SnapshotInfo& candidate) {
            return candidate.epoch == record.epoch && candidate.csn == record.csn;
          });
      const std::string path =
          absl::StrCat(path_, "/snapshots/", SnapshotName(record.epoch, record.csn));
      if (info == report_.snapshots.end()) {
        // An older one may have been removed just before a stop; the newest is needed.
        auto* list = &record == &master_->snapshots().back() ? &report_.errors : &report_.remarks;
        list->push_back(path + ": the master log names this snapshot, but it cannot be read here");
      } else if (info->digest != part->digest || info->last_csn != part->last_csn) {
        report_.errors.push_back(path + ": digest or last csn differ from the master log's");
      }
    }
  }

  env::FileSystem* files_;
  const std::string path_;
  const MasterLogState* const master_;
  const std::string master_log_end_;
  WorkerDirectoryReport report_;
};

}  // namespace

absl::StatusOr<MasterDirectoryReport> VerifyMasterDirectory(env::FileSystem* files,
                                                            const std::string& path) {
  MasterDirectoryReport report;
  ASSIGN_OR_RETURN(report.identity, ReadIdentity(files, path));
  if (report.identity.node != kMasterNode) {
    return absl::FailedPreconditionError(path + " is a worker's directory, not the master's");
  }
  const MasterLogOptions options{.directory = path, .identity = report.identity};
  const absl::StatusOr<std::vector<uint64_t>> generations = ListGenerations(files, options);
  if (Keep(generations.status(), &report.errors)) return report;
  for (const uint64_t generation : *generations) {  // the older one is kept for an operator
    if (generation == generations->back()) break;
    Keep(ReadMasterLogGeneration(files, options, generation).status(), &report.errors);
  }
  const absl::StatusOr<MasterLogContents> contents = ReadMasterLog(files, options);
  if (Keep(contents.status(), &report.errors)) return report;
  report.remarks = contents->remarks;
  report.log_end = DescribeEnd(options, *contents);
  report.state = contents->state;
  if (report.state.cluster().id != report.identity.cluster) {
    report.errors.push_back(absl::StrCat(path, "/", MasterLogName(contents->generation),
                                         ": the log is of cluster ",
                                         report.state.cluster().id.ToString(), ", IDENTITY says ",
                                         report.identity.cluster.ToString()));
  }
  return report;
}

absl::StatusOr<WorkerDirectoryReport> VerifyWorkerDirectory(env::FileSystem* files,
                                                            const std::string& path,
                                                            const MasterDirectoryReport* master) {
  return WorkerCheck(files, path, master).Run();
}

}  // namespace tidemark::durability
