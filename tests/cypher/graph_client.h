// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/cypher/case_file.h"
#include "tests/cypher/graph_node.h"
#include "tests/cypher/row_text.h"

namespace tidemark::cypher_test {

// What came of one step.
struct StepOutcome {
  std::string columns;
  std::vector<std::string> rows;
  session::Counters counters;
  std::optional<session::PlanNode> plan;
  std::optional<session::Failure> failure;
  bool is_paused = false;
};

class StepSink : public session::AnswerSink {
 public:
  StepOutcome Take() { return std::exchange(outcome_, {}); }
  const StepOutcome& outcome() const { return outcome_; }

  void OnDone() override {}
  void OnCommitted(const session::Bookmark&) override {}
  void OnRunning(const session::RunningQuery& running) override;
  graph::ValueSink* BeginRow() override { return &row_; }
  bool EndRow() override {
    outcome_.rows.push_back(row_.Take());
    return true;
  }
  void DropRow() override { row_ = RowText(); }
  void OnPaused() override { outcome_.is_paused = true; }
  void OnEnd(const session::Summary& summary) override {
    outcome_.counters = summary.counters;
    outcome_.plan = summary.plan;
  }
  void OnFailure(const session::Failure& failure) override { outcome_.failure = failure; }

 private:
  RowText row_;
  StepOutcome outcome_;
};

// A client of a graph. Threads: one.
class GraphClient {
 public:
  explicit GraphClient(GraphNode* node)
      : node_(*node), session_(node->front()->NewSession("", &sink_)) {}

  // What came of a step, as a case has it.
  std::string Run(const CaseStep& step);
  // The same of a statement; its plan is there afterwards.
  std::string Run(const std::string& text, const std::string& parameters = "") {
    return Run(CaseStep{.input = text, .parameters = parameters});
  }
  const session::PlanNode& plan() const { return *plan_; }

 private:
  void Do(const CaseStep& step);
  template <typename Fn>
  void Wait(Fn fn) {
    fn();
    node_.Run();
  }

  GraphNode& node_;
  StepSink sink_;
  std::optional<session::PlanNode> plan_;
  std::unique_ptr<session::FrontSession> session_;
};

}  // namespace tidemark::cypher_test
