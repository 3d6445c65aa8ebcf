// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/damage/data_directory.h"

namespace tidemark::damage {

enum class DamageKind : uint8_t { kFlip, kTruncate, kDelete, kSwap, kOlder };

// One thing that went wrong with a data directory.
struct DamageCase {
  DamageKind kind = DamageKind::kFlip;
  std::string path;
  std::string other;    // kSwap: the file it changes places with
  uint64_t offset = 0;  // kFlip: of the byte; kTruncate: the new size
  int bit = 0;          // kFlip
};
std::string DebugString(const DamageCase& damage);
// The image after the damage.
Image Apply(const DataDirectory& directory, const DamageCase& damage);

// Which flips and truncations.
struct CaseChoice {
  // Of the bytes up to the end of the data every `data_step`-th, with one bit, or with all eight
  // when it is 1.
  uint64_t data_step = 1;
  // Behind it lie preallocated zeroes: of the first so many all, then every `zero_step`-th.
  uint64_t zero_bytes = 0;
  uint64_t zero_step = 61;
};
std::vector<DamageCase> FlipsAndTruncations(const DataDirectory& directory,
                                            const CaseChoice& choice);
// Each file removed, each pair of files of one kind exchanged, each file replaced by what it was
// some commits earlier.
std::vector<DamageCase> WholeFileCases(const DataDirectory& directory);

}  // namespace tidemark::damage
