// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "graph/value.h"

namespace tidemark::graph {

// A way through a value and all that is in its lists and maps, depth first, from where it can go on
// later: to look at millions of elements at once would be a long step of a loop.
// Owner: whoever walks. Threads: one.
class ValueWalk {
 public:
  struct Item {
    const std::string* key = nullptr;  // of an entry of a map
    // A list or a map comes before what is in it.
    const Value* value = nullptr;
  };

  // Begins with a value, which stays the same while it is walked through.
  void Begin(Value value);
  // Forgets it.
  void Clear();
  bool is_done() const { return !at_root_ && levels_.empty(); }
  // REQUIRES: !is_done(). What it gives lives until the next call.
  Item Next();

 private:
  // A list or a map, of which `next` values were given.
  struct Level {
    const Value* container = nullptr;
    size_t next = 0;
  };

  // Goes into the value, when there is something in it.
  void Enter(const Value& value);

  Value root_;
  bool at_root_ = false;
  std::vector<Level> levels_;  // all have a next one
};

}  // namespace tidemark::graph
