// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "session/query_front.h"
#include "tests/cypher/graph_node.h"
#include "tests/generator/answer_text.h"

namespace tidemark::generator {

// What a statement gave, whoever ran it.
struct Answer {
  std::vector<std::string> columns;
  std::vector<std::string> rows;
  std::string counters;
  std::string error_code;    // empty: none
  std::string error_detail;  // openCypher's name of it
  std::string error_text;
};

// The engine with its workers in this process. Threads: one.
std::string CountersText(const session::Counters& counters);

class Engine {
 public:
  Engine(uint32_t worker_count, uint64_t seed);
  ~Engine();

  Answer Run(const std::string& text, const TextStyle& style);
  void Begin();
  void Rollback();  // also of a transaction that has failed
  // The vertices and edges of the graph, in the open transaction if there is one.
  std::vector<std::string> Graph();

 private:
  class Sink;
  template <typename Fn>
  void Wait(Fn fn);

  std::unique_ptr<cypher_test::GraphNode> node_;
  std::unique_ptr<Sink> sink_;
  std::unique_ptr<session::FrontSession> session_;
  bool in_transaction_ = false;
};

// The same of the reference evaluator's graph.
std::vector<std::string> GraphText(const reference::Graph& graph);

}  // namespace tidemark::generator
