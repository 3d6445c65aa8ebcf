// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>

namespace tidemark::generator {

constexpr uint64_t kStatementsPerGraph = 20;

// The first seed and how many: those of TIDEMARK_GENERATOR_SEEDS=FIRST:COUNT, else `count` from 1.
std::pair<uint64_t, uint64_t> SeedsToRun(uint64_t count);

}  // namespace tidemark::generator
