// SPDX-License-Identifier: Apache-2.0
#include "graph/mutation.h"

#include <gtest/gtest.h>

#include <deque>

#include "absl/strings/escaping.h"
#include "base/coding.h"
#include "base/status.h"
#include "graph/edge_run.h"
#include "graph/index_definition.h"
#include "graph/index_key.h"
#include "graph/property_set.h"
#include "graph/value_coding.h"
#include "tests/graph/golden_file.h"
#include "tests/graph/random_values.h"

namespace tidemark::graph {
namespace {

// Makes valid mutations; keeps the bytes that they point to. Threads: one.
class RandomMutations {
 public:
  explicit RandomMutations(uint64_t seed) : random_(seed) {}
  RandomValues& random() { return random_; }

  // A create-edge.
  Mutation Edge() {
    Mutation m;
    m.kind = MutationKind::kCreateEdge;
    SetEdge(&m);
    m.bytes = Properties();
    return m;
  }

  Mutation Next() {
    Mutation m;
    m.kind = static_cast<MutationKind>(1 + random_.Below(13));
    switch (m.kind) {
      case MutationKind::kCreateVertex:
        m.vertex = random_.AnyVertex();
        m.labels = Labels();
        m.bytes = Properties();
        break;
      case MutationKind::kDeleteVertex:
        m.vertex = random_.AnyVertex();
        break;
      case MutationKind::kAddLabel:
      case MutationKind::kRemoveLabel:
        m.vertex = random_.AnyVertex();
        m.label = LabelId(Id());
        break;
      case MutationKind::kSetVertexProperty:
        m.vertex = random_.AnyVertex();
        m.key = KeyId(Id());
        m.bytes = PropertyOrNothing();
        break;
      case MutationKind::kCreateEdge:
        SetEdge(&m);
        m.bytes = Properties();
        break;
      case MutationKind::kDeleteEdge:
        SetEdge(&m);
        break;
      case MutationKind::kSetEdgeProperty:
        m.edge = random_.AnyEdge().edge;
        m.key = KeyId(Id());
        m.bytes = PropertyOrNothing();
        break;
      case MutationKind::kClaimKey:
      case MutationKind::kReleaseKey:
        m.index = IndexId(Id());
        m.vertex = random_.AnyVertex();
        m.bytes = Key();
        break;
      case MutationKind::kSchema:
        m.bytes = Definition();
        break;
      case MutationKind::kNextSequences:
        m.slot = random_.AnyVertex().slot();
        m.next_vertex = Id();
        m.next_edge = Id();
        break;
      case MutationKind::kCreateEdges:
        m.vertex = random_.AnyVertex();
        m.type = TypeId(Id());
        m.sides = random_.Below(2) == 0 ? kOut : kIn;
        m.bytes = Run(m.sides);
    }
    return m;
  }

 private:
  uint32_t Id() { return random_.AnyVertex().sequence(); }
  std::string_view Keep(std::string bytes) { return kept_.emplace_back(std::move(bytes)); }

  void SetEdge(Mutation* m) {
    const EdgeRef edge = random_.AnyEdge();
    m->edge = edge.edge;
    m->vertex = edge.source;
    m->target = edge.target;
    m->type = edge.type;
    m->sides = static_cast<uint8_t>(1 + random_.Below(3));
  }
  absl::Span<const LabelId> Labels() {
    std::vector<LabelId>& labels = labels_.emplace_back();
    uint32_t label = 0;
    for (uint64_t i = random_.Below(4); i > 0; --i) {
      labels.push_back(LabelId(label += static_cast<uint32_t>(1 + random_.Below(200))));
    }
    return labels;
  }
  std::string_view Properties() {
    std::string set;
    uint32_t key = 0;
    for (uint64_t i = random_.Below(4); i > 0; --i) {
      key += static_cast<uint32_t>(1 + random_.Below(200));
      set = WithProperty(set, KeyId(key), EncodeValue(random_.Property()));
    }
    return Keep(set);
  }
  std::string_view Run(uint8_t sides) {
    const uint64_t size = 1 + random_.Below(5);
    std::string bytes;
    AppendVarint(&bytes, size);
    for (uint64_t i = 0; i < size; ++i) AppendFixed64(&bytes, random_.AnyVertex().value());
    for (uint64_t i = 0; i < size; ++i) AppendFixed32(&bytes, Id());
    for (uint64_t i = 0; i < size && sides == kOut; ++i) {
      const std::string_view set = Properties();
      if (set.empty()) continue;
      AppendVarint(&bytes, i);
      AppendBytes(&bytes, set);
    }
    return Keep(bytes);
  }
  std::string_view PropertyOrNothing() {
    return random_.Below(4) == 0 ? std::string_view() : Keep(EncodeValue(random_.Property()));
  }
  std::string_view Key() {
    std::string key;
    EXPECT_TRUE(AppendIndexKey(random_.Property(), &key).ok());
    return Keep(key);
  }
  std::string_view Definition() {
    IndexDefinition definition;
    definition.id = IndexId(Id());
    definition.kind = static_cast<IndexKind>(1 + random_.Below(4));
    definition.state = static_cast<IndexState>(1 + random_.Below(3));
    definition.name = random_.Text();
    if (definition.kind == IndexKind::kEdgeType) {
      definition.type = TypeId(Id());
    } else {
      definition.label = LabelId(Id());
      definition.keys = {KeyId(7)};
    }
    if (definition.kind == IndexKind::kUnique) definition.keys.push_back(KeyId(3));
    std::string bytes;
    AppendIndexDefinition(definition, &bytes);
    return Keep(bytes);
  }

  RandomValues random_;
  std::deque<std::string> kept_;
  std::deque<std::vector<LabelId>> labels_;
};

void ExpectSame(const Mutation& a, const Mutation& b) {
  ASSERT_EQ(a.kind, b.kind);
  ASSERT_EQ(a.vertex, b.vertex);
  ASSERT_EQ(a.target, b.target);
  ASSERT_EQ(a.edge, b.edge);
  ASSERT_EQ(a.type, b.type);
  ASSERT_EQ(a.label, b.label);
  ASSERT_EQ(a.key, b.key);
  ASSERT_EQ(a.index, b.index);
  ASSERT_EQ(a.slot, b.slot);
  ASSERT_EQ(a.sides, b.sides);
  ASSERT_EQ(a.next_vertex, b.next_vertex);
  ASSERT_EQ(a.next_edge, b.next_edge);
  ASSERT_TRUE(a.labels == b.labels);
  ASSERT_EQ(a.bytes, b.bytes);
}

// Reads all of `bytes`; the mutations' encoding, or the error.
absl::StatusOr<std::string> ReadAll(std::string_view bytes) {
  MutationReader reader(bytes);
  std::string again;
  Mutation m;
  while (true) {
    const absl::StatusOr<bool> more = reader.Next(&m);
    if (!more.ok()) {
      // Behind an error there is nothing.
      EXPECT_FALSE(reader.Next(&m).value_or(true));
      return more.status();
    }
    if (!*more) return again;
    EXPECT_FALSE(DebugString(m).empty());
    AppendMutation(m, &again);
  }
}

TEST(MutationTest, RunsRoundTrip) {
  RandomMutations make(30);
  for (int round = 0; round < 1000; ++round) {
    std::vector<Mutation> mutations;
    std::string bytes;
    for (uint64_t i = make.random().Below(20); i > 0; --i) {
      mutations.push_back(make.Next());
      AppendMutation(mutations.back(), &bytes);
    }
    MutationReader reader(bytes);
    Mutation decoded;
    for (const Mutation& expected : mutations) {
      const absl::StatusOr<bool> more = reader.Next(&decoded);
      ASSERT_TRUE(more.ok()) << more.status();
      ASSERT_TRUE(*more);
      ExpectSame(decoded, expected);
    }
    ASSERT_FALSE(reader.Next(&decoded).value());
  }
}

TEST(MutationTest, EveryTruncationIsRefused) {
  RandomMutations make(31);
  for (int i = 0; i < 3000; ++i) {
    std::string bytes;
    AppendMutation(make.Next(), &bytes);
    for (size_t size = 1; size < bytes.size(); ++size) {
      ASSERT_EQ(ReadAll(std::string_view(bytes).substr(0, size)).status().code(),
                absl::StatusCode::kDataLoss);
    }
  }
}

TEST(MutationTest, DamagedBytesAreRefusedOrCanonical) {
  RandomMutations make(32);
  int accepted = 0;
  for (int i = 0; i < 60'000; ++i) {
    std::string bytes;
    AppendMutation(make.Next(), &bytes);
    AppendMutation(make.Next(), &bytes);
    bytes = make.random().Damage(std::move(bytes));
    const absl::StatusOr<std::string> again = ReadAll(bytes);
    if (!again.ok()) continue;
    ++accepted;
    ASSERT_EQ(*again, bytes);
  }
  EXPECT_GT(accepted, 1000);
}

TEST(MutationTest, ErrorsNameKindAndPlace) {
  std::string bytes;
  AppendMutation({.kind = MutationKind::kDeleteVertex, .vertex = VertexId(SlotId(1), 2)}, &bytes);
  EXPECT_EQ(MessageOf(ReadAll(bytes + "\x63").status()),
            "malformed mutation of kind 99 at byte 3: unknown kind");
  EXPECT_EQ(MessageOf(ReadAll(bytes + std::string("\x03\x01\x02\x00", 4)).status()),
            "malformed mutation of kind 3 at byte 3: label 0");
}

TEST(MutationTest, InvalidFieldsDieBeforeTheyAreWritten) {
  std::string out;
  const VertexId vertex(SlotId(1), 2);
  EXPECT_DEATH(AppendMutation({.kind = MutationKind::kDeleteVertex}, &out), "invalid vertex id");
  const std::vector<LabelId> labels = {LabelId(2), LabelId(2)};
  EXPECT_DEATH(AppendMutation({.vertex = vertex, .labels = labels}, &out), "ascending");
  EXPECT_DEATH(AppendMutation({.vertex = vertex, .bytes = "x"}, &out), "malformed property set");
  EXPECT_DEATH(AppendMutation({.kind = MutationKind::kCreateEdge,
                               .vertex = vertex,
                               .target = vertex,
                               .edge = EdgeId(SlotId(2), 1),
                               .type = TypeId(1),
                               .sides = kBoth},
                              &out),
               "ends of an edge");
  Mutation sideless{.kind = MutationKind::kDeleteEdge, .vertex = vertex, .target = vertex};
  sideless.edge = EdgeId(SlotId(1), 1);
  sideless.type = TypeId(1);
  EXPECT_DEATH(AppendMutation(sideless, &out), "ends of an edge");
  EXPECT_DEATH(AppendMutation({.kind = MutationKind::kClaimKey, .vertex = vertex}, &out), "index");
  EXPECT_DEATH(AppendMutation({.kind = static_cast<MutationKind>(0)}, &out), "unknown kind");
}

TEST(EdgeRunTest, EdgesComeOutAsTheyWentIn) {
  RandomMutations make(33);
  EdgeRunWriter writer;
  for (int round = 0; round < 300; ++round) {
    const VertexId vertex = make.random().AnyVertex();
    const EdgeSides side = round % 2 == 0 ? kOut : kIn;
    std::vector<Mutation> edges;
    writer.Begin(vertex, TypeId(7), side);
    for (uint64_t i = 0; i < 1 + make.random().Below(20); ++i) {
      Mutation edge = make.Edge();
      (side == kOut ? edge.vertex : edge.target) = vertex;
      edge.edge = EdgeId(edge.vertex.slot(), edge.edge.sequence());
      edge.type = TypeId(7);
      edge.sides = side;
      if (side == kIn) edge.bytes = {};
      edges.push_back(edge);
      writer.Add(side == kOut ? edge.target : edge.vertex, edge.edge.sequence(), edge.bytes);
    }
    std::string bytes;
    writer.Finish(&bytes);
    MutationReader reader(bytes);
    Mutation run;
    ASSERT_TRUE(reader.Next(&run).value());
    size_t i = 0;
    EdgeRun(run).ForEachEdge([&](const Mutation& edge) { ExpectSame(edge, edges[i++]); });
    EXPECT_EQ(i, edges.size());
    EdgeRun(run).ForEachProperties([&](size_t at, std::string_view properties) {
      EXPECT_EQ(properties, edges[at].bytes);
      edges[at].bytes = {};
    });
    for (const Mutation& edge : edges) EXPECT_TRUE(edge.bytes.empty());
    EXPECT_FALSE(reader.Next(&run).value());
  }
  std::string nothing;
  writer.Finish(&nothing);
  EXPECT_TRUE(nothing.empty());
}

TEST(EdgeRunTest, FaultsAreNamed) {
  const auto fault = [](uint8_t side, std::string_view hex) {
    const std::string body = absl::HexStringToBytes(ToAbsl(hex));
    Mutation run;
    run.kind = MutationKind::kCreateEdges;
    run.vertex = VertexId(SlotId(4), 1);
    run.type = TypeId(2);
    run.sides = side;
    run.bytes = body;
    const char* found = FindFault(run);
    return std::string(found == nullptr ? "" : found);
  };
  const std::string neighbour = "0900000004000000";
  const std::string one = "01" + neighbour + "07000000";
  EXPECT_EQ(fault(kOut, one), "");
  EXPECT_EQ(fault(kIn, one), "");
  EXPECT_EQ(fault(kBoth, one), "invalid side");
  EXPECT_EQ(fault(kOut, "00"), "malformed number of edges");
  EXPECT_EQ(fault(kOut, "02" + neighbour + "07000000"), "malformed number of edges");
  EXPECT_EQ(fault(kOut,
                  "010000000004000000"
                  "07000000"),
            "invalid neighbour");
  EXPECT_EQ(fault(kOut,
                  "010900000004100000"
                  "07000000"),
            "invalid neighbour");
  EXPECT_EQ(fault(kOut, "01" + neighbour + "00000000"), "invalid edge id");
  EXPECT_EQ(fault(kOut, one + "00020191"), "");
  EXPECT_EQ(fault(kIn, one + "00020191"), "malformed list of properties");
  EXPECT_EQ(fault(kOut, one + "01020191"), "malformed list of properties");
  EXPECT_EQ(fault(kOut, one + "0000"), "malformed list of properties");
  EXPECT_EQ(fault(kOut, one + "00020191" + "00020191"), "malformed list of properties");
  EXPECT_EQ(fault(kOut, one + "0001ff"), "malformed property set");
}

TEST(MutationTest, MatchesTheGoldenFile) {
  const std::vector<GoldenLine> lines = ReadGoldenFile("mutation.golden");
  uint64_t kinds = 0;
  for (const GoldenLine& line : lines) {
    const std::string bytes = absl::HexStringToBytes(line.hex);
    MutationReader reader(bytes);
    Mutation m;
    ASSERT_TRUE(reader.Next(&m).value()) << line.text;
    EXPECT_EQ(DebugString(m), line.text);
    std::string again;
    AppendMutation(m, &again);
    EXPECT_EQ(again, bytes);
    EXPECT_FALSE(reader.Next(&m).value());
    kinds |= uint64_t{1} << static_cast<uint8_t>(bytes[0]);
  }
  EXPECT_EQ(kinds, 0x3ffeu) << "every kind has a line";
}

}  // namespace
}  // namespace tidemark::graph
