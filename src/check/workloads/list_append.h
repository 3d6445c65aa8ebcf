// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>

#include "check/list_history.h"
#include "check/workload.h"

namespace tidemark::check {

// A few lists on all workers; transactions read some and append to some. The history of reads and
// appends is searched for every anomaly that strong snapshot isolation forbids.
// Owner: as Workload. Threads: one.
class ListAppendWorkload final : public Workload {
 public:
  std::string_view name() const override { return "list-append"; }
  std::vector<std::pair<std::string, std::string>> unique_keys() const override;
  std::unique_ptr<Script> Setup() override;
  std::unique_ptr<Script> NextTransaction(env::Random* random) override;
  std::unique_ptr<Script> FinalRead() override;
  std::vector<WriteRecord> Records() const override;
  std::vector<std::string> Check(const LossRules& rules) override;

 private:
  std::vector<VertexId> lists_;
  int64_t next_value_ = 1;
  std::vector<ListTransaction> history_;
  std::map<int64_t, std::vector<int64_t>> final_lists_;
};

}  // namespace tidemark::check
