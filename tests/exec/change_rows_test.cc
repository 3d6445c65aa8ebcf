// SPDX-License-Identifier: Apache-2.0
// Changes and their outputs as rows of batches, there and back through the bytes.
#include "exec/change_rows.h"

#include <gtest/gtest.h>

#include <fstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "exec/fragment_step.h"
#include "graph/index_key.h"
#include "graph/mutation.h"
#include "graph/property_set.h"
#include "graph/value_coding.h"
#include "query/batch/batch_coding.h"
#include "query/text/error.h"
#include "tests/exec/random_changes.h"

namespace tidemark::exec {
namespace {

class ChangeRowsTest : public ::testing::Test {
 protected:
  std::string Encode(const query::BatchRef& batch) {
    std::string bytes;
    const absl::Status status = query::AppendBatch(*batch, &bytes);
    EXPECT_TRUE(status.ok()) << status;
    return bytes;
  }
  std::string Encode(const std::vector<Change>& changes) {
    return Encode(MakeChangeRows(&pool_, changes));
  }
  std::string Encode(const std::vector<ChangeOutput>& outputs) {
    return Encode(MakeOutputRows(&pool_, outputs));
  }
  absl::StatusOr<std::vector<Change>> DecodeChanges(std::string_view bytes) {
    ASSIGN_OR_RETURN(const query::BatchRef batch, query::DecodeBatch(&pool_, bytes));
    std::vector<Change> changes;
    for (uint16_t row = 0; row < batch->row_count(); ++row) {
      ASSIGN_OR_RETURN(Change change, ReadChange(*batch, 0, row));
      changes.push_back(std::move(change));
    }
    return changes;
  }
  absl::StatusOr<std::vector<ChangeOutput>> DecodeOutputs(std::string_view bytes) {
    ASSIGN_OR_RETURN(const query::BatchRef batch, query::DecodeBatch(&pool_, bytes));
    std::vector<ChangeOutput> outputs;
    for (uint16_t row = 0; row < batch->row_count(); ++row) {
      ASSIGN_OR_RETURN(ChangeOutput output, ReadOutput(*batch, row));
      outputs.push_back(std::move(output));
    }
    return outputs;
  }
  void ExpectRoundTrip(const std::vector<Change>& changes) {
    const auto decoded = DecodeChanges(Encode(changes));
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(TextOf(*decoded), TextOf(changes));
  }
  absl::Status StatusOf(const Change& change) {
    return ReadChange(*MakeChangeRows(&pool_, {change}), 0, 0).status();
  }
  void ExpectRefused(const Change& change, std::string_view message) {
    const absl::Status status = StatusOf(change);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << message;
    EXPECT_EQ(status.message(), ToAbsl(message));
  }

  query::SlabPool pool_;
};

TEST_F(ChangeRowsTest, EveryKindRoundTrips) {
  ChangeGenerator generator(1);
  for (const ChangeKind kind : kAllKinds) {
    for (int i = 0; i < 50; ++i) ExpectRoundTrip({generator.RandomChange(kind)});
  }
}

TEST_F(ChangeRowsTest, ManyChangesRoundTrip) {
  ChangeGenerator generator(2);
  for (int i = 0; i < 500 && !HasFailure(); ++i) ExpectRoundTrip(generator.RandomChanges());
  EXPECT_EQ(MakeChangeRows(&pool_, {})->row_count(), 0u);
}

// The columns of changes may stand behind others.
TEST_F(ChangeRowsTest, AChangeIsReadFromAnySlot) {
  ChangeGenerator generator(3);
  const Change change = generator.RandomChange(ChangeKind::kLinkTarget);
  const query::BatchRef rows = MakeOutputRows(&pool_, {{{.cause = 7, .change = change}}});
  const auto read = ReadChange(*rows, 1, 0);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(Text(*read), Text(change));
  EXPECT_EQ(ReadChange(*rows, 2, 0).status().code(), absl::StatusCode::kInvalidArgument);
}

// What is the same in all rows takes no more bytes for many rows than for one.
TEST_F(ChangeRowsTest, EqualNumbersTakeNoRoom) {
  Change change;
  change.kind = ChangeKind::kTouchVertex;
  change.vertex = VertexId(SlotId(4), 1);
  const std::vector<Change> many(query::kMaxBatchRows, change);
  EXPECT_LE(Encode(many).size(), query::kMaxBatchRows * sizeof(uint64_t) + 50);
}

TEST_F(ChangeRowsTest, ALargePropertySetTravels) {
  Change create;
  create.kind = ChangeKind::kCreateVertex;
  const std::string text(kMaxFragmentCallBytes - 1'000, 'x');
  create.bytes = graph::WithProperty("", KeyId(1), graph::EncodeValue(graph::Value::String(text)));
  ExpectRoundTrip({create});
}

TEST_F(ChangeRowsTest, OutputsRoundTrip) {
  ChangeGenerator generator(4);
  for (int i = 0; i < 500; ++i) {
    const std::vector<ChangeOutput> outputs = generator.RandomOutputs();
    const auto decoded = DecodeOutputs(Encode(outputs));
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    ASSERT_EQ(TextOf(*decoded), TextOf(outputs));
  }
}

// What is taken is well-formed: written again it says the same.
TEST_F(ChangeRowsTest, DamageIsRefusedOrSaysWhatItSays) {
  const auto is_refusal = [](const absl::Status& status) {
    return absl::IsDataLoss(status) || absl::IsInvalidArgument(status);
  };
  ChangeGenerator generator(5);
  int refused = 0;
  constexpr int kRounds = 5'000;
  for (int i = 0; i < kRounds; ++i) {
    std::vector<Change> changes = generator.RandomChanges();
    changes.resize(std::min<size_t>(changes.size(), 8));
    if (const auto decoded = DecodeChanges(generator.Damage(Encode(changes))); decoded.ok()) {
      ExpectRoundTrip(*decoded);
    } else {
      EXPECT_TRUE(is_refusal(decoded.status())) << decoded.status();
      ++refused;
    }
    const std::string outputs = generator.Damage(Encode(generator.RandomOutputs()));
    if (const auto decoded = DecodeOutputs(outputs); decoded.ok()) {
      const auto again = DecodeOutputs(Encode(*decoded));
      ASSERT_TRUE(again.ok()) << again.status();
      EXPECT_EQ(TextOf(*again), TextOf(*decoded));
    } else {
      EXPECT_TRUE(is_refusal(decoded.status())) << decoded.status();
    }
  }
  EXPECT_GT(refused, kRounds / 3);
}

TEST_F(ChangeRowsTest, EveryTruncationIsRefused) {
  ChangeGenerator generator(6);
  const std::string changes = Encode({generator.RandomChange(ChangeKind::kLinkTarget),
                                      generator.RandomChange(ChangeKind::kCreateVertex)});
  for (size_t size = 0; size < changes.size(); ++size) {
    EXPECT_FALSE(DecodeChanges(std::string_view(changes).substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(DecodeChanges(changes + "x").ok());
  const std::string outputs = Encode(generator.RandomOutputs());
  for (size_t size = 0; size < outputs.size(); ++size) {
    EXPECT_FALSE(DecodeOutputs(std::string_view(outputs).substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(DecodeOutputs(outputs + "x").ok());
}

TEST_F(ChangeRowsTest, ElementsAndNamesThatAreMissingAreRefused) {
  ChangeGenerator generator(7);
  Change create = generator.RandomChange(ChangeKind::kCreateEdge);
  create.vertex = VertexId();
  ExpectRefused(create, "create edge: no vertex");
  create = generator.RandomChange(ChangeKind::kCreateEdge);
  create.target = VertexId();
  ExpectRefused(create, "create edge: no target");
  create = generator.RandomChange(ChangeKind::kCreateEdge);
  create.type = TypeId();
  ExpectRefused(create, "create edge: no name");
  Change label = generator.RandomChange(ChangeKind::kSetLabel);
  label.label = LabelId();
  ExpectRefused(label, "set label: no name");
  Change claim = generator.RandomChange(ChangeKind::kChangeKey);
  claim.index = IndexId();
  ExpectRefused(claim, "change key: no name");
  for (const ChangeKind kind :
       {ChangeKind::kDeleteVertex, ChangeKind::kTouchVertex, ChangeKind::kSetVertexProperties,
        ChangeKind::kSetLabel, ChangeKind::kChangeKey, ChangeKind::kUnlinkTarget}) {
    Change change = generator.RandomChange(kind);
    change.vertex = VertexId();
    ExpectRefused(change, absl::StrCat(ToAbsl(KindName(kind)), ": no vertex"));
  }
  for (const ChangeKind kind : {ChangeKind::kDeleteEdge, ChangeKind::kSetEdgeProperties,
                                ChangeKind::kLinkTarget, ChangeKind::kUnlinkTarget}) {
    Change change = generator.RandomChange(kind);
    change.edge = EdgeId();
    ExpectRefused(change, absl::StrCat(ToAbsl(KindName(kind)), ": no edge"));
  }
}

TEST_F(ChangeRowsTest, WhatIsBeyondALimitOrMalformedIsRefused) {
  ChangeGenerator generator(8);
  Change create = generator.RandomChange(ChangeKind::kCreateVertex);
  create.bytes = "\xff";
  ExpectRefused(create, "create vertex: malformed property set");
  create.bytes.clear();
  create.labels.assign(graph::kMaxLabelCount, LabelId(1));
  EXPECT_TRUE(StatusOf(create).ok());
  create.labels.push_back(LabelId(1));
  ExpectRefused(create, "create vertex: malformed labels");
  create.labels.assign(1, LabelId());
  ExpectRefused(create, "create vertex: malformed labels");
  Change set = generator.RandomChange(ChangeKind::kSetVertexProperties);
  set.bytes = "\xff\xff";
  ExpectRefused(set, "set vertex properties: malformed changes of properties");
  const std::string cut_off = graph::EncodeValue(graph::Value::String("Ann")).substr(0, 3);
  set.bytes = PackProperties({{KeyId(1), cut_off}});
  ExpectRefused(set, "set vertex properties: malformed changes of properties");
  set.bytes = PackProperties({{KeyId(), generator.Value()}});
  ExpectRefused(set, "set vertex properties: malformed changes of properties");
  set.bytes = PackProperties({{KeyId(1), ""}});
  EXPECT_TRUE(StatusOf(set).ok());
  Change link = generator.RandomChange(ChangeKind::kLinkTarget);
  link.edge =
      EdgeId(SlotId(static_cast<uint16_t>((link.vertex.slot().value() + 1) % kSlotCount)), 1);
  ExpectRefused(link, "link target: the edge is not in its source's slot");
  Change claim = generator.RandomChange(ChangeKind::kChangeKey);
  claim.bytes.assign(graph::kMaxIndexKeyBytes + 1, 'x');
  ExpectRefused(claim, "change key: an index key that is too long");
  Change rest = generator.RandomChange(ChangeKind::kDeleteVertex);
  rest.cursor.assign(kMaxCursorBytes + 1, 'x');
  ExpectRefused(rest, "delete vertex: a cursor that is too long");
  rest.cursor.pop_back();
  EXPECT_TRUE(StatusOf(rest).ok());
}

// A row of constants: the columns of a change, of which one is another value.
TEST_F(ChangeRowsTest, CellsOfOtherTypesAndRangesAreRefused) {
  const auto number = [](int64_t value) { return graph::Value::Integer(value); };
  const graph::Value text = graph::Value::String("x");
  const std::vector<graph::Value> good = {
      number(8),
      graph::Value::Of(VertexId(SlotId(4), 1)),
      graph::Value::Of(VertexId(SlotId(5), 1)),
      number(static_cast<int64_t>(EdgeId(SlotId(4), 7).value())),
      number(2),
      number(0),
      {},
      {}};
  const auto status_of = [&](size_t column, const graph::Value& value) {
    const query::BatchRef batch = query::Batch::Make(&pool_, 1);
    batch->AddRow();
    for (size_t i = 0; i < good.size(); ++i) {
      *batch->AddColumn(query::ColumnKind::kConstant)->values() = i == column ? value : good[i];
    }
    return ReadChange(*batch, 0, 0).status().code();
  };
  EXPECT_EQ(status_of(0, good[0]), absl::StatusCode::kOk);
  const std::vector<std::pair<size_t, graph::Value>> bad = {
      {0, number(0)}, {0, number(14)}, {0, number(-1)}, {0, number(256 + 8)},
      {0, text},      {0, {}},         {1, text},       {1, {}},
      {2, number(3)}, {2, {}},         {3, text},       {3, {}},
      {3, number(0)}, {4, number(-1)}, {4, text},       {4, number(int64_t{1} << 32)},
      {4, number(0)}, {5, text},       {5, {}},         {6, number(1)},
      {7, number(1)}};
  for (const auto& [column, value] : bad) {
    EXPECT_EQ(status_of(column, value), absl::StatusCode::kInvalidArgument) << column;
  }
  // A slot of a new vertex.
  const auto slot_status = [&](int64_t slot) {
    const query::BatchRef batch = query::Batch::Make(&pool_, 1);
    batch->AddRow();
    for (const int64_t value : {int64_t{1}, int64_t{-1}, int64_t{-1}, int64_t{0}, int64_t{0}, slot,
                                int64_t{-1}, int64_t{-1}}) {
      *batch->AddColumn(query::ColumnKind::kConstant)->values() =
          value < 0 && value != slot ? graph::Value() : number(value);
    }
    return ReadChange(*batch, 0, 0).status().code();
  };
  EXPECT_EQ(slot_status(0), absl::StatusCode::kOk);
  EXPECT_EQ(slot_status(kSlotCount), absl::StatusCode::kOk);
  EXPECT_EQ(slot_status(kSlotCount + 1), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(slot_status(-7), absl::StatusCode::kInvalidArgument);
}

TEST_F(ChangeRowsTest, OutputsOfAnotherShapeAreRefused) {
  ChangeGenerator generator(9);
  const auto status_of = [&](const ChangeOutput& output) {
    return ReadOutput(*MakeOutputRows(&pool_, {{output}}), 0).status().code();
  };
  EXPECT_EQ(status_of({0, generator.Made(true)}), absl::StatusCode::kOk);
  EXPECT_EQ(status_of({0, {.kind = ChangeKind::kCreateVertex}}),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status_of({0, {.kind = ChangeKind::kCreateEdge}}), absl::StatusCode::kInvalidArgument);
  Change link = generator.RandomChange(ChangeKind::kLinkTarget);
  EXPECT_EQ(status_of({0, link}), absl::StatusCode::kOk);
  link.type = TypeId();
  EXPECT_EQ(status_of({0, link}), absl::StatusCode::kInvalidArgument);
  // The columns of changes have no cause.
  EXPECT_EQ(ReadOutput(*MakeChangeRows(&pool_, {generator.Made(true)}), 0).status().code(),
            absl::StatusCode::kInvalidArgument);
  const query::BatchRef batch = query::Batch::Make(&pool_, 1);
  batch->AddRow();
  for (size_t i = 0; i <= kChangeColumnCount; ++i) {
    *batch->AddColumn(query::ColumnKind::kConstant)->values() = graph::Value::String("x");
  }
  EXPECT_EQ(ReadOutput(*batch, 0).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ChangeRowsTest, AChangeKnowsItsOwner) {
  ChangeGenerator generator(10);
  const Change link = generator.RandomChange(ChangeKind::kLinkTarget);
  EXPECT_EQ(SlotOf(link), link.target.slot());
  const Change at_source = generator.RandomChange(ChangeKind::kDeleteEdge);
  EXPECT_EQ(SlotOf(at_source), at_source.edge.slot());
  const Change claim = generator.RandomChange(ChangeKind::kChangeKey);
  EXPECT_EQ(SlotOf(claim), graph::SlotOfIndexKey(claim.index, claim.bytes));
  EXPECT_EQ(SlotOf(generator.RandomChange(ChangeKind::kKeysLater)), std::nullopt);
  EXPECT_EQ(SlotOf(generator.RandomChange(ChangeKind::kValidate)), std::nullopt);
}

TEST_F(ChangeRowsTest, AFailureIsAPayloadOfItsStatus) {
  const absl::Status plain = absl::AlreadyExistsError("taken");
  EXPECT_FALSE(FailureOf(absl::OkStatus()).has_value());
  EXPECT_FALSE(FailureOf(plain).has_value());
  const absl::Status with_row = WithFailure(plain, {1'000, std::nullopt});
  EXPECT_EQ(with_row.code(), plain.code());
  EXPECT_EQ(with_row.message(), plain.message());
  EXPECT_FALSE(query::ErrorOf(with_row).has_value());
  auto failure = FailureOf(with_row);
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->row, 1'000u);
  EXPECT_FALSE(failure->refused.has_value());
  Change refused;
  refused.kind = ChangeKind::kChangeKey;
  refused.index = IndexId(300);
  refused.vertex = VertexId(SlotId(4095), UINT32_MAX);
  refused.bytes = std::string("key\0\xff", 5);
  const absl::Status status = WithFailure(plain, {0, refused});
  failure = FailureOf(status);
  ASSERT_TRUE(failure.has_value() && failure->refused.has_value());
  EXPECT_EQ(failure->row, 0u);
  EXPECT_EQ(Text(*failure->refused), Text(refused));
  // As it comes from another node, whole or cut off.
  const std::string payload = query::PayloadOf(status);
  EXPECT_EQ(FailureOf(query::WithPayload(plain, payload))->refused->bytes, refused.bytes);
  std::string other = payload;
  other[0] = 1;  // of another kind of error
  EXPECT_FALSE(FailureOf(query::WithPayload(plain, other)).has_value());
  for (size_t size = 0; size < payload.size(); ++size) {
    EXPECT_FALSE(FailureOf(query::WithPayload(plain, payload.substr(0, size))).has_value()) << size;
  }
}

// A failure of another kind: an error of a statement.
TEST_F(ChangeRowsTest, AnotherPayloadIsNoFailure) {
  query::Error error;
  error.id = query::ErrorId::kDivisionByZero;
  const absl::Status status = query::ToStatus(error);
  ASSERT_FALSE(query::PayloadOf(status).empty());
  EXPECT_FALSE(FailureOf(status).has_value());
}

// Lines "c HEX TEXT" (rows of one change) and "o HEX TEXT" (rows of one output).
TEST_F(ChangeRowsTest, MatchesTheGoldenFile) {
  std::ifstream in(std::string(TIDEMARK_FORMATS_DIR) + "/changes.golden");
  ASSERT_TRUE(in.good());
  int count = 0;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    const size_t blank = line.find(' ', 2);
    ASSERT_NE(blank, std::string::npos) << line;
    const std::string bytes = absl::HexStringToBytes(line.substr(2, blank - 2));
    const std::string text = line.substr(blank + 1);
    if (line[0] == 'c') {
      const auto changes = DecodeChanges(bytes);
      ASSERT_TRUE(changes.ok()) << line << changes.status();
      EXPECT_EQ(Text(changes->at(0)), text);
      EXPECT_EQ(Encode(*changes), bytes) << line;
    } else {
      const auto outputs = DecodeOutputs(bytes);
      ASSERT_TRUE(outputs.ok()) << line << outputs.status();
      EXPECT_EQ(Text(outputs->at(0)), text);
      EXPECT_EQ(Encode(*outputs), bytes) << line;
    }
    ++count;
  }
  EXPECT_GE(count, 20);
}

}  // namespace
}  // namespace tidemark::exec
