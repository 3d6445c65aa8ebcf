// SPDX-License-Identifier: Apache-2.0
#include "import/cluster_files.h"

#include "base/status.h"
#include "durability/master_log/master_log.h"
#include "durability/master_log/master_log_file.h"

namespace tidemark::csv_import {

using durability::MasterLogRecord;

absl::Status RemoveTree(env::FileSystem* files, const std::string& path) {
  if (!files->Exists(path)) return absl::OkStatus();
  if (const auto names = files->List(path); names.ok()) {
    for (const std::string& name : *names) {
      RETURN_IF_ERROR(RemoveTree(files, absl::StrCat(path, "/", name)));
    }
  }
  return files->Remove(path);
}

std::string WorkerFolderName(NodeId worker) { return absl::StrCat("worker-", worker.value()); }

absl::StatusOr<std::unique_ptr<StagingFolder>> StagingFolder::Make(env::FileSystem* files,
                                                                   const std::string& data_dir) {
  std::unique_ptr<StagingFolder> folder(new StagingFolder(files, data_dir));
  const bool existed = files->Exists(data_dir);
  if (existed) {
    ASSIGN_OR_RETURN(const std::vector<std::string> names, files->List(data_dir));
    for (const std::string& name : names) {
      // A fresh volume brings its own folder for what a check of it finds.
      if (absl::StrCat(data_dir, "/", name) == folder->path_ || name == "lost+found") continue;
      return absl::FailedPreconditionError(
          absl::StrCat("the data directory ", data_dir, " is not empty (it holds ", name,
                       "); an import makes a new cluster: name an empty or a new directory"));
    }
  }
  RETURN_IF_ERROR(files->MakeDirectory(folder->path_));
  ASSIGN_OR_RETURN(folder->lock_, files->LockDirectory(folder->path_));
  folder->made_data_dir_ = !existed;
  ASSIGN_OR_RETURN(const std::vector<std::string> left, files->List(folder->path_));
  for (const std::string& name : left) {
    if (name != "LOCK") RETURN_IF_ERROR(RemoveTree(files, absl::StrCat(folder->path_, "/", name)));
  }
  return folder;
}

StagingFolder::~StagingFolder() {
  if (lock_ == nullptr) return;
  RemoveTree(files_, path_).IgnoreError();
  // Only when nothing else is in it.
  if (made_data_dir_) files_->Remove(data_dir_).IgnoreError();
}

absl::Status StagingFolder::Move(const std::string& name) {
  return files_->Rename(absl::StrCat(path_, "/", name), absl::StrCat(data_dir_, "/", name));
}

absl::Status StagingFolder::Publish(uint32_t worker_count) {
  made_data_dir_ = false;
  for (uint32_t worker = 1; worker <= worker_count; ++worker) {
    RETURN_IF_ERROR(Move(WorkerFolderName(NodeId(worker))));
  }
  RETURN_IF_ERROR(files_->SyncDirectory(data_dir_));
  RETURN_IF_ERROR(Move("master"));
  RETURN_IF_ERROR(files_->SyncDirectory(data_dir_));
  lock_.reset();
  return RemoveTree(files_, path_);
}

absl::StatusOr<WorkerFiles> WorkerFiles::Create(env::FileSystem* files, const std::string& parent,
                                                ClusterId cluster, NodeId worker) {
  WorkerFiles made;
  ASSIGN_OR_RETURN(made.directory_, durability::DataDirectory::Open(
                                        files, absl::StrCat(parent, "/", WorkerFolderName(worker)),
                                        durability::DirectoryRole::kWorker));
  const durability::FileIdentity identity{.cluster = cluster, .node = worker};
  RETURN_IF_ERROR(made.directory_->Establish(identity));
  ASSIGN_OR_RETURN(made.snapshot_, durability::SnapshotFile::Create(
                                       files, {.directory = made.directory_->snapshots_path(),
                                               .identity = identity,
                                               .epoch = kFirstEpoch,
                                               .csn = kFirstCsn,
                                               .last_csn = kFirstCsn}));
  return made;
}

namespace {

std::vector<MasterLogRecord> RecordsOf(ClusterId cluster, const catalog::NameTable& names,
                                       const std::vector<durability::SnapshotInfo>& parts) {
  const auto worker_count = static_cast<uint32_t>(parts.size());
  std::vector<MasterLogRecord> records;
  records.push_back(durability::ClusterRecord{.id = cluster, .worker_count = worker_count});
  records.push_back(durability::EpochRecord{.epoch = kFirstEpoch});
  durability::WatermarkRecord watermark{.epoch = kFirstEpoch, .csn = kFirstCsn};
  durability::SnapshotCompleteRecord snapshot{.epoch = kFirstEpoch, .csn = kFirstCsn};
  for (uint32_t i = 0; i < worker_count; ++i) {
    const NodeId node(i + 1);
    const durability::SnapshotInfo& part = parts[i];
    records.push_back(durability::MemberRecord{node});
    watermark.last.push_back({node, part.last_csn});
    snapshot.parts.push_back({.node = node,
                              .digest = part.digest,
                              .last_csn = part.last_csn,
                              .bytes = part.bytes,
                              .vertices = part.vertices,
                              .edges = part.edges});
  }
  for (const auto kind : graph::kNameKinds) {
    for (uint32_t id = 1; id <= names.count(kind); ++id) {
      records.push_back(durability::NameRecord{kind, id, names.Text(kind, id)});
    }
  }
  records.push_back(watermark);
  records.push_back(snapshot);
  return records;
}

}  // namespace

absl::Status WriteMasterFiles(env::FileSystem* files, const std::string& parent, ClusterId cluster,
                              const catalog::NameTable& names,
                              const std::vector<durability::SnapshotInfo>& parts) {
  ASSIGN_OR_RETURN(const std::unique_ptr<durability::DataDirectory> directory,
                   durability::DataDirectory::Open(files, parent + "/master",
                                                   durability::DirectoryRole::kMaster));
  const durability::FileIdentity identity{.cluster = cluster, .node = kMasterNode};
  RETURN_IF_ERROR(directory->Establish(identity));
  durability::MasterLogState state;
  for (const MasterLogRecord& record : RecordsOf(cluster, names, parts)) {
    RETURN_IF_ERROR(state.Apply(record));
  }
  const durability::MasterLogOptions options{.directory = directory->path(), .identity = identity};
  return durability::WriteGeneration(files, options,
                                     durability::MakeGeneration(options, 1, state, 1))
      .status();
}

}  // namespace tidemark::csv_import
