// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tidemark::exec {

// What operators that change the graph need of the transaction. Owner: the session.
class GraphWriter {
 public:
  virtual ~GraphWriter() = default;
};

}  // namespace tidemark::exec
