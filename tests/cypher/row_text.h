// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "graph/value_sink.h"
#include "graph/value_text.h"

namespace tidemark::cypher_test {

// The values of a row as Cypher writes them, between " | ".
class RowText : public graph::ValueSink {
 public:
  // The text of what came since the last call.
  std::string Take() { return std::exchange(text_, std::string()); }

  void Null() override { Put("null"); }
  void Boolean(bool value) override { Put(value ? "true" : "false"); }
  void Integer(int64_t value) override { Put(std::to_string(value)); }
  void Float(double value) override { Put(graph::FormatFloat(value)); }
  void String(std::string_view text) override { Put(ToText(graph::Value::String(text))); }
  void Bytes(std::string_view bytes) override { Put(ToText(graph::Value::Bytes(bytes))); }
  void Of(const graph::Date& date) override { Put(graph::FormatDate(date)); }
  void Of(const graph::LocalTime& time) override { Put(graph::FormatLocalTime(time)); }
  void Of(const graph::LocalDateTime& time) override { Put(graph::FormatLocalDateTime(time)); }
  void Of(const graph::Time& time) override { Put(graph::FormatTime(time)); }
  void Of(const graph::DateTime& time) override { Put(graph::FormatDateTime(time)); }
  void Of(const graph::Duration& duration) override { Put(graph::FormatDuration(duration)); }
  void Of(const graph::Point& point) override { Put(graph::FormatPoint(point)); }
  void BeginList(size_t count) override { Open("[", "]", count); }
  void BeginMap(size_t count) override { Open("{", "}", count); }
  void Key(std::string_view key) override { key_ = std::string(key) + ": "; }
  // (:A:B {x: 1}), [:T {x: 1}], and of a path its vertices, then its edges: <(), (), [:T]>.
  void BeginVertex(const graph::VertexHead& head) override {
    std::string labels;
    for (const std::string_view label : head.labels) labels.append(":").append(label);
    OpenElement("(" + labels, ")", head.property_count);
  }
  void EndVertex() override { CloseElement(); }
  void BeginEdge(const graph::EdgeHead& head) override {
    OpenElement("[:" + std::string(head.type), "]", head.property_count);
  }
  void EndEdge() override { CloseElement(); }
  void BeginPath(const graph::Path&) override { Open("<", ">", kOpen); }
  void EndPath() override { CloseElement(); }

 private:
  struct Frame {
    std::string_view end;
    size_t left;
    bool is_first = true;
  };

  static constexpr size_t kOpen = SIZE_MAX;  // until it is closed

  void OpenElement(const std::string& begin, std::string_view end, size_t property_count) {
    Open(begin, end, kOpen);
    if (property_count == 0) return;
    text_ += begin.size() > 1 ? " {" : "{";
    frames_.push_back({"}", property_count});
  }
  void CloseElement() {
    text_ += frames_.back().end;
    frames_.pop_back();
    Close();
  }
  void Put(std::string_view text) {
    Separate();
    text_ += text;
    Close();
  }
  void Open(std::string_view begin, std::string_view end, size_t count) {
    Separate();
    text_ += begin;
    frames_.push_back({end, count});
    Close();
  }
  void Separate() {
    if (frames_.empty()) {
      if (!text_.empty()) text_ += " | ";
    } else {
      if (!frames_.back().is_first) text_ += ", ";
      frames_.back().is_first = false;
      --frames_.back().left;
    }
    text_ += std::exchange(key_, std::string());
  }
  void Close() {
    while (!frames_.empty() && frames_.back().left == 0) {
      text_ += frames_.back().end;
      frames_.pop_back();
    }
  }

  std::string text_;
  std::string key_;
  std::vector<Frame> frames_;
};

}  // namespace tidemark::cypher_test
