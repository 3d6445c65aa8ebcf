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

// Runs `work(&key_count)`, which takes from the count for every unique key it has worked on, and
// pays for each as for a record; gives what it gives.
template <typename Work>
bool TakeKeys(int64_t* units, const Work& work) {
  if (*units <= 0) return false;
  const int64_t key_count = 1 + *units / kUnitsPerRecord;
  int64_t left = key_count;
  const bool done = work(&left);
  *units -= (key_count - left) * kUnitsPerRecord;
  return done;
}

}  // namespace tidemark::storage
