// SPDX-License-Identifier: Apache-2.0
#include "tests/cypher/graph_client.h"

#include <string_view>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/status.h"

namespace tidemark::cypher_test {
namespace {

std::string TextOf(const session::Counters& counters) {
  std::string text;
  const auto add = [&](std::string_view name, int64_t count) {
    if (count != 0) absl::StrAppend(&text, text.empty() ? "+ " : ", ", count, " ", ToAbsl(name));
  };
  add("nodes created", counters.nodes_created);
  add("nodes deleted", counters.nodes_deleted);
  add("relationships created", counters.relationships_created);
  add("relationships deleted", counters.relationships_deleted);
  add("properties set", counters.properties_set);
  add("labels added", counters.labels_added);
  add("labels removed", counters.labels_removed);
  add("indexes added", counters.indexes_added);
  add("indexes removed", counters.indexes_removed);
  add("constraints added", counters.constraints_added);
  add("constraints removed", counters.constraints_removed);
  return text;
}

}  // namespace

void StepSink::OnRunning(const session::RunningQuery& running) {
  outcome_.columns = absl::StrJoin(running.columns, " | ");
}

std::string GraphClient::Run(const CaseStep& step) {
  Do(step);
  StepOutcome outcome = sink_.Take();
  plan_ = outcome.plan;
  if (outcome.failure.has_value()) {
    Wait([&] { session_->Reset(); });
    sink_.Take();
    return cypher_test::TextOf(*outcome.failure);
  }
  if (!outcome.columns.empty()) outcome.rows.insert(outcome.rows.begin(), outcome.columns);
  const std::string counters = TextOf(outcome.counters);
  if (!counters.empty()) outcome.rows.push_back(counters);
  return absl::StrJoin(outcome.rows, "\n");
}

void GraphClient::Do(const CaseStep& step) {
  absl::string_view input = step.input;
  if (input == ":begin") return Wait([&] { session_->Begin({}); });
  if (input == ":commit") return Wait([&] { session_->Commit(); });
  if (input == ":rollback") return Wait([&] { session_->Rollback(); });
  if (absl::ConsumePrefix(&input, ":read ")) {
    int64_t query = 0;
    CHECK(absl::SimpleAtoi(input, &query));
    return Wait([&] { session_->Pull(query, session::FrontSession::kAllRows); });
  }
  const bool only_opens = absl::ConsumePrefix(&input, ":open ");
  session::Statement statement{graph::Value::String(std::string_view(input.data(), input.size())),
                               graph::Value()};
  if (!step.parameters.empty()) statement.parameters = ValueOf(step.parameters);
  Wait([&] { session_->Run(std::move(statement), {}); });
  if (only_opens || sink_.outcome().failure.has_value()) return;
  Wait([&] {
    session_->Pull(session::FrontSession::kLatestQuery, session::FrontSession::kAllRows);
  });
}

}  // namespace tidemark::cypher_test
