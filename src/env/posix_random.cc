// SPDX-License-Identifier: Apache-2.0
#include "env/posix_random.h"

#include <errno.h>
#include <sys/random.h>

#include "base/check.h"

namespace tidemark::env {

uint64_t PosixRandom::Next() {
  if (used_ == kBlockWords) {
    ssize_t got;
    do {
      got = getrandom(block_.data(), sizeof(block_), 0);
    } while (got < 0 && errno == EINTR);
    PCHECK(got == static_cast<ssize_t>(sizeof(block_))) << "getrandom";
    used_ = 0;
  }
  return block_[used_++];
}

}  // namespace tidemark::env
