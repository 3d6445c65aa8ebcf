// SPDX-License-Identifier: Apache-2.0
#include "exec/profile.h"

#include <utility>

namespace tidemark::exec {
namespace {

void AddFigures(const OperatorFigures& from, OperatorFigures* to) {
  to->rows += from.rows;
  to->units += from.units;
  to->micros += from.micros;
}

void Walk(const query::plan::Operator& node,
          const std::function<void(const query::plan::Operator&)>& use) {
  use(node);
  for (const auto& input : node.inputs) Walk(*input, use);
  if (const query::plan::Fragment* const inner = InnerOf(node)) Walk(*inner->root, use);
}

}  // namespace

void ForEachOperator(const query::plan::Fragment& fragment,
                     const std::function<void(const query::plan::Operator&)>& use) {
  Walk(*fragment.root, use);
}

const Profile::Entry* Profile::Find(const query::plan::Operator& node) const {
  const auto entry = entries_.find(&node);
  return entry == entries_.end() ? nullptr : &entry->second;
}

void Profile::Add(Entry* asked_by, const query::plan::Fragment& fragment, NodeId worker,
                  const FragmentRows& rows) {
  WorkerFigures& traffic = asked_by->workers[worker];
  ++traffic.requests;
  traffic.sent_bytes += rows.sent_bytes;
  traffic.received_bytes += rows.received_bytes;
  size_t next = 0;
  ForEachOperator(fragment, [&](const query::plan::Operator& node) {
    if (next == rows.figures.size()) return;
    const OperatorFigures& figures = rows.figures[next++];
    Entry* const entry = Of(node);
    AddFigures(figures, &entry->work);
    AddFigures(figures, &entry->workers[worker].work);
    traffic.work.units += figures.units;
    traffic.work.micros += figures.micros;
  });
}

std::vector<OperatorFigures> Profile::Take(const query::plan::Fragment& fragment) {
  std::vector<OperatorFigures> figures;
  ForEachOperator(fragment, [&](const query::plan::Operator& node) {
    figures.push_back(std::exchange(Of(node)->work, {}));
  });
  return figures;
}

}  // namespace tidemark::exec
