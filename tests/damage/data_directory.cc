// SPDX-License-Identifier: Apache-2.0
#include "tests/damage/data_directory.h"

#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "durability/record_reader.h"
#include "graph/value_coding.h"
#include "tests/damage/test_cluster.h"

namespace tidemark::damage {
namespace {

using graph::EncodeValue;
using graph::Value;
using session::Operation;
using session::OperationKind;

// A transaction that writes more than this has parts in the WAL.
constexpr uint64_t kTxPartBytes = 256;

Operation Person(const std::string& name, int64_t age) {
  Operation operation;
  operation.kind = OperationKind::kCreateVertex;
  operation.labels = {"Person"};
  operation.properties = {{"name", EncodeValue(Value::String(name))},
                          {"age", EncodeValue(Value::Integer(age))}};
  return operation;
}

Operation Knows(VertexId source, VertexId target) {
  Operation operation;
  operation.kind = OperationKind::kCreateEdge;
  operation.vertex.id = source;
  operation.target.id = target;
  operation.types = {"KNOWS"};
  operation.properties = {{"weight", EncodeValue(Value::Float(0.5))}};
  return operation;
}

Operation SetAge(VertexId vertex, int64_t age) {
  Operation operation;
  operation.kind = OperationKind::kSetVertexProperties;
  operation.vertex.id = vertex;
  operation.properties = {{"age", EncodeValue(Value::Integer(age))}};
  return operation;
}

Operation Delete(VertexId vertex) {
  Operation operation;
  operation.kind = OperationKind::kDeleteVertex;
  operation.vertex.id = vertex;
  operation.detach = true;
  return operation;
}

Operation AddLabel(VertexId vertex, const std::string& label) {
  Operation operation;
  operation.kind = OperationKind::kSetLabels;
  operation.vertex.id = vertex;
  operation.labels = {label};
  return operation;
}

// The client that writes the directory.
class Writer {
 public:
  explicit Writer(TestCluster* cluster) : cluster_(cluster) {}

  void MakeSchema() {
    master::IndexRequest unique;
    unique.kind = graph::IndexKind::kUnique;
    unique.label = "Person";
    unique.keys = {"name"};
    cluster_->CreateIndex(unique);
    master::IndexRequest ages;
    ages.label = "Person";
    ages.keys = {"age"};
    cluster_->CreateIndex(ages);
  }
  // One commit each. With a uniqueness constraint the key says where a vertex lives, so they are
  // spread over the workers.
  void AddPeople(int count) {
    for (int i = 0; i < count; ++i) {
      const auto number = static_cast<int64_t>(people_.size());
      people_.push_back(
          cluster_->Run({Person(absl::StrCat("person ", number), 20 + number)})[0].vertex);
    }
  }
  void AddEdges(int count) {
    for (int i = 0; i < count; ++i, ++edges_) {
      const size_t source = edges_ % people_.size();
      const size_t target = (edges_ * 3 + 1) % people_.size();
      cluster_->Run({Knows(people_[source], people_[target])});
    }
  }
  void Change() {
    cluster_->Run({SetAge(people_[0], 80), AddLabel(people_[1], "Admin")});
    cluster_->Run({Delete(people_.back())});
    people_.pop_back();
  }
  void ForgetNewestPerson() { people_.pop_back(); }
  // A transaction with parts in the WALs of both workers.
  void WriteMuch(int session, int count) {
    for (int i = 0; i < count; ++i) {
      std::vector<Operation> operations;
      for (int j = 0; j < 6; ++j) {
        Operation person = Person(absl::StrCat("crowd ", crowd_++), j);
        person.properties.emplace_back("text", EncodeValue(Value::String(std::string(48, 'x'))));
        operations.push_back(std::move(person));
      }
      cluster_->Run(operations, session);
    }
  }
  void CommitMuch() {
    cluster_->Begin(1);
    WriteMuch(1, 2);
    cluster_->Commit(1);
  }

 private:
  TestCluster* const cluster_;
  std::vector<VertexId> people_;
  size_t edges_ = 0;
  size_t crowd_ = 0;
};

sim::ClusterOptions OptionsFor(DirectoryKind kind) {
  sim::ClusterOptions options;
  options.worker_count = 2;
  options.log_growth_bytes = 1 << 10;
  options.tx_part_bytes = kTxPartBytes;
  options.coordinator.wal_segment_bytes = 4096;
  options.coordinator.snapshot_interval_micros = 0;
  options.coordinator.snapshot_retention_count = 2;
  options.coordinator.synchronous_commit = kind == DirectoryKind::kSynchronous;
  return options;
}

durability::FileKind KindOf(const std::string& path) {
  if (path.ends_with(".wal")) return durability::FileKind::kWal;
  if (path.ends_with(".snap")) return durability::FileKind::kSnapshot;
  return durability::FileKind::kMasterLog;
}

}  // namespace

std::vector<Piece> PiecesOf(const Image& image, const std::string& path) {
  std::vector<Piece> pieces = {{0, 0}};
  if (path.ends_with("IDENTITY")) return pieces;
  ImageFiles files(&image);
  auto reader = durability::RecordReader::OpenAny(&files, path, KindOf(path));
  CHECK(reader.ok()) << reader.status();
  uint64_t offset = durability::kFileHeaderBytes;
  while (true) {
    durability::Record record;
    const absl::StatusOr<bool> valid = reader->ReadAt(offset, &record);
    CHECK(valid.ok()) << valid.status();
    if (!*valid) break;
    pieces.push_back({offset, record.head.kind});
    offset = record.end;
  }
  if (offset < reader->size()) pieces.push_back({offset, 0});
  return pieces;
}

DataDirectory MakeDataDirectory(DirectoryKind kind) {
  DataDirectory directory;
  directory.options = OptionsFor(kind);
  TestCluster cluster(directory.options);
  Writer writer(&cluster);
  cluster.StartAll();
  CHECK(cluster.WaitForOpen());
  writer.MakeSchema();
  writer.AddPeople(4);
  writer.AddEdges(4);
  cluster.TakeSnapshot();
  writer.CommitMuch();
  cluster.Pass(2000);
  directory.older = cluster.Read();
  writer.AddPeople(1);
  cluster.KillAll();  // the newest commit is undone, and a new epoch begins
  writer.ForgetNewestPerson();
  cluster.StartAll();
  CHECK(cluster.WaitForOpen());
  writer.AddEdges(3);
  cluster.TakeSnapshot();
  writer.Change();
  writer.CommitMuch();
  if (kind == DirectoryKind::kStopped) {
    cluster.StopAll();
  } else {
    if (kind == DirectoryKind::kKilled) {
      cluster.Pass(2000);
      directory.prefixes.push_back(cluster.State());
      for (int i = 0; i < 3; ++i) {
        writer.AddEdges(1);
        directory.prefixes.push_back(cluster.State());
      }
      cluster.Begin(2);
      writer.WriteMuch(2, 1);
    }
    cluster.KillAll();
  }
  directory.image = cluster.Read();
  return directory;
}

}  // namespace tidemark::damage
