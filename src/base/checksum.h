// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace tidemark {

// XXH3, 64 bits, with a seed: the checksum of every record and the base of every digest.
uint64_t Checksum64(std::string_view bytes, uint64_t seed = 0);

}  // namespace tidemark
