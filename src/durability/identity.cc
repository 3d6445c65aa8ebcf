// SPDX-License-Identifier: Apache-2.0
#include "durability/identity.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "base/checksum.h"
#include "base/status.h"

namespace tidemark::durability {
namespace {

constexpr std::string_view kIdentityName = "IDENTITY";
constexpr std::string_view kLockName = "LOCK";
constexpr std::string_view kFirstLine = "tidemark identity";

std::string ChecksumLine(std::string_view body) {
  return absl::StrFormat("checksum %016x\n", Checksum64(body));
}

bool ParseHex(absl::string_view text, uint64_t* value) {
  return text.size() == 16 && absl::SimpleHexAtoi(text, value);
}

// The value of "key value", or nullopt.
std::optional<absl::string_view> ValueOf(absl::string_view line, absl::string_view key) {
  if (line.size() <= key.size() || line.substr(0, key.size()) != key || line[key.size()] != ' ') {
    return std::nullopt;
  }
  return line.substr(key.size() + 1);
}

std::string ParentOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// Makes `path` and syncs the names of all the folders that had to be made.
absl::Status MakeDurably(env::FileSystem* files, const std::string& path) {
  std::vector<std::string> parents;
  for (std::string at = path; !files->Exists(at) && at != "." && at != "/"; at = ParentOf(at)) {
    parents.push_back(ParentOf(at));
  }
  RETURN_IF_ERROR(files->MakeDirectory(path));
  for (const std::string& parent : parents) RETURN_IF_ERROR(files->SyncDirectory(parent));
  return absl::OkStatus();
}

}  // namespace

std::string EncodeIdentity(const FileIdentity& identity) {
  const std::string body = absl::StrFormat(
      "%s\nformat-version %d\ncluster %s\nnode %d\nshard %d\n", ToAbsl(kFirstLine), kFormatVersion,
      identity.cluster.ToString(), identity.node.value(), identity.shard);
  return body + ChecksumLine(body);
}

absl::StatusOr<FileIdentity> DecodeIdentity(std::string_view text, const std::string& path) {
  const auto damage = [&] {
    return absl::DataLossError(absl::StrCat(
        path, ", offset 0: IDENTITY is damaged. Restore it from a copy of this directory"));
  };
  const size_t at = text.rfind("checksum ");
  if (at == std::string_view::npos || text.substr(at) != ChecksumLine(text.substr(0, at))) {
    return damage();
  }
  const std::vector<absl::string_view> lines =
      absl::StrSplit(ToAbsl(text.substr(0, at)), '\n');  // the last one is empty
  if (lines.size() < 3 || FromAbsl(lines[0]) != kFirstLine) return damage();
  uint32_t version = 0;
  const auto version_text = ValueOf(lines[1], "format-version");
  if (!version_text || !absl::SimpleAtoi(*version_text, &version)) return damage();
  if (version != kFormatVersion) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " has format version ", version, "; this program reads version ",
                     kFormatVersion, ". Use the program that wrote it, or a newer one"));
  }
  if (lines.size() != 6) return damage();
  FileIdentity identity;
  uint32_t node = 0;
  const auto cluster_text = ValueOf(lines[2], "cluster");
  const auto node_text = ValueOf(lines[3], "node");
  const auto shard_text = ValueOf(lines[4], "shard");
  if (!cluster_text || cluster_text->size() != 32 ||
      !ParseHex(cluster_text->substr(0, 16), &identity.cluster.high) ||
      !ParseHex(cluster_text->substr(16), &identity.cluster.low) || !node_text ||
      !absl::SimpleAtoi(*node_text, &node) || !shard_text ||
      !absl::SimpleAtoi(*shard_text, &identity.shard)) {
    return damage();
  }
  identity.node = NodeId(node);
  return identity;
}

absl::StatusOr<std::unique_ptr<DataDirectory>> DataDirectory::Open(env::FileSystem* files,
                                                                   const std::string& path,
                                                                   DirectoryRole role) {
  RETURN_IF_ERROR(MakeDurably(files, path));
  std::unique_ptr<DataDirectory> directory(new DataDirectory(files, path, role));
  ASSIGN_OR_RETURN(directory->lock_, files->LockDirectory(path));
  const std::string identity_path = absl::StrCat(path, "/", ToAbsl(kIdentityName));
  if (files->Exists(identity_path)) {
    ASSIGN_OR_RETURN(const std::string text,
                     env::ReadWholeFile(files, identity_path, kMaxIdentityFileBytes));
    ASSIGN_OR_RETURN(directory->identity_, DecodeIdentity(text, identity_path));
    const bool is_master = directory->identity_->node == kMasterNode;
    if (is_master != (role == DirectoryRole::kMaster)) {
      return absl::FailedPreconditionError(
          absl::StrCat(path, " belongs to ", DebugString(*directory->identity_),
                       is_master ? ", which is a master" : ", which is a worker"));
    }
    // What an earlier process did and did not sync before it died.
    RETURN_IF_ERROR(directory->MakeFolders());
    return directory;
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> names, files->List(path));
  for (const std::string& name : names) {
    if (name == kLockName || name == absl::StrCat(ToAbsl(kIdentityName), ".tmp")) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        path, " is not empty (", name,
        ") but has no IDENTITY file: it is not a data directory, or IDENTITY was lost. Name an "
        "empty directory, or restore IDENTITY"));
  }
  return directory;
}

absl::Status DataDirectory::Establish(const FileIdentity& identity) {
  const std::string identity_path = absl::StrCat(path_, "/", ToAbsl(kIdentityName));
  if (identity_) return CheckIdentity(*identity_, identity, identity_path);
  RETURN_IF_ERROR(env::WriteFileDurably(files_, identity_path, EncodeIdentity(identity)));
  RETURN_IF_ERROR(MakeFolders());
  identity_ = identity;
  return absl::OkStatus();
}

absl::Status DataDirectory::MakeFolders() {
  if (role_ == DirectoryRole::kWorker) {
    RETURN_IF_ERROR(files_->MakeDirectory(wal_path()));
    RETURN_IF_ERROR(files_->MakeDirectory(snapshots_path()));
  }
  RETURN_IF_ERROR(files_->SyncDirectory(path_));
  return files_->SyncDirectory(ParentOf(path_));
}

}  // namespace tidemark::durability
