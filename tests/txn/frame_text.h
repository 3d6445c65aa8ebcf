// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/ids.h"
#include "proto/cluster.pb.h"

namespace tidemark::txn {

// One line for a frame, as scenario files show it: "e1 Commit tx 1.2 csn 3 for 1, 2".
std::string TextOf(const wire::Frame& frame);
// "epoch.number".
std::string TextOfTx(uint64_t tx);

}  // namespace tidemark::txn
