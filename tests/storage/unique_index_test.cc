// SPDX-License-Identifier: Apache-2.0
#include "storage/index/unique_index.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "graph/index_key.h"

namespace tidemark::storage {
namespace {

constexpr IndexId kIndex(3);
constexpr int64_t kPlenty = int64_t{1} << 40;

VertexId Vertex(uint32_t n) { return VertexId(SlotId(1), n); }

void CommitAll(UniqueIndex* index, TxId tx, Csn csn) {
  int64_t units = kPlenty;
  ASSERT_TRUE(index->Commit(tx, csn, &units));
}
void Collect(UniqueIndex* index, Csn horizon) {
  index->SetHorizon(horizon);
  int64_t units = kPlenty;
  ASSERT_TRUE(index->CollectSome(&units));
}

TEST(UniqueIndexTest, ChecksAgainstTheNewestVersion) {
  UniqueIndex index;
  ASSERT_TRUE(index.Claim(TxId(1), kIndex, "k", Vertex(1)).ok());
  EXPECT_EQ(index.Claim(TxId(1), kIndex, "k", Vertex(2)).code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(index.Claim(TxId(2), kIndex, "k", Vertex(2)).code(), absl::StatusCode::kAborted);
  EXPECT_EQ(index.Release(TxId(2), kIndex, "k", Vertex(1)).code(), absl::StatusCode::kAborted);
  EXPECT_TRUE(index.Claim(TxId(2), IndexId(4), "k", Vertex(2)).ok());  // another index
  EXPECT_EQ(index.Find(Csn(9), TxId(1), kIndex, "k"), Vertex(1));
  EXPECT_EQ(index.Find(Csn(9), TxId(2), kIndex, "k"), std::nullopt);
  EXPECT_TRUE(index.HasWrites(TxId(1)));
  CommitAll(&index, TxId(1), Csn(5));
  EXPECT_FALSE(index.HasWrites(TxId(1)));
  const absl::Status taken = index.Claim(TxId(2), kIndex, "k", Vertex(2));
  EXPECT_EQ(taken.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_TRUE(index.Claim(TxId(2), kIndex, "k", Vertex(1)).ok());
  int64_t units = kPlenty;
  EXPECT_TRUE(index.AbortSome(TxId(2), &units));
  EXPECT_EQ(index.Find(Csn(4), TxId(), kIndex, "k"), std::nullopt);
  EXPECT_EQ(index.Find(Csn(5), TxId(), kIndex, "k"), Vertex(1));
  index.CheckInvariants();
}

TEST(UniqueIndexTest, AReleasedKeyIsFreeForItsTransactionThenForAll) {
  UniqueIndex index;
  index.Put(kIndex, "k", Vertex(1));
  EXPECT_TRUE(index.Release(TxId(1), kIndex, "k", Vertex(2)).ok());  // does not hold it
  EXPECT_FALSE(index.HasWrites(TxId(1)));
  ASSERT_TRUE(index.Release(TxId(1), kIndex, "k", Vertex(1)).ok());
  EXPECT_EQ(index.Claim(TxId(2), kIndex, "k", Vertex(2)).code(), absl::StatusCode::kAborted);
  EXPECT_EQ(index.Find(Csn(1), TxId(1), kIndex, "k"), std::nullopt);
  EXPECT_EQ(index.Find(Csn(1), TxId(2), kIndex, "k"), Vertex(1));
  ASSERT_TRUE(index.Claim(TxId(1), kIndex, "k", Vertex(3)).ok());
  ASSERT_TRUE(index.Release(TxId(1), kIndex, "k", Vertex(3)).ok());
  CommitAll(&index, TxId(1), Csn(2));
  EXPECT_EQ(index.Find(Csn(1), TxId(), kIndex, "k"), Vertex(1));
  EXPECT_EQ(index.Find(Csn(2), TxId(), kIndex, "k"), std::nullopt);
  EXPECT_TRUE(index.Claim(TxId(2), kIndex, "k", Vertex(2)).ok());
  index.CheckInvariants();
}

TEST(UniqueIndexTest, ACommitIsCutIntoSlicesAndMemoryGoesBack) {
  UniqueIndex index;
  for (uint32_t i = 1; i <= 100; ++i) {
    ASSERT_TRUE(index.Claim(TxId(1), kIndex, std::to_string(i), Vertex(i)).ok());
  }
  int slices = 0;
  bool done = false;
  while (!done) {
    int64_t units = 30;
    done = index.Commit(TxId(1), Csn(1), &units);
    index.CheckInvariants();
    ++slices;
  }
  EXPECT_EQ(slices, 4);
  EXPECT_EQ(index.size(), 100u);
  EXPECT_GT(index.undo_bytes(), 0u);
  index.SetHorizon(Csn(1));
  int64_t units = 60;
  EXPECT_FALSE(index.CollectSome(&units));
  units = 60;
  EXPECT_TRUE(index.CollectSome(&units));
  EXPECT_EQ(index.undo_bytes(), 0u);
  index.CheckInvariants();
  std::string cursor;
  units = 50;
  EXPECT_FALSE(index.DropIndex(kIndex, &units, &cursor));
  units = kPlenty;
  EXPECT_TRUE(index.DropIndex(kIndex, &units, &cursor));
  EXPECT_EQ(index.size(), 0u);
  index.CheckInvariants();
}

// Every reader, every snapshot and every rollback against whole copies of the committed state.
class ModelTest : public ::testing::TestWithParam<uint64_t> {
 protected:
  using Key = std::pair<uint32_t, std::string>;  // index, key
  using State = std::map<Key, VertexId>;
  struct Tx {
    uint64_t read_csn;
    std::map<Key, VertexId> changes;  // invalid = released
  };

  Key RandomKey() {
    return {static_cast<uint32_t>(1 + random_() % 3), "key" + std::to_string(random_() % 25)};
  }

  void Write() {
    const TxId tx(1 + random_() % 6);
    open_.try_emplace(tx, Tx{states_.rbegin()->first, {}});
    const auto [number, key] = RandomKey();
    const VertexId vertex = Vertex(static_cast<uint32_t>(1 + random_() % 12));
    const Key id{number, key};
    bool foreign = false;
    for (const auto& [other, state] : open_) foreign |= other != tx && state.changes.contains(id);
    std::map<Key, VertexId>& mine = open_[tx].changes;
    const State& newest = states_.rbegin()->second;
    VertexId holder;
    if (const auto it = newest.find(id); it != newest.end()) holder = it->second;
    if (const auto it = mine.find(id); it != mine.end()) holder = it->second;
    const bool claim = random_() % 3 != 0;
    const absl::Status status = claim ? index_.Claim(tx, IndexId(number), key, vertex)
                                      : index_.Release(tx, IndexId(number), key, vertex);
    if (foreign) {
      EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
    } else if (claim && holder.valid() && holder != vertex) {
      EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
    } else {
      EXPECT_TRUE(status.ok()) << status;
      if (claim) mine[id] = vertex;
      if (!claim && holder == vertex) mine[id] = VertexId();
    }
  }

  void End() {
    if (open_.empty()) return;
    const auto it = open_.begin();
    if (random_() % 3 == 0) {
      int64_t units = 0;
      do {
        units = 1 + static_cast<int64_t>(random_() % 5);
      } while (!index_.AbortSome(it->first, &units));
    } else {
      State next = states_.rbegin()->second;
      for (const auto& [key, holder] : it->second.changes) {
        next.erase(key);
        if (holder.valid()) next[key] = holder;
      }
      const uint64_t csn = states_.rbegin()->first + 1;
      bool done = false;
      while (!done) {
        int64_t units = 1 + static_cast<int64_t>(random_() % 5);
        done = index_.Commit(it->first, Csn(csn), &units);
      }
      states_[csn] = std::move(next);
    }
    open_.erase(it);
  }

  void Read() {
    const auto& [csn, state] = RandomState();
    const auto [number, key] = RandomKey();
    const auto it = state.find({number, key});
    EXPECT_EQ(index_.Find(Csn(csn), TxId(), IndexId(number), key),
              it == state.end() ? std::nullopt : std::optional(it->second));
  }

  void Visit() {
    const auto& [csn, state] = RandomState();
    State seen;
    for (uint16_t slot = 0; slot < kSlotCount; ++slot) {
      std::string cursor;
      bool done = false;
      while (!done) {
        int64_t units = 1 + static_cast<int64_t>(random_() % 3);
        done = index_.VisitSlot(Csn(csn), SlotId(slot), &units, &cursor,
                                [&](IndexId index, std::string_view key, VertexId holder) {
                                  EXPECT_EQ(graph::SlotOfIndexKey(index, key), SlotId(slot));
                                  const Key id(index.value(), key);
                                  EXPECT_TRUE(seen.emplace(id, holder).second);
                                });
      }
    }
    EXPECT_EQ(seen, state);
  }

  void RollBack() {
    const uint64_t csn = RandomState().first;
    index_.RollbackTo(Csn(csn));
    open_.clear();
    states_.erase(states_.upper_bound(csn), states_.end());
  }

  void MoveHorizon() {
    const uint64_t horizon = RandomState().first;
    index_.SetHorizon(Csn(horizon));
    int64_t units = static_cast<int64_t>(random_() % 30);
    index_.CollectSome(&units);
    states_.erase(states_.begin(), states_.find(horizon));
  }

  const std::pair<const uint64_t, State>& RandomState() {
    return *std::next(states_.begin(), static_cast<ptrdiff_t>(random_() % states_.size()));
  }

  std::mt19937_64 random_{GetParam()};
  UniqueIndex index_;
  std::map<uint64_t, State> states_{{0, {}}};  // by csn, from the horizon on
  std::map<TxId, Tx> open_;
};

TEST_P(ModelTest, AgreesWithAModel) {
  for (int step = 0; step < 4000; ++step) {
    const uint64_t choice = random_() % 1000;
    if (choice < 600) {
      Write();
    } else if (choice < 750) {
      End();
    } else if (choice < 970) {
      Read();
    } else if (choice < 990) {
      MoveHorizon();
    } else if (choice < 996) {
      RollBack();
    } else {
      Visit();
    }
    if (step % 50 == 0) index_.CheckInvariants();
  }
  Collect(&index_, Csn(states_.rbegin()->first));
  index_.AbortAll();
  EXPECT_EQ(index_.undo_bytes(), 0u);
  index_.CheckInvariants();
}

INSTANTIATE_TEST_SUITE_P(Seeds, ModelTest, ::testing::Range<uint64_t>(1, 11));

}  // namespace
}  // namespace tidemark::storage
