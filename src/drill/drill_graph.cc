// SPDX-License-Identifier: Apache-2.0
#include "drill/drill_graph.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

#include "base/status.h"
#include "drill/drill_client.h"

namespace tidemark::drill {
namespace {

constexpr size_t kBatchCount = 200;

std::string VertexText(const api::Vertex& vertex) {
  std::map<std::string, std::string> properties;
  for (const api::Property& property : vertex.properties()) {
    properties[property.key()] = property.value().ShortDebugString();
  }
  std::string text = absl::StrCat("vertex ", vertex.id(), " ", vertex.labels(0));
  for (const auto& [key, value] : properties) absl::StrAppend(&text, " ", key, "={", value, "}");
  return text;
}

using Vertices = std::map<uint64_t, std::string>;  // their lines by id

absl::StatusOr<Vertices> ReadVertices(client::ClientSession* session,
                                      const std::string& label_suffix) {
  api::Run run;
  run.add_operations()->mutable_scan_label();
  ASSIGN_OR_RETURN(const std::vector<api::OperationResult> results, client::RunToEnd(session, run));
  Vertices vertices;
  for (const api::Vertex& vertex : results[0].vertices()) {
    if (vertex.labels_size() == 1 && vertex.labels(0).ends_with(label_suffix)) {
      vertices[vertex.id()] = VertexText(vertex);
    }
  }
  return vertices;
}

// Some of the vertices at a time.
std::vector<std::vector<uint64_t>> Batches(const Vertices& vertices) {
  std::vector<std::vector<uint64_t>> batches;
  for (const auto& [id, line] : vertices) {
    if (batches.empty() || batches.back().size() == kBatchCount) batches.emplace_back();
    batches.back().push_back(id);
  }
  return batches;
}

// Appends the edges of some vertices to their lines, in the order of their ids.
absl::Status ReadEdges(client::ClientSession* session, const std::vector<uint64_t>& ids,
                       Vertices* vertices) {
  api::Run run;
  for (const uint64_t id : ids) {
    run.add_operations()->mutable_expand()->mutable_vertex()->set_id(id);
  }
  ASSIGN_OR_RETURN(const std::vector<api::OperationResult> results, client::RunToEnd(session, run));
  for (size_t i = 0; i < ids.size(); ++i) {
    std::vector<std::string> edges;
    for (const api::Neighbour& row : results[i].neighbours()) {
      edges.push_back(
          absl::StrCat(row.type(), row.outgoing() ? ">" : "<", row.vertex(), "#", row.edge()));
    }
    std::sort(edges.begin(), edges.end());
    for (const std::string& edge : edges) absl::StrAppend(&(*vertices)[ids[i]], " ", edge);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> DumpGraph(client::Client* client, const std::string& label_suffix) {
  const auto session = client->OpenSession();
  std::string text;
  api::Begin options;
  options.set_read_only(true);
  RETURN_IF_ERROR(session->Begin(options).status());
  ASSIGN_OR_RETURN(Vertices vertices, ReadVertices(session.get(), label_suffix));
  for (const std::vector<uint64_t>& ids : Batches(vertices)) {
    RETURN_IF_ERROR(ReadEdges(session.get(), ids, &vertices));
  }
  RETURN_IF_ERROR(session->Commit().status());
  for (const auto& [id, line] : vertices) absl::StrAppend(&text, line, "\n");
  return text;
}

absl::Status ClearGraph(client::Client* client, const std::string& label_suffix) {
  const auto session = client->OpenSession();
  ASSIGN_OR_RETURN(const Vertices vertices, ReadVertices(session.get(), label_suffix));
  for (const std::vector<uint64_t>& ids : Batches(vertices)) {
    api::Run run;
    for (const uint64_t id : ids) {
      api::DeleteVertex* remove = run.add_operations()->mutable_delete_vertex();
      remove->mutable_vertex()->set_id(id);
      remove->set_detach(true);
    }
    RETURN_IF_ERROR(session->Run(run).status());
  }
  return absl::OkStatus();
}

}  // namespace tidemark::drill
