// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bolt_client/connection.h"
#include "tests/generator/engine.h"

namespace tidemark::generator {

// Another server that speaks Bolt and Cypher. Threads: one.
class Oracle {
 public:
  // Checks that it can be reached.
  explicit Oracle(const std::string& address);

  Answer Run(const std::string& text, const TextStyle& style);
  void Begin();
  void Rollback();  // also of a transaction that has failed
  // As Engine gives it.
  std::vector<std::string> Graph();

 private:
  std::unique_ptr<bolt_client::Connection> connection_;
};

}  // namespace tidemark::generator
