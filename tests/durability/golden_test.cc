// SPDX-License-Identifier: Apache-2.0
// The files of format version 1 that lie in tests/formats must be read for ever. Each <name>.bin
// has beside it a <name>.txt with what inspect says of it. With TIDEMARK_WRITE_GOLDEN set the files
// of the present program are written instead; a file of a released version is never replaced.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "base/status.h"
#include "durability/identity.h"
#include "durability/inspect.h"
#include "durability/master_log/master_log.h"
#include "durability/snapshot/snapshot_writer.h"
#include "tests/durability/sample.h"
#include "tests/durability/wal_node.h"

namespace tidemark::durability {
namespace {

std::string PathOf(const std::string& name) {
  return std::string(TIDEMARK_FORMATS_DIR) + "/" + name;
}

std::string ReadGolden(const std::string& name) {
  std::ifstream in(PathOf(name), std::ios::binary);
  EXPECT_TRUE(in.good()) << name;
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

class GoldenTest : public ::testing::Test {
 protected:
  GoldenTest() { EXPECT_TRUE(files_.MakeDirectory("g").ok()); }

  using Inspect = std::function<absl::Status(const std::string& path, const LineSink& sink)>;

  // `made`: what the present program writes.
  void Check(const std::string& name, const std::string& made, const Inspect& inspect) {
    if (std::getenv("TIDEMARK_WRITE_GOLDEN") != nullptr) {
      std::ofstream(PathOf(name + ".bin"), std::ios::binary) << made;
      std::ofstream(PathOf(name + ".txt"), std::ios::binary) << Text(made, inspect);
    }
    const std::string golden = ReadGolden(name + ".bin");
    EXPECT_EQ(Text(golden, inspect), ReadGolden(name + ".txt"));
    EXPECT_TRUE(!same_bytes_ || golden == made) << name << ": the program writes other bytes";
  }
  std::string Text(const std::string& bytes, const Inspect& inspect) {
    const std::string path = "g/golden";
    if (files_.Exists(path)) {
      EXPECT_TRUE(files_.Remove(path).ok());
    }
    auto file = files_.Open(path, env::OpenMode::kCreate);
    EXPECT_TRUE((*file)->WriteAt(0, bytes).ok());
    std::string text;
    const absl::Status status = inspect(path, [&](std::string_view line) {
      text.append(line);
      text.push_back('\n');
    });
    EXPECT_TRUE(status.ok()) << status;
    return text;
  }

  CrashFileSystem files_;
  bool same_bytes_ = true;
};

TEST_F(GoldenTest, Wal) {
  WalNode node(&files_);
  ASSERT_TRUE(node.Open().ok());
  ASSERT_TRUE(node.Cut(1, 0));
  node.Commit(1, SampleSlot(SlotId(4), 1));
  node.writer()->AppendPart(TxId(1003), SampleSlot(SlotId(5), 1));
  node.Commit(3, SampleEdges(SlotId(5), 1));
  node.writer()->NoteWatermark(Csn(2));
  node.Commit(4, SampleSlot(SlotId(6), 1));
  ASSERT_TRUE(node.Cut(2, 3));
  Check("wal-1", *files_.Bytes(SegmentPath(1)), [&](const std::string& path, const LineSink& sink) {
    return InspectWalSegment(&files_, path, {.mutations = true}, sink);
  });
}

TEST_F(GoldenTest, Snapshot) {
  same_bytes_ = false;  // what a chunk is compressed to may change with the library
  auto file = SnapshotFile::Create(&files_, {.directory = "g",
                                             .identity = kIdentity,
                                             .epoch = Epoch(2),
                                             .csn = Csn(3),
                                             .last_csn = Csn(3)});
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE((*file)->AddChunk(SlotId(4), SampleSlot(SlotId(4), 1)).ok());
  ASSERT_TRUE((*file)->AddChunk(SlotId(5), SampleSlot(SlotId(5), 20)).ok());
  ASSERT_TRUE((*file)->AddChunk(SlotId(5), SampleEdges(SlotId(5), 2)).ok());
  ASSERT_TRUE((*file)->Finish().ok());
  Check("snapshot-1", *files_.Bytes("g/" + SnapshotName(Epoch(2), Csn(3))),
        [&](const std::string& path, const LineSink& sink) {
          return InspectSnapshot(&files_, path, {.mutations = true}, sink);
        });
}

TEST_F(GoldenTest, MasterLog) {
  ManualExecutor executor;
  const FileIdentity identity{.cluster = kIdentity.cluster, .node = kMasterNode};
  auto log = MasterLog::Create(&files_, &executor,
                               {.directory = "g", .identity = identity, .growth_bytes = 1024},
                               {.id = kIdentity.cluster, .worker_count = 1});
  ASSERT_TRUE(log.ok());
  (*log)->Append(EpochRecord{Epoch(1), Csn(0)});
  (*log)->Append(MemberRecord{NodeId(1)});
  (*log)->Append(NameRecord{NameKind::kLabel, 1, "Person"});
  (*log)->Append(SchemaRecord{Epoch(1),
                              Csn(1),
                              {.id = IndexId(1),
                               .kind = graph::IndexKind::kUnique,
                               .state = graph::IndexState::kOnline,
                               .label = LabelId(1),
                               .keys = {KeyId(2)},
                               .name = "person_id"}});
  (*log)->Append(WatermarkRecord{Epoch(1), Csn(3), {{NodeId(1), Csn(3)}}});
  (*log)->Append(SnapshotCompleteRecord{Epoch(1),
                                        Csn(3),
                                        {{.node = NodeId(1),
                                          .digest = 0x0123456789abcdef,
                                          .last_csn = Csn(3),
                                          .bytes = 1000,
                                          .vertices = 2,
                                          .edges = 1}}});
  executor.RunAll();
  Check("master-log-1", *files_.Bytes("g/" + MasterLogName(1)),
        [&](const std::string& path, const LineSink& sink) {
          return InspectMasterLog(&files_, path, sink);
        });
}

TEST_F(GoldenTest, Identity) {
  Check("identity-1", EncodeIdentity(kIdentity),
        [&](const std::string& path, const LineSink& sink) {
          return InspectIdentity(&files_, path, sink);
        });
}

}  // namespace
}  // namespace tidemark::durability
