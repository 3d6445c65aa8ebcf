// SPDX-License-Identifier: Apache-2.0
#include "bolt/value_writer.h"

#include <charconv>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/check.h"

namespace tidemark::bolt {
namespace {

constexpr size_t kMaxIdDigits = 20;

int64_t AsInteger(uint64_t id) { return static_cast<int64_t>(id); }

}  // namespace

void ValueWriter::Of(const graph::Date& date) {
  pack_.Structure(kDateTag, 1);
  pack_.Integer(date.epoch_day);
}

void ValueWriter::Of(const graph::LocalTime& time) {
  pack_.Structure(kLocalTimeTag, 1);
  pack_.Integer(time.nanos_of_day);
}

void ValueWriter::Of(const graph::LocalDateTime& time) {
  pack_.Structure(kLocalDateTimeTag, 2);
  pack_.Integer(time.epoch_second);
  pack_.Integer(time.nanos);
}

void ValueWriter::Of(const graph::Time& time) {
  pack_.Structure(kTimeTag, 2);
  pack_.Integer(time.nanos_of_day);
  pack_.Integer(time.offset_seconds);
}

void ValueWriter::Of(const graph::DateTime& time) {
  const bool zoned = !time.zone.empty();
  if (forms_.utc) {
    pack_.Structure(zoned ? kDateTimeZoneTag : kDateTimeTag, 3);
    pack_.Integer(time.epoch_second);
  } else {
    pack_.Structure(zoned ? kLocalBasedZoneTag : kLocalBasedDateTimeTag, 3);
    pack_.Integer(time.local().epoch_second);
  }
  pack_.Integer(time.nanos);
  if (zoned) {
    pack_.String(time.zone);
  } else {
    pack_.Integer(time.offset_seconds);
  }
}

void ValueWriter::Of(const graph::Duration& duration) {
  pack_.Structure(kDurationTag, 4);
  pack_.Integer(duration.months);
  pack_.Integer(duration.days);
  pack_.Integer(duration.seconds);
  pack_.Integer(duration.nanos);
}

void ValueWriter::Of(const graph::Point& point) {
  const int dimensions = graph::DimensionCount(point.crs);
  pack_.Structure(dimensions == 3 ? kPoint3dTag : kPoint2dTag, static_cast<size_t>(dimensions) + 1);
  pack_.Integer(static_cast<int64_t>(point.crs));
  for (int i = 0; i < dimensions; ++i) pack_.Float(point.coordinates[static_cast<size_t>(i)]);
}

void ValueWriter::ElementId(uint64_t id) {
  char digits[kMaxIdDigits];
  const auto end = std::to_chars(digits, digits + sizeof digits, id).ptr;
  pack_.String({digits, static_cast<size_t>(end - digits)});
}

void ValueWriter::BeginVertex(const graph::VertexHead& head) {
  if (path_ != nullptr) {
    DCHECK_GT(path_vertices_left_, 0u);
    --path_vertices_left_;
  }
  vertex_ = head.vertex;
  pack_.Structure(kNodeTag, forms_.element_ids ? 4 : 3);
  pack_.Integer(AsInteger(head.vertex.value()));
  pack_.List(head.labels.size());
  for (const std::string_view label : head.labels) pack_.String(label);
  pack_.Map(head.property_count);
}

void ValueWriter::EndVertex() {
  if (forms_.element_ids) ElementId(vertex_.value());
  if (path_ != nullptr && path_vertices_left_ == 0) pack_.List(path_edge_count_);
}

void ValueWriter::BeginEdge(const graph::EdgeHead& head) {
  edge_ = head.edge;
  const size_t ids = path_ == nullptr ? 3 : 1;
  pack_.Structure(path_ == nullptr ? kRelationshipTag : kUnboundRelationshipTag,
                  ids + 2 + (forms_.element_ids ? ids : 0));
  pack_.Integer(AsInteger(edge_.edge.value()));
  if (path_ == nullptr) {
    pack_.Integer(AsInteger(edge_.source.value()));
    pack_.Integer(AsInteger(edge_.target.value()));
  }
  pack_.String(head.type);
  pack_.Map(head.property_count);
}

void ValueWriter::EndEdge() {
  if (!forms_.element_ids) return;
  ElementId(edge_.edge.value());
  if (path_ != nullptr) return;
  ElementId(edge_.source.value());
  ElementId(edge_.target.value());
}

void ValueWriter::BeginPath(const graph::Path& path) {
  DCHECK(graph::IsValid(path));
  path_ = &path;
  path_vertices_left_ = graph::DistinctVertices(path).size();
  path_edge_count_ = graph::DistinctEdges(path).size();
  pack_.Structure(kPathTag, 3);
  pack_.List(path_vertices_left_);
}

// The steps: the number of an edge, from 1 and negative when it is walked against its direction,
// and the number of the vertex behind it, from 0.
void ValueWriter::EndPath() {
  absl::flat_hash_map<VertexId, int64_t> vertex_numbers;
  absl::flat_hash_map<EdgeId, int64_t> edge_numbers;
  for (const VertexId vertex : path_->vertices) {
    vertex_numbers.try_emplace(vertex, static_cast<int64_t>(vertex_numbers.size()));
  }
  pack_.List(2 * path_->edges.size());
  for (size_t i = 0; i < path_->edges.size(); ++i) {
    const graph::EdgeRef& edge = path_->edges[i];
    const int64_t number =
        edge_numbers.try_emplace(edge.edge, static_cast<int64_t>(edge_numbers.size()) + 1)
            .first->second;
    pack_.Integer(edge.source == path_->vertices[i] ? number : -number);
    pack_.Integer(vertex_numbers.at(path_->vertices[i + 1]));
  }
  path_ = nullptr;
}

}  // namespace tidemark::bolt
