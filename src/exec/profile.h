// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "exec/fragment_step.h"
#include "query/plan/operator.h"

namespace tidemark::exec {

// What one operator and the calls of home to one worker have come to.
struct WorkerFigures {
  OperatorFigures work;
  // Of an operator that asks workers.
  int64_t requests = 0;
  size_t sent_bytes = 0;
  size_t received_bytes = 0;
};

// What PROFILE shows: what each operator of a plan has done, at home and at each worker.
// Owner: the QueryRun, a FragmentRun. Threads: the loop.
class Profile {
 public:
  struct Entry {
    OperatorFigures work;  // at home, and at all workers together
    std::map<NodeId, WorkerFigures> workers;
  };

  // Stays where it is.
  Entry* Of(const query::plan::Operator& node) { return &entries_[&node]; }
  // Null for an operator that has not run.
  const Entry* Find(const query::plan::Operator& node) const;

  // An answer of a worker to `asked_by`, which has this fragment run there. Figures that do not fit
  // the fragment count as none.
  void Add(Entry* asked_by, const query::plan::Fragment& fragment, NodeId worker,
           const FragmentRows& rows);
  // What the operators of the fragment have done since the last call, in the order of ForEach.
  std::vector<OperatorFigures> Take(const query::plan::Fragment& fragment);

  // Operators that are measured count here what their inputs have taken while they are pulled.
  OperatorFigures inside;

 private:
  // Stable, whatever is added.
  std::unordered_map<const query::plan::Operator*, Entry> entries_;
};

// The operators of a fragment, with those of fragments inside, always in the same order.
void ForEachOperator(const query::plan::Fragment& fragment,
                     const std::function<void(const query::plan::Operator&)>& use);

}  // namespace tidemark::exec
