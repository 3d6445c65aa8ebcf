// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/ids.h"

namespace tidemark::session {

// A point in the commit order; a csn alone names nothing, because a recovery may have declared it
// dead.
struct Bookmark {
  Epoch epoch;
  Csn csn;

  friend auto operator<=>(const Bookmark&, const Bookmark&) = default;
};

}  // namespace tidemark::session
