// SPDX-License-Identifier: Apache-2.0
#include "session/procedures.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/time_units.h"
#include "query/functions/failures.h"
#include "query/text/error.h"
#include "session/show_schema.h"

namespace tidemark::session {

using graph::NameKind;
using graph::Value;
using query::ProcedureInput;
using query::ProcedureOutput;
using query::ProcedureSignature;

namespace {

constexpr std::string_view kAwaitIndexes = "db.awaitIndexes";
constexpr int64_t kAwaitSeconds = 300;
constexpr int64_t kMaxAwaitSeconds = 24 * 3600;
constexpr int64_t kAwaitStepMicros = 10 * kMicrosPerMs;

constexpr ProcedureOutput kLabelOutputs[] = {{"label", query::kStringType}};
constexpr ProcedureOutput kTypeOutputs[] = {{"relationshipType", query::kStringType}};
constexpr ProcedureOutput kKeyOutputs[] = {{"propertyKey", query::kStringType}};
constexpr ProcedureOutput kComponentOutputs[] = {
    {"name", query::kStringType},
    {"versions", query::CypherType::ListOf(query::kStringType)},
    {"edition", query::kStringType}};
constexpr ProcedureOutput kPingOutputs[] = {{"success", query::kBooleanType}};
constexpr ProcedureInput kAwaitInputs[] = {{"timeOutSeconds", query::kIntegerType, kAwaitSeconds}};

// By name.
constexpr ProcedureSignature kProcedures[] = {
    {kAwaitIndexes, kAwaitInputs, {}},
    {"db.labels", {}, kLabelOutputs},
    {"db.ping", {}, kPingOutputs},
    {"db.propertyKeys", {}, kKeyOutputs},
    {"db.relationshipTypes", {}, kTypeOutputs},
    {"dbms.components", {}, kComponentOutputs},
};

// All names that the graph has ever had, by the order in which they came.
exec::ProcedurePort::Rows NamesOf(const catalog::NameTable& names, NameKind kind) {
  exec::ProcedurePort::Rows rows;
  for (uint32_t id = 1; id <= names.count(kind); ++id) {
    rows.push_back({Value::String(names.Text(kind, id))});
  }
  return rows;
}

absl::Status Failed(std::string_view procedure, const std::string& why) {
  return ToStatus(query::MakeError(query::ErrorId::kProcedureCallFailed, {procedure, why}));
}

}  // namespace

const ProcedureSignature* ProcedureTable::Find(std::string_view name) const {
  const auto* const found =
      std::find_if(std::begin(kProcedures), std::end(kProcedures),
                   [&](const ProcedureSignature& procedure) { return procedure.name == name; });
  return found == std::end(kProcedures) ? nullptr : found;
}

absl::Span<const std::string_view> ProcedureTable::Names() const {
  static const auto* const names = [] {
    auto* made = new std::vector<std::string_view>();
    for (const ProcedureSignature& procedure : kProcedures) made->push_back(procedure.name);
    return made;
  }();
  return *names;
}

void SessionProcedures::Close() {
  if (timer_ != 0) executor_->Cancel(std::exchange(timer_, 0));
}

void SessionProcedures::Call(std::string_view procedure, std::vector<Value> arguments,
                             std::function<void(absl::StatusOr<Rows>)> done) {
  if (procedure.starts_with("SHOW ")) return done(ShowSchema(*backend_, procedure));
  if (procedure == "db.labels") return done(NamesOf(backend_->names(), NameKind::kLabel));
  if (procedure == "db.relationshipTypes") return done(NamesOf(backend_->names(), NameKind::kType));
  if (procedure == "db.propertyKeys") return done(NamesOf(backend_->names(), NameKind::kKey));
  if (procedure == "db.ping") return done(Rows{{Value::Boolean(true)}});
  if (procedure == "dbms.components") {
    return done(Rows{{Value::String("Neo4j Kernel"), Value::List({Value::String("5.26.0")}),
                      Value::String("community")}});
  }
  CHECK_EQ(procedure, kAwaitIndexes);
  if (arguments[0].type() != graph::ValueType::kInteger) {
    return done(query::TypeMismatch("INTEGER", arguments[0]));
  }
  const int64_t seconds = std::clamp<int64_t>(arguments[0].integer(), 0, kMaxAwaitSeconds);
  AwaitIndexes(seconds * kMicrosPerSecond, done);
}

void SessionProcedures::AwaitIndexes(int64_t left_micros,
                                     const std::function<void(absl::StatusOr<Rows>)>& done) {
  const auto& all = backend_->schema().all();
  const auto building = std::find_if(all.begin(), all.end(), [](const auto& definition) {
    return definition.state == graph::IndexState::kBuilding;
  });
  timer_ = 0;
  if (building == all.end()) return done(Rows{{}});
  if (left_micros <= 0) {
    return done(
        Failed(kAwaitIndexes, absl::StrCat("index '", building->name, "' is not online yet")));
  }
  timer_ = executor_->RunAfter(kAwaitStepMicros, [this, left_micros, done] {
    AwaitIndexes(left_micros - kAwaitStepMicros, done);
  });
}

}  // namespace tidemark::session
