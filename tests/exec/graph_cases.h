// SPDX-License-Identifier: Apache-2.0
// Statements that read a random graph, each with what nested loops over its elements give.
#pragma once

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "graph/value.h"
#include "tests/exec/mini_cluster.h"

namespace tidemark::exec {

using Rows = std::vector<std::string>;

struct ModelVertex {
  VertexId id;
  std::set<LabelId> labels;
  graph::Value name;
  graph::Value age;

  bool Has(LabelId label) const { return labels.contains(label); }
};

struct Model {
  std::vector<ModelVertex> vertices;
  std::vector<graph::EdgeRef> edges;

  const ModelVertex& At(VertexId id) const {
    return *std::find_if(vertices.begin(), vertices.end(),
                         [id](const ModelVertex& vertex) { return vertex.id == id; });
  }
};

std::string Row(const std::vector<graph::Value>& values);

struct Case {
  std::string text;
  std::function<void(const Model&, Rows*)> expected;
};

// Where nothing counts but how many edges there are, or which ends.
void AddCountCases(std::vector<Case>* cases);

}  // namespace tidemark::exec
