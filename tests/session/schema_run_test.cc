// SPDX-License-Identifier: Apache-2.0
#include "session/schema_run.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "tests/session/shard_backend.h"

namespace tidemark::session {
namespace {

using CommandKind = query::bound::CommandKind;

// Tells nobody that a change is made before Finish, and fails those that it is told to.
class SlowBackend : public ShardBackend {
 public:
  SlowBackend() : ShardBackend(/*worker_count=*/1, /*seed=*/1) {}

  void FailDropOf(const std::string& name) { undroppable_ = name; }
  void ChangeSchema(SchemaChange change, std::function<void(absl::Status)> done) override {
    if (change.drops && change.name == undroppable_) {
      return done(absl::UnavailableError("the master is away"));
    }
    ShardBackend::ChangeSchema(std::move(change),
                               [this, done = std::move(done)](const absl::Status& status) {
                                 waiting_ = [done, status] { done(status); };
                               });
  }
  // False when nothing is under way.
  bool Finish() {
    if (waiting_ == nullptr) return false;
    std::exchange(waiting_, nullptr)();
    return true;
  }
  bool Has(const std::string& name) const { return schema().FindByName(name) != nullptr; }

 private:
  std::string undroppable_;
  std::function<void()> waiting_;
};

SchemaCommand IndexOver(const std::string& name, const std::string& key) {
  return {.kind = CommandKind::kCreateIndex, .name = name, .label = "A", .keys = {key}};
}

SchemaCommand DropNamed(const std::string& name) {
  return {.kind = CommandKind::kDropIndex, .name = name};
}

class SchemaRunTest : public testing::Test {
 protected:
  absl::Status Run(std::vector<SchemaCommand> commands) {
    std::vector<absl::Status> ends;
    RunSchemaCommands(&backend_, std::move(commands),
                      [&](const absl::Status& status) { ends.push_back(status); });
    while (backend_.Finish()) {
    }
    EXPECT_EQ(ends.size(), 1u);
    return ends.empty() ? absl::InternalError("no end") : ends[0];
  }

  SlowBackend backend_;
};

TEST_F(SchemaRunTest, MakesAllOrNone) {
  EXPECT_TRUE(Run({}).ok());
  EXPECT_TRUE(Run({IndexOver("a", "x"), IndexOver("b", "y")}).ok());
  EXPECT_TRUE(backend_.Has("a") && backend_.Has("b"));

  const absl::Status failed =
      Run({DropNamed("a"), IndexOver("", "z"), IndexOver("c", "v"), IndexOver("d", "y")});
  EXPECT_NE(MessageOf(failed).find("with the name 'b'"), std::string::npos) << failed;
  EXPECT_TRUE(backend_.Has("a") && backend_.Has("b"));
  EXPECT_FALSE(backend_.Has("c") || backend_.Has("d"));
  // The index without a name is gone too, and another may take its keys.
  EXPECT_TRUE(Run({IndexOver("z", "z"), DropNamed("a"), DropNamed("b")}).ok());
  EXPECT_TRUE(backend_.Has("z"));
  EXPECT_FALSE(backend_.Has("a") || backend_.Has("b"));
}

TEST_F(SchemaRunTest, SaysWhatCouldNotBeTakenBack) {
  backend_.FailDropOf("b");
  const absl::Status failed =
      Run({IndexOver("a", "x"), IndexOver("b", "y"), IndexOver("c", "z"), IndexOver("d", "z")});
  EXPECT_TRUE(backend_.Has("b"));
  EXPECT_FALSE(backend_.Has("a") || backend_.Has("c"));
  EXPECT_NE(MessageOf(failed).find("'b' could not be dropped: the master is away"),
            std::string::npos)
      << failed;
  const auto error = query::ErrorOf(failed);
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->id, query::ErrorId::kIndexExists);
}

}  // namespace
}  // namespace tidemark::session
