// SPDX-License-Identifier: Apache-2.0
#include "check/workload.h"

#include "check/workloads/bank.h"
#include "check/workloads/hub.h"
#include "check/workloads/large_hub.h"
#include "check/workloads/ledger.h"
#include "check/workloads/list_append.h"
#include "check/workloads/moving_key.h"
#include "check/workloads/ring.h"
#include "check/workloads/symmetry.h"
#include "check/workloads/unique_key.h"

namespace tidemark::check {

std::vector<std::string> WorkloadNames() {
  return {"ledger", "bank", "list-append", "ring", "symmetry", "unique", "hub", "moving-key"};
}

std::unique_ptr<Workload> MakeWorkload(std::string_view name) {
  if (name == "ledger") return std::make_unique<LedgerWorkload>();
  if (name == "bank") return std::make_unique<BankWorkload>();
  if (name == "list-append") return std::make_unique<ListAppendWorkload>();
  if (name == "ring") return std::make_unique<RingWorkload>();
  if (name == "symmetry") return std::make_unique<SymmetryWorkload>();
  if (name == "unique") return std::make_unique<UniqueKeyWorkload>();
  if (name == "hub") return std::make_unique<HubWorkload>();
  if (name == "large-hub") return std::make_unique<LargeHubWorkload>();
  if (name == "moving-key") return std::make_unique<MovingKeyWorkload>();
  return nullptr;
}

}  // namespace tidemark::check
