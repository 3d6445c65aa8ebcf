// SPDX-License-Identifier: Apache-2.0
// What many vertices hold. Each costs cache misses that depend on one another: page, record, set of
// properties. Done for a window of vertices stage by stage they overlap.
#include <algorithm>

#include "storage/memory/prefetch.h"
#include "storage/read/graph_reader.h"

namespace tidemark::storage {
namespace {

constexpr size_t kFetchedAtOnce = 64;

}  // namespace

void GraphReader::GetVertices(View view, absl::Span<const VertexId> vertices,
                              std::vector<VertexImage>* out) const {
  out->assign(vertices.size(), VertexImage());
  const VertexRecord* records[kFetchedAtOnce];
  for (size_t first = 0; first < vertices.size(); first += kFetchedAtOnce) {
    const absl::Span<const VertexId> window = vertices.subspan(first, kFetchedAtOnce);
    for (const VertexId vertex : window) {
      if (vertex.valid()) Prefetch(state_.vertices.PageAddress(vertex));
    }
    for (size_t i = 0; i < window.size(); ++i) {
      records[i] = window[i].valid() ? state_.vertices.FindPlace(window[i]) : nullptr;
      Prefetch(records[i]);
    }
    for (size_t i = 0; i < window.size(); ++i) {
      if (records[i] != nullptr) records[i]->properties.Prefetch();
    }
    for (size_t i = 0; i < window.size(); ++i) {
      const VertexRecord* const record = records[i];
      if (record == nullptr || !record->used) continue;
      Image image = record->image();
      image.Rewind(record->undo, view);
      if (!image.exists) continue;
      (*out)[first + i] = {&state_.label_sets.labels(image.label_set), image.properties.view()};
    }
  }
}

}  // namespace tidemark::storage
