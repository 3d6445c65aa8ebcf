// SPDX-License-Identifier: Apache-2.0
#include "query/plan/plan_coding.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "catalog/schema.h"
#include "query/functions/registry.h"
#include "query/planner/planner.h"
#include "tests/graph/random_values.h"
#include "tests/query/binder/bind_fixture.h"
#include "tests/query/plan/fragment_text.h"

namespace tidemark::query {
namespace {

using plan::Fragment;

std::string BytesOf(const Fragment& fragment) {
  std::string bytes;
  AppendFragment(fragment, &bytes);
  return bytes;
}

void ExpectSame(const Fragment& fragment) {
  const std::string bytes = BytesOf(fragment);
  const absl::StatusOr<Fragment> decoded = plan::DecodeFragment(bytes);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(EverythingOf(*decoded), EverythingOf(fragment));
  EXPECT_EQ(BytesOf(*decoded), bytes);
}

// An index of :A(x), one of :B(x, y) and a uniqueness constraint of :A(id).
const catalog::SchemaTable& CodingSchema() {
  static const catalog::SchemaTable* const schema = [] {
    auto* made = new catalog::SchemaTable;
    const auto add = [made](graph::IndexKind kind, LabelId label, std::vector<KeyId> keys,
                            const char* name) {
      graph::IndexDefinition wanted;
      wanted.kind = kind;
      wanted.label = label;
      wanted.keys = std::move(keys);
      absl::StatusOr<graph::IndexDefinition> planned = made->Plan(wanted, name);
      CHECK(planned.ok()) << planned.status();
      planned->state = graph::IndexState::kOnline;
      made->Apply(*planned, Csn(1));
    };
    add(graph::IndexKind::kLabelProperty, LabelId(1), {KeyId(2)}, "a");
    add(graph::IndexKind::kLabelProperty, LabelId(2), {KeyId(2), KeyId(3)}, "b");
    add(graph::IndexKind::kUnique, LabelId(1), {KeyId(1)}, "c");
    return made;
  }();
  return *schema;
}

const char* const kCodedStatements[] = {
    "MATCH (n) RETURN n",
    "MATCH (a:A {id: 7}) RETURN a.x, a.y",
    "MATCH (a:A) WHERE 1 < a.x <= $p RETURN a.y ORDER BY a.y DESC SKIP 1 LIMIT 3",
    "MATCH (b:B) WHERE b.x = 1 AND b.y STARTS WITH 'a' RETURN b",
    "MATCH (a:A) WHERE a.x IN [1, 2, null] OR a.y = -0.0 RETURN count(*), collect(DISTINCT a.y)",
    "MATCH (a:A {id: 1})-[r:T|U]->(b)<-[s]-(c) WHERE b.x = c.x RETURN type(r), s.x, c",
    "MATCH p = (a:A {id: 1})-[:T*1..3]->(b:B) RETURN length(p), [n IN nodes(p) | n.x]",
    "MATCH (a:A {id: 1}) OPTIONAL MATCH (a)-[r]-(b) RETURN a, count(b), max(r.x)",
    "MATCH (a:A)-[:T]->(b)-[:T]->() RETURN count(*)",
    "MATCH (a:A)-[r]->(b)-[:T]->()-[s]->(c) RETURN DISTINCT c",
    "MATCH (a:A)-->()-->(c) RETURN DISTINCT c.x",
    "MATCH (a:A) WHERE (a)-[:T]->(:B) RETURN [(a)-[:U]->(b) WHERE b.x > 1 | b.y]",
    "MATCH (a:A) WHERE trim(BOTH 'x' FROM a.x) = trim(LEADING FROM a.y) + trim(a.x) RETURN a",
    "MATCH (a:A) RETURN reduce(s = 0, x IN a.y | s + x), all(x IN a.y WHERE x > 0 AND x < 9)",
    "MATCH (a:A) RETURN a {.x, .*, z: a.y + 1}, {k: [1, 2.5, 'x'][..2]}, a['x']",
    "MATCH (a) WHERE a:A&!B|% RETURN CASE WHEN a.x > 1 THEN 'x' ELSE coalesce(a.y, rand()) END",
    "MATCH (a:A) WHERE a.x IS :: INTEGER | LIST<STRING NOT NULL> RETURN a.x IS NOT NORMALIZED",
    "MATCH (a:A) WHERE a.x =~ 'a.*' XOR NOT a.y ENDS WITH 'b' RETURN DISTINCT labels(a), keys(a)",
    "MATCH (a:A) UNWIND range(1, a.x) AS i RETURN i, avg(a.y), stDev(a.y), percentileCont(i, 0.5)",
};

void AddFragments(const plan::Operator& node, std::vector<const Fragment*>* fragments) {
  if (node.kind == plan::OperatorKind::kRemote) fragments->push_back(InnerOf(node));
  if (InnerOf(node) != nullptr) AddFragments(*InnerOf(node)->root, fragments);
  for (const auto& input : node.inputs) AddFragments(*input, fragments);
}

// Calls `use` for every fragment of the statements, for one worker and for three.
template <typename Use>
void ForEachFragment(Use use) {
  for (const char* const text : kCodedStatements) {
    SCOPED_TRACE(text);
    const BoundText bound = BindText(text);
    ASSERT_TRUE(bound.status.ok()) << bound.status;
    for (const uint32_t worker_count : {1u, 3u}) {
      PlannerInput input;
      input.worker_count = worker_count;
      input.schema = &CodingSchema();
      input.read_csn = Csn(1);
      const absl::StatusOr<plan::Plan> plan = MakePlan(*bound.statement, input);
      ASSERT_TRUE(plan.ok()) << plan.status();
      std::vector<const Fragment*> fragments;
      AddFragments(*plan->home.root, &fragments);
      EXPECT_FALSE(fragments.empty());
      for (const Fragment* const fragment : fragments) use(*fragment);
    }
  }
}

TEST(PlanCodingTest, FragmentsOfStatementsRoundTrip) { ForEachFragment(ExpectSame); }

// An expression with something in every field.
eval::Program FullProgram() {
  eval::Program program;
  program.may_raise = program.is_volatile = program.is_constant = true;
  program.source = {5, 6};
  program.code.constants = {graph::Value(), graph::Value::String("x")};
  program.code.loads = {{eval::Load::From::kParameter, 3, 4}};
  eval::Operation call{eval::OperationKind::kCall};
  call.is_negated = call.is_volatile = call.has_from = call.has_to = true;
  call.source = {1, UINT32_MAX};
  call.function = AllFunctions().back();
  call.text = std::string("a\0b", 3);
  call.keys = {std::nullopt, "k"};
  call.labels = {{bound::LabelTestKind::kOr, 2, 3, "L"}};
  call.types = {{CypherType::FromBits(UINT64_MAX), 1, {2, 3}}};
  program.code.operations = {call};
  program.code.instructions = {
      {eval::InstructionKind::kEndCase, bound::LogicOperator::kXor, 1, 2, {3, 4}, 5, 6, {7, 8}}};
  program.code.rows = {{eval::RowInstructionKind::kTally,
                        bound::LogicOperator::kXor,
                        eval::LoopKind::kReduce,
                        1,
                        2,
                        {3, 4}}};
  program.code.register_count = 9;
  program.code.local_count = 8;
  program.code.result = 7;
  return program;
}

// An operator over the Input, which is over nothing.
template <typename T>
void ExpectSameOver(std::unique_ptr<T> node) {
  auto input = std::make_unique<plan::Input>();
  input->slot_count = UINT32_MAX;
  input->number = 7;
  node->number = 300;
  node->inputs.push_back(std::move(input));
  Fragment fragment;
  fragment.operator_count = 2;
  fragment.root = std::move(node);
  ExpectSame(fragment);
}

Fragment InputAlone() {
  Fragment fragment;
  fragment.operator_count = 1;
  fragment.root = std::make_unique<plan::Input>();
  return fragment;
}

TEST(PlanCodingTest, EveryFunctionRoundTrips) {
  std::vector<const FunctionSignature*> functions(AllFunctions().begin(), AllFunctions().end());
  for (const FunctionSignature& form : TrimForms()) functions.push_back(&form);
  for (const FunctionSignature* const function : functions) {
    auto filter = std::make_unique<plan::Filter>();
    eval::Operation call{eval::OperationKind::kCall};
    call.function = function;
    filter->condition.code.operations = {call};
    ExpectSameOver(std::move(filter));
  }
}

TEST(PlanCodingTest, OperatorsOnRowsRoundTripWithAllFields) {
  auto unwind = std::make_unique<plan::Unwind>();
  unwind->programs = {FullProgram(), FullProgram()};
  unwind->offset = 9;
  ExpectSameOver(std::move(unwind));
  for (const auto phase : {plan::AggregatePhase::kWhole, plan::AggregatePhase::kPartial,
                           plan::AggregatePhase::kFinal}) {
    auto aggregate = std::make_unique<plan::Aggregate>();
    aggregate->keys = {1, 2};
    aggregate->calls = {{&AggregateFunctions()[1], true, {3, 4}, 5}};
    aggregate->phase = phase;
    ExpectSameOver(std::move(aggregate));
  }
  auto sort = std::make_unique<plan::Sort>();
  sort->keys = {{1, true}, {2, false}};
  sort->kept = {3};
  sort->skip = FullProgram();
  sort->limit = FullProgram();
  ExpectSameOver(std::move(sort));
}

TEST(PlanCodingTest, OperatorsOnTheGraphRoundTripWithAllFields) {
  auto seek = std::make_unique<plan::SeekIndex>();
  seek->index = 3;
  seek->is_id = seek->is_list = true;
  seek->is_unique = seek->includes_first = seek->includes_last = true;
  seek->equal = {FullProgram()};
  seek->first = seek->last = seek->prefix = FullProgram();
  ExpectSameOver(std::move(seek));
  auto seek_edge = std::make_unique<plan::SeekEdge>();
  seek_edge->equal = {FullProgram()};
  seek_edge->is_list = true;
  seek_edge->direction = plan::Direction::kEither;
  seek_edge->types = {0, 7};
  ExpectSameOver(std::move(seek_edge));
  auto expand = std::make_unique<plan::Expand>();
  expand->from = 1;
  expand->direction = plan::Direction::kEither;
  expand->types = {0, UINT32_MAX};
  expand->gives_edge = false;
  expand->to = 3;
  ExpectSameOver(std::move(expand));
  auto count = std::make_unique<plan::StoredCount>();
  count->is_of_edges = true;
  count->names = {0, 7};
  ExpectSameOver(std::move(count));
  auto fetch = std::make_unique<plan::Fetch>();
  fetch->element = 1;
  fetch->keys = {0, 2};
  fetch->is_edge = fetch->wants_labels = fetch->wants_all = fetch->takes_deleted = true;
  ExpectSameOver(std::move(fetch));
  auto filter = std::make_unique<plan::FilterLabels>();
  filter->vertex = 4;
  filter->labels = {5, 6};
  ExpectSameOver(std::move(filter));
}

TEST(PlanCodingTest, OperatorsWithFragmentsRoundTripWithAllFields) {
  auto apply = std::make_unique<plan::Apply>();
  apply->apply = plan::ApplyKind::kCollect;
  apply->inner = InputAlone();
  apply->arguments = {1};
  apply->returned = {2, 3};
  ExpectSameOver(std::move(apply));
  auto trail = std::make_unique<plan::Trail>();
  trail->from = 1;
  trail->min = -5;
  trail->max = INT64_MAX;
  trail->step = InputAlone();
  trail->arguments = {2};
  trail->returned = {3, 4, 5};
  trail->is_reversed = true;
  trail->to = 6;
  trail->other_edges = {7};
  ExpectSameOver(std::move(trail));
  auto path = std::make_unique<plan::MakePath>();
  path->vertices = {1, 2};
  path->edges = {3};
  ExpectSameOver(std::move(path));
}

TEST(PlanCodingTest, AnyBytesAreSafe) {
  graph::RandomValues random(31);
  int decoded_count = 0;
  ForEachFragment([&](const Fragment& fragment) {
    const std::string whole = BytesOf(fragment);
    for (int round = 0; round < 300; ++round) {
      std::string bytes = random.Damage(whole);
      if (round % 3 == 0) bytes.resize(random.Below(bytes.size() + 1));
      const absl::StatusOr<Fragment> decoded = plan::DecodeFragment(bytes);
      if (!decoded.ok()) {
        ASSERT_EQ(decoded.status().code(), absl::StatusCode::kDataLoss);
        continue;
      }
      ++decoded_count;
      const absl::StatusOr<Fragment> again = plan::DecodeFragment(BytesOf(*decoded));
      ASSERT_TRUE(again.ok()) << again.status();
      ASSERT_EQ(EverythingOf(*again), EverythingOf(*decoded));
    }
  });
  EXPECT_GT(decoded_count, 100);
}

// Skip operators one above the other, over the Input.
Fragment Chain(uint32_t count) {
  std::unique_ptr<plan::Operator> top = std::make_unique<plan::Input>();
  for (uint32_t i = 1; i < count; ++i) {
    auto skip = std::make_unique<plan::Skip>();
    skip->number = i;
    skip->inputs.push_back(std::move(top));
    top = std::move(skip);
  }
  Fragment fragment;
  fragment.operator_count = count;
  fragment.root = std::move(top);
  return fragment;
}

TEST(PlanCodingTest, TheDeepestPlanIsReadAndADeeperOneIsNot) {
  ExpectSame(Chain(1000));
  EXPECT_EQ(plan::DecodeFragment(BytesOf(Chain(1001))).status().code(),
            absl::StatusCode::kDataLoss);
}

TEST(PlanCodingTest, AnOperatorHasTheInputsThatItReads) {
  Fragment fragment;
  fragment.root = std::make_unique<plan::Filter>();
  EXPECT_FALSE(plan::DecodeFragment(BytesOf(fragment)).ok());
  auto alone = std::make_unique<plan::Union>();
  fragment.root = std::move(alone);
  EXPECT_FALSE(plan::DecodeFragment(BytesOf(fragment)).ok());
}

}  // namespace
}  // namespace tidemark::query
