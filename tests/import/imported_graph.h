// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "durability/identity.h"
#include "durability/master_log/master_log.h"
#include "durability/snapshot/snapshot_reader.h"
#include "env/file_system.h"
#include "graph/edge_run.h"
#include "graph/mutation.h"
#include "graph/property_set.h"
#include "graph/value_coding.h"
#include "graph/value_text.h"
#include "import/cluster_files.h"

namespace tidemark::csv_import {

// What the snapshot files of a cluster say, independent of ids and placement.
struct ImportedGraph {
  uint64_t vertices = 0;
  uint64_t edges = 0;
  std::multiset<std::string> vertex_texts;  // ":A:B {key: value}"
  std::multiset<std::string> edge_texts;    // "<source> -[:T {}]-> <target>"
  std::vector<uint64_t> vertices_of_worker;
};

// Reads a cluster's directories and checks on the way what must hold in them.
class ImportedGraphReader {
 public:
  ImportedGraphReader(env::FileSystem* files, std::string data_dir)
      : files_(files), data_dir_(std::move(data_dir)) {}

  ImportedGraph Read() {
    ReadMaster();
    for (const auto& part : state_.snapshots().at(0).parts) ReadWorker(part);
    EXPECT_EQ(out_, in_);  // an out-entry exists if and only if its in-entry does
    for (const auto& [edge, text] : out_) {
      const auto& [id, source, target, type] = edge;
      graph_.edge_texts.insert(vertices_.at(source) + " -[:" + Name(graph::NameKind::kType, type) +
                               " " + edge_properties_.at(id) + "]-> " + vertices_.at(target));
    }
    for (const auto& [id, text] : vertices_) graph_.vertex_texts.insert(text);
    return graph_;
  }
  const durability::MasterLogState& state() const { return state_; }

 private:
  using Edge = std::tuple<EdgeId, VertexId, VertexId, uint32_t>;

  void ReadMaster() {
    const auto directory = durability::DataDirectory::Open(files_, data_dir_ + "/master",
                                                           durability::DirectoryRole::kMaster);
    ASSERT_TRUE(directory.ok()) << directory.status();
    identity_ = *(*directory)->identity();
    const auto log = durability::ReadMasterLog(
        files_, {.directory = data_dir_ + "/master", .identity = identity_});
    ASSERT_TRUE(log.ok()) << log.status();
    state_ = log->state;
    ASSERT_EQ(state_.snapshots().size(), 1u);
    EXPECT_EQ(state_.watermark().csn, kFirstCsn);
    EXPECT_EQ(state_.members().size(), state_.cluster().worker_count);
  }

  void ReadWorker(const durability::SnapshotCompleteRecord::Part& part) {
    const std::string path = data_dir_ + "/" + WorkerFolderName(part.node);
    const auto directory =
        durability::DataDirectory::Open(files_, path, durability::DirectoryRole::kWorker);
    ASSERT_TRUE(directory.ok()) << directory.status();
    const durability::FileIdentity identity{.cluster = identity_.cluster, .node = part.node};
    EXPECT_EQ((*directory)->identity(), identity);
    const auto reader = durability::SnapshotReader::Open(
        files_, path + "/snapshots/" + durability::SnapshotName(kFirstEpoch, kFirstCsn), identity);
    ASSERT_TRUE(reader.ok()) << reader.status();
    EXPECT_EQ((*reader)->info().digest, part.digest);
    EXPECT_EQ((*reader)->info().vertices, part.vertices);
    EXPECT_EQ((*reader)->info().edges, part.edges);
    graph_.vertices += part.vertices;
    graph_.edges += part.edges;
    graph_.vertices_of_worker.push_back(part.vertices);
    durability::SnapshotReader::Chunk chunk;
    SlotId last_slot(kSlotCount - 1);
    for (;;) {
      const auto more = (*reader)->Next(&chunk);
      ASSERT_TRUE(more.ok()) << more.status();
      if (!*more) return;
      EXPECT_EQ(OwnerOfSlot(chunk.slot, state_.cluster().worker_count), part.node);
      ReadChunk(chunk, chunk.slot != last_slot);
      last_slot = chunk.slot;
    }
  }

  void ReadChunk(const durability::SnapshotReader::Chunk& chunk, bool first) {
    graph::MutationReader reader(chunk.mutations);
    graph::Mutation m;
    while (true) {
      const auto more = reader.Next(&m);
      ASSERT_TRUE(more.ok()) << more.status();
      if (!*more) return;
      EXPECT_EQ(m.kind == graph::MutationKind::kNextSequences, first);
      first = false;
      if (m.kind == graph::MutationKind::kCreateEdges) {
        graph::EdgeRun(m).ForEachEdge([&](const graph::Mutation& edge) { Take(chunk.slot, edge); });
      } else {
        Take(chunk.slot, m);
      }
    }
  }

  void Take(SlotId slot, const graph::Mutation& m) {
    if (m.kind == graph::MutationKind::kNextSequences) {
      EXPECT_EQ(m.slot, slot);
      next_[slot] = {m.next_vertex, m.next_edge};
    } else if (m.kind == graph::MutationKind::kCreateVertex) {
      EXPECT_EQ(m.vertex.slot(), slot);
      EXPECT_LT(m.vertex.sequence(), next_[slot].first);
      std::string text;
      for (const LabelId label : m.labels) {
        text += ":" + Name(graph::NameKind::kLabel, label.value());
      }
      EXPECT_TRUE(vertices_.emplace(m.vertex, text + " " + Properties(m.bytes)).second);
    } else {
      ASSERT_EQ(m.kind, graph::MutationKind::kCreateEdge);
      const Edge edge{m.edge, m.vertex, m.target, m.type.value()};
      const bool outgoing = m.sides == graph::kOut;
      EXPECT_EQ(outgoing ? m.vertex.slot() : m.target.slot(), slot);
      EXPECT_TRUE((outgoing ? out_ : in_).emplace(edge, "").second);
      if (!outgoing) return;
      EXPECT_LT(m.edge.sequence(), next_[slot].second);
      edge_properties_[m.edge] = Properties(m.bytes);
    }
  }

  std::string Name(graph::NameKind kind, uint32_t id) const {
    return state_.names().at({kind, id});
  }
  // Sorted by name.
  std::string Properties(std::string_view set) const {
    std::map<std::string, std::string> texts;
    for (graph::PropertyCursor p(set); p.valid(); p.Advance()) {
      texts[Name(graph::NameKind::kKey, p.key().value())] =
          graph::ToText(*graph::DecodeValue(p.encoded_value()));
    }
    std::string text;
    for (const auto& [key, value] : texts) text += (text.empty() ? "" : ", ") + key + ": " + value;
    return "{" + text + "}";
  }

  env::FileSystem* files_;
  std::string data_dir_;
  durability::FileIdentity identity_;
  durability::MasterLogState state_;
  ImportedGraph graph_;
  std::map<SlotId, std::pair<uint32_t, uint32_t>> next_;
  std::map<VertexId, std::string> vertices_;
  std::map<Edge, std::string> out_;
  std::map<Edge, std::string> in_;
  std::map<EdgeId, std::string> edge_properties_;
};

}  // namespace tidemark::csv_import
