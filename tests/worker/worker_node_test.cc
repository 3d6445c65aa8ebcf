// SPDX-License-Identifier: Apache-2.0
// A worker between its start and its registration, against a master that the test plays.
#include "worker/worker_node.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "base/check.h"
#include "base/status.h"
#include "env/posix_file_system.h"
#include "env/posix_random.h"
#include "tests/worker/hand_executor.h"

namespace tidemark::worker {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kSecond = 1'000'000;
constexpr ClusterId kCluster{1, 2};

// The worker's end of one stream to a master. Threads: one.
class HandTransport : public rpc::Transport {
 public:
  void Start(rpc::TransportHandler* handler, Started started) override {
    handler_ = handler;
    started(absl::OkStatus());
  }
  void Send(rpc::StreamId stream, wire::Frame&& frame) override {
    CHECK_EQ(stream, stream_);
    sent_.push_back(std::move(frame));
  }
  size_t UnsentBytes(rpc::StreamId) override { return 0; }
  void Close(rpc::StreamId stream, const absl::Status& reason) override {
    CHECK_EQ(stream, stream_);
    closed_ = reason;
  }
  void Stop() override { stopped_ = true; }

  bool started() const { return handler_ != nullptr; }
  bool stopped() const { return stopped_; }
  void Open() {
    stream_ = stream_.Next();
    closed_ = absl::OkStatus();
    handler_->OnStreamOpened(stream_, "master");
  }
  void Break() { handler_->OnStreamClosed(stream_, absl::UnavailableError("broken")); }
  void Deliver(wire::Frame frame) {
    wire::Envelope envelope;
    *envelope.add_frames() = std::move(frame);
    handler_->OnEnvelope(stream_, std::move(envelope));
  }
  std::vector<wire::Frame> TakeSent() { return std::exchange(sent_, {}); }
  const absl::Status& closed() const { return closed_; }

 private:
  rpc::TransportHandler* handler_ = nullptr;
  rpc::StreamId stream_;
  std::vector<wire::Frame> sent_;
  absl::Status closed_;
  bool stopped_ = false;
};

class WorkerNodeTest : public ::testing::Test {
 protected:
  WorkerNodeTest() {
    CHECK(mkdtemp(path_.data()) != nullptr) << path_;
    auto directory =
        durability::DataDirectory::Open(&files_, path_, durability::DirectoryRole::kWorker);
    CHECK(directory.ok() && (*directory)->Establish({kCluster, NodeId(1)}).ok());
    directory->reset();
    WorkerOptions options;
    options.data_directory = path_;
    node_ = std::make_unique<WorkerNode>(
        env::Env{&executor_.clock(), &random_, &files_, &executor_}, options, &transport_,
        [this](const absl::Status& status) { exits_.push_back(status); });
  }
  ~WorkerNodeTest() override {
    node_ = nullptr;
    std::filesystem::remove_all(path_);
  }

  // The directory is open, the files are not read.
  void StartWithoutReading() {
    node_->Start();
    ASSERT_TRUE(executor_.RunJob());
    executor_.RunPosted();
  }
  void ReadFiles() {
    ASSERT_TRUE(executor_.RunJob());
    executor_.RunPosted();
  }
  static wire::Frame Hello(uint64_t epoch = 0) {
    wire::Frame frame;
    frame.set_epoch(epoch);
    wire::Hello* hello = frame.mutable_hello();
    rpc::FillGreeting({"the master", "test", ""}, hello);
    hello->set_feature_level(1);
    hello->set_cluster_id_high(kCluster.high);
    hello->set_cluster_id_low(kCluster.low);
    hello->set_boot_id(77);
    hello->set_epoch(epoch);
    hello->set_assigned_node(1);
    hello->mutable_settings()->set_worker_count(1);
    hello->mutable_settings()->set_wal(true);
    hello->mutable_settings()->set_wal_segment_bytes(1 << 20);
    return frame;
  }
  static wire::Frame Report() {
    wire::Frame frame;
    frame.mutable_report()->mutable_attempt()->set_master_boot_id(77);
    frame.mutable_report()->mutable_attempt()->set_number(1);
    return frame;
  }
  static wire::Frame Heartbeat(uint64_t sequence) {
    wire::Frame frame;
    frame.mutable_heartbeat()->set_sequence(sequence);
    return frame;
  }
  void Greet() {
    transport_.Open();
    transport_.Deliver(Hello());
    const std::vector<wire::Frame> sent = transport_.TakeSent();
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_TRUE(sent[0].has_hello());
  }

  std::string path_ = ::testing::TempDir() + "worker-XXXXXX";
  env::PosixFileSystem files_;
  env::PosixRandom random_;
  HandExecutor executor_;
  HandTransport transport_;
  std::vector<absl::Status> exits_;
  std::unique_ptr<WorkerNode> node_;
};

TEST_F(WorkerNodeTest, GreetsAndIsAliveBeforeItsFilesAreRead) {
  StartWithoutReading();
  ASSERT_TRUE(transport_.started());
  Greet();
  transport_.Deliver(Report());
  EXPECT_TRUE(transport_.TakeSent().empty()) << "nothing can be reported yet";
  transport_.Deliver(Heartbeat(5));
  const std::vector<wire::Frame> sent = transport_.TakeSent();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].heartbeat_reply().sequence(), 5u);
  EXPECT_EQ(node_->participant(), nullptr);
  ReadFiles();
  ASSERT_NE(node_->participant(), nullptr);
  const std::vector<wire::Frame> registered = transport_.TakeSent();
  ASSERT_EQ(registered.size(), 1u) << "the report is answered now";
  EXPECT_TRUE(registered[0].has_register_());
  EXPECT_TRUE(exits_.empty());
}

TEST_F(WorkerNodeTest, AFreshWorkerMakesItsIdentityDurableAndGreetsAgain) {
  for (const auto& entry : std::filesystem::directory_iterator(path_)) {
    std::filesystem::remove_all(entry.path());
  }
  StartWithoutReading();
  ReadFiles();
  Greet();
  transport_.Deliver(Heartbeat(1));
  EXPECT_TRUE(transport_.closed().ok()) << "a new stream greets again, this one may stay";
  for (int i = 0; i < 7; ++i) executor_.Advance(kSecond);
  EXPECT_TRUE(transport_.closed().ok()) << "the disk may take its time";
  node_->CheckInvariants();
  ASSERT_TRUE(executor_.RunJob());
  executor_.RunPosted();
  EXPECT_THAT(MessageOf(transport_.closed()), HasSubstr("identity taken"));
  transport_.Open();
  const std::vector<wire::Frame> sent = transport_.TakeSent();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].hello().cluster_id_high(), kCluster.high);
  transport_.Deliver(Hello());
  EXPECT_NE(node_->participant(), nullptr);
  node_->CheckInvariants();
  EXPECT_TRUE(exits_.empty());
}

TEST_F(WorkerNodeTest, FilesThatAreReadFirstWaitForTheGreeting) {
  StartWithoutReading();
  ReadFiles();
  EXPECT_EQ(node_->participant(), nullptr);
  Greet();
  transport_.Deliver(Report());
  const std::vector<wire::Frame> sent = transport_.TakeSent();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_TRUE(sent[0].has_register_());
}

TEST_F(WorkerNodeTest, AReportOfABrokenStreamIsForgotten) {
  StartWithoutReading();
  Greet();
  transport_.Deliver(Report());
  transport_.Break();
  ReadFiles();
  EXPECT_EQ(node_->participant(), nullptr);
  Greet();
  EXPECT_TRUE(transport_.TakeSent().empty());
  EXPECT_NE(node_->participant(), nullptr);
}

TEST_F(WorkerNodeTest, AMasterThatIsSilentWhileTheFilesAreReadIsGivenUp) {
  StartWithoutReading();
  Greet();
  for (int i = 0; i < 4; ++i) {
    executor_.Advance(kSecond);
    transport_.Deliver(Heartbeat(1));
    EXPECT_TRUE(transport_.closed().ok());
  }
  for (int i = 0; i < 6; ++i) executor_.Advance(kSecond);
  EXPECT_THAT(MessageOf(transport_.closed()), HasSubstr("the master was silent for 5 s"));
  EXPECT_TRUE(exits_.empty());
}

TEST_F(WorkerNodeTest, AStopWhileTheFilesAreReadIsAtOnceAndEndsTheReading) {
  StartWithoutReading();
  Greet();
  node_->Leave();
  ASSERT_EQ(exits_.size(), 1u);
  EXPECT_TRUE(exits_[0].ok()) << exits_[0];
  EXPECT_TRUE(transport_.stopped());
  ReadFiles();
  EXPECT_EQ(exits_.size(), 1u);
  EXPECT_EQ(node_->participant(), nullptr);
}

TEST_F(WorkerNodeTest, AMasterThatStopsEndsAWorkerThatReads) {
  StartWithoutReading();
  Greet();
  wire::Frame stop;
  stop.mutable_shutdown();
  transport_.Deliver(std::move(stop));
  ASSERT_EQ(exits_.size(), 1u);
  EXPECT_TRUE(exits_[0].ok()) << exits_[0];
}

TEST_F(WorkerNodeTest, DamageIsToldToTheMasterBeforeTheWorkerEnds) {
  std::ofstream(path_ + "/wal/000000000001.wal") << "this is no log";
  StartWithoutReading();
  ReadFiles();
  EXPECT_TRUE(exits_.empty()) << "the master may answer soon";
  transport_.Open();
  transport_.Deliver(Hello());
  const std::vector<wire::Frame> sent = transport_.TakeSent();
  ASSERT_EQ(sent.size(), 2u) << "its greeting and why it goes";
  EXPECT_TRUE(sent[1].refused().permanent());
  EXPECT_THAT(sent[1].refused().reason(), HasSubstr("000000000001.wal"));
  ASSERT_EQ(exits_.size(), 1u);
  EXPECT_EQ(exits_[0].code(), absl::StatusCode::kDataLoss) << exits_[0];
}

TEST_F(WorkerNodeTest, DamageEndsTheWorkerWithoutAMasterToo) {
  std::ofstream(path_ + "/wal/000000000001.wal") << "this is no log";
  StartWithoutReading();
  ReadFiles();
  executor_.Advance(kSecond / 2);
  EXPECT_TRUE(exits_.empty());
  executor_.Advance(kSecond);
  ASSERT_EQ(exits_.size(), 1u);
  EXPECT_EQ(exits_[0].code(), absl::StatusCode::kDataLoss) << exits_[0];
}

TEST_F(WorkerNodeTest, AMasterOfAnotherClusterIsToldAndLeft) {
  StartWithoutReading();
  transport_.Open();
  transport_.TakeSent();
  wire::Frame hello = Hello();
  hello.mutable_hello()->set_cluster_id_low(99);
  transport_.Deliver(std::move(hello));
  const std::vector<wire::Frame> sent = transport_.TakeSent();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_TRUE(sent[0].refused().permanent());
  ASSERT_EQ(exits_.size(), 1u);
  EXPECT_EQ(exits_[0].code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace tidemark::worker
