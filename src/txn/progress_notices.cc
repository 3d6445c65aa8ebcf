// SPDX-License-Identifier: Apache-2.0
#include "txn/progress_notices.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace tidemark::txn {

void ProgressNotices::HoldHorizon(Csn csn) {
  CHECK(!held_.has_value()) << "the horizon is held at " << *held_;
  held_ = csn;
}

Csn ProgressNotices::Horizon() const {
  // Without a WAL no recovery undoes what was visible (it reloads instead).
  Csn horizon = context_.options.wal ? context_.watermark() : context_.visible();
  if (const auto oldest = context_.transactions.OldestReadCsn()) {
    horizon = std::min(horizon, *oldest);
  }
  if (held_.has_value()) horizon = std::min(horizon, *held_);
  return horizon;
}

void ProgressNotices::SendTo(NodeId node) {
  if (!context_.working()) return;
  const Csn horizon = Horizon();
  const Csn watermark = context_.watermark();
  Told& told = told_[node];
  if (told.watermark == watermark && told.horizon == horizon) return;
  CHECK(horizon >= told.horizon) << "horizon " << horizon << " after " << told.horizon;
  told = {watermark, horizon};
  wire::Frame frame;
  frame.mutable_progress()->set_watermark(watermark.value());
  frame.mutable_progress()->set_horizon(horizon.value());
  context_.Send(node, std::move(frame));
}

}  // namespace tidemark::txn
