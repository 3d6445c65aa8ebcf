// SPDX-License-Identifier: Apache-2.0
#include "exec/operation_coding.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <random>

#include "absl/strings/escaping.h"
#include "base/status.h"
#include "exec/operation.h"
#include "graph/index_key.h"
#include "graph/property_set.h"
#include "graph/value_coding.h"

namespace tidemark::exec {
namespace {

constexpr OperationKind kAllKinds[] = {
    OperationKind::kCreateVertex,      OperationKind::kDeleteVertex, OperationKind::kSetLabel,
    OperationKind::kSetVertexProperty, OperationKind::kCreateEdge,   OperationKind::kDeleteEdge,
    OperationKind::kSetEdgeProperty,   OperationKind::kLinkTarget,   OperationKind::kUnlinkTarget,
    OperationKind::kChangeKey,         OperationKind::kValidate,     OperationKind::kKeysLater,
    OperationKind::kTouchVertex,       OperationKind::kGetVertex,    OperationKind::kGetEdge,
    OperationKind::kScanLabel,         OperationKind::kScanType,     OperationKind::kScanIndex,
    OperationKind::kFindKey,           OperationKind::kExpand};

class Generator {
 public:
  explicit Generator(uint64_t seed) : random_(seed) {}

  uint32_t Number(uint32_t bound) { return static_cast<uint32_t>(random_() % bound); }
  template <typename Id>
  Id Element() {
    return Id(SlotId(static_cast<uint16_t>(Number(kSlotCount))), 1 + Number(UINT32_MAX - 1));
  }
  std::string Bytes(uint32_t max_size) {
    std::string bytes(Number(max_size + 1), '\0');
    for (char& c : bytes) c = static_cast<char>(random_());
    return bytes;
  }
  std::string Properties() {
    std::string set;
    for (uint32_t key = 1; key <= Number(4); ++key) {
      const std::string value = graph::EncodeValue(graph::Value::Integer(int64_t{Number(100000)}));
      set = graph::WithProperty(set, KeyId(key), value);
    }
    return set;
  }

  // All fields are random; only those of the kind are written.
  Operation RandomOperation(OperationKind kind) {
    Operation op;
    op.kind = kind;
    op.vertex = Element<VertexId>();
    op.target = Element<VertexId>();
    op.edge = EdgeId(op.vertex.slot(), 1 + Number(1000));
    op.label = LabelId(1 + Number(300));
    op.type = TypeId(1 + Number(300));
    op.key = KeyId(1 + Number(300));
    op.index = IndexId(1 + Number(300));
    if (Number(2) == 0) op.slot = op.vertex.slot();
    op.detach = Number(2) == 0;
    op.present = Number(2) == 0;
    op.ids_only = Number(2) == 0;
    op.more = Number(2) == 0;
    op.direction = static_cast<storage::Direction>(1 + Number(3));
    for (uint32_t i = Number(4); i > 0; --i) op.labels.push_back(LabelId(1 + Number(9)));
    for (uint32_t i = Number(4); i > 0; --i) op.types.push_back(TypeId(1 + Number(9)));
    if (kind == OperationKind::kCreateVertex || kind == OperationKind::kCreateEdge) {
      op.bytes = Properties();
    } else if (kind == OperationKind::kChangeKey || kind == OperationKind::kScanIndex ||
               kind == OperationKind::kFindKey) {
      op.bytes = Bytes(20);
    } else if (Number(3) != 0) {
      op.bytes = graph::EncodeValue(graph::Value::Integer(int64_t{Number(1000)}));
    }
    op.last_key = Bytes(20);
    op.cursor = Bytes(12);
    op.limit = Number(1000);
    return op;
  }

  std::vector<Operation> RandomBatch() {
    std::vector<Operation> batch;
    for (uint32_t i = Number(8); i > 0; --i) {
      batch.push_back(RandomOperation(kAllKinds[Number(std::size(kAllKinds))]));
    }
    return batch;
  }

  OperationResult RandomResult() {
    OperationResult result;
    if (Number(2) == 0) result.vertex = Element<VertexId>();
    if (Number(2) == 0) result.edge = Element<EdgeId>();
    for (uint32_t i = Number(3); i > 0; --i) {
      result.vertices.push_back({Element<VertexId>(), {LabelId(1 + Number(9))}, Properties()});
    }
    for (uint32_t i = Number(3); i > 0; --i) {
      result.edges.push_back({Element<EdgeId>(), Element<VertexId>(), Element<VertexId>(),
                              TypeId(1 + Number(200)), Properties()});
    }
    for (uint32_t i = Number(3); i > 0; --i) {
      result.neighbours.push_back(
          {Element<VertexId>(), Element<EdgeId>(), TypeId(1 + Number(200)), Number(2) == 0});
    }
    result.cursor = Bytes(10);
    return result;
  }

  BatchResult RandomBatchResult() {
    BatchResult result;
    for (uint32_t i = Number(5); i > 0; --i) result.results.push_back(RandomResult());
    if (result.results.empty()) return result;
    for (Operation& operation : RandomBatch()) {
      const auto result_count = static_cast<uint32_t>(result.results.size());
      result.follow_ups.push_back({Number(result_count), std::move(operation)});
    }
    return result;
  }

  // Flips a bit, cuts, drops or doubles a part.
  std::string Damage(std::string bytes) {
    if (bytes.empty()) return bytes;
    const size_t at = Number(static_cast<uint32_t>(bytes.size()));
    switch (Number(4)) {
      case 0:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << Number(8)));
        return bytes;
      case 1:
        return bytes.substr(0, at);
      case 2:
        return bytes.erase(at, 1 + Number(3));
      default:
        return bytes.insert(at, bytes.substr(at, 1 + Number(5)));
    }
  }

 private:
  std::mt19937_64 random_;
};

std::string Text(const std::vector<Operation>& operations) {
  std::string text;
  for (const Operation& operation : operations) text += DebugString(operation) + "\n";
  return text;
}
std::string Text(const FollowUp& follow_up) {
  return std::to_string(follow_up.cause) + ": " + DebugString(follow_up.operation);
}
std::string Text(const BatchResult& batch) {
  std::string text;
  for (const OperationResult& result : batch.results) text += DebugString(result) + "\n";
  for (const FollowUp& follow_up : batch.follow_ups) text += Text(follow_up) + "\n";
  return text;
}

TEST(OperationCodingTest, EveryKindRoundTrips) {
  Generator generator(1);
  for (OperationKind kind : kAllKinds) {
    for (int i = 0; i < 50; ++i) {
      const std::vector<Operation> batch = {generator.RandomOperation(kind)};
      const auto decoded = DecodeBatch(EncodeBatch(batch));
      ASSERT_TRUE(decoded.ok()) << decoded.status();
      EXPECT_EQ(Text(*decoded), Text(batch));
    }
  }
}

TEST(OperationCodingTest, ResultsRoundTrip) {
  Generator generator(2);
  for (int i = 0; i < 500; ++i) {
    const BatchResult batch = generator.RandomBatchResult();
    const auto decoded = DecodeBatchResult(EncodeBatchResult(batch));
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(Text(*decoded), Text(batch));
  }
}

// Appends what it reads, piece by piece, to `*texts`.
absl::Status ReadPieces(std::string_view bytes, std::vector<std::string>* texts) {
  BatchResultReader reader(bytes);
  RETURN_IF_ERROR(reader.Open());
  while (reader.has_result()) {
    OperationResult result;
    RETURN_IF_ERROR(reader.NextResult(&result));
    texts->push_back(DebugString(result));
  }
  while (reader.has_follow_up()) {
    FollowUp follow_up;
    RETURN_IF_ERROR(reader.NextFollowUp(&follow_up));
    texts->push_back(Text(follow_up));
  }
  return absl::OkStatus();
}

TEST(OperationCodingTest, ABatchResultIsReadPieceByPiece) {
  Generator generator(7);
  for (int i = 0; i < 200; ++i) {
    const BatchResult batch = generator.RandomBatchResult();
    const std::string bytes = EncodeBatchResult(batch);
    std::vector<std::string> expected;
    for (const OperationResult& result : batch.results) expected.push_back(DebugString(result));
    for (const FollowUp& one : batch.follow_ups) expected.push_back(Text(one));
    std::vector<std::string> texts;
    const absl::Status status = ReadPieces(bytes, &texts);
    ASSERT_TRUE(status.ok()) << status;
    ASSERT_EQ(texts, expected);
    // Of what ends too early the pieces before the end are read, and never is it taken as whole.
    for (size_t size = 0; size < bytes.size(); ++size) {
      texts.clear();
      const absl::Status error = ReadPieces(std::string_view(bytes).substr(0, size), &texts);
      ASSERT_EQ(error.code(), absl::StatusCode::kInvalidArgument) << size;
      ASSERT_LE(texts.size(), expected.size());
      ASSERT_TRUE(std::equal(texts.begin(), texts.end(), expected.begin())) << size;
    }
    EXPECT_EQ(ReadPieces(bytes + "x", &texts).message(), "batch result: bytes behind the end");
  }
}

TEST(OperationCodingTest, CountsBeyondALimitAreRefusedFirst) {
  std::string results;
  AppendVarint(&results, kMaxBatchOperationCount + 1);
  BatchResultReader many_results(results.append(kMaxBatchOperationCount + 2, '\0'));
  EXPECT_EQ(many_results.Open().message(), "batch result: malformed count of results 200001");
  std::string follow_ups(1, '\0');
  AppendVarint(&follow_ups, kMaxFollowUpCount + 1);
  follow_ups.append(kMaxFollowUpCount + 1, static_cast<char>(OperationKind::kValidate));
  BatchResultReader many_follow_ups(follow_ups);
  EXPECT_EQ(many_follow_ups.Open().message(),
            "batch result: malformed count of follow-ups 1000001");
}

TEST(OperationCodingTest, AFollowUpHasACauseInItsBatch) {
  BatchResult result;
  result.results.resize(2);
  result.follow_ups.push_back({1, Generator(8).RandomOperation(OperationKind::kChangeKey)});
  std::string bytes = EncodeBatchResult(result);
  EXPECT_TRUE(DecodeBatchResult(bytes).ok());
  // Behind the number of results, two empty ones and the number of follow-ups.
  ASSERT_EQ(bytes[4], 1);
  bytes[4] = 2;
  EXPECT_EQ(DecodeBatchResult(bytes).status().message(),
            "batch result: malformed cause of follow-up 0");
}

// What the decoder takes is well-formed: written again it says the same.
TEST(OperationCodingTest, DamageIsRefusedOrSaysWhatItSays) {
  Generator generator(3);
  int refused = 0;
  constexpr int kRounds = 5000;
  for (int i = 0; i < kRounds; ++i) {
    const std::string batch = generator.Damage(EncodeBatch(generator.RandomBatch()));
    if (const auto decoded = DecodeBatch(batch); decoded.ok()) {
      const auto again = DecodeBatch(EncodeBatch(*decoded));
      ASSERT_TRUE(again.ok()) << again.status();
      EXPECT_EQ(Text(*again), Text(*decoded));
    } else {
      EXPECT_EQ(decoded.status().code(), absl::StatusCode::kInvalidArgument);
      ++refused;
    }
    const std::string results = generator.Damage(EncodeBatchResult(generator.RandomBatchResult()));
    if (const auto decoded = DecodeBatchResult(results); decoded.ok()) {
      const auto again = DecodeBatchResult(EncodeBatchResult(*decoded));
      ASSERT_TRUE(again.ok()) << again.status();
      EXPECT_EQ(Text(*again), Text(*decoded));
    } else {
      EXPECT_EQ(decoded.status().code(), absl::StatusCode::kInvalidArgument);
    }
  }
  EXPECT_GT(refused, kRounds / 3);
}

TEST(OperationCodingTest, EveryTruncationIsRefused) {
  Generator generator(4);
  const std::string batch =
      EncodeBatch(std::vector<Operation>{generator.RandomOperation(OperationKind::kExpand),
                                         generator.RandomOperation(OperationKind::kCreateVertex)});
  for (size_t size = 0; size < batch.size(); ++size) {
    EXPECT_FALSE(DecodeBatch(std::string_view(batch).substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(DecodeBatch(batch + "x").ok());
  const std::string result = EncodeBatchResult(generator.RandomBatchResult());
  for (size_t size = 0; size < result.size(); ++size) {
    EXPECT_FALSE(DecodeBatchResult(std::string_view(result).substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(DecodeBatchResult(result + "x").ok());
}

absl::Status StatusOf(const Operation& operation) {
  return DecodeBatch(EncodeBatch({operation})).status();
}

TEST(OperationCodingTest, RefusesWhatIsBeyondALimitOrMalformed) {
  Generator generator(5);
  Operation create = generator.RandomOperation(OperationKind::kCreateVertex);
  create.bytes = "\xff";
  EXPECT_EQ(StatusOf(create).message(), "operation 0: create vertex: malformed property set");
  Operation set = generator.RandomOperation(OperationKind::kSetVertexProperty);
  set.bytes = "\xff\xff";
  EXPECT_FALSE(StatusOf(set).ok());
  set.bytes.clear();
  EXPECT_TRUE(StatusOf(set).ok());
  set.key = KeyId();
  EXPECT_FALSE(StatusOf(set).ok());
  Operation get = generator.RandomOperation(OperationKind::kGetVertex);
  get.vertex = VertexId();
  EXPECT_FALSE(StatusOf(get).ok());
  Operation link = generator.RandomOperation(OperationKind::kLinkTarget);
  link.edge =
      EdgeId(SlotId(static_cast<uint16_t>((link.vertex.slot().value() + 1) % kSlotCount)), 1);
  EXPECT_FALSE(StatusOf(link).ok());
  Operation find = generator.RandomOperation(OperationKind::kFindKey);
  find.bytes.assign(graph::kMaxIndexKeyBytes + 2, 'x');
  EXPECT_FALSE(StatusOf(find).ok());
  Operation label = generator.RandomOperation(OperationKind::kSetLabel);
  label.label = LabelId();
  EXPECT_FALSE(StatusOf(label).ok());
  Operation expand = generator.RandomOperation(OperationKind::kExpand);
  expand.types.assign(kMaxTypeFilterCount + 1, TypeId(1));
  EXPECT_FALSE(StatusOf(expand).ok());
  expand.types.clear();
  expand.cursor.assign(kMaxCursorBytes + 1, 'x');
  EXPECT_FALSE(StatusOf(expand).ok());
  EXPECT_FALSE(DecodeBatch(std::string("\x01\x7f", 2)).ok());  // no such kind
  std::string many;
  AppendVarint(&many, kMaxBatchOperationCount + 1);
  many.append(kMaxBatchOperationCount + 1, static_cast<char>(OperationKind::kValidate));
  EXPECT_FALSE(DecodeBatch(many).ok());
  EXPECT_FALSE(DecodeBatch(std::string(kMaxBatchBytes + 1, '\0')).ok());
}

TEST(OperationCodingTest, AFollowUpKnowsItsOwner) {
  Generator generator(6);
  const Operation link = generator.RandomOperation(OperationKind::kLinkTarget);
  EXPECT_EQ(SlotOf(link), link.target.slot());
  const Operation at_source = generator.RandomOperation(OperationKind::kDeleteEdge);
  EXPECT_EQ(SlotOf(at_source), at_source.edge.slot());
  const Operation claim = generator.RandomOperation(OperationKind::kChangeKey);
  EXPECT_EQ(SlotOf(claim), graph::SlotOfIndexKey(claim.index, claim.bytes));
  EXPECT_EQ(SlotOf(generator.RandomOperation(OperationKind::kScanIndex)), std::nullopt);
  EXPECT_EQ(SlotOf(generator.RandomOperation(OperationKind::kValidate)), std::nullopt);
}

// Lines "o HEX TEXT" (a batch of one operation) and "r HEX TEXT" (a batch result of one result).
TEST(OperationCodingTest, MatchesTheGoldenFile) {
  std::ifstream in(std::string(TIDEMARK_FORMATS_DIR) + "/operations.golden");
  ASSERT_TRUE(in.good());
  int count = 0;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    const size_t blank = line.find(' ', 2);
    ASSERT_NE(blank, std::string::npos) << line;
    const std::string bytes = absl::HexStringToBytes(line.substr(2, blank - 2));
    const std::string text = line.substr(blank + 1);
    if (line[0] == 'o') {
      const auto batch = DecodeBatch(bytes);
      ASSERT_TRUE(batch.ok()) << line << batch.status();
      EXPECT_EQ(DebugString(batch->at(0)), text);
      EXPECT_EQ(EncodeBatch(*batch), bytes) << line;
    } else {
      const auto batch = DecodeBatchResult(bytes);
      ASSERT_TRUE(batch.ok()) << line << batch.status();
      EXPECT_EQ(DebugString(batch->results.at(0)), text);
      EXPECT_EQ(EncodeBatchResult(*batch), bytes) << line;
    }
    ++count;
  }
  EXPECT_GE(count, 20);
}

}  // namespace
}  // namespace tidemark::exec
