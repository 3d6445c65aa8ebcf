// SPDX-License-Identifier: Apache-2.0
#include "shell/summary_text.h"

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "shell/value_text.h"

namespace tidemark::shell {
namespace {

using bolt_client::Kind;
using bolt_client::Value;

struct CounterName {
  std::string_view key;
  std::string_view one;
  std::string_view many;
  std::string_view verb;
};

constexpr CounterName kCounters[] = {
    {"nodes-created", "node", "nodes", "created"},
    {"nodes-deleted", "node", "nodes", "deleted"},
    {"relationships-created", "relationship", "relationships", "created"},
    {"relationships-deleted", "relationship", "relationships", "deleted"},
    {"properties-set", "property", "properties", "set"},
    {"labels-added", "label", "labels", "added"},
    {"labels-removed", "label", "labels", "removed"},
    {"indexes-added", "index", "indexes", "added"},
    {"indexes-removed", "index", "indexes", "removed"},
    {"constraints-added", "constraint", "constraints", "added"},
    {"constraints-removed", "constraint", "constraints", "removed"},
};

void AppendNote(const Value& note, std::string_view title, std::string* text) {
  absl::StrAppend(text, "note: ", ToAbsl(title));
  const std::string_view description = note.Get("description").text();
  if (!description.empty()) absl::StrAppend(text, ": ", ToAbsl(description));
  const Value& own = note.Get("position");
  const Value& position =
      own.kind == Kind::kMap ? own : note.Get("diagnostic_record").Get("_position");
  if (position.kind == Kind::kMap) {
    absl::StrAppend(text, " (line ", position.Get("line").integer_or(0), ", column ",
                    position.Get("column").integer_or(0), ")");
  }
  absl::StrAppend(text, "\n");
}

// What each worker did of an operator, or was asked by it.
void AppendWorkers(const std::vector<Value>& workers, size_t depth, std::string* text) {
  for (const Value& worker : workers) {
    const auto number = [&worker](const char* key) { return worker.Get(key).integer_or(0); };
    absl::StrAppend(text, std::string(2 * depth + 4, ' '), "worker ", number("worker"), "  ");
    if (number("requests") != 0) {
      absl::StrAppend(text, "requests ", number("requests"), ", bytes sent ", number("sentBytes"),
                      ", received ", number("receivedBytes"));
    } else {
      absl::StrAppend(text, "rows ", number("rows"));
    }
    absl::StrAppend(text, ", db hits ", number("dbHits"), ", ", number("time") / 1000, " us\n");
  }
}

// A chain of operators stays in one column; what has several inputs indents all but the last.
void AppendPlan(const Value& plan, size_t depth, bool profiled, std::string* text) {
  const Value& arguments = plan.Get("args");
  absl::StrAppend(text, std::string(2 * depth, ' '), ToAbsl(plan.Get("operatorType").text()));
  const std::string_view details = arguments.Get("Details").text();
  if (!details.empty()) absl::StrAppend(text, "  ", ToAbsl(details));
  const Value& estimate = arguments.Get("EstimatedRows");
  if (estimate.kind == Kind::kScalar && estimate.scalar.type() == graph::ValueType::kFloat) {
    absl::StrAppend(text, "  estimated ", std::llround(estimate.scalar.real()));
  }
  if (profiled) {
    absl::StrAppend(text, "  rows ", plan.Get("rows").integer_or(0), ", db hits ",
                    plan.Get("dbHits").integer_or(0), ", ", plan.Get("time").integer_or(0) / 1000,
                    " us");
  }
  absl::StrAppend(text, "\n");
  if (profiled) AppendWorkers(arguments.Get("Workers").items, depth, text);
  const std::vector<Value>& children = plan.Get("children").items;
  for (size_t i = 0; i < children.size(); ++i) {
    AppendPlan(children[i], depth + (i + 1 < children.size() ? 1 : 0), profiled, text);
  }
}

}  // namespace

std::string SummaryText(const bolt_client::Summary& summary, int64_t row_count, int64_t millis) {
  std::string text;
  if (row_count >= 0) absl::StrAppend(&text, row_count, row_count == 1 ? " row, " : " rows, ");
  absl::StrAppend(&text, millis, " ms");
  const Value& stats = summary.metadata.Get("stats");
  std::string_view separator = "; ";
  for (const CounterName& counter : kCounters) {
    const int64_t count = stats.Get(counter.key).integer_or(0);
    if (count == 0) continue;
    absl::StrAppend(&text, ToAbsl(separator), count, " ",
                    ToAbsl(count == 1 ? counter.one : counter.many), " ", ToAbsl(counter.verb));
    separator = ", ";
  }
  return text + "\n";
}

std::string NotificationText(const bolt_client::Summary& summary) {
  std::string text;
  for (const Value& note : summary.metadata.Get("notifications").items) {
    AppendNote(note, note.Get("title").text(), &text);
  }
  // Since 5.6 in this form; what is no notification has no title.
  for (const Value& status : summary.metadata.Get("statuses").items) {
    const std::string_view title = status.Get("title").text();
    if (!title.empty()) AppendNote(status, title, &text);
  }
  return text;
}

std::string PlanText(const bolt_client::Summary& summary) {
  const Value& profile = summary.metadata.Get("profile");
  const Value& plan = summary.metadata.Get("plan");
  std::string text;
  if (profile.kind == Kind::kMap) {
    AppendPlan(profile, 0, true, &text);
  } else if (plan.kind == Kind::kMap) {
    AppendPlan(plan, 0, false, &text);
  }
  return text;
}

}  // namespace tidemark::shell
