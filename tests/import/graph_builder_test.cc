// SPDX-License-Identifier: Apache-2.0
#include "import/graph_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>

#include "base/status.h"
#include "env/posix_file_system.h"
#include "tests/import/imported_graph.h"
#include "tests/import/temporary_folder.h"

namespace tidemark::csv_import {
namespace {

constexpr ClusterId kCluster{3, 4};

// A disk that is full after some bytes.
class FullDisk : public env::PosixFileSystem {
 public:
  explicit FullDisk(uint64_t free_bytes) : free_bytes_(free_bytes) {}

  absl::StatusOr<std::unique_ptr<env::File>> Open(const std::string& path,
                                                  env::OpenMode mode) override {
    ASSIGN_OR_RETURN(std::unique_ptr<env::File> file, PosixFileSystem::Open(path, mode));
    return std::make_unique<OneFile>(this, std::move(file));
  }

 private:
  class OneFile : public env::File {
   public:
    OneFile(FullDisk* disk, std::unique_ptr<env::File> file)
        : disk_(disk), file_(std::move(file)) {}
    absl::Status WriteAt(uint64_t offset, std::string_view bytes) override {
      RETURN_IF_ERROR(disk_->Take(bytes.size()));
      return file_->WriteAt(offset, bytes);
    }
    absl::StatusOr<size_t> ReadAt(uint64_t offset, char* buffer, size_t size) override {
      return file_->ReadAt(offset, buffer, size);
    }
    absl::Status Sync() override { return file_->Sync(); }
    absl::Status Truncate(uint64_t size) override { return file_->Truncate(size); }
    absl::Status Preallocate(uint64_t size) override {
      RETURN_IF_ERROR(disk_->Take(size));
      return file_->Preallocate(size);
    }
    absl::StatusOr<uint64_t> Size() override { return file_->Size(); }

   private:
    FullDisk* disk_;
    std::unique_ptr<env::File> file_;
  };

  // Threads: any; the workers' files are written at the same time.
  absl::Status Take(uint64_t bytes) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (bytes > free_bytes_) return absl::ResourceExhaustedError("disk full");
    free_bytes_ -= bytes;
    return absl::OkStatus();
  }

  std::mutex mutex_;
  uint64_t free_bytes_;
};

class GraphBuilderTest : public ::testing::Test {
 protected:
  // A ring with chords and a hub.
  absl::StatusOr<BuildResult> Build(env::FileSystem* files, const GraphBuilderOptions& options) {
    constexpr int kCount = 3000;
    ASSIGN_OR_RETURN(const auto builder, GraphBuilder::Create(files, options));
    ASSIGN_OR_RETURN(const uint32_t label, builder->NameId(graph::NameKind::kLabel, "N"));
    ASSIGN_OR_RETURN(const uint32_t type, builder->NameId(graph::NameKind::kType, "R"));
    ASSIGN_OR_RETURN(const uint32_t key, builder->NameId(graph::NameKind::kKey, "i"));
    const LabelId labels[] = {LabelId(label)};
    std::vector<VertexId> vertices;
    for (int i = 0; i < kCount; ++i) {
      std::string set;
      RETURN_IF_ERROR(graph::PackProperties(
          {{KeyId(key), graph::EncodeValue(graph::Value::Integer(i))}}, &set));
      ASSIGN_OR_RETURN(const VertexId vertex, builder->AddVertex(labels, set));
      vertices.push_back(vertex);
    }
    for (size_t i = 0; i < vertices.size(); ++i) {
      for (const size_t to : {(i + 1) % kCount, i * 7 % kCount, size_t{0}}) {
        RETURN_IF_ERROR(builder->AddEdge({vertices[i], vertices[to], TypeId(type), ""}));
      }
    }
    return builder->Finish([](uint32_t) {});
  }

  env::PosixFileSystem files_;
  TemporaryFolder folder_;
};

TEST_F(GraphBuilderTest, SpillingAndSortingDoNotChangeTheGraph) {
  std::vector<ImportedGraph> graphs;
  const std::pair<size_t, size_t> limits[] = {
      {kSpillBytes, kMaxSortBytes}, {1000, kMaxSortBytes}, {1000, 500}, {kSpillBytes, 0}};
  for (const auto& [spill_bytes, sort_bytes] : limits) {
    const std::string data_dir = folder_.path() + "/" + std::to_string(graphs.size());
    const auto result = Build(&files_, {.data_dir = data_dir,
                                        .worker_count = 3,
                                        .cluster = kCluster,
                                        .spill_bytes = spill_bytes,
                                        .sort_bytes = sort_bytes});
    ASSERT_TRUE(result.ok()) << result.status();
    graphs.push_back(ImportedGraphReader(&files_, data_dir).Read());
    EXPECT_EQ(graphs.back().vertices, 3000u);
    EXPECT_EQ(graphs.back().edges, 9000u);
    EXPECT_TRUE(graphs.back().vertex_texts == graphs.front().vertex_texts);
    EXPECT_TRUE(graphs.back().edge_texts == graphs.front().edge_texts);
  }
}

TEST_F(GraphBuilderTest, AFullDiskLeavesNothingBehind) {
  const GraphBuilderOptions options{.data_dir = folder_.path() + "/data",
                                    .worker_count = 2,
                                    .cluster = kCluster,
                                    .spill_bytes = 10'000};
  int failure_count = 0;
  for (uint64_t free_bytes = 1000; failure_count < 100; free_bytes = free_bytes * 3 / 2) {
    FullDisk disk(free_bytes);
    const auto result = Build(&disk, options);
    if (result.ok()) break;
    EXPECT_EQ(result.status().code(), absl::StatusCode::kResourceExhausted) << result.status();
    EXPECT_FALSE(files_.Exists(options.data_dir)) << free_bytes;
    ++failure_count;
  }
  // Spilling, snapshot files and the master's log have all met the full disk.
  EXPECT_GT(failure_count, 5);
  EXPECT_EQ(ImportedGraphReader(&files_, options.data_dir).Read().edges, 9000u);
}

}  // namespace
}  // namespace tidemark::csv_import
