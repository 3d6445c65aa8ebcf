// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

#include "bolt/pack_writer.h"
#include "bolt/structures.h"
#include "graph/value_sink.h"

namespace tidemark::bolt {

// Values into PackStream, each right behind the one before.
// Owner: the writer of messages. Threads: one.
class ValueWriter : public graph::ValueSink {
 public:
  // Does not own the string.
  ValueWriter(std::string* out, ValueForms forms) : out_(*out), pack_(out), forms_(forms) {}

  void Null() override { pack_.Null(); }
  void Boolean(bool value) override { pack_.Boolean(value); }
  void Integer(int64_t value) override { pack_.Integer(value); }
  void Float(double value) override { pack_.Float(value); }
  void String(std::string_view text) override { pack_.String(text); }
  void Bytes(std::string_view bytes) override { pack_.Bytes(bytes); }
  void Of(const graph::Date& date) override;
  void Of(const graph::LocalTime& time) override;
  void Of(const graph::LocalDateTime& time) override;
  void Of(const graph::Time& time) override;
  void Of(const graph::DateTime& time) override;
  void Of(const graph::Duration& duration) override;
  void Of(const graph::Point& point) override;

  void BeginList(size_t count) override { pack_.List(count); }
  void BeginMap(size_t count) override { pack_.Map(count); }
  void Key(std::string_view key) override { pack_.String(key); }

  void BeginVertex(const graph::VertexHead& head) override;
  void EndVertex() override;
  void BeginEdge(const graph::EdgeHead& head) override;
  void EndEdge() override;
  void BeginPath(const graph::Path& path) override;
  void EndPath() override;

  // Begins anew, whatever was not written to its end. From now on so many bytes are taken.
  void Start(size_t max_bytes) {
    path_ = nullptr;
    full_bytes_ = out_.size() + max_bytes;
  }
  // Bytes that do not count were put into the string, or some were taken away from its begin.
  // REQUIRES: it is not full.
  void NoteAdded(size_t bytes) { full_bytes_ += bytes; }
  void NoteTaken(size_t bytes) { full_bytes_ -= bytes; }
  bool is_full() const override { return out_.size() > full_bytes_; }

  void set_forms(ValueForms forms) { forms_ = forms; }

 private:
  void ElementId(uint64_t id);

  const std::string& out_;
  size_t full_bytes_ = std::numeric_limits<size_t>::max();  // of the string
  PackWriter pack_;
  ValueForms forms_;
  VertexId vertex_;                    // that is being written
  graph::EdgeRef edge_;                // likewise
  const graph::Path* path_ = nullptr;  // likewise
  size_t path_vertices_left_ = 0;
  size_t path_edge_count_ = 0;
};

}  // namespace tidemark::bolt
