// SPDX-License-Identifier: Apache-2.0
#include "tests/generator/engine.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/check.h"

namespace tidemark::generator {
namespace {

// "... [Detail]", then lines with the place in the text.
std::string DetailOf(const std::string& message) {
  const std::string first = message.substr(0, message.find('\n'));
  const size_t begin = first.rfind('[');
  const size_t end = first.rfind(']');
  if (begin == std::string::npos || end == std::string::npos || end < begin) return "";
  return first.substr(begin + 1, end - begin - 1);
}

}  // namespace

std::string CountersText(const session::Counters& counters) {
  return absl::StrCat("nodes +", counters.nodes_created, " -", counters.nodes_deleted,
                      ", relationships +", counters.relationships_created, " -",
                      counters.relationships_deleted, ", properties ", counters.properties_set,
                      ", labels +", counters.labels_added, " -", counters.labels_removed);
}

class Engine::Sink : public session::AnswerSink {
 public:
  void set_style(const TextStyle& style) { row_.set_style(style); }
  Answer Take() { return std::exchange(answer_, {}); }
  bool failed() const { return !answer_.error_code.empty(); }

  void OnDone() override {}
  void OnCommitted(const session::Bookmark&) override {}
  void OnRunning(const session::RunningQuery& running) override {
    answer_.columns.assign(running.columns.begin(), running.columns.end());
  }
  graph::ValueSink* BeginRow() override { return &row_; }
  bool EndRow() override {
    answer_.rows.push_back(absl::StrJoin(row_.Take(), " | "));
    return true;
  }
  void DropRow() override { row_.Clear(); }
  void OnPaused() override {}
  void OnEnd(const session::Summary& summary) override {
    answer_.counters = CountersText(summary.counters);
  }
  void OnFailure(const session::Failure& failure) override {
    answer_.error_code = failure.code;
    answer_.error_text = failure.message;
    answer_.error_detail = DetailOf(failure.message);
  }

 private:
  AnswerSinkText row_;
  Answer answer_;
};

Engine::Engine(uint32_t worker_count, uint64_t seed)
    : node_(std::make_unique<cypher_test::GraphNode>(worker_count, seed)),
      sink_(std::make_unique<Sink>()),
      session_(node_->front()->NewSession("", sink_.get())) {}

Engine::~Engine() = default;

template <typename Fn>
void Engine::Wait(Fn fn) {
  fn();
  node_->Run();
}

Answer Engine::Run(const std::string& text, const TextStyle& style) {
  sink_->set_style(style);
  Wait([&] { session_->Run({graph::Value::String(text), graph::Value()}, {}); });
  if (!sink_->failed()) {
    Wait([&] {
      session_->Pull(session::FrontSession::kLatestQuery, session::FrontSession::kAllRows);
    });
  }
  Answer answer = sink_->Take();
  if (!answer.error_code.empty()) {
    Wait([&] { session_->Reset(); });
    in_transaction_ = false;
  }
  return answer;
}

void Engine::Begin() {
  Wait([&] { session_->Begin({}); });
  in_transaction_ = true;
}

void Engine::Rollback() {
  if (std::exchange(in_transaction_, false)) Wait([&] { session_->Rollback(); });
  sink_->Take();
}

std::vector<std::string> Engine::Graph() {
  std::vector<std::string> rows = Run("MATCH (n) RETURN n", {}).rows;
  const auto edges = Run("MATCH (a)-[r]->(b) RETURN a, r, b", {}).rows;
  rows.insert(rows.end(), edges.begin(), edges.end());
  std::sort(rows.begin(), rows.end());
  return rows;
}

std::vector<std::string> GraphText(const reference::Graph& graph) {
  std::vector<std::string> rows;
  for (const auto& [id, vertex] : graph.vertices) {
    rows.push_back(AnswerText(graph, graph::Value::Of(id), {}));
  }
  for (const auto& [id, edge] : graph.edges) {
    rows.push_back(absl::StrCat(AnswerText(graph, graph::Value::Of(edge.ref.source), {}), " | ",
                                AnswerText(graph, graph::Value::Of(edge.ref), {}), " | ",
                                AnswerText(graph, graph::Value::Of(edge.ref.target), {})));
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

}  // namespace tidemark::generator
