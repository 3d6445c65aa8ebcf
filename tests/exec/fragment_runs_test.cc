// SPDX-License-Identifier: Apache-2.0
// The runs that a worker keeps: how they begin, go on and end.
#include "exec/fragment_runs.h"

#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "graph/property_set.h"
#include "graph/value_coding.h"
#include "query/plan/plan_coding.h"
#include "query/text/error.h"
#include "tests/exec/fragment_calls.h"
#include "tests/exec/fragment_workers.h"
#include "tests/worker/hand_executor.h"

namespace tidemark::exec {
namespace {

using graph::Value;

// A shard with persons, and runs of `MATCH (a:Person) RETURN a.name` there.
class FragmentRunsTest : public testing::Test {
 protected:
  void AddPersons(size_t count, size_t name_bytes = 10) {
    const MiniCluster::Tx tx = cluster_.Begin();
    for (size_t i = 0; i < count; ++i) {
      const std::string name = absl::StrCat(i, std::string(name_bytes, 'x'));
      ASSERT_TRUE(
          cluster_.RunOne(tx, CreateVertex(cluster_.SlotAt(1), {kPerson}, Named(name))).ok());
    }
    cluster_.Commit(tx);
    view_ = cluster_.Begin().view;
  }

  std::string Call() {
    const query::plan::Operator* node = plan_.home.root.get();
    while (node->kind != query::plan::OperatorKind::kRemote) node = node->inputs[0].get();
    const auto& remote = query::plan::As<query::plan::Remote>(*node);
    const query::BatchRef input = query::Batch::Make(&pool_, 1);
    input->AddRow();
    return CallOf(remote, input);
  }

  // The answer of a step, or its error.
  absl::StatusOr<std::string> Do(FragmentRuns* runs, FragmentStep step) {
    const auto work = runs->MakeWork({&cluster_.shard(NodeId(1)), view_}, std::move(step));
    while (!work->RunSome(500)) continue;
    RETURN_IF_ERROR(work->status());
    return work->TakeAnswer();
  }
  absl::StatusOr<std::string> Open(FragmentRuns* runs, uint64_t run) {
    return Do(runs, {FragmentStepKind::kOpen, run, Call()});
  }
  absl::StatusOr<std::string> Next(FragmentRuns* runs, uint64_t run) {
    return Do(runs, {FragmentStepKind::kNext, run, {}});
  }

  MiniCluster cluster_{1};
  storage::View view_;
  query::SlabPool pool_;
  query::plan::Plan plan_ = PlanOf("MATCH (a:Person) RETURN a.name", 1);
  FragmentRuns runs_{uint64_t{1} << 30};
};

TEST_F(FragmentRunsTest, ARunGoesOnUntilItsEndAndIsGoneThen) {
  AddPersons(20'000, 40);
  std::set<std::string> names;
  absl::StatusOr<std::string> answer = Open(&runs_, 1);
  int step_count = 1;
  bool has_packed = false;
  for (bool is_end = false; !is_end;) {
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_LE(answer->size(), 2 * kMaxFragmentAnswerBytes);
    absl::StatusOr<FragmentRows> rows = DecodeRows(&pool_, *answer);
    ASSERT_TRUE(rows.ok()) << rows.status();
    EXPECT_TRUE(rows->packed.empty() || answer->size() > kMaxDecodedAtOnceBytes);
    has_packed |= !rows->packed.empty();
    for (const std::string& packed : rows->packed) {
      EXPECT_LE(packed.size(), kMaxFragmentPartBytes);
    }
    ASSERT_TRUE(Unpack(&pool_, &*rows).ok());
    for (const query::BatchRef& batch : rows->batches) {
      batch->ForEachRow([&](uint16_t row) {
        EXPECT_TRUE(names.insert(std::string(batch->ValueAt(0, row).string())).second);
      });
    }
    is_end = rows->is_end;
    EXPECT_EQ(runs_.size(), is_end ? 0u : 1u);
    if (!is_end) answer = Next(&runs_, 1);
    step_count += is_end ? 0 : 1;
  }
  EXPECT_EQ(names.size(), 20'000u);
  EXPECT_GT(step_count, 3);
  EXPECT_TRUE(has_packed || kMaxFragmentAnswerBytes < kMaxFragmentPartBytes);
  EXPECT_EQ(Next(&runs_, 1).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(FragmentRunsTest, ARunEndsWhenItIsClosedOrItsTransactionEnds) {
  AddPersons(20'000, 40);
  for (const uint64_t run : {1, 2, 3}) ASSERT_TRUE(Open(&runs_, run).ok());
  const storage::View first = view_;
  view_ = cluster_.Begin().view;
  ASSERT_TRUE(Open(&runs_, 1).ok());
  EXPECT_EQ(runs_.size(), 4u);
  runs_.Remove(first.tx);
  EXPECT_EQ(runs_.size(), 1u);
  EXPECT_TRUE(Next(&runs_, 1).ok());
  ASSERT_TRUE(Do(&runs_, {FragmentStepKind::kClose, 1, {}}).ok());
  EXPECT_EQ(runs_.size(), 0u);
  // Nobody asks for a run that was closed, but it may have ended before it was.
  EXPECT_TRUE(Do(&runs_, {FragmentStepKind::kClose, 1, {}}).ok());
}

TEST_F(FragmentRunsTest, ARunEndsWhenNobodyReadsAtItsCsnAnyMore) {
  AddPersons(20'000, 40);
  ASSERT_TRUE(Open(&runs_, 1).ok());
  runs_.RemoveBelow(view_.read_csn);
  EXPECT_EQ(runs_.size(), 1u);
  runs_.RemoveBelow(view_.read_csn.Next());
  EXPECT_EQ(runs_.size(), 0u);
}

TEST_F(FragmentRunsTest, AStepThatIsUnderWayOutlivesTheEndOfItsRun) {
  AddPersons(20'000, 40);
  const auto work =
      runs_.MakeWork({&cluster_.shard(NodeId(1)), view_}, {FragmentStepKind::kOpen, 1, Call()});
  ASSERT_FALSE(work->RunSome(50));
  runs_.Remove(view_.tx);
  while (!work->RunSome(500)) continue;
  EXPECT_TRUE(work->status().ok());
  EXPECT_EQ(runs_.size(), 0u);
}

TEST_F(FragmentRunsTest, ALargeRunIsFreedInTheBackground) {
  AddPersons(20'000, 40);
  plan_ = PlanOf("MATCH (a:Person) RETURN a.name ORDER BY a.name", 1);
  worker::HandExecutor executor;
  FragmentRuns runs(uint64_t{1} << 30, &executor);
  ASSERT_TRUE(Open(&runs, 1).ok());
  ASSERT_TRUE(Open(&runs, 2).ok());
  EXPECT_FALSE(executor.RunJob());
  ASSERT_TRUE(Do(&runs, {FragmentStepKind::kClose, 1, {}}).ok());
  EXPECT_TRUE(executor.RunJob());
  runs.Clear();
  EXPECT_EQ(runs.size(), 0u);
  EXPECT_TRUE(executor.RunJob());
  EXPECT_FALSE(executor.RunJob());
  executor.RunPosted();
  // A small one is freed at once.
  plan_ = PlanOf("MATCH (a:Person) RETURN a.name", 1);
  ASSERT_TRUE(Open(&runs, 3).ok());
  ASSERT_TRUE(Do(&runs, {FragmentStepKind::kClose, 3, {}}).ok());
  EXPECT_FALSE(executor.RunJob());
}

TEST_F(FragmentRunsTest, RunsAreBounded) {
  AddPersons(20'000, 40);
  for (uint64_t run = 1; run <= kMaxFragmentRuns; ++run) {
    runs_.MakeWork({&cluster_.shard(NodeId(1)), view_}, {FragmentStepKind::kOpen, run, Call()})
        ->RunSome(1);
  }
  EXPECT_EQ(runs_.size(), kMaxFragmentRuns);
  EXPECT_EQ(Open(&runs_, kMaxFragmentRuns + 1).status().code(),
            absl::StatusCode::kResourceExhausted);
  runs_.Clear();
  EXPECT_TRUE(Open(&runs_, kMaxFragmentRuns + 1).ok());
}

TEST_F(FragmentRunsTest, MemoryIsBoundedAndTheErrorSaysSo) {
  AddPersons(2'000, 200);
  FragmentRuns small(size_t{128} << 10);
  const absl::Status status = Open(&small, 1).status();
  const auto error = query::ErrorOf(status);
  ASSERT_TRUE(error.has_value()) << status;
  EXPECT_EQ(error->id, query::ErrorId::kNodeOutOfMemory);
  EXPECT_EQ(small.size(), 0u);
}

// To decode what a call brings and to encode what it gives are parts of slices.
TEST_F(FragmentRunsTest, NothingIsDoneBetweenTheSlicesOfAStep) {
  AddPersons(20'000, 40);
  const auto work =
      runs_.MakeWork({&cluster_.shard(NodeId(1)), view_}, {FragmentStepKind::kOpen, 1, Call()});
  EXPECT_EQ(runs_.size(), 0u);
  size_t answer_bytes = 0;
  while (!work->RunSome(100)) {
    EXPECT_LE(work->answer_bytes(), answer_bytes + 2 * kMaxFragmentPartBytes);
    answer_bytes = work->answer_bytes();
  }
  EXPECT_TRUE(answer_bytes > kMaxFragmentAnswerBytes / 2 ||
              kMaxFragmentAnswerBytes < kMaxFragmentPartBytes);
  EXPECT_EQ(runs_.size(), 1u);
}

TEST_F(FragmentRunsTest, CallsThatAreDamagedAreRefused) {
  AddPersons(10);
  const std::string call = Call();
  for (size_t size = 0; size < call.size(); ++size) {
    EXPECT_EQ(Do(&runs_, {FragmentStepKind::kOpen, 1, call.substr(0, size)}).status().code(),
              absl::StatusCode::kDataLoss);
  }
  EXPECT_EQ(runs_.size(), 0u);
}

// Of such values few go together: not a batch of a thousand.
TEST_F(FragmentRunsTest, LargeValuesComeInPartsOfBoundedSize) {
  constexpr size_t kNameBytes = 500'000;
  AddPersons(100, kNameBytes);
  FragmentWorkers workers(&cluster_, 7);
  const absl::StatusOr<std::vector<std::string>> rows =
      workers.Rows("MATCH (a:Person) RETURN a.name, size(a.name)", view_);
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(rows->size(), 100u);
  EXPECT_LE(workers.max_answer_bytes(), kMaxFragmentAnswerBytes + 2 * kNameBytes);
  EXPECT_LE(workers.peak_bytes(), 40 * kNameBytes);
}

// A value that all rows have is one in memory and one for each row in a frame, both ways.
TEST_F(FragmentRunsTest, RowsThatShareALargeValueGoFewAtATime) {
  constexpr size_t kTextBytes = size_t{1} << 20;
  constexpr char kText[] = "reduce(s = 'x', i IN range(1, 20) | s + s) AS t ";
  AddPersons(200);
  FragmentWorkers back(&cluster_, 9);
  const auto answered =
      back.Rows(absl::StrCat("WITH ", kText, "MATCH (a:Person) RETURN t, a.name"), view_);
  ASSERT_TRUE(answered.ok()) << answered.status();
  EXPECT_EQ(answered->size(), 200u);
  EXPECT_GE(back.max_answer_bytes(), kTextBytes);
  EXPECT_LE(back.max_answer_bytes(), kMaxFragmentAnswerBytes + 2 * kTextBytes);
  // Of several workers none has all rows, so that home asks each of them for each row.
  MiniCluster cluster(2);
  FragmentWorkers there(&cluster, 10);
  const MiniCluster::Tx tx = cluster.Begin();
  ASSERT_TRUE(cluster.RunOne(tx, CreateVertex(cluster.SlotAt(2), {kPerson}, Named("a"))).ok());
  cluster.Commit(tx);
  const auto asked =
      there.Rows(absl::StrCat("UNWIND range(1, 200) AS i WITH collect(i) AS l, ", kText,
                              "UNWIND l AS i MATCH (a:Person) WHERE a.name < t RETURN a.name, i"),
                 cluster.Begin().view);
  ASSERT_TRUE(asked.ok()) << asked.status();
  EXPECT_EQ(asked->size(), 200u);
  EXPECT_GE(there.max_call_bytes(), kTextBytes);
  EXPECT_LE(there.max_call_bytes(), 4 * kTextBytes);
}

// What was taken counts no longer.
TEST_F(FragmentRunsTest, AResultMayBeLargerThanTheMemoryOfItsQuery) {
  AddPersons(40'000, 200);
  FragmentWorkers workers(&cluster_, 8);
  const absl::StatusOr<std::vector<std::string>> rows =
      workers.Rows("MATCH (a:Person) RETURN a.name", view_);
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(rows->size(), 40'000u);
  EXPECT_LE(workers.peak_bytes(), 6 * kMaxFragmentAnswerBytes);
}

}  // namespace
}  // namespace tidemark::exec
