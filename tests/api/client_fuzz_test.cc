// SPDX-License-Identifier: Apache-2.0
// What clients send may be anything that is a message: it is refused or carried out, and the
// cluster goes on, all its invariants in place.
#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "api/convert.h"
#include "base/check.h"
#include "rpc/value_message.h"
#include "tests/damage/test_cluster.h"

namespace tidemark::api {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr int kMaxDepth = 6;

// Random messages, with a liking for the ends of ranges and for what exists.
class Generator {
 public:
  explicit Generator(uint64_t seed) : random_(seed) {}

  Run RandomRun() {
    Run run;
    const uint64_t count = Below(5);
    for (uint64_t i = 0; i < count; ++i) {
      Fill(run.add_operations(), 0);
    }
    return run;
  }
  Value RandomValue() {
    Value value;
    Fill(&value, 0);
    return value;
  }
  // Ids that exist, cursors that were given.
  void Learn(uint64_t id) { ids_[Below(ids_.size())] = id; }
  void LearnCursor(const std::string& cursor) { cursors_[Below(cursors_.size())] = cursor; }
  uint64_t Below(uint64_t limit) { return random_() % limit; }

 private:
  void Fill(Message* message, int depth) {
    const auto* descriptor = message->GetDescriptor();
    for (int i = 0; i < descriptor->oneof_decl_count(); ++i) {
      const auto* oneof = descriptor->oneof_decl(i);
      if (Below(10) == 0) continue;
      Set(message, oneof->field(static_cast<int>(Below(oneof->field_count()))), depth);
    }
    for (int i = 0; i < descriptor->field_count(); ++i) {
      const FieldDescriptor* field = descriptor->field(i);
      if (field->containing_oneof() != nullptr || Below(4) == 0) continue;
      const uint64_t count = field->is_repeated() ? Below(3) : 1;
      for (uint64_t n = 0; n < count; ++n) Set(message, field, depth);
    }
  }

  void Set(Message* message, const FieldDescriptor* field, int depth) {
    const Reflection* reflection = message->GetReflection();
    const bool repeated = field->is_repeated();
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        if (depth >= kMaxDepth) return;
        Fill(repeated ? reflection->AddMessage(message, field)
                      : reflection->MutableMessage(message, field),
             depth + 1);
        return;
      case FieldDescriptor::CPPTYPE_STRING:
        return repeated ? reflection->AddString(message, field, Text(field))
                        : reflection->SetString(message, field, Text(field));
      case FieldDescriptor::CPPTYPE_UINT64:
        return reflection->SetUInt64(message, field, Id());
      case FieldDescriptor::CPPTYPE_INT64:
        return reflection->SetInt64(message, field, static_cast<int64_t>(Number()));
      case FieldDescriptor::CPPTYPE_UINT32:
        return reflection->SetUInt32(message, field, static_cast<uint32_t>(Number()));
      case FieldDescriptor::CPPTYPE_INT32:
        return reflection->SetInt32(message, field, static_cast<int32_t>(Number()));
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return reflection->SetDouble(message, field, kDoubles[Below(std::size(kDoubles))]);
      case FieldDescriptor::CPPTYPE_BOOL:
        return reflection->SetBool(message, field, Below(2) == 0);
      case FieldDescriptor::CPPTYPE_ENUM:
        return reflection->SetEnumValue(message, field, static_cast<int>(Below(5)));
      default:
        return;
    }
  }

  uint64_t Id() { return Below(4) != 0 ? ids_[Below(ids_.size())] : Number(); }
  uint64_t Number() {
    constexpr uint64_t kEnds[] = {0,
                                  1,
                                  2,
                                  60,
                                  999'999'999,
                                  INT32_MAX,
                                  UINT32_MAX,
                                  uint64_t{1} << 44,
                                  (uint64_t{1} << 44) - 1,
                                  INT64_MAX,
                                  uint64_t{1} << 63,
                                  UINT64_MAX};
    if (Below(3) == 0) return random_();
    if (Below(3) == 0) return Below(5000);
    return kEnds[Below(std::size(kEnds))] - Below(2);
  }
  std::string Text(const FieldDescriptor* field) {
    if (field->type() == FieldDescriptor::TYPE_BYTES) {
      std::string cursor = cursors_[Below(cursors_.size())];
      if (Below(3) == 0 && !cursor.empty()) {
        cursor[Below(cursor.size())] = static_cast<char>(random_());
      }
      return cursor;
    }
    constexpr const char* kTexts[] = {"Person", "Person", "name", "name", "age", "KNOWS",
                                      "",       "a",      "é",    "x\0y", "\n"};
    if (Below(200) == 0) return std::string(70'000, 'x');
    return kTexts[Below(std::size(kTexts))];
  }

  static constexpr double kDoubles[] = {0, -0.0, 1, 1.5, 1e308, -1e308, 5e-324, 1.0 / 3};
  std::mt19937_64 random_;
  std::vector<uint64_t> ids_ = std::vector<uint64_t>(40, 1);
  std::vector<std::string> cursors_ = std::vector<std::string>(10);
};

TEST(ClientFuzzTest, ValuesAreRefusedOrKept) {
  Generator generator(1);
  int kept = 0;
  for (int i = 0; i < 20'000; ++i) {
    const Value message = generator.RandomValue();
    const auto value = rpc::FromMessage(message);
    if (!value.ok()) continue;
    ++kept;
    Value again;
    rpc::ToMessage(*value, &again);
    const auto same = rpc::FromMessage(again);
    ASSERT_TRUE(same.ok()) << same.status() << message.DebugString();
  }
  EXPECT_GT(kept, 1000);
}

TEST(ClientFuzzTest, DeepValuesAreRefused) {
  Value message;
  Value* at = &message;
  for (int depth = 0; depth < 90; ++depth) {
    at = depth % 2 == 0 ? at->mutable_list()->add_values()
                        : at->mutable_map()->add_entries()->mutable_value();
  }
  EXPECT_EQ(rpc::FromMessage(message).status().code(), absl::StatusCode::kResourceExhausted);
}

TEST(ClientFuzzTest, DamagedBytesOfMessages) {
  Generator generator(2);
  int parsed = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = generator.RandomRun().SerializeAsString();
    if (bytes.empty()) continue;
    bytes[generator.Below(bytes.size())] = static_cast<char>(generator.Below(256));
    api::Run run;
    if (!run.ParseFromString(bytes)) continue;
    ++parsed;
    const auto operations = OperationsFromMessage(run);
    EXPECT_TRUE(operations.ok() || !operations.status().message().empty());
  }
  EXPECT_GT(parsed, 1000);
}

class Cluster {
 public:
  Cluster() : cluster_(Options()) {
    cluster_.StartAll();
    CHECK(cluster_.WaitForOpen());
    master::IndexRequest unique;
    unique.kind = graph::IndexKind::kUnique;
    unique.label = "Person";
    unique.keys = {"name"};
    cluster_.CreateIndex(unique);
    master::IndexRequest ages;
    ages.label = "Person";
    ages.keys = {"age"};
    cluster_.CreateIndex(ages);
  }
  damage::TestCluster& operator*() { return cluster_; }
  damage::TestCluster* operator->() { return &cluster_; }
  void CheckInvariants() {
    cluster_.coordinator()->CheckInvariants();
    for (uint32_t node = 1; node <= 2; ++node) {
      cluster_.cluster().worker(NodeId(node))->engine()->CheckInvariants();
    }
  }

 private:
  static sim::ClusterOptions Options() {
    sim::ClusterOptions options;
    options.worker_count = 2;
    return options;
  }
  damage::TestCluster cluster_;
};

TEST(ClientFuzzTest, AClusterGoesOn) {
  Cluster cluster;
  Generator generator(3);
  int done = 0;
  for (int i = 0; i < 6000; ++i) {
    const auto operations = OperationsFromMessage(generator.RandomRun());
    if (!operations.ok()) continue;
    const auto outcome = cluster->TryRun(*operations);
    if (i % 500 == 0) cluster.CheckInvariants();
    if (!outcome.ok()) continue;
    ++done;
    for (const session::OperationResult& result : outcome->results) {
      if (result.vertex.value() != 0) generator.Learn(result.vertex.value());
      if (result.edge.value() != 0) generator.Learn(result.edge.value());
      if (!result.cursor.empty()) generator.LearnCursor(result.cursor);
    }
  }
  EXPECT_GT(done, 500);
  EXPECT_TRUE(cluster->deaths().empty());
  EXPECT_TRUE(cluster->cluster().IsOpen());
  cluster.CheckInvariants();
  // And what was written comes back.
  const std::string state = cluster->State();
  cluster->TakeSnapshot();
  cluster->KillAll();
  cluster->StartAll();
  ASSERT_TRUE(cluster->WaitForOpen());
  EXPECT_EQ(cluster->State(), state);
}

}  // namespace
}  // namespace tidemark::api
