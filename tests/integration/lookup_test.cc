// SPDX-License-Identifier: Apache-2.0
// Lookups by range and by equality over the wire, with the values where they go wrong most easily:
// numbers around zero, NaN, other types under the same key.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "base/status.h"
#include "tests/integration/cluster_process.h"
#include "tests/integration/graph_client.h"

namespace tidemark::integration {
namespace {

using ::testing::ElementsAre;

api::Value Number(int64_t number) {
  api::Value value;
  value.set_integer(number);
  return value;
}
api::Value Real(double number) {
  api::Value value;
  value.set_floating(number);
  return value;
}
api::Value Truth(bool truth) {
  api::Value value;
  value.set_boolean(truth);
  return value;
}

// The parameter is the number of workers, 0 for `server`.
class LookupTest : public ::testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(cluster_.Start().ok()) << cluster_.output();
    session_ = cluster_.client()->OpenSession();
  }

  absl::Status Create(const std::string& label, const api::Value& value) {
    api::Run run;
    api::CreateVertex* vertex = run.add_operations()->mutable_create_vertex();
    vertex->add_labels(label);
    api::Property* property = vertex->add_properties();
    property->set_key("k");
    *property->mutable_value() = value;
    return session_->Run(run).status();
  }
  void CreateIndex(api::IndexKind kind, const std::string& label) {
    api::Index index = UniqueIndex(label, "k");
    index.set_kind(kind);
    const auto created = cluster_.client()->CreateIndex(index);
    ASSERT_TRUE(created.ok()) << created.status();
  }
  api::Lookup* AddRange(api::Run* run, const std::string& label) {
    api::Lookup* lookup = run->add_operations()->mutable_lookup();
    lookup->set_label(label);
    lookup->add_keys("k");
    return lookup;
  }
  // The values as short texts.
  std::set<std::string> Values(const api::Run& run) {
    std::set<std::string> values;
    const api::OperationResult found = ReadAll(session_.get(), run);
    for (const api::Vertex& vertex : found.vertices()) {
      const api::Value& value = vertex.properties(0).value();
      if (value.has_integer()) values.insert(std::to_string(value.integer()));
      if (value.has_boolean()) values.insert(value.boolean() ? "true" : "false");
      if (value.has_floating()) values.insert("real");
    }
    return values;
  }
  std::set<std::string> Between(const std::optional<api::Value>& first,
                                const std::optional<api::Value>& last) {
    api::Run run;
    api::Lookup* lookup = AddRange(&run, "Range");
    if (first.has_value()) *lookup->mutable_range_first() = *first;
    if (last.has_value()) *lookup->mutable_range_last() = *last;
    return Values(run);
  }
  int CountEqual(const std::string& label, const api::Value& value) {
    api::Run run;
    *AddRange(&run, label)->add_equal() = value;
    return ReadAll(session_.get(), run).vertices_size();
  }

  TestDirectory directory_;
  ClusterProcess cluster_{GetParam() == 0 ? "server" : "cluster", directory_.path() + "/data",
                          std::max(GetParam(), 1)};
  std::unique_ptr<client::ClientSession> session_;
};

TEST_P(LookupTest, RangesWithAnOpenEnd) {
  CreateIndex(api::LABEL_PROPERTY, "Range");
  for (int64_t number : {-5, -1, 0, 3, 5}) ASSERT_TRUE(Create("Range", Number(number)).ok());
  ASSERT_TRUE(Create("Range", Truth(false)).ok());
  ASSERT_TRUE(Create("Range", Truth(true)).ok());
  ASSERT_TRUE(Create("Range", Real(std::nan(""))).ok());
  EXPECT_THAT(Between({}, Number(5)), ElementsAre("-1", "-5", "0", "3"));
  EXPECT_THAT(Between(Number(-5), {}), ElementsAre("-1", "-5", "0", "3", "5"));
  EXPECT_THAT(Between(Number(-1), Number(3)), ElementsAre("-1", "0"));
  EXPECT_THAT(Between(Truth(false), {}), ElementsAre("false", "true"));
  EXPECT_THAT(Between({}, Truth(true)), ElementsAre("false"));
  EXPECT_THAT(Between(Truth(false), Number(5)), ElementsAre());
  EXPECT_EQ(CountEqual("Range", Real(std::nan(""))), 0);
}

TEST_P(LookupTest, NanIsNotUniqueAndZeroHasTwoSigns) {
  CreateIndex(api::UNIQUE, "Unique");
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(Create("Unique", Real(std::nan(""))).ok());
  EXPECT_EQ(CountEqual("Unique", Real(std::nan(""))), 0);
  EXPECT_TRUE(Create("Unique", Real(0.0)).ok());
  EXPECT_TRUE(Create("Unique", Real(-0.0)).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(Create("Unique", Number(0))));
  EXPECT_TRUE(absl::IsAlreadyExists(Create("Unique", Real(-0.0))));
  EXPECT_EQ(CountEqual("Unique", Number(0)), 2);
  // A constraint over what is there already goes by the same rule.
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(Create("Later", Real(std::nan(""))).ok());
  ASSERT_TRUE(Create("Later", Real(0.0)).ok());
  ASSERT_TRUE(Create("Later", Real(-0.0)).ok());
  CreateIndex(api::UNIQUE, "Later");
  EXPECT_TRUE(absl::IsAlreadyExists(Create("Later", Real(-0.0))));
}

INSTANTIATE_TEST_SUITE_P(Workers, LookupTest, ::testing::Values(0, 1, 3));

}  // namespace
}  // namespace tidemark::integration
