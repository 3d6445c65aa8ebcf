// SPDX-License-Identifier: Apache-2.0
#include "master/trace_book.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace tidemark::master {

using session::TraceKind;

void TraceBook::Start(TxId tx, int64_t since_micros) {
  Traced& traced = traced_[tx];
  traced = Traced();
  traced.last_micros = since_micros;
  EndStep(&traced, TraceKind::kWait, "decoded, waits for the event loop");
}

session::Trace TraceBook::Take(TxId tx) {
  const auto it = traced_.find(tx);
  if (it == traced_.end()) return {};
  Traced traced = std::move(it->second);
  traced_.erase(it);
  EndStep(&traced, TraceKind::kWork, "answers");
  return std::move(traced.steps);
}

void TraceBook::Add(Traced* traced, NodeId node, TraceKind kind, std::string_view what,
                    int64_t micros) {
  traced->steps.push_back({node, kind, what, micros});
  traced->last_micros += micros;
}

void TraceBook::EndStep(Traced* traced, TraceKind kind, std::string_view what) const {
  Add(traced, kMasterNode, kind, what, clock_->NowMicros() - traced->last_micros);
}

void TraceBook::EndHop(Traced* traced, NodeId worker, const wire::Spent& spent,
                       const WorkerStep& step) const {
  EndHopAt(clock_->NowMicros(), traced, worker, spent, step);
}

void TraceBook::EndHopAt(int64_t now_micros, Traced* traced, NodeId worker,
                         const wire::Spent& spent, const WorkerStep& step) {
  const int64_t total = now_micros - traced->last_micros;
  // An answer to several requests tells the figures of one of them.
  const int64_t there = std::min(static_cast<int64_t>(spent.total_micros()), total);
  const int64_t sync = std::min(static_cast<int64_t>(spent.sync_micros()), there);
  Add(traced, worker, TraceKind::kHop, step.hop, total - there);
  Add(traced, worker, step.kind, step.what, there - sync);
  if (sync > 0) Add(traced, worker, TraceKind::kSync, "fdatasync of its WAL", sync);
}

void TraceBook::TakeBackFromHop(Traced* traced, NodeId worker, int64_t sync_micros) const {
  if (traced->steps.size() < 2) return;
  session::TraceStep& hop = traced->steps[traced->steps.size() - 2];
  if (hop.node != worker || hop.kind != TraceKind::kHop) return;
  const int64_t missing = sync_micros - (clock_->NowMicros() - traced->last_micros);
  const int64_t taken = std::clamp<int64_t>(missing, 0, hop.micros);
  hop.micros -= taken;
  traced->last_micros -= taken;
}

void TraceBook::OnSend(NodeId to, wire::Frame* frame) {
  TxId tx;
  if (frame->has_execute()) tx = TxId(frame->execute().tx());
  if (frame->has_commit()) tx = TxId(frame->commit().tx());
  for (auto& [id, traced] : traced_) NoteSent(&traced, id == tx, to, frame);
}

void TraceBook::NoteSent(Traced* traced, bool is_own, NodeId to, wire::Frame* frame) const {
  if (frame->has_execute() && is_own) {
    if (traced->executing_count == 0) EndStep(traced, TraceKind::kWork, "plans what workers do");
    ++traced->executing_count;
  } else if (frame->has_commit() && is_own) {
    if (traced->phase == Phase::kRunning) {
      EndStep(traced, TraceKind::kWork, "gives the commit its number");
      traced->phase = Phase::kCommitting;
      traced->csn = frame->commit().csn();
    }
    traced->applying.Add(to);
  } else if (frame->has_flush() && traced->csn > 0 && frame->flush().csn() >= traced->csn &&
             (traced->phase == Phase::kCommitting || traced->phase == Phase::kApplied)) {
    if (traced->flush_sent && traced->flushing.empty()) return;  // a later round
    if (traced->phase == Phase::kApplied && !traced->flush_sent) {
      EndStep(traced, TraceKind::kWait, "for the flush before");
    }
    traced->flush_sent = true;
    traced->flushing.Add(to);
  } else {
    return;
  }
  frame->set_trace(true);
}

void TraceBook::OnReceive(NodeId from, const wire::Frame& frame) {
  if (frame.has_executed()) {
    const auto it = traced_.find(TxId(frame.executed().tx()));
    if (it == traced_.end() || it->second.executing_count == 0) return;
    if (--it->second.executing_count > 0) return;
    EndHop(&it->second, from, frame.spent(),
           {"a step there, its answer back", TraceKind::kWork, "runs the step"});
    return;
  }
  for (auto& [id, traced] : traced_) {
    NoteWaiting(&traced);
    if (frame.has_applied()) NoteApplied(&traced, from, frame);
    if (frame.has_flushed()) NoteFlushed(&traced, from, frame);
  }
}

void TraceBook::NoteWaiting(Traced* traced) const {
  constexpr std::string_view kWhat = "for earlier commits";
  if (traced->phase != Phase::kFlushed) return;
  if (traced->steps.back().what != kWhat) Add(traced, kMasterNode, TraceKind::kWait, kWhat, 0);
  const int64_t micros = clock_->NowMicros() - traced->last_micros;
  traced->steps.back().micros += micros;
  traced->last_micros += micros;
}

void TraceBook::NoteApplied(Traced* traced, NodeId from, const wire::Frame& frame) const {
  if (frame.applied().csn() < traced->csn || !traced->applying.Contains(from)) return;
  traced->applying.Remove(from);
  if (!traced->applying.empty()) return;
  EndHop(traced, from, frame.spent(),
         {"commit there, applied back", TraceKind::kWork, "logs and applies the commit"});
  const bool flushed = traced->flush_sent && traced->flushing.empty();
  traced->phase = flushed ? Phase::kFlushed : Phase::kApplied;
}

void TraceBook::NoteFlushed(Traced* traced, NodeId from, const wire::Frame& frame) const {
  if (frame.flushed().csn() < traced->csn || !traced->flushing.Contains(from)) return;
  constexpr WorkerStep kStep = {"flush there, flushed back", TraceKind::kWait,
                                "wakes its log thread and is woken"};
  traced->flushing.Remove(from);
  if (!traced->flushing.empty()) {
    if (frame.spent().sync_micros() > 0) {
      traced->synced = {from, frame.spent(), clock_->NowMicros()};
    }
    return;
  }
  if (traced->phase != Phase::kApplied) return;
  const Synced& synced = traced->synced;
  if (frame.spent().sync_micros() == 0 && synced.at_micros > traced->last_micros) {
    EndHopAt(synced.at_micros, traced, synced.node, synced.spent, kStep);
    EndStep(traced, TraceKind::kWait, "for a worker that had nothing to flush");
  } else {
    TakeBackFromHop(traced, from, static_cast<int64_t>(frame.spent().sync_micros()));
    EndHop(traced, from, frame.spent(), kStep);
  }
  traced->phase = Phase::kFlushed;
}

void TraceBook::OnLogAppended(uint64_t position, const durability::MasterLogRecord& record) {
  const auto* watermark = std::get_if<durability::WatermarkRecord>(&record);
  if (watermark == nullptr) return;
  for (auto& [id, traced] : traced_) {
    if (traced.phase != Phase::kFlushed || watermark->csn.value() < traced.csn) continue;
    EndStep(&traced, TraceKind::kWork, "writes the watermark");
    traced.phase = Phase::kLogging;
    traced.position = position;
  }
}

void TraceBook::OnLogSynced(uint64_t position, int64_t sync_micros) {
  for (auto& [id, traced] : traced_) {
    NoteWaiting(&traced);
    if (traced.phase != Phase::kLogging || position < traced.position) continue;
    const int64_t total = clock_->NowMicros() - traced.last_micros;
    const int64_t sync = std::min(sync_micros, total);
    Add(&traced, kMasterNode, TraceKind::kWait, "wakes its log thread and is woken", total - sync);
    Add(&traced, kMasterNode, TraceKind::kSync, "fdatasync of its log", sync);
    traced.phase = Phase::kDurable;
  }
}

}  // namespace tidemark::master
