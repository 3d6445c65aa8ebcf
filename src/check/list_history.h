// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "check/promises.h"
#include "check/script.h"

namespace tidemark::check {

// One list-append transaction: what it read of which list before its own appends, and what it
// appended. Every appended value is unique in the whole history.
struct ListTransaction {
  std::map<int64_t, std::vector<int64_t>> reads;    // by list
  std::map<int64_t, std::vector<int64_t>> appends;  // by list, in order
  Ending ending;
};

// Searches a history for what strong snapshot isolation forbids: G0, G1a (aborted read), G1b
// (intermediate read), G1c, lost update, read skew, long fork, reads that miss what was
// acknowledged before. `final_lists` is what the lists hold at the end. Transactions that were lost
// with the newest end (where `rules` allow it) are left out, and so are reads that saw them.
// Lost and aborted transactions themselves are CheckPromises' matter.
std::vector<std::string> CheckListHistory(
    const std::vector<ListTransaction>& transactions,
    const std::map<int64_t, std::vector<int64_t>>& final_lists, const LossRules& rules);

}  // namespace tidemark::check
