// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "storage/limits.h"

namespace tidemark::storage {

// Pays for one record; false when nothing is left of the slice. The last record may cost more than
// is left: every slice gets on.
inline bool TakeRecord(int64_t* units) {
  if (*units <= 0) return false;
  *units -= kUnitsPerRecord;
  return true;
}

}  // namespace tidemark::storage
