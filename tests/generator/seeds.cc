// SPDX-License-Identifier: Apache-2.0
#include "tests/generator/seeds.h"

#include <cstdlib>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "base/check.h"

namespace tidemark::generator {

std::pair<uint64_t, uint64_t> SeedsToRun(uint64_t count) {
  const char* given = std::getenv("TIDEMARK_GENERATOR_SEEDS");
  if (given == nullptr) return {1, count};
  const std::pair<std::string, std::string> parts = absl::StrSplit(given, ':');
  std::pair<uint64_t, uint64_t> seeds;
  CHECK(absl::SimpleAtoi(parts.first, &seeds.first) &&
        absl::SimpleAtoi(parts.second, &seeds.second))
      << "TIDEMARK_GENERATOR_SEEDS is FIRST:COUNT, not " << given;
  return seeds;
}

}  // namespace tidemark::generator
