// SPDX-License-Identifier: Apache-2.0
// What is too large for a transaction, a message, the memory or the disk is refused by name, and
// nothing that was acknowledged is lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "tests/integration/cluster_process.h"
#include "tests/integration/graph_client.h"

namespace tidemark::integration {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// `count` vertices with numbers from `first` on and a text of `bytes` each.
api::Run Blobs(int first, int count, size_t bytes) {
  api::Run run;
  for (int i = 0; i < count; ++i) {
    api::CreateVertex* vertex = AddVertex(&run, "Blob", "number", first + i);
    api::Property* property = vertex->add_properties();
    property->set_key("text");
    property->mutable_value()->set_text(std::string(bytes, 'x'));
  }
  return run;
}

// The ids of all vertices with the label, over every page.
std::vector<uint64_t> IdsOf(client::ClientSession* session, const std::string& label) {
  std::vector<uint64_t> ids;
  api::Run run;
  api::ScanLabel* scan = run.add_operations()->mutable_scan_label();
  scan->set_label(label);
  scan->set_ids_only(true);
  const api::OperationResult found = ReadAll(session, run);
  for (const api::Vertex& vertex : found.vertices()) ids.push_back(vertex.id());
  return ids;
}

TEST(LimitTest, AWriteBeyondTheMemoryLimitIsRefusedAndTheRestStays) {
  TestDirectory directory;
  ClusterProcess server("server", directory.path() + "/data", 2, {"--memory-limit-mb=4"});
  ASSERT_TRUE(server.Start().ok()) << server.output();
  const auto session = server.client()->OpenSession();
  constexpr int kPerBatch = 100;
  int stored = 0;
  absl::Status refused;
  while (stored < 20'000) {
    const auto made = session->Run(Blobs(stored, kPerBatch, 1000));
    refused = made.status();
    if (!made.ok()) break;
    stored += kPerBatch;
  }
  EXPECT_GT(stored, 2'000);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(MessageOf(refused),
              AllOf(HasSubstr("worker "), HasSubstr("of 4194304 bytes of memory"),
                    HasSubstr("raise --memory-limit-mb")));
  // Of the refused transaction nothing is there, of those before it everything.
  const std::vector<uint64_t> ids = IdsOf(session.get(), "Blob");
  EXPECT_EQ(ids.size(), static_cast<size_t>(stored));
  api::Run remove;
  for (size_t i = 0; i < ids.size(); i += 4) {
    remove.add_operations()->mutable_delete_vertex()->mutable_vertex()->set_id(ids[i]);
  }
  const auto removed = session->Run(remove);
  ASSERT_TRUE(removed.ok()) << removed.status();
  // The memory comes back when nobody can read the deleted versions any more.
  absl::Status later = refused;
  for (int i = 0; i < 100 && !later.ok(); ++i) {
    SleepMs(50);
    later = session->Run(Blobs(stored, 1, 1000)).status();
  }
  EXPECT_TRUE(later.ok()) << later;
  EXPECT_EQ(server.Stop(), 0) << server.output();
}

TEST(LimitTest, AMessageBeyondTheLimitIsRefusedAndTheSessionGoesOn) {
  TestDirectory directory;
  ClusterProcess server("server", directory.path() + "/data", 1);
  ASSERT_TRUE(server.Start().ok()) << server.output();
  const auto session = server.client()->OpenSession();
  ASSERT_TRUE(session->Begin().ok());
  ASSERT_TRUE(session->Run(Blobs(0, 1, 10)).ok());
  const auto large = session->Run(Blobs(1, 70, 1 << 20));
  EXPECT_EQ(large.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(MessageOf(large.status()), AllOf(HasSubstr("a batch has 73"), HasSubstr("at most")));
  // As after any error the transaction is rolled back, and the session goes on.
  EXPECT_TRUE(IdsOf(session.get(), "Blob").empty());
  // What the client port takes goes to the worker in parts.
  const auto medium = session->Run(Blobs(1, 50, 1 << 20));
  EXPECT_TRUE(medium.ok()) << medium.status();
  const auto vertex = session->Run(Blobs(1, 1, 31 << 20));
  EXPECT_EQ(vertex.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(MessageOf(vertex.status()), HasSubstr("are allowed"));
  EXPECT_EQ(IdsOf(session.get(), "Blob").size(), 50u);
  const auto small = session->Run(Blobs(0, 1, 10));
  EXPECT_TRUE(small.ok()) << small.status();
  EXPECT_EQ(server.Stop(), 0) << server.output();
}

TEST(LimitTest, ResultsBeyondTheLimitAreRefused) {
  TestDirectory directory;
  ClusterProcess server("server", directory.path() + "/data", 3);
  ASSERT_TRUE(server.Start().ok()) << server.output();
  const auto session = server.client()->OpenSession();
  std::vector<uint64_t> ids;
  for (int worker = 0; worker < 3; ++worker) {
    const auto made = session->Run(Blobs(worker, 1, 1 << 20));
    ASSERT_TRUE(made.ok()) << made.status();
    ids.push_back(made->results(0).vertex());
  }
  api::Run gets;
  for (int i = 0; i < 25; ++i) {
    for (const uint64_t id : ids) AddGet(&gets, id);
  }
  const auto large = session->Run(gets);
  EXPECT_EQ(large.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(MessageOf(large.status()), HasSubstr("ask for less at a time"));
  EXPECT_TRUE(session->Run(Blobs(0, 1, 10)).ok());
  EXPECT_EQ(server.Stop(), 0) << server.output();
}

// One batch whose operations for one worker do not fit into one message.
TEST(LimitTest, ABatchOfManyPropertiesIsWrittenWhole) {
  TestDirectory directory;
  ClusterProcess server("server", directory.path() + "/data", 2);
  ASSERT_TRUE(server.Start().ok()) << server.output();
  const auto session = server.client()->OpenSession();
  const auto made = session->Run(Blobs(0, 1, 10));
  ASSERT_TRUE(made.ok()) << made.status();
  const uint64_t vertex = made->results(0).vertex();
  constexpr int kCount = 70'000;
  api::Run run;
  for (int i = 0; i < kCount; ++i) {
    for (const char* key : {"a", "b", "c"}) {
      if (key[0] == 'a') run.add_operations()->mutable_set_vertex_properties();
      auto* set = run.mutable_operations(i)->mutable_set_vertex_properties();
      set->mutable_vertex()->set_id(vertex);
      AddInteger(set->mutable_properties(), key, i);
    }
  }
  const auto done = session->Run(run);
  ASSERT_TRUE(done.ok()) << done.status();
  api::Run get;
  AddGet(&get, vertex);
  const auto found = session->Run(get);
  ASSERT_TRUE(found.ok()) << found.status();
  for (const char* key : {"a", "b", "c"}) {
    EXPECT_EQ(IntegerOf(found->results(0).vertices(0), key), kCount - 1) << key;
  }
  EXPECT_EQ(server.Stop(), 0) << server.output();
}

// A file system in memory of a few megabytes; gone with the object. Needs root.
class SmallDisk {
 public:
  explicit SmallDisk(std::string path) : path_(std::move(path)) {
    std::filesystem::create_directories(path_);
    mounted_ = mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=12m") == 0;
  }
  ~SmallDisk() {
    if (mounted_) umount2(path_.c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }
  bool Grow() { return mount("", path_.c_str(), "", MS_REMOUNT, "size=200m") == 0; }

 private:
  const std::string path_;
  bool mounted_ = false;
};

class FullDiskTest : public ::testing::TestWithParam<std::string> {};

// What is there after a kill of everything, or without one, is what was acknowledged; a batch that
// was not is there whole or not at all.
void ExpectBlobs(client::ClientSession* session, int acknowledged, int sent, int per_batch) {
  const auto found = static_cast<int>(IdsOf(session, "Blob").size());
  EXPECT_GE(found, acknowledged);
  EXPECT_LE(found, sent);
  EXPECT_EQ(found % per_batch, 0);
}

TEST_P(FullDiskTest, RefusesWritesServesReadsAndGoesOnWhenThereIsRoom) {
  TestDirectory directory;
  const std::string data = directory.path() + "/data";
  SmallDisk disk(data + "/worker-1");
  if (!disk.mounted()) GTEST_SKIP() << "SKIPPED: a full disk (only root can mount one)";
  ClusterProcess cluster(GetParam(), data, 2, {"--synchronous-commit", "--wal-segment-mb=1"});
  ASSERT_TRUE(cluster.Start().ok()) << cluster.output();
  auto session = cluster.client()->OpenSession();
  constexpr int kPerBatch = 50;
  int sent = 0;
  int acknowledged = 0;
  const auto write = [&] {
    const absl::Status status = session->Run(Blobs(sent, kPerBatch, 1000)).status();
    sent += kPerBatch;
    if (status.ok()) acknowledged += kPerBatch;
    return status;
  };
  for (int refused = 0; refused < 3;) {
    const absl::Status status = write();
    if (status.ok()) continue;
    ++refused;
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
    EXPECT_THAT(MessageOf(status), AllOf(HasSubstr("worker 1"), HasSubstr("/worker-1/wal"),
                                         HasSubstr("bytes are free")));
  }
  EXPECT_GT(acknowledged, 2'000);
  ExpectBlobs(session.get(), acknowledged, sent, kPerBatch);
  cluster.KillEverything();
  ASSERT_TRUE(cluster.Start().ok()) << "a start needs no room either\n" << cluster.output();
  session = cluster.client()->OpenSession();
  ExpectBlobs(session.get(), acknowledged, sent, kPerBatch);
  ASSERT_TRUE(disk.Grow());
  absl::Status status = write();
  for (int i = 0; i < 100 && !status.ok(); ++i) {
    SleepMs(100);
    status = write();
  }
  EXPECT_TRUE(status.ok()) << status << cluster.output();
  ExpectBlobs(session.get(), acknowledged, sent, kPerBatch);
  EXPECT_EQ(cluster.Stop(), 0) << cluster.output();
  const CommandResult verify = RunTidemark({"verify", data});
  EXPECT_EQ(verify.exit_code, 0) << verify.out << verify.err;
  std::printf("%d acknowledged of %d sent\n", acknowledged, sent);
}

// A value of a few megabytes makes a segment of one megabyte grow.
TEST_P(FullDiskTest, AWriteThatIsLargerThanASegmentIsRefusedAndStatusSaysWhy) {
  TestDirectory directory;
  const std::string data = directory.path() + "/data";
  SmallDisk disk(data + "/worker-1");
  if (!disk.mounted()) GTEST_SKIP() << "SKIPPED: a full disk (only root can mount one)";
  ClusterProcess cluster(GetParam(), data, 1, {"--synchronous-commit", "--wal-segment-mb=1"});
  ASSERT_TRUE(cluster.Start().ok()) << cluster.output();
  const auto session = cluster.client()->OpenSession();
  int sent = 0;
  int acknowledged = 0;
  absl::Status last;
  for (int refused = 0; refused < 10 && sent < 100; ++sent) {
    const size_t bytes = refused < 3 ? 3'000'000 : 300'000;  // small ones use the rest
    last = session->Run(Blobs(sent, 1, bytes)).status();
    if (last.ok()) ++acknowledged;
    if (last.ok()) continue;
    ++refused;
    EXPECT_EQ(last.code(), absl::StatusCode::kResourceExhausted) << last;
    EXPECT_THAT(MessageOf(last), AllOf(HasSubstr("worker 1 refuses"), HasSubstr("/worker-1/wal")));
  }
  EXPECT_GT(acknowledged, 0);
  ExpectBlobs(session.get(), acknowledged, sent, 1);
  const auto status = cluster.client()->Status();
  ASSERT_TRUE(status.ok()) << status.status();
  EXPECT_EQ(status->epoch(), 1u) << "the worker has ended\n" << cluster.output();
  const CommandResult shown = RunTidemark({"status", "--address=" + cluster.address()});
  EXPECT_EQ(shown.exit_code, 0) << shown.out << shown.err;
  EXPECT_THAT(shown.out, HasSubstr("/worker-1/wal is full")) << MessageOf(last);
  EXPECT_EQ(cluster.Stop(), 0) << cluster.output();
}

INSTANTIATE_TEST_SUITE_P(Commands, FullDiskTest, ::testing::Values("server", "cluster"));

}  // namespace
}  // namespace tidemark::integration
