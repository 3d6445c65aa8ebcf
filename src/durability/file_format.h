// SPDX-License-Identifier: Apache-2.0
// What all files of a data directory share: magics, versions, record kinds, bounds. Values are part
// of the formats (docs/formats/*.md); never reuse one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ids.h"

namespace tidemark::durability {

inline constexpr uint32_t kFormatVersion = 1;

enum class FileKind : uint8_t { kWal = 1, kSnapshot = 2, kMasterLog = 3 };

// Eight bytes at the front of every binary file.
inline constexpr std::string_view kWalMagic{"TMARKWAL", 8};
inline constexpr std::string_view kSnapshotMagic{"TMARKSNP", 8};
inline constexpr std::string_view kMasterLogMagic{"TMARKLOG", 8};

// Kinds of WAL records.
enum class WalRecordKind : uint8_t {
  kCommit = 1,
  kTxPart = 2,
  kEpoch = 3,
  kWatermark = 4,
  kSegmentStart = 5,  // the first record of every segment
};
inline constexpr uint8_t kMaxWalRecordKind = 5;

// Kinds of snapshot records.
enum class SnapshotRecordKind : uint8_t {
  kChunk = 1,
  kFooter = 2,  // the last record of the file
};
inline constexpr uint8_t kMaxSnapshotRecordKind = 2;

// Kinds of master log records are the alternatives of MasterLogRecord, from 1 on.
inline constexpr uint8_t kMaxMasterLogRecordKind = 7;

inline constexpr size_t kFileHeaderBytes = 80;
inline constexpr size_t kRecordHeadBytes = 40;
// A body is never longer; the writer CHECKs it, the reader refuses before it allocates.
inline constexpr uint32_t kMaxRecordBodyBytes = 256u << 20;
inline constexpr size_t kMaxIdentityFileBytes = 4096;
inline constexpr uint64_t kMinWalSegmentBytes = 4096;
inline constexpr uint64_t kMaxWalSegmentBytes = uint64_t{4} << 30;

#ifdef TIDEMARK_TINY_LIMITS
inline constexpr uint64_t kDefaultWalSegmentBytes = 16 << 10;
inline constexpr size_t kTxPartBytes = 512;
inline constexpr size_t kSnapshotChunkBytes = 512;
inline constexpr uint64_t kMasterLogGrowthBytes = 4 << 10;
inline constexpr size_t kReadBlockBytes = 512;
#else
inline constexpr uint64_t kDefaultWalSegmentBytes = 64 << 20;
// Pending mutations of an open transaction beyond this go to the WAL early, as a TxPart.
inline constexpr size_t kTxPartBytes = 1 << 20;
// About the size of one chunk of a snapshot section.
inline constexpr size_t kSnapshotChunkBytes = 1 << 20;
// A generation of the master log is rewritten when it has grown by this since it was begun.
inline constexpr uint64_t kMasterLogGrowthBytes = 16 << 20;
inline constexpr size_t kReadBlockBytes = 1 << 20;
#endif

// Whose files these are: stamped into every file and compared at every opening.
// Threads: a value type.
struct FileIdentity {
  ClusterId cluster;
  NodeId node;
  uint32_t shard = 0;

  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};
// "cluster 0123..., node 2, shard 0" — for messages.
std::string DebugString(const FileIdentity& identity);

// The first kFileHeaderBytes of a binary file; never changed after it was written.
struct FileHeader {
  FileKind kind = FileKind::kWal;
  uint32_t format_version = kFormatVersion;
  FileIdentity identity;
  uint64_t number = 0;  // WAL: segment number; master log: generation; snapshot: 0
  Epoch epoch;          // the epoch when the file was made
  Csn csn;              // snapshot: as of; else 0
  // WAL and master log: the preallocated size; a smaller file was cut short. Snapshot: 0.
  uint64_t made_bytes = 0;
};
void AppendFileHeader(const FileHeader& header, std::string* out);
// `path` is for messages only. kDataLoss: not such a file, or damaged. kFailedPrecondition: another
// format version.
absl::StatusOr<FileHeader> DecodeFileHeader(std::string_view bytes, FileKind kind,
                                            const std::string& path);
// kFailedPrecondition that names both identities when they differ.
absl::Status CheckIdentity(const FileIdentity& found, const FileIdentity& expected,
                           const std::string& path);

// The head of a record. WAL: csn of the commit, base of an epoch, watermark. Snapshot: as of.
// Master log: the highest sequence that was known to be synced when the record was written.
struct RecordHead {
  uint8_t kind = 0;
  Epoch epoch;
  uint64_t csn = 0;
  uint64_t sequence = 0;  // +1 with each record of one log, from 1 on
};
// Start value of every checksum of a file: records of another file's owner do not validate.
uint64_t RecordSeed(const FileHeader& header);
// Appends head and body. REQUIRES: body.size() <= kMaxRecordBodyBytes.
void AppendRecord(const RecordHead& head, std::string_view body, uint64_t seed, std::string* out);
// For bodies made in place: starts a record at the end of `out`, then, once the body is appended
// behind it, fills in its head. `start` is what BeginRecord returned.
size_t BeginRecord(std::string* out);
void FinishRecord(size_t start, const RecordHead& head, uint64_t seed, std::string* out);

// Names of files: "000000000001.wal", "<epoch>-<csn>.snap", "master-log.000001".
std::string WalSegmentName(uint64_t number);
std::string SnapshotName(Epoch epoch, Csn csn);
std::string MasterLogName(uint64_t generation);
// False when `name` is not exactly what the functions above give.
bool ParseWalSegmentName(std::string_view name, uint64_t* number);
bool ParseSnapshotName(std::string_view name, Epoch* epoch, Csn* csn);
bool ParseMasterLogName(std::string_view name, uint64_t* generation);
inline constexpr std::string_view kPartSuffix = ".part";  // being written; removed at a start
bool HasPartSuffix(std::string_view name);

}  // namespace tidemark::durability
