// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "graph/value.h"

namespace tidemark::bolt {

struct RoutingQuestion {
  graph::Value asked_address;    // host:port that the client used, if it said so
  std::string_view own_address;  // host:port that the server was told to give; empty: the client's
  std::string_view database;
};

// The routing table of a cluster with one door: it routes, reads and writes.
void WriteRoutingTable(const RoutingQuestion& question, std::string* out);

}  // namespace tidemark::bolt
