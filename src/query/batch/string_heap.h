// SPDX-License-Identifier: Apache-2.0
// Cells that do not fit a word. Such a cell is the address of its encoded value
// (docs/formats/value.md): in the store, where properties already have this form, or in the arena
// of the batch.
#pragma once

#include <cstdint>
#include <string_view>

#include "graph/value.h"
#include "graph/value_coding.h"
#include "query/batch/slab_arena.h"

namespace tidemark::query {

inline const char* AddressOf(uint64_t word) { return reinterpret_cast<const char*>(word); }
inline uint64_t WordOf(const char* encoded) { return reinterpret_cast<uint64_t>(encoded); }

// The word of a string with a copy of `text`. REQUIRES: at most graph::kMaxValueBytes.
uint64_t StoreText(SlabArena* arena, std::string_view text);
// The word of a copy of an encoded value.
uint64_t StoreEncoded(SlabArena* arena, std::string_view encoded);
// The word of any value. REQUIRES: graph::CheckEncodable(value).
uint64_t StoreValue(SlabArena* arena, const graph::Value& value);

}  // namespace tidemark::query
