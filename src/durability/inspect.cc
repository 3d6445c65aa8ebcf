// SPDX-License-Identifier: Apache-2.0
#include "durability/inspect.h"

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "durability/identity.h"
#include "durability/master_log/master_log_record.h"
#include "durability/record_reader.h"
#include "durability/snapshot/snapshot_reader.h"
#include "durability/wal/wal_record.h"
#include "graph/mutation.h"

namespace tidemark::durability {
namespace {

// What a record says, or the error that its body is malformed.
using Describe = std::function<absl::StatusOr<std::string>(const Record& record)>;

std::string HeaderLine(const RecordReader& reader) {
  const FileHeader& header = reader.header();
  return absl::StrCat("header version=", header.format_version, " ", DebugString(header.identity),
                      " number=", header.number, " epoch=", header.epoch.value(),
                      " csn=", header.csn.value(), " made-bytes=", header.made_bytes,
                      " bytes=", reader.size());
}

absl::Status Mutations(std::string_view bytes, const InspectOptions& options,
                       const LineSink& sink) {
  if (!options.mutations) return absl::OkStatus();
  graph::MutationReader reader(bytes);
  graph::Mutation mutation;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, reader.Next(&mutation));
    if (!more) return absl::OkStatus();
    sink(absl::StrCat("    ", DebugString(mutation)));
  }
}

std::string RecordPrefix(const Record& record) {
  return absl::StrFormat("%10d #%d ", record.offset, record.head.sequence);
}

// Prints the valid records from the header on. At a break it goes on with what can be found behind
// it, and the result is kDataLoss unless only zeroes follow.
absl::Status DumpRecords(RecordReader* reader, const Describe& describe, const LineSink& sink) {
  uint64_t offset = kFileHeaderBytes;
  uint64_t last_sequence = 0;
  absl::Status result = reader->CheckSize();
  while (true) {
    Record record;
    ASSIGN_OR_RETURN(bool valid, reader->ReadAt(offset, &record));
    if (!valid) {
      ASSIGN_OR_RETURN(const uint64_t end, reader->EndOfNonZero(offset));
      if (end == offset) break;
      sink(absl::StrFormat("%10d not a record", offset));
      result.Update(absl::DataLossError(absl::StrCat(
          reader->path(), ", offset ", offset, ": the record is damaged or was not finished")));
      ASSIGN_OR_RETURN(valid, reader->FindFrom(offset, 0, &record));
      if (!valid) break;
    }
    offset = record.end;
    const bool is_copy = record.head.sequence <= last_sequence;  // a master log ends with them
    last_sequence = std::max(last_sequence, record.head.sequence);
    const absl::StatusOr<std::string> text = describe(record);
    if (text.ok()) {
      sink(absl::StrCat(RecordPrefix(record), *text, is_copy ? " (copy)" : ""));
    } else {
      sink(RecordPrefix(record) + MessageOf(text.status()));
      result.Update(
          Annotate(text.status(), absl::StrCat(reader->path(), ", offset ", record.offset)));
    }
  }
  return result;
}

absl::StatusOr<std::string> DescribeBase(std::string_view name, const Record& record) {
  ASSIGN_OR_RETURN(const WalBase base, DecodeWalBase(record.body));
  return absl::StrCat(ToAbsl(name), " epoch=", base.epoch.value(), " base=", base.base.value(),
                      " last-csn=", base.last_csn.value(), " watermark=", base.watermark.value(),
                      " watermark-last=", base.watermark_last.value(),
                      " complete-after=", base.complete_after.value());
}

absl::StatusOr<std::string> DescribeWal(const Record& record) {
  switch (static_cast<WalRecordKind>(record.head.kind)) {
    case WalRecordKind::kCommit: {
      ASSIGN_OR_RETURN(const WalCommit commit, DecodeWalCommit(record.body));
      return absl::StrCat(
          "commit epoch=", record.head.epoch.value(), " csn=", record.head.csn,
          " tx=", commit.tx.value(), " participants=", commit.participants.ToString(),
          " parts=", commit.part_count, " mutation-bytes=", commit.mutations.size());
    }
    case WalRecordKind::kTxPart: {
      ASSIGN_OR_RETURN(const WalTxPart part, DecodeWalTxPart(record.body));
      return absl::StrCat("part epoch=", record.head.epoch.value(), " tx=", part.tx.value(),
                          " index=", part.index, " mutation-bytes=", part.mutations.size());
    }
    case WalRecordKind::kEpoch:
      return DescribeBase("epoch", record);
    case WalRecordKind::kWatermark:
      return DescribeBase("watermark", record);
    case WalRecordKind::kSegmentStart:
      return DescribeBase("segment-start", record);
  }
  return absl::DataLossError("unknown kind of record");
}

// The mutations of a commit or part.
std::string_view MutationsOf(const Record& record) {
  if (static_cast<WalRecordKind>(record.head.kind) == WalRecordKind::kCommit) {
    const auto commit = DecodeWalCommit(record.body);
    return commit.ok() ? commit->mutations : std::string_view();
  }
  if (static_cast<WalRecordKind>(record.head.kind) == WalRecordKind::kTxPart) {
    const auto part = DecodeWalTxPart(record.body);
    return part.ok() ? part->mutations : std::string_view();
  }
  return {};
}

std::string DescribeSection(const SnapshotSection& section) {
  return absl::StrCat("section slot=", section.slot.value(), " offset=", section.offset,
                      " chunks=", section.chunks,
                      " digest=", absl::Hex(section.digest, absl::kZeroPad16),
                      " vertices=", section.vertices, " edges=", section.edges);
}

}  // namespace

absl::Status InspectWalSegment(env::FileSystem* files, const std::string& path,
                               const InspectOptions& options, const LineSink& sink) {
  ASSIGN_OR_RETURN(RecordReader reader, RecordReader::OpenAny(files, path, FileKind::kWal));
  sink(HeaderLine(reader));
  std::string_view mutations;  // of the record whose line comes next
  absl::Status mutation_status;
  const absl::Status status = DumpRecords(
      &reader,
      [&](const Record& record) {
        mutations = MutationsOf(record);
        return DescribeWal(record);
      },
      [&](std::string_view line) {
        sink(line);
        mutation_status.Update(Mutations(mutations, options, sink));
        mutations = {};
      });
  return status.ok() ? Annotate(mutation_status, path) : status;
}

absl::Status InspectSnapshot(env::FileSystem* files, const std::string& path,
                             const InspectOptions& options, const LineSink& sink) {
  FileIdentity identity;
  {
    ASSIGN_OR_RETURN(RecordReader reader, RecordReader::OpenAny(files, path, FileKind::kSnapshot));
    sink(HeaderLine(reader));
    identity = reader.header().identity;
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<SnapshotReader> reader,
                   SnapshotReader::Open(files, path, identity));
  const SnapshotInfo& info = reader->info();
  sink(absl::StrCat("footer last-csn=", info.last_csn.value(),
                    " digest=", absl::Hex(info.digest, absl::kZeroPad16),
                    " sections=", reader->footer().sections.size(), " vertices=", info.vertices,
                    " edges=", info.edges));
  SnapshotReader::Chunk chunk;
  size_t section = 0;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, reader->Next(&chunk));
    if (!more) return absl::OkStatus();
    const std::vector<SnapshotSection>& sections = reader->footer().sections;
    while (section < sections.size() && sections[section].slot <= chunk.slot) {
      sink(DescribeSection(sections[section++]));
    }
    sink(absl::StrCat("  chunk slot=", chunk.slot.value(),
                      " mutation-bytes=", chunk.mutations.size()));
    RETURN_IF_ERROR(Mutations(chunk.mutations, options, sink));
  }
}

absl::Status InspectMasterLog(env::FileSystem* files, const std::string& path,
                              const LineSink& sink) {
  ASSIGN_OR_RETURN(RecordReader reader, RecordReader::OpenAny(files, path, FileKind::kMasterLog));
  sink(HeaderLine(reader));
  return DumpRecords(
      &reader,
      [](const Record& record) -> absl::StatusOr<std::string> {
        ASSIGN_OR_RETURN(const MasterLogRecord decoded,
                         DecodeMasterLogRecord(record.head.kind, record.body));
        return absl::StrCat("synced=", record.head.csn, " ", DebugString(decoded));
      },
      sink);
}

absl::Status InspectIdentity(env::FileSystem* files, const std::string& path,
                             const LineSink& sink) {
  ASSIGN_OR_RETURN(const std::string text, env::ReadWholeFile(files, path, kMaxIdentityFileBytes));
  ASSIGN_OR_RETURN(const FileIdentity identity, DecodeIdentity(text, path));
  sink(absl::StrCat("identity ", DebugString(identity)));
  return absl::OkStatus();
}

}  // namespace tidemark::durability
