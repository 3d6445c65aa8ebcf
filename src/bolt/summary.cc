// SPDX-License-Identifier: Apache-2.0
#include "bolt/summary.h"

#include <string>

#include "bolt/bookmark_text.h"
#include "bolt/value_writer.h"
#include "graph/value_sink.h"

namespace tidemark::bolt {
namespace {

using session::Counters;
using session::Notification;
using session::PlanNode;
using session::Severity;
using session::StatementType;

std::string_view TextOf(StatementType type) {
  switch (type) {
    case StatementType::kRead:
      return "r";
    case StatementType::kWrite:
      return "w";
    case StatementType::kReadWrite:
      return "rw";
    case StatementType::kSchema:
      return "s";
  }
  return "r";
}

std::string_view TextOf(Severity severity) {
  return severity == Severity::kWarning ? "WARNING" : "INFORMATION";
}

bool HasUpdates(const Counters& counters) {
  return (counters.nodes_created | counters.nodes_deleted | counters.relationships_created |
          counters.relationships_deleted | counters.properties_set | counters.labels_added |
          counters.labels_removed | counters.indexes_added | counters.indexes_removed |
          counters.constraints_added | counters.constraints_removed) != 0;
}

// Counters that are zero are left out.
void WriteCounters(const Counters& counters, std::string* out) {
  SmallMap map(out);
  const auto entry = [&map](std::string_view key, int64_t count) {
    if (count != 0) map.Key(key).Integer(count);
  };
  entry("nodes-created", counters.nodes_created);
  entry("nodes-deleted", counters.nodes_deleted);
  entry("relationships-created", counters.relationships_created);
  entry("relationships-deleted", counters.relationships_deleted);
  entry("properties-set", counters.properties_set);
  entry("labels-added", counters.labels_added);
  entry("labels-removed", counters.labels_removed);
  entry("indexes-added", counters.indexes_added);
  entry("indexes-removed", counters.indexes_removed);
  entry("constraints-added", counters.constraints_added);
  entry("constraints-removed", counters.constraints_removed);
  entry("system-updates", counters.system_updates);
  if (HasUpdates(counters)) map.Key("contains-updates").Boolean(true);
  if (counters.system_updates != 0) map.Key("contains-system-updates").Boolean(true);
}

// REQUIRES: plans as deep as a planner makes them; the recursion is theirs.
void WritePlan(const PlanNode& plan, bool profiled, std::string* out) {
  SmallMap map(out);
  map.Key("operatorType").String(plan.operator_type);
  PackWriter& identifiers = map.Key("identifiers");
  identifiers.List(plan.identifiers.size());
  for (const std::string& identifier : plan.identifiers) identifiers.String(identifier);
  ValueWriter values(out, {});
  map.Key("args").Map(plan.arguments.size());
  for (const auto& [key, value] : plan.arguments) {
    values.Key(key);
    graph::WriteValue(value, &values);
  }
  map.Key("children").List(plan.children.size());
  for (const PlanNode& child : plan.children) WritePlan(child, profiled, out);
  if (!profiled) return;
  map.Key("rows").Integer(plan.rows);
  map.Key("dbHits").Integer(plan.db_hits);
  map.Key("time").Integer(plan.time_nanos);
}

void WriteNotification(const Notification& notification, std::string* out) {
  SmallMap map(out);
  map.Key("code").String(notification.code);
  map.Key("title").String(notification.title);
  map.Key("description").String(notification.description);
  map.Key("severity").String(TextOf(notification.severity));
  map.Key("category").String(notification.category);
  if (notification.position.has_value()) {
    WritePosition(*notification.position, &map.Key("position"));
  }
}

void WriteDiagnosticRecord(const Notification& notification, std::string* out) {
  SmallMap record(out);
  record.Key("OPERATION").String("");
  record.Key("OPERATION_CODE").String("0");
  record.Key("CURRENT_SCHEMA").String("/");
  record.Key("_severity").String(TextOf(notification.severity));
  record.Key("_classification").String(notification.category);
  if (notification.position.has_value()) {
    WritePosition(*notification.position, &record.Key("_position"));
  }
}

void WriteNotificationStatus(const Notification& notification, std::string* out) {
  SmallMap map(out);
  map.Key("gql_status").String(notification.gql_status);
  map.Key("status_description").String(notification.gql_description);
  map.Key("neo4j_code").String(notification.code);
  map.Key("title").String(notification.title);
  map.Key("description").String(notification.description);
  map.Key("diagnostic_record");
  WriteDiagnosticRecord(notification, out);
}

// How the statement itself went: with rows, without any, or without columns.
void WriteOutcome(const SummaryContext& context, std::string* out) {
  SmallMap map(out);
  if (!context.has_columns) {
    map.Key("gql_status").String("00001");
    map.Key("status_description").String("note: successful completion - omitted result");
  } else if (context.has_rows) {
    map.Key("gql_status").String("00000");
    map.Key("status_description").String("note: successful completion");
  } else {
    map.Key("gql_status").String("02000");
    map.Key("status_description").String("note: no data");
  }
}

void WriteNotes(const session::Summary& summary, const SummaryContext& context, SmallMap* map) {
  const std::vector<Notification>& notifications = summary.notifications;
  if (context.version.has_statuses()) {
    map->Key("statuses").List(notifications.size() + 1);
    WriteOutcome(context, map->out());
    for (const Notification& one : notifications) WriteNotificationStatus(one, map->out());
  } else if (!notifications.empty()) {
    map->Key("notifications").List(notifications.size());
    for (const Notification& one : notifications) WriteNotification(one, map->out());
  }
}

}  // namespace

void WriteSummary(const session::Summary& summary, const SummaryContext& context, SmallMap* map) {
  if (summary.bookmark.has_value()) map->Key("bookmark").String(BookmarkText(*summary.bookmark));
  map->Key("type").String(TextOf(summary.type));
  map->Key("t_last").Integer(summary.streamed_ms);
  map->Key("db").String(context.database);
  if (HasUpdates(summary.counters) || summary.counters.system_updates != 0) {
    map->Key("stats");
    WriteCounters(summary.counters, map->out());
  }
  if (summary.plan.has_value()) {
    map->Key(summary.profiled ? "profile" : "plan");
    WritePlan(*summary.plan, summary.profiled, map->out());
  }
  WriteNotes(summary, context, map);
}

}  // namespace tidemark::bolt
