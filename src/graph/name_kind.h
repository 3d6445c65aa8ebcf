// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tidemark::graph {

// What a name of the catalog names. Values are part of the file format; never reuse one.
enum class NameKind : uint8_t { kLabel = 1, kType = 2, kKey = 3 };
inline constexpr int kNameKindCount = 3;
inline constexpr NameKind kNameKinds[] = {NameKind::kLabel, NameKind::kType, NameKind::kKey};

}  // namespace tidemark::graph
