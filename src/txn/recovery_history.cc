// SPDX-License-Identifier: Apache-2.0
#include "txn/recovery_history.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace tidemark::txn {

void RecoveryHistory::End(Csn csn) {
  ++count_;
  undone_ = UndoneStatus();
  const Csn newest = std::exchange(newest_seen_, Csn());
  if (newest <= csn) return;
  undone_ = {newest.value() - csn.value(), csn.Next(), newest};
  undone_total_ += undone_.count;
}

std::string RecoveryHistory::DescribeUndone() const {
  if (undone_.count == 0) return "";
  return absl::StrCat("; undone: ", undone_.count, " commits, csn ", undone_.first.value(), " to ",
                      undone_.last.value());
}

}  // namespace tidemark::txn
