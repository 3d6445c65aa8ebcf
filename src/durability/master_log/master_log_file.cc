// SPDX-License-Identifier: Apache-2.0
#include "durability/master_log/master_log_file.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/planted_bug.h"
#include "base/status.h"
#include "durability/file_with_room.h"
#include "durability/master_log/rewrite.h"
#include "durability/record_reader.h"

namespace tidemark::durability {
namespace {

std::string GenerationPath(const MasterLogOptions& options, uint64_t generation) {
  return absl::StrCat(options.directory, "/", MasterLogName(generation));
}

absl::Status DamageAt(const RecordReader& reader, uint64_t offset, std::string_view what) {
  return absl::DataLossError(absl::StrCat(reader.path(), ", offset ", offset, ": ", ToAbsl(what),
                                          ". Restore the master's directory from a copy"));
}

// Whether the break at contents.end hits a record that was synced: some valid record, before it or
// behind it, says so.
absl::Status JudgeBreak(RecordReader* reader, uint64_t synced, const MasterLogContents& contents) {
  uint64_t offset = contents.end;
  Record record;
  while (true) {
    ASSIGN_OR_RETURN(const bool found,
                     reader->FindFrom(offset, contents.next_sequence - 1, &record));
    if (!found) break;
    synced = std::max(synced, record.head.csn);
    offset = record.end;
  }
  if (synced < contents.next_sequence) return absl::OkStatus();
  return DamageAt(*reader, contents.end,
                  absl::StrCat("record ", contents.next_sequence,
                               " is damaged or missing; it was on disk (watermark before it: ",
                               contents.state.watermark().csn.value(), ")"));
}

// Reads the copy of the record contents.next_sequence that lies somewhere behind the end.
absl::StatusOr<bool> FindCopy(RecordReader* reader, const MasterLogContents& contents,
                              Record* record) {
  uint64_t offset = contents.end;
  while (true) {
    ASSIGN_OR_RETURN(const bool found,
                     reader->FindFrom(offset, contents.next_sequence - 1, record));
    if (!found || record->head.sequence == contents.next_sequence) return found;
    offset = record->end;
  }
}

// Reads the record that follows, from its own place or from its copy; `*bytes` is all of it.
absl::StatusOr<bool> ReadNext(RecordReader* reader, MasterLogContents* contents, Record* record,
                              std::string* bytes) {
  const bool is_first = contents->end == kFileHeaderBytes;
  ASSIGN_OR_RETURN(bool valid, reader->ReadAt(contents->end, record));
  if (!is_first && (!valid || record->head.sequence != contents->next_sequence)) {
    ASSIGN_OR_RETURN(valid, FindCopy(reader, *contents, record));
  }
  if (!valid) return false;
  ASSIGN_OR_RETURN(const std::string_view view,
                   reader->Bytes(record->offset, record->end - record->offset));
  *bytes = std::string(view);
  if (record->offset == contents->end) return true;
  contents->repaired.emplace_back(contents->end, *bytes);
  contents->remarks.push_back(
      absl::StrCat(reader->path(), ", offset ", contents->end, ": record ", contents->next_sequence,
                   " is damaged, its copy at offset ", record->offset, " is used"));
  return true;
}

// What is to be zeroed behind the end: copies, which are nothing to speak of, and the rest.
absl::Status MeasureTail(RecordReader* reader, MasterLogContents* contents) {
  uint64_t offset = contents->end;
  while (true) {
    Record record;
    ASSIGN_OR_RETURN(const bool valid, reader->ReadAt(offset, &record));
    if (!valid || record.head.sequence >= contents->next_sequence) break;
    offset = record.end;
  }
  ASSIGN_OR_RETURN(const uint64_t end_of_data, reader->EndOfNonZero(offset));
  contents->torn_bytes = end_of_data - contents->end;
  if (end_of_data > offset) {
    contents->remarks.push_back(
        absl::StrCat(reader->path(), ", offset ", offset, ": the log ends before this; here are ",
                     end_of_data - offset, " bytes of records that were not finished"));
  }
  return absl::OkStatus();
}

}  // namespace

FileHeader MasterLogHeader(const MasterLogOptions& options, uint64_t generation) {
  return {.kind = FileKind::kMasterLog, .identity = options.identity, .number = generation};
}

void AppendMasterLogFrame(const MasterLogRecord& record, const RecordHead& head, uint64_t seed,
                          std::string* out) {
  const size_t start = BeginRecord(out);
  AppendMasterLogRecord(record, out);
  FinishRecord(start, head, seed, out);
}

void NoteNewest(uint64_t sequence, std::string bytes, uint64_t synced,
                MasterLogContents* contents) {
  auto& newest = contents->newest;
  while (!newest.empty() && newest.front().first <= synced) newest.pop_front();
  if (sequence > synced) newest.emplace_back(sequence, std::move(bytes));
}

std::string JoinNewest(const MasterLogContents& contents) {
  std::string joined;
  for (const auto& [sequence, bytes] : contents.newest) joined += bytes;
  return joined;
}

MasterLogGeneration MakeGeneration(const MasterLogOptions& options, uint64_t generation,
                                   const MasterLogState& state, uint64_t first_sequence,
                                   uint64_t min_file_bytes) {
  FileHeader header = MasterLogHeader(options, generation);
  header.epoch = state.epoch();
  MasterLogGeneration made{.generation = generation, .next_sequence = first_sequence};
  std::string frames;
  const std::vector<MasterLogRecord> records = state.Compact();
  // All of them are synced before the file gets its name, and say so.
  const uint64_t synced = first_sequence + records.size() - 1;
  for (const MasterLogRecord& record : records) {
    AppendMasterLogFrame(record,
                         {.kind = KindOf(record),
                          .epoch = state.epoch(),
                          .csn = synced,
                          .sequence = made.next_sequence++},
                         RecordSeed(header), &frames);
  }
  made.file_bytes =
      std::max(kFileHeaderBytes + frames.size() + options.growth_bytes, min_file_bytes);
  header.made_bytes = made.file_bytes;
  AppendFileHeader(header, &made.bytes);
  made.bytes += frames;
  return made;
}

absl::Status PrepareGeneration(env::FileSystem* files, const MasterLogOptions& options,
                               uint64_t generation, uint64_t size) {
  const std::string part_path =
      absl::StrCat(GenerationPath(options, generation), ToAbsl(kPartSuffix));
  return MakeFileWithRoom(files, part_path, "", size).status();
}

absl::StatusOr<std::shared_ptr<env::File>> WriteGeneration(env::FileSystem* files,
                                                           const MasterLogOptions& options,
                                                           const MasterLogGeneration& generation) {
  const std::string path = GenerationPath(options, generation.generation);
  const std::string part_path = absl::StrCat(path, ToAbsl(kPartSuffix));
  std::shared_ptr<env::File> file;
  if (files->Exists(part_path)) {
    ASSIGN_OR_RETURN(file, files->Open(part_path, env::OpenMode::kReadWrite));
    ASSIGN_OR_RETURN(const uint64_t size, file->Size());
    if (size != generation.file_bytes) file = nullptr;
  }
  if (file != nullptr) {
    RETURN_IF_ERROR(file->WriteAt(0, generation.bytes));
    RETURN_IF_ERROR(file->Sync());
  } else {
    ASSIGN_OR_RETURN(file,
                     MakeFileWithRoom(files, part_path, generation.bytes, generation.file_bytes));
  }
  RETURN_IF_ERROR(files->Rename(part_path, path));
  if (!PlantedBug("skip-directory-sync")) {
    RETURN_IF_ERROR(files->SyncDirectory(options.directory));
  }
  ASSIGN_OR_RETURN(const std::vector<uint64_t> generations, ListGenerations(files, options));
  for (const uint64_t old : generations) {
    if (old + 1 >= generation.generation) break;
    RETURN_IF_ERROR(files->Remove(GenerationPath(options, old)));
  }
  return file;
}

absl::StatusOr<std::shared_ptr<env::File>> OpenGeneration(env::FileSystem* files,
                                                          const MasterLogOptions& options,
                                                          const MasterLogContents& contents) {
  ASSIGN_OR_RETURN(
      std::shared_ptr<env::File> file,
      files->Open(GenerationPath(options, contents.generation), env::OpenMode::kReadWrite));
  if (!contents.repaired.empty()) {  // on disk before their copies go
    for (const auto& [offset, bytes] : contents.repaired) {
      RETURN_IF_ERROR(file->WriteAt(offset, bytes));
    }
    RETURN_IF_ERROR(file->Sync());
  }
  std::string tail = JoinNewest(contents);
  tail.resize(std::max<uint64_t>(tail.size(), contents.torn_bytes));
  if (!tail.empty()) RETURN_IF_ERROR(file->WriteAt(contents.end, tail));
  // An earlier process may have died between its writes and their sync, or of a failed sync.
  RETURN_IF_ERROR(RewriteInPlace(file.get(), contents.end));
  RETURN_IF_ERROR(file->Sync());
  RETURN_IF_ERROR(files->SyncDirectory(options.directory));
  return file;
}

std::string DescribeEnd(const MasterLogOptions& options, const MasterLogContents& contents) {
  return absl::StrCat(GenerationPath(options, contents.generation), ", offset ", contents.end);
}

absl::StatusOr<std::vector<uint64_t>> ListGenerations(env::FileSystem* files,
                                                      const MasterLogOptions& options) {
  ASSIGN_OR_RETURN(const std::vector<std::string> names, files->List(options.directory));
  std::vector<uint64_t> generations;
  for (const std::string& name : names) {
    uint64_t generation = 0;
    if (ParseMasterLogName(name, &generation)) generations.push_back(generation);
  }
  std::sort(generations.begin(), generations.end());
  return generations;
}

absl::StatusOr<MasterLogContents> ReadMasterLog(env::FileSystem* files,
                                                const MasterLogOptions& options) {
  ASSIGN_OR_RETURN(const std::vector<uint64_t> generations, ListGenerations(files, options));
  if (generations.empty()) {
    return absl::NotFoundError(absl::StrCat(options.directory, " has no master log"));
  }
  return ReadMasterLogGeneration(files, options, generations.back());
}

absl::StatusOr<MasterLogContents> ReadMasterLogGeneration(env::FileSystem* files,
                                                          const MasterLogOptions& options,
                                                          uint64_t generation) {
  MasterLogContents contents{.generation = generation,
                             .state = MasterLogState(options.snapshot_retention_count)};
  const std::string path = GenerationPath(options, contents.generation);
  ASSIGN_OR_RETURN(RecordReader reader,
                   RecordReader::Open(files, path, FileKind::kMasterLog, options.identity));
  if (reader.header().number != contents.generation) {
    return DamageAt(reader, 0, absl::StrCat("the header says generation ", reader.header().number));
  }
  contents.end = kFileHeaderBytes;
  contents.file_bytes = reader.size();
  uint64_t synced = 0;
  while (true) {
    Record record;
    std::string bytes;
    ASSIGN_OR_RETURN(const bool found, ReadNext(&reader, &contents, &record, &bytes));
    if (!found) break;
    absl::StatusOr<MasterLogRecord> decoded = DecodeMasterLogRecord(record.head.kind, record.body);
    if (!decoded.ok()) return DamageAt(reader, contents.end, MessageOf(decoded.status()));
    const absl::Status applied = contents.state.Apply(*decoded);
    if (!applied.ok()) return DamageAt(reader, contents.end, MessageOf(applied));
    synced = std::max(synced, record.head.csn);
    contents.next_sequence = record.head.sequence + 1;
    contents.end += bytes.size();
    NoteNewest(record.head.sequence, std::move(bytes), record.head.csn, &contents);
  }
  if (contents.end == kFileHeaderBytes) {
    return DamageAt(reader, contents.end, "the first record is damaged");
  }
  RETURN_IF_ERROR(JudgeBreak(&reader, synced, contents));
  RETURN_IF_ERROR(MeasureTail(&reader, &contents));
  return contents;
}

}  // namespace tidemark::durability
