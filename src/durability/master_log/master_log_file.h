// SPDX-License-Identifier: Apache-2.0
// The files of the master log, one per generation: how one is written, opened and found.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "durability/file_format.h"
#include "durability/master_log/master_log.h"
#include "env/file_system.h"

namespace tidemark::durability {

FileHeader MasterLogHeader(const MasterLogOptions& options, uint64_t generation);
void AppendMasterLogFrame(const MasterLogRecord& record, const RecordHead& head, uint64_t seed,
                          std::string* out);

// Adds a record to contents->newest, and drops from it those that the record says were synced.
void NoteNewest(uint64_t sequence, std::string bytes, uint64_t synced, MasterLogContents* contents);
std::string JoinNewest(const MasterLogContents& contents);

// A whole generation in memory, before it is written.
struct MasterLogGeneration {
  uint64_t generation = 0;
  std::string bytes;
  uint64_t file_bytes = 0;     // to preallocate
  uint64_t next_sequence = 1;  // behind its records
};
// `min_file_bytes`: the size that the file has at least.
MasterLogGeneration MakeGeneration(const MasterLogOptions& options, uint64_t generation,
                                   const MasterLogState& state, uint64_t first_sequence,
                                   uint64_t min_file_bytes = 0);
// Makes the file of a coming generation: `size` zeroes under its temporary name, on disk. Blocks.
// kResourceExhausted when the disk has no room for it: says how much is needed and how much is
// free.
absl::Status PrepareGeneration(env::FileSystem* files, const MasterLogOptions& options,
                               uint64_t generation, uint64_t size);
// Writes it under a temporary name (over what PrepareGeneration has made, when that has the right
// size), syncs, renames, syncs the folder; then removes all generations but the one before it.
// Blocks.
absl::StatusOr<std::shared_ptr<env::File>> WriteGeneration(env::FileSystem* files,
                                                           const MasterLogOptions& options,
                                                           const MasterLogGeneration& generation);
// Opens what ReadMasterLog has read: repairs records, zeroes the torn tail, writes copies of the
// newest records behind the end and syncs file and folder. Blocks.
absl::StatusOr<std::shared_ptr<env::File>> OpenGeneration(env::FileSystem* files,
                                                          const MasterLogOptions& options,
                                                          const MasterLogContents& contents);
// "<path>, offset <n>": where the log ends.
std::string DescribeEnd(const MasterLogOptions& options, const MasterLogContents& contents);
// Ascending.
absl::StatusOr<std::vector<uint64_t>> ListGenerations(env::FileSystem* files,
                                                      const MasterLogOptions& options);

}  // namespace tidemark::durability
