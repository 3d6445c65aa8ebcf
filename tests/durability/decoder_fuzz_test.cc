// SPDX-License-Identifier: Apache-2.0
// The decoders behind the checksums, on bytes that no writer made: an error, or something that says
// the same when it is written again. Under the sanitizers no byte outside is touched.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "durability/file_format.h"
#include "durability/identity.h"
#include "durability/master_log/master_log_record.h"
#include "durability/snapshot/snapshot_format.h"
#include "durability/wal/wal_record.h"
#include "tests/durability/sample.h"

namespace tidemark::durability {
namespace {

constexpr int kRounds = 20'000;

// What the decoder makes of the bytes, written again; nothing when it refuses them.
using Recode = std::function<std::optional<std::string>(std::string_view)>;

// On a copy that lies alone in memory, so that a sanitizer sees a read behind it.
std::optional<std::string> Alone(const Recode& recode, const std::string& bytes) {
  const std::unique_ptr<char[]> copy(new char[bytes.size()]);
  bytes.copy(copy.get(), bytes.size());
  return recode(std::string_view(copy.get(), bytes.size()));
}

std::string Damage(const std::string& good, std::mt19937_64* random) {
  std::string bytes = good;
  const int changes = 1 + static_cast<int>((*random)() % 3);
  for (int i = 0; i < changes; ++i) {
    const size_t at = bytes.empty() ? 0 : (*random)() % bytes.size();
    switch ((*random)() % 5) {
      case 0:
        bytes.resize(at);
        break;
      case 1:
        bytes.insert(at, 1, static_cast<char>((*random)()));
        break;
      case 2:
        if (!bytes.empty()) bytes[at] = static_cast<char>(0xff);
        break;
      case 3:
        if (!bytes.empty()) bytes[at] = static_cast<char>((*random)());
        break;
      default:
        if (!bytes.empty()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << ((*random)() % 8)));
    }
  }
  return bytes;
}

// `prefixes_refused`: no shorter front of good bytes is good.
void Fuzz(const std::vector<std::string>& good, const Recode& recode, bool prefixes_refused) {
  std::mt19937_64 random(3);
  for (const std::string& bytes : good) {
    ASSERT_EQ(recode(bytes), bytes);
    for (size_t size = 0; size < bytes.size(); ++size) {
      const std::string front = bytes.substr(0, size);
      EXPECT_TRUE(!Alone(recode, front).has_value() || !prefixes_refused) << size;
    }
  }
  int refused = 0;
  for (int i = 0; i < kRounds; ++i) {
    const std::string bytes = Damage(good[random() % good.size()], &random);
    const std::optional<std::string> again = Alone(recode, bytes);
    refused += again.has_value() ? 0 : 1;
    EXPECT_TRUE(!again.has_value() || recode(*again) == again);
  }
  EXPECT_GT(refused, 0);
}

TEST(DecoderFuzzTest, WalCommit) {
  std::string plain;
  AppendWalCommit({.tx = TxId(77), .participants = NodeSet(5), .mutations = "changes"}, &plain);
  std::string with_parts;
  AppendWalCommit({.tx = TxId(1 << 20),
                   .participants = NodeSet(1),
                   .part_count = 300,
                   .part_digest = 0x123456789abcdef0},
                  &with_parts);
  Fuzz(
      {plain, with_parts},
      [](std::string_view bytes) -> std::optional<std::string> {
        const auto commit = DecodeWalCommit(bytes);
        if (!commit.ok()) return std::nullopt;
        std::string out;
        AppendWalCommit(*commit, &out);
        return out;
      },
      false);
}

TEST(DecoderFuzzTest, WalTxPart) {
  std::string part;
  AppendWalTxPart({.tx = TxId(300), .index = 9, .mutations = "changes"}, &part);
  Fuzz(
      {part},
      [](std::string_view bytes) -> std::optional<std::string> {
        const auto decoded = DecodeWalTxPart(bytes);
        if (!decoded.ok()) return std::nullopt;
        std::string out;
        AppendWalTxPart(*decoded, &out);
        return out;
      },
      false);
}

TEST(DecoderFuzzTest, WalBase) {
  std::string base;
  AppendWalBase({.epoch = Epoch(3),
                 .base = Csn(900),
                 .last_csn = Csn(950),
                 .watermark = Csn(940),
                 .watermark_last = Csn(930),
                 .complete_after = Csn(10)},
                &base);
  Fuzz(
      {base},
      [](std::string_view bytes) -> std::optional<std::string> {
        const auto decoded = DecodeWalBase(bytes);
        if (!decoded.ok()) return std::nullopt;
        std::string out;
        AppendWalBase(*decoded, &out);
        return out;
      },
      true);
}

TEST(DecoderFuzzTest, SnapshotChunk) {
  const std::string mutations = SampleSlot(SlotId(4), 3);
  std::string chunk;
  AppendSnapshotChunk({.slot = SlotId(4),
                       .raw_bytes = static_cast<uint32_t>(mutations.size()),
                       .stored = mutations},
                      &chunk);
  Fuzz(
      {chunk},
      [](std::string_view bytes) -> std::optional<std::string> {
        const auto decoded = DecodeSnapshotChunk(bytes);
        if (!decoded.ok()) return std::nullopt;
        SnapshotSection counted;
        CountElements(decoded->stored, &counted).IgnoreError();
        std::string out;
        AppendSnapshotChunk(*decoded, &out);
        return out;
      },
      true);
}

TEST(DecoderFuzzTest, SnapshotFooter) {
  SnapshotFooter footer{.last_csn = Csn(40)};
  for (uint16_t slot = 3; slot < 400; slot += 100) {
    footer.sections.push_back({.slot = SlotId(slot),
                               .offset = slot * 1000u,
                               .chunks = 2,
                               .digest = slot * 0x9e3779b97f4a7c15u,
                               .vertices = 7,
                               .edges = 200});
  }
  std::string bytes;
  AppendSnapshotFooter(footer, &bytes);
  Fuzz(
      {bytes},
      [](std::string_view damaged) -> std::optional<std::string> {
        const auto decoded = DecodeSnapshotFooter(damaged);
        if (!decoded.ok()) return std::nullopt;
        std::string out;
        AppendSnapshotFooter(*decoded, &out);
        return out;
      },
      true);
}

TEST(DecoderFuzzTest, MasterLogRecords) {
  const graph::IndexDefinition index{.id = IndexId(1),
                                     .kind = graph::IndexKind::kUnique,
                                     .state = graph::IndexState::kOnline,
                                     .label = LabelId(1),
                                     .keys = {KeyId(2), KeyId(300)},
                                     .name = "person_id"};
  const std::vector<MasterLogRecord> records = {
      ClusterRecord{.id = {1, 2}, .worker_count = 3},
      EpochRecord{Epoch(4), Csn(500)},
      MemberRecord{NodeId(3)},
      NameRecord{NameKind::kType, 200, "KNOWS"},
      SchemaRecord{Epoch(1), Csn(1), index},
      WatermarkRecord{Epoch(1), Csn(300), {{NodeId(1), Csn(300)}, {NodeId(2), Csn(7)}}},
      SnapshotCompleteRecord{Epoch(1), Csn(3), {{.node = NodeId(1), .digest = 5, .bytes = 999}}}};
  for (const MasterLogRecord& record : records) {
    const uint8_t kind = KindOf(record);
    SCOPED_TRACE(kind);
    std::string body;
    AppendMasterLogRecord(record, &body);
    Fuzz(
        {body},
        [kind](std::string_view bytes) -> std::optional<std::string> {
          const auto decoded = DecodeMasterLogRecord(kind, bytes);
          if (!decoded.ok()) return std::nullopt;
          EXPECT_FALSE(DebugString(*decoded).empty());
          std::string out;
          AppendMasterLogRecord(*decoded, &out);
          return out;
        },
        true);
  }
  EXPECT_FALSE(DecodeMasterLogRecord(0, "").ok());
  EXPECT_FALSE(DecodeMasterLogRecord(kMaxMasterLogRecordKind + 1, "").ok());
}

TEST(DecoderFuzzTest, FileHeader) {
  const FileHeader header{
      .identity = {.cluster = {1, 2}, .node = NodeId(3)}, .number = 4, .made_bytes = 4096};
  std::string bytes;
  AppendFileHeader(header, &bytes);
  Fuzz(
      {bytes},
      [](std::string_view damaged) -> std::optional<std::string> {
        const auto decoded = DecodeFileHeader(damaged, FileKind::kWal, "path");
        if (!decoded.ok()) return std::nullopt;
        std::string out;
        AppendFileHeader(*decoded, &out);
        return out;
      },
      true);
}

TEST(DecoderFuzzTest, Identity) {
  Fuzz(
      {EncodeIdentity({.cluster = {1, 2}, .node = NodeId(3)})},
      [](std::string_view damaged) -> std::optional<std::string> {
        const auto decoded = DecodeIdentity(damaged, "path");
        if (!decoded.ok()) return std::nullopt;
        return EncodeIdentity(*decoded);
      },
      true);
}

}  // namespace
}  // namespace tidemark::durability
