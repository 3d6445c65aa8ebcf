// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>

#include "env/random.h"

namespace tidemark::env {

// The kernel's randomness, good enough for identities and secrets; fetched in blocks.
// Owner: one node. Threads: one. Errors: none; a kernel without getrandom ends the process.
class PosixRandom : public Random {
 public:
  uint64_t Next() override;

 private:
  static constexpr size_t kBlockWords = 32;  // getrandom never gives part of up to 256 bytes

  std::array<uint64_t, kBlockWords> block_;
  size_t used_ = kBlockWords;
};

}  // namespace tidemark::env
