// SPDX-License-Identifier: Apache-2.0
// Edges of a hub as readers of every age see them one by one, while transactions that have taken
// their edge ids in one order commit in another, edges go, blocks are merged and commits undone.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <random>
#include <vector>

#include "tests/storage/shard_fixture.h"

namespace tidemark::storage {
namespace {

class OldReaderTest : public ShardTest {
 protected:
  struct Life {
    uint64_t made = 0;
    uint64_t gone = UINT64_MAX;
  };
  struct Open {
    TxId tx;
    View view;
    std::vector<EdgeId> made;
    std::vector<EdgeId> gone;
  };

  uint64_t Number(uint64_t bound) { return random_() % bound; }

  // False after a conflict.
  bool Write(Open* open) {
    for (size_t i = 1 + Number(Number(5) == 0 ? 200 : 4); i > 0; --i) {
      open->made.push_back(Edge(open->view, hub_, leaf_));
    }
    for (size_t i = Number(3); i > 0; --i) {
      const EdgeId wanted(hub_.slot(), static_cast<uint32_t>(1 + Number(last_)));
      const auto at = lives_.lower_bound(wanted);
      if (at == lives_.end() || at->second.gone != UINT64_MAX) continue;
      if (at->second.made > open->view.read_csn.value()) continue;
      if (std::count(open->gone.begin(), open->gone.end(), at->first) != 0) continue;
      if (!shard_->DeleteEdge(open->view, at->first).ok()) return false;
      open->gone.push_back(at->first);
    }
    return true;
  }
  void End(size_t at) {
    Open open = std::move(open_[at]);
    open_.erase(open_.begin() + static_cast<ptrdiff_t>(at));
    shard_->TakePendingMutations(open.tx);
    shard_->Commit(open.tx, Csn(++csn_));
    int64_t units = kNoLimit;
    ASSERT_TRUE(shard_->ApplySome(&units));
    for (const EdgeId edge : open.made) {
      lives_[edge].made = csn_;
      last_ = std::max(last_, edge.sequence());
    }
    for (const EdgeId edge : open.gone) lives_[edge].gone = csn_;
  }
  void Rollback() {
    open_.clear();
    csn_ = horizon_ + Number(csn_ - horizon_ + 1);
    shard_->RollbackTo(Csn(csn_));
    for (auto it = lives_.begin(); it != lives_.end();) {
      if (it->second.gone != UINT64_MAX && it->second.gone > csn_) it->second.gone = UINT64_MAX;
      it = it->second.made > csn_ ? lives_.erase(it) : std::next(it);
    }
  }
  void Collect() {
    uint64_t horizon = csn_;
    for (const Open& open : open_) horizon = std::min(horizon, open.view.read_csn.value());
    horizon_ = std::max(horizon_, horizon - Number(horizon - horizon_ + 1));
    shard_->SetHorizon(Csn(horizon_));
    shard_->CollectSome(static_cast<int64_t>(Number(20'000)));
  }
  void Look() {
    const uint64_t reader = horizon_ + Number(csn_ - horizon_ + 1);
    const EdgeId edge(hub_.slot(), static_cast<uint32_t>(1 + Number(last_ + 3)));
    const auto it = lives_.find(edge);
    const bool wanted = it != lives_.end() && it->second.made <= reader && reader < it->second.gone;
    ASSERT_EQ(shard_->GetEdge({Csn(reader), TxId(0)}, edge).has_value(), wanted)
        << "edge " << edge << " at " << reader;
    found_count_ += wanted ? 1 : 0;
  }

  std::mt19937_64 random_{29};
  VertexId hub_;
  VertexId leaf_;
  uint64_t csn_ = 0;
  uint64_t horizon_ = 0;
  uint32_t last_ = 1;
  std::map<EdgeId, Life> lives_;
  std::vector<Open> open_;
  uint64_t found_count_ = 0;
};

TEST_F(OldReaderTest, SeesAnEdgeFromItsCommitOn) {
  TxId tx = NextTx();
  hub_ = Vertex(Now(tx));
  leaf_ = Vertex(Now(tx));
  csn_ = Commit(tx).value();
  horizon_ = csn_;
  for (int step = 0; step < 8000; ++step) {
    if (open_.size() < 6 && Number(2) == 0) {
      tx = NextTx();
      open_.push_back({tx, Now(tx), {}, {}});
    }
    if (!open_.empty()) {
      const size_t at = Number(open_.size());
      if (!Write(&open_[at])) {
        shard_->Abort(open_[at].tx);
        open_.erase(open_.begin() + static_cast<ptrdiff_t>(at));
      } else if (Number(3) == 0) {
        End(at);
      }
    }
    if (Number(100) == 0) Collect();
    if (Number(400) == 0) Rollback();
    for (int i = 0; i < 8; ++i) Look();
    if (HasFatalFailure()) return;
  }
  shard_->CheckInvariants();
  EXPECT_GT(found_count_, 10'000u);
}

// Many newer edges at the source are passed, not looked at: the fastest of some tries is no more
// than a hundred times that of a reader who has nothing to pass.
TEST_F(OldReaderTest, PassesNewerEdges) {
  TxId tx = NextTx();
  hub_ = Vertex(Now(tx));
  leaf_ = Vertex(Now(tx));
  const EdgeId first = Edge(Now(tx), hub_, leaf_);
  const View old{Commit(tx), TxId(0)};
  for (int i = 0; i < 40; ++i) {
    tx = NextTx();
    for (int k = 0; k < 10'000; ++k) Edge(Now(tx), hub_, leaf_);
    Commit(tx);
  }
  const auto fastest = [&](View view) {
    auto best = std::chrono::nanoseconds::max();
    for (int i = 0; i < 20; ++i) {
      const auto begin = std::chrono::steady_clock::now();
      for (int k = 0; k < 10; ++k) EXPECT_TRUE(shard_->GetEdge(view, first).has_value());
      best = std::min(best, std::chrono::nanoseconds(std::chrono::steady_clock::now() - begin));
    }
    return best;
  };
  EXPECT_LT(fastest(old), fastest(Now()) * 100);
}

}  // namespace
}  // namespace tidemark::storage
