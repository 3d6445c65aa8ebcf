// SPDX-License-Identifier: Apache-2.0
#include "durability/file_format.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/check.h"
#include "base/checksum.h"
#include "base/coding.h"
#include "base/status.h"

namespace tidemark::durability {
namespace {

// Digits in the names of files.
constexpr int kSegmentDigits = 12;
constexpr int kGenerationDigits = 6;
constexpr int kSnapshotDigits = 20;

std::string_view MagicOf(FileKind kind) {
  switch (kind) {
    case FileKind::kWal:
      return kWalMagic;
    case FileKind::kSnapshot:
      return kSnapshotMagic;
    case FileKind::kMasterLog:
      return kMasterLogMagic;
  }
  return {};
}

std::string_view KindName(FileKind kind) {
  switch (kind) {
    case FileKind::kWal:
      return "WAL segment";
    case FileKind::kSnapshot:
      return "snapshot";
    case FileKind::kMasterLog:
      return "master log";
  }
  return {};
}

// Takes decimal digits off the front of `*text`. False when there are none or too many.
bool TakeNumber(std::string_view* text, uint64_t* value) {
  size_t digits = 0;
  while (digits < text->size() && (*text)[digits] >= '0' && (*text)[digits] <= '9') ++digits;
  if (!absl::SimpleAtoi(ToAbsl(text->substr(0, digits)), value)) return false;
  text->remove_prefix(digits);
  return true;
}

}  // namespace

std::string DebugString(const FileIdentity& identity) {
  return absl::StrCat("cluster ", identity.cluster.ToString(), ", node ", identity.node.value(),
                      ", shard ", identity.shard);
}

void AppendFileHeader(const FileHeader& header, std::string* out) {
  const size_t start = out->size();
  out->append(MagicOf(header.kind));
  AppendFixed32(out, header.format_version);
  AppendFixed32(out, kFileHeaderBytes);
  AppendFixed64(out, header.identity.cluster.high);
  AppendFixed64(out, header.identity.cluster.low);
  AppendFixed32(out, header.identity.node.value());
  AppendFixed32(out, header.identity.shard);
  AppendFixed64(out, header.number);
  AppendFixed64(out, header.epoch.value());
  AppendFixed64(out, header.csn.value());
  AppendFixed64(out, header.made_bytes);
  AppendFixed64(out, Checksum64(std::string_view(*out).substr(start)));
  CHECK_EQ(out->size() - start, kFileHeaderBytes);
}

absl::StatusOr<FileHeader> DecodeFileHeader(std::string_view bytes, FileKind kind,
                                            const std::string& path) {
  const auto damage = [&](std::string_view what) {
    return absl::DataLossError(
        absl::StrCat(path, ", offset 0: ", ToAbsl(what), " (", ToAbsl(KindName(kind)), ")"));
  };
  if (bytes.size() < kFileHeaderBytes) return damage("too short for a file header");
  bytes = bytes.substr(0, kFileHeaderBytes);
  if (bytes.substr(0, MagicOf(kind).size()) != MagicOf(kind)) return damage("wrong magic bytes");
  constexpr size_t kChecksumAt = kFileHeaderBytes - 8;
  if (LoadFixed64(bytes.data() + kChecksumAt) != Checksum64(bytes.substr(0, kChecksumAt))) {
    return damage("the file header fails its checksum");
  }
  ByteReader in(bytes.substr(MagicOf(kind).size()));
  FileHeader header;
  header.kind = kind;
  header.format_version = in.Fixed32();
  const uint32_t header_bytes = in.Fixed32();
  if (header.format_version != kFormatVersion || header_bytes != kFileHeaderBytes) {
    return absl::FailedPreconditionError(absl::StrCat(
        path, " has format version ", header.format_version, "; this program reads version ",
        kFormatVersion, ". Use the program that wrote it, or a newer one"));
  }
  header.identity.cluster.high = in.Fixed64();
  header.identity.cluster.low = in.Fixed64();
  header.identity.node = NodeId(in.Fixed32());
  header.identity.shard = in.Fixed32();
  header.number = in.Fixed64();
  header.epoch = Epoch(in.Fixed64());
  header.csn = Csn(in.Fixed64());
  header.made_bytes = in.Fixed64();
  return header;
}

absl::Status CheckIdentity(const FileIdentity& found, const FileIdentity& expected,
                           const std::string& path) {
  if (found == expected) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(path, " belongs to ", DebugString(found),
                                                    ", not to ", DebugString(expected),
                                                    ". Start this node with its own directory"));
}

uint64_t RecordSeed(const FileHeader& header) {
  std::string bytes;
  AppendFixed64(&bytes, header.identity.cluster.high);
  AppendFixed64(&bytes, header.identity.cluster.low);
  AppendFixed32(&bytes, header.identity.node.value());
  AppendFixed32(&bytes, header.identity.shard);
  AppendFixed64(&bytes, header.number);
  AppendFixed64(&bytes, header.csn.value());
  return Checksum64(bytes, static_cast<uint64_t>(header.kind));
}

void AppendRecord(const RecordHead& head, std::string_view body, uint64_t seed, std::string* out) {
  const size_t start = BeginRecord(out);
  out->append(body);
  FinishRecord(start, head, seed, out);
}

size_t BeginRecord(std::string* out) {
  const size_t start = out->size();
  out->append(kRecordHeadBytes, '\0');
  return start;
}

void FinishRecord(size_t start, const RecordHead& head, uint64_t seed, std::string* out) {
  const size_t body_bytes = out->size() - start - kRecordHeadBytes;
  CHECK_LE(body_bytes, size_t{kMaxRecordBodyBytes});
  char* p = out->data() + start;
  StoreFixed32(p + 8, static_cast<uint32_t>(body_bytes));
  p[12] = static_cast<char>(head.kind);
  StoreFixed64(p + 16, head.epoch.value());
  StoreFixed64(p + 24, head.csn);
  StoreFixed64(p + 32, head.sequence);
  StoreFixed64(p, Checksum64(std::string_view(*out).substr(start + 8), seed));
}

std::string WalSegmentName(uint64_t number) {
  return absl::StrFormat("%0*d.wal", kSegmentDigits, number);
}
std::string SnapshotName(Epoch epoch, Csn csn) {
  return absl::StrFormat("%0*d-%0*d.snap", kSnapshotDigits, epoch.value(), kSnapshotDigits,
                         csn.value());
}
std::string MasterLogName(uint64_t generation) {
  return absl::StrFormat("master-log.%0*d", kGenerationDigits, generation);
}

bool ParseWalSegmentName(std::string_view name, uint64_t* number) {
  const std::string_view whole = name;
  return TakeNumber(&name, number) && whole == WalSegmentName(*number);
}

bool ParseSnapshotName(std::string_view name, Epoch* epoch, Csn* csn) {
  const std::string_view whole = name;
  uint64_t first = 0;
  uint64_t second = 0;
  if (!TakeNumber(&name, &first) || !name.starts_with('-')) return false;
  name.remove_prefix(1);
  if (!TakeNumber(&name, &second)) return false;
  *epoch = Epoch(first);
  *csn = Csn(second);
  return whole == SnapshotName(*epoch, *csn);
}

bool ParseMasterLogName(std::string_view name, uint64_t* generation) {
  constexpr std::string_view kPrefix = "master-log.";
  const std::string_view whole = name;
  if (!name.starts_with(kPrefix)) return false;
  name.remove_prefix(kPrefix.size());
  return TakeNumber(&name, generation) && whole == MasterLogName(*generation);
}

bool HasPartSuffix(std::string_view name) { return name.ends_with(kPartSuffix); }

}  // namespace tidemark::durability
