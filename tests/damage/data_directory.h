// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/sim_cluster.h"
#include "tests/damage/image.h"

namespace tidemark::damage {

enum class DirectoryKind : uint8_t {
  // Everything was killed with commits and an open transaction above the watermark.
  kKilled,
  // A clean stop, with its snapshot.
  kStopped,
  // Everything was killed in the moment in which a synchronous commit was acknowledged.
  kSynchronous,
};

// A small data directory that a cluster of two workers has written, with every kind of record.
struct DataDirectory {
  Image image;
  // Another state of the same cluster, some commits earlier: where older copies come from.
  Image older;
  // kKilled: the states at the watermark and after each commit above it.
  std::vector<std::string> prefixes;
  sim::ClusterOptions options;
};
DataDirectory MakeDataDirectory(DirectoryKind kind);

// A piece of a file that one checksum covers, or the zeroes behind the last one.
struct Piece {
  uint64_t offset = 0;
  uint8_t kind = 0;  // of the record; 0 = something else
};
// The pieces of an undamaged file, ascending. A flip in one is to be reported at its offset.
std::vector<Piece> PiecesOf(const Image& image, const std::string& path);

}  // namespace tidemark::damage
