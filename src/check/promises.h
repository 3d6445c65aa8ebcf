// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "check/script.h"

namespace tidemark::check {

// What a run may have lost.
struct LossRules {
  // False with synchronous commit, and when only single processes were killed: every acknowledged
  // commit must be there. True: the newest end of the commit order may be missing.
  bool newest_end_may_be_lost = false;
  // Watermarks that were seen, by epoch: an acknowledged commit of the epoch at or below is never
  // lost.
  std::map<Epoch, Csn> watermarks;
};

// A transaction that wrote, and what was found of it at the end.
struct WriteRecord {
  std::string name;  // for messages
  Ending ending;
  uint32_t parts = 0;        // things it wrote that can be told apart later
  uint32_t parts_found = 0;  // of these, what is there at the end
  // A read-only transaction that was told OK has returned this one's writes.
  bool was_read = false;
};

// Checks the promises 1 to 3 on the transactions of one run:
//   all or nothing; nothing aborted is there; nothing acknowledged is missing, or only the newest
//   end of an epoch's commit order; csns grow with real time within an epoch.
std::vector<std::string> CheckPromises(const std::vector<WriteRecord>& records,
                                       const LossRules& rules);

}  // namespace tidemark::check
