// SPDX-License-Identifier: Apache-2.0
// Values as text that is the same for equal answers, whoever gives them: labels and keys in order,
// vertices and edges by what they hold and not by their ids.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "graph/value_sink.h"
#include "tests/reference/graph.h"

namespace tidemark::generator {

struct TextStyle {
  bool sorts_lists = false;    // the order within lists is open
  bool loose_numbers = false;  // 1 and 1.0 are one text, and so are the zeros
};

// Of a value of the reference evaluator.
std::string AnswerText(const reference::Graph& graph, const graph::Value& value,
                       const TextStyle& style);

// Takes the rows of a session; each value becomes a text.
class AnswerSinkText : public graph::ValueSink {
 public:
  void set_style(const TextStyle& style) { style_ = style; }
  // The values that came since the last call.
  std::vector<std::string> Take();
  // Forgets them.
  void Clear() {
    frames_.clear();
    values_.clear();
  }

  void Null() override { Put("null"); }
  void Boolean(bool value) override { Put(value ? "true" : "false"); }
  void Integer(int64_t value) override;
  void Float(double value) override;
  void String(std::string_view text) override;
  void Bytes(std::string_view bytes) override;
  void Of(const graph::Date& date) override;
  void Of(const graph::LocalTime& time) override;
  void Of(const graph::LocalDateTime& time) override;
  void Of(const graph::Time& time) override;
  void Of(const graph::DateTime& time) override;
  void Of(const graph::Duration& duration) override;
  void Of(const graph::Point& point) override;
  void BeginList(size_t count) override { Open({Shape::kList, count, {}, {}, {}, {}}); }
  void BeginMap(size_t count) override { Open({Shape::kMap, count, {}, {}, {}, {}}); }
  void Key(std::string_view key) override { frames_.back().keys.emplace_back(key); }
  void BeginVertex(const graph::VertexHead& head) override;
  void EndVertex() override { CloseElement(); }
  void BeginEdge(const graph::EdgeHead& head) override;
  void EndEdge() override { CloseElement(); }
  void BeginPath(const graph::Path& path) override;
  void EndPath() override { CloseElement(); }

 private:
  enum class Shape { kList, kMap, kElement, kPath };
  struct Frame {
    Shape shape;
    size_t left;  // values that are still to come; of elements and paths their End says so
    std::string head;
    std::vector<std::string> keys;
    std::vector<std::string> parts;
    graph::Path path;
  };

  void Open(Frame frame);
  void Put(std::string text);
  void CloseElement();
  std::string TextOf(Frame frame) const;

  TextStyle style_;
  std::vector<Frame> frames_;
  std::vector<std::string> values_;
};

}  // namespace tidemark::generator
