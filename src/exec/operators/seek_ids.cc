// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/seek_ids.h"

#include "query/functions/operators.h"

namespace tidemark::exec {

using graph::Value;
using graph::ValueType;

absl::Status SeekIds::OpenRow(uint16_t row) {
  next_ = 0;
  if (!is_list_) {
    id_ = values_.IdAt(row);
    size_ = 1;
    return absl::OkStatus();
  }
  seen_.clear();
  list_ = values_.ValueAt(row);
  size_ = 0;
  // What IN says of it.
  if (list_.type() != ValueType::kList) return query::IsIn(Value(), list_).status();
  size_ = list_.list().size();
  return absl::OkStatus();
}

uint64_t SeekIds::Next() {
  const size_t number = next_++;
  if (!is_list_) return id_;
  const uint64_t id = IdOf(list_.list()[number]);
  return id != 0 && seen_.insert(id).second ? id : 0;
}

}  // namespace tidemark::exec
