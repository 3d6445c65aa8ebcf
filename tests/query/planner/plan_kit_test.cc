// SPDX-License-Identifier: Apache-2.0
// Every statement of openCypher's conformance kit that is bound has a plan whose operators read
// slots that are there, or says that it is not supported yet.
#include <gtest/gtest.h>

#include <map>

#include "base/status.h"
#include "query/planner/planner.h"
#include "tests/query/binder/bind_fixture.h"
#include "tests/query/feature_file.h"
#include "tests/query/planner/plan_text.h"

namespace tidemark::query {
namespace {

TEST(PlanKitTest, EveryStatementIsPlannedOrRefused) {
  const std::string folder = KitFolder();
  if (folder.empty()) GTEST_SKIP() << "SKIPPED: set TIDEMARK_TCK to the folder of the kit";
  std::map<std::string, int> later;
  int plan_count = 0;
  for (const FeatureStatement& statement : ReadFeatures(folder + "/features")) {
    SCOPED_TRACE(statement.file + " " + statement.scenario + "\n" + statement.text);
    TextProcedures procedures;
    for (const std::string& procedure : statement.procedures) procedures.Add(procedure);
    const BoundText bound = BindText(statement.text, &procedures);
    if (!bound.status.ok()) continue;
    for (const uint32_t worker_count : {1u, 3u}) {
      PlannerInput input;
      input.worker_count = worker_count;
      const absl::StatusOr<plan::Plan> plan = MakePlan(*bound.statement, input);
      if (plan.ok()) {
        ++plan_count;
        CheckPlan(*plan);
        continue;
      }
      const auto error = ErrorOf(plan.status());
      ASSERT_TRUE(error.has_value() && error->id == ErrorId::kNotSupported) << plan.status();
      ++later[error->text.substr(0, error->text.find(" is not supported"))];
    }
  }
  for (const auto& [what, count] : later) std::cout << count << " wait for: " << what << "\n";
  std::cout << plan_count << " plans\n";
  EXPECT_GT(plan_count, 3000);
}

}  // namespace
}  // namespace tidemark::query
