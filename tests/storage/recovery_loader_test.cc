// SPDX-License-Identifier: Apache-2.0
// What the random test of snapshots and logs does not reach: hubs, sequences, damage.
#include "storage/recovery_loader.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "graph/index_definition.h"
#include "graph/index_key.h"
#include "graph/mutation.h"
#include "graph/property_set.h"
#include "graph/value_coding.h"
#include "tests/storage/shard_fixture.h"

namespace tidemark::storage {
namespace {

using RecoveryLoaderTest = ShardTest;

// Runs of a snapshot, cut anywhere, become the same arrays; a hub has several of them.
TEST_F(RecoveryLoaderTest, AHubComesBackFromASnapshotCutAnywhere) {
  constexpr size_t kDegree = 2 * kBlockEntryCount + 100;
  const VertexId hub = MakeHub(kDegree, 10);
  const TxId tx = NextTx();
  std::string weight;
  ASSERT_TRUE(
      graph::PackProperties({{KeyId(2), graph::EncodeValue(graph::Value::Integer(17))}}, &weight)
          .ok());
  const EdgeId heavy = *shard_->CreateEdge(Now(tx), {EdgeId(), hub, leaves_[0], kType}, weight);
  Edge(Now(tx), leaves_[0], hub, TypeId(9));
  const Csn csn = Commit(tx);
  const auto entries = [&](Shard* shard, VertexId vertex) {
    std::vector<std::pair<uint64_t, uint64_t>> found;
    std::vector<Neighbour> batch;
    for (Shard::Cursor cursor; !cursor.done;) {
      EXPECT_TRUE(
          shard->Expand({csn, TxId(0)}, {vertex, Direction::kAny, {}, 1000}, &cursor, &batch));
    }
    for (const Neighbour& one : batch) found.emplace_back(one.vertex.value(), one.edge.value());
    return found;
  };
  for (const size_t max_bytes : {size_t{1}, size_t{700}, size_t{1} << 20}) {
    std::vector<std::string> parts;
    for (uint16_t slot = 0; slot < kSlotCount; ++slot) {
      Shard::SnapshotCursor cursor;
      for (bool done = false; !done;) {
        done = shard_->SnapshotSlot({csn, SlotId(slot), kNoLimit, max_bytes}, &cursor,
                                    &parts.emplace_back());
      }
    }
    Shard loaded(ShardLimits(), 1, NodeId(1));
    uint64_t edge_part = 0;
    uint64_t mutation_count = 0;
    for (const std::string& part : parts) {
      const auto count = loaded.Replay(csn, part);
      ASSERT_TRUE(count.ok()) << count.status();
      mutation_count += *count;
      if (loaded.stats().edges == 0) ++edge_part;
    }
    loaded.FinishRecovery(csn);
    loaded.CheckInvariants();
    EXPECT_EQ(loaded.stats().edges, kDegree + 2);
    // Vertices, edges at both ends, and next-sequences of the slots that are in use.
    EXPECT_GT(mutation_count, 11 + 2 * (kDegree + 2));
    for (const VertexId vertex : {hub, leaves_[0], leaves_[9]}) {
      EXPECT_EQ(entries(&loaded, vertex), entries(shard_.get(), vertex));
    }
    const auto edge = loaded.GetEdge({csn, TxId(0)}, heavy);
    ASSERT_TRUE(edge.has_value());
    EXPECT_EQ(edge->properties, weight);
    // The same edges twice are damage.
    EXPECT_EQ(loaded.Replay(csn, parts[edge_part]).status().code(), absl::StatusCode::kDataLoss);
  }
}

TEST_F(RecoveryLoaderTest, SequencesAreNotReusedAfterASnapshot) {
  const TxId tx = NextTx();
  const VertexId hub = *shard_->CreateVertex(Now(tx), {SlotId(7), {}, {}}, nullptr);
  const VertexId gone = *shard_->CreateVertex(Now(tx), {SlotId(7), {}, {}}, nullptr);
  const EdgeId edge = Edge(Now(tx), hub, gone);
  Commit(tx);
  const TxId deletion = NextTx();
  ASSERT_TRUE(shard_->DeleteEdge(Now(deletion), edge).ok());
  ASSERT_TRUE(shard_->DeleteVertex(Now(deletion), gone, nullptr).ok());
  const Csn csn = Commit(deletion);
  CollectAll();

  std::string bytes;
  Shard::SnapshotCursor cursor;
  std::string part;
  while (!shard_->SnapshotSlot({csn, SlotId(7), 1, 1}, &cursor, &part)) {
    bytes += std::exchange(part, {});
  }
  bytes += part;
  Shard loaded(ShardLimits(), 1, NodeId(1));
  graph::MutationReader reader(bytes);
  graph::Mutation mutation;
  bool first = true;
  while (*reader.Next(&mutation)) {
    EXPECT_EQ(mutation.kind == graph::MutationKind::kNextSequences, first);
    first = false;
  }
  ASSERT_TRUE(loaded.Replay(csn, bytes).ok());
  loaded.FinishRecovery(csn);
  const View view{csn, TxId(1)};
  const VertexId next = *loaded.CreateVertex(view, {SlotId(7), {}, {}}, nullptr);
  EXPECT_EQ(next.sequence(), gone.sequence() + 1);
  EXPECT_EQ(loaded.CreateEdge(view, {EdgeId(), hub, next, kType}, {})->sequence(),
            edge.sequence() + 1);
}

TEST_F(RecoveryLoaderTest, MutationsThatDoNotFitAreDamage) {
  const auto replay = [](Shard* shard, const graph::Mutation& mutation) {
    std::string bytes;
    graph::AppendMutation(mutation, &bytes);
    return shard->Replay(Csn(1), bytes).status();
  };
  graph::Mutation mutation;
  mutation.kind = graph::MutationKind::kDeleteVertex;
  mutation.vertex = VertexId(SlotId(1), 5);
  EXPECT_EQ(replay(shard_.get(), mutation).code(), absl::StatusCode::kDataLoss);
  mutation.kind = graph::MutationKind::kCreateEdge;
  mutation.target = mutation.vertex;
  mutation.edge = EdgeId(SlotId(1), 5);
  mutation.type = kType;
  for (const uint8_t sides : {graph::kOut, graph::kIn}) {
    mutation.sides = sides;
    EXPECT_EQ(replay(shard_.get(), mutation).code(), absl::StatusCode::kDataLoss);
  }
  mutation.kind = graph::MutationKind::kDeleteEdge;
  EXPECT_EQ(replay(shard_.get(), mutation).code(), absl::StatusCode::kDataLoss);
  mutation.kind = graph::MutationKind::kSetEdgeProperty;
  mutation.key = KeyId(1);
  EXPECT_EQ(replay(shard_.get(), mutation).code(), absl::StatusCode::kDataLoss);
  Shard other(ShardLimits(), 2, NodeId(2));
  mutation.kind = graph::MutationKind::kCreateVertex;
  EXPECT_EQ(replay(&other, mutation).code(), absl::StatusCode::kDataLoss);
  EXPECT_TRUE(replay(shard_.get(), mutation).ok());
  EXPECT_EQ(replay(shard_.get(), mutation).code(), absl::StatusCode::kDataLoss);
}

constexpr LabelId kIndexed{1};
constexpr KeyId kKey{1};
constexpr IndexId kOrdered{1};
constexpr IndexId kDroppedIndex{2};

VertexId At(uint32_t sequence) { return {SlotId(1), sequence}; }

graph::Mutation Mutate(graph::MutationKind kind, uint32_t vertex) {
  graph::Mutation mutation;
  mutation.kind = kind;
  mutation.vertex = At(vertex);
  return mutation;
}

graph::Mutation MutateEdge(graph::MutationKind kind, uint32_t edge, uint32_t from, uint32_t to,
                           uint8_t sides) {
  graph::Mutation mutation = Mutate(kind, from);
  mutation.target = At(to);
  mutation.edge = EdgeId(SlotId(1), edge);
  mutation.type = kType;
  mutation.sides = sides;
  return mutation;
}

// A property set that an index on kKey refuses.
std::string TooLong() {
  const std::string text(graph::kMaxIndexKeyBytes + 1, 'x');
  std::string packed;
  CHECK(graph::PackProperties({{kKey, graph::EncodeValue(graph::Value::String(text))}}, &packed)
            .ok());
  return packed;
}

// Vertices 1 (with the indexed label) and 2, edge 1 from 1 to 2, an index, and one that was
// dropped.
class MisfitTest : public testing::Test {
 protected:
  MisfitTest() {
    const std::vector<LabelId> labels = {kIndexed};
    graph::Mutation first = Mutate(graph::MutationKind::kCreateVertex, 1);
    first.labels = labels;
    std::string base;
    graph::AppendMutation(Schema(kOrdered, graph::IndexState::kOnline), &base);
    graph::AppendMutation(Schema(kDroppedIndex, graph::IndexState::kDropped), &base);
    graph::AppendMutation(first, &base);
    graph::AppendMutation(Mutate(graph::MutationKind::kCreateVertex, 2), &base);
    graph::AppendMutation(MutateEdge(graph::MutationKind::kCreateEdge, 1, 1, 2, graph::kBoth),
                          &base);
    const auto count = shard_.Replay(Csn(1), base);
    CHECK(count.ok()) << count.status();
  }
  graph::Mutation Schema(IndexId id, graph::IndexState state) {
    graph::IndexDefinition definition;
    definition.id = id;
    definition.state = state;
    definition.label = kIndexed;
    definition.keys = {kKey};
    definition.name = absl::StrCat("index ", id.value());
    graph::Mutation mutation;
    mutation.kind = graph::MutationKind::kSchema;
    encoded_.clear();
    graph::AppendIndexDefinition(definition, &encoded_);
    mutation.bytes = encoded_;
    return mutation;
  }
  void ExpectDamage(const graph::Mutation& mutation, const std::string& reason) {
    std::string bytes;
    graph::AppendMutation(mutation, &bytes);
    const absl::Status status = shard_.Replay(Csn(2), bytes).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
    EXPECT_NE(status.message().find(reason), absl::string_view::npos) << status;
  }

  Shard shard_{ShardLimits(), 1, NodeId(1)};
  std::string encoded_;
};

TEST_F(MisfitTest, AVertexWhoseValueNoIndexHolds) {
  const std::string properties = TooLong();
  const std::vector<LabelId> labels = {kIndexed};
  graph::Mutation mutation = Mutate(graph::MutationKind::kCreateVertex, 3);
  mutation.labels = labels;
  mutation.bytes = properties;
  ExpectDamage(mutation, "index");
}

TEST_F(MisfitTest, AValueThatNoIndexHolds) {
  const std::string value =
      graph::EncodeValue(graph::Value::String(std::string(graph::kMaxIndexKeyBytes + 1, 'x')));
  graph::Mutation mutation = Mutate(graph::MutationKind::kSetVertexProperty, 1);
  mutation.key = kKey;
  mutation.bytes = value;
  ExpectDamage(mutation, "index");
}

TEST_F(MisfitTest, TheDeletionOfAVertexWithEdges) {
  ExpectDamage(Mutate(graph::MutationKind::kDeleteVertex, 1), "it has edges");
}

TEST_F(MisfitTest, AChangeOfAVertexThatIsNotThere) {
  graph::Mutation mutation = Mutate(graph::MutationKind::kAddLabel, 9);
  mutation.label = kIndexed;
  ExpectDamage(mutation, "no such vertex");
}

TEST_F(MisfitTest, AnEdgeThatExists) {
  ExpectDamage(MutateEdge(graph::MutationKind::kCreateEdge, 1, 1, 2, graph::kOut),
               "it exists already");
}

TEST_F(MisfitTest, AnEdgeWithoutItsVertices) {
  ExpectDamage(MutateEdge(graph::MutationKind::kCreateEdge, 2, 9, 2, graph::kOut),
               "no such source");
  ExpectDamage(MutateEdge(graph::MutationKind::kCreateEdge, 3, 1, 9, graph::kIn), "no such target");
}

TEST_F(MisfitTest, AnEdgeOfATypeBeyondTheLimit) {
  graph::Mutation mutation = MutateEdge(graph::MutationKind::kCreateEdge, 2, 1, 2, graph::kOut);
  mutation.type = TypeId(kMaxTypeId + 1);
  ExpectDamage(mutation, "type beyond the limit");
}

TEST_F(MisfitTest, ADeletionOfAnEdgeThatIsElsewhere) {
  ExpectDamage(MutateEdge(graph::MutationKind::kDeleteEdge, 9, 1, 2, graph::kOut),
               "it does not exist");
  ExpectDamage(MutateEdge(graph::MutationKind::kDeleteEdge, 1, 2, 1, graph::kOut),
               "not at its source");
  ExpectDamage(MutateEdge(graph::MutationKind::kDeleteEdge, 1, 2, 1, graph::kIn),
               "not at its target");
}

TEST_F(MisfitTest, ADeletionOfAnEdgeThatIsDeleted) {
  std::string bytes;
  graph::AppendMutation(MutateEdge(graph::MutationKind::kDeleteEdge, 1, 1, 2, graph::kIn), &bytes);
  ASSERT_TRUE(shard_.Replay(Csn(2), bytes).ok());
  ExpectDamage(MutateEdge(graph::MutationKind::kDeleteEdge, 1, 1, 2, graph::kIn),
               "not at its target");
}

TEST_F(MisfitTest, AChangeOfAnIndexThatWasDropped) {
  ExpectDamage(Schema(kDroppedIndex, graph::IndexState::kOnline), "the index was dropped");
}

TEST_F(MisfitTest, BytesThatAreNoMutation) {
  const auto count = shard_.Replay(Csn(2), "\xff\xff");
  EXPECT_EQ(count.status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace tidemark::storage
