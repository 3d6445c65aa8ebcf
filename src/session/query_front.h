// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "env/env.h"
#include "session/front.h"
#include "session/query_node.h"

namespace tidemark::session {

// The front of a node that speaks Cypher.
// Owner: the node. Threads: the loop. Outlives its sessions; the backend and what env points to
// outlive it.
class QueryFront : public Front {
 public:
  QueryFront(Backend* backend, const env::Env& env) : node_(backend, env) {}

  std::unique_ptr<FrontSession> NewSession(std::string_view user, AnswerSink* answers) override;
  std::string_view database() const override { return "neo4j"; }

 private:
  QueryNode node_;
};

}  // namespace tidemark::session
