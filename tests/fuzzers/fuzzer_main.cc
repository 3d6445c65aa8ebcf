// SPDX-License-Identifier: Apache-2.0
// One target as a program of libFuzzer. With TIDEMARK_FUZZ_SEEDS the seeds are written into that
// folder first.
#include <cstdlib>
#include <fstream>

#include "base/check.h"
#include "tests/fuzz/target.h"

namespace {

const tidemark::fuzz::Target& TheTarget() {
  const tidemark::fuzz::Target* const target = tidemark::fuzz::FindTarget(TIDEMARK_FUZZ_TARGET);
  CHECK(target != nullptr) << TIDEMARK_FUZZ_TARGET;
  return *target;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  const char* const folder = std::getenv("TIDEMARK_FUZZ_SEEDS");
  if (folder == nullptr) return 0;
  size_t number = 0;
  for (const std::string& seed : TheTarget().seeds()) {
    std::ofstream file(std::string(folder) + "/seed-" + std::to_string(number++), std::ios::binary);
    file << seed;
    CHECK(file.good()) << "cannot write to " << folder;
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  TheTarget().run({reinterpret_cast<const char*>(data), size});
  return 0;
}
