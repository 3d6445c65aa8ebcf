// SPDX-License-Identifier: Apache-2.0
#include "graph/value_walk.h"

#include <utility>

#include "base/check.h"

namespace tidemark::graph {
namespace {

size_t CountIn(const Value& container) {
  return container.type() == ValueType::kList ? container.list().size() : container.map().size();
}

}  // namespace

void ValueWalk::Begin(Value value) {
  root_ = std::move(value);
  levels_.clear();
  at_root_ = true;
}

void ValueWalk::Clear() {
  root_ = Value();
  levels_.clear();
  at_root_ = false;
}

ValueWalk::Item ValueWalk::Next() {
  DCHECK(!is_done());
  Item item;
  if (std::exchange(at_root_, false)) {
    item.value = &root_;
  } else {
    Level& level = levels_.back();
    const size_t at = level.next++;
    const Value& container = *level.container;
    if (container.type() == ValueType::kList) {
      item.value = &container.list()[at];
    } else {
      const MapEntry& entry = container.map()[at];
      item = {&entry.first, &entry.second};
    }
    if (level.next == CountIn(container)) levels_.pop_back();
  }
  Enter(*item.value);
  return item;
}

void ValueWalk::Enter(const Value& value) {
  if (value.type() != ValueType::kList && value.type() != ValueType::kMap) return;
  if (CountIn(value) > 0) levels_.push_back({&value, 0});
}

}  // namespace tidemark::graph
