// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string_view>

#include "base/ids.h"
#include "durability/master_log/master_log_record.h"
#include "env/clock.h"
#include "proto/cluster.pb.h"
#include "session/trace.h"

namespace tidemark::master {

// Takes the time of transactions for which a client asked. Looks at what passes between the
// coordinator and the world; each event ends a step, so the steps leave no gap. What a worker does
// is its own figure (wire::Spent), the rest of the way there and back is the hop; clocks of two
// nodes are never compared.
// Owner: MasterNode. Threads: its loop. Limits: one trace per open session.
class TraceBook {
 public:
  // Does not own the clock.
  explicit TraceBook(env::Clock* clock) : clock_(clock) {}

  // The transaction's request came in at `since_micros` and is taken up now.
  void Start(TxId tx, int64_t since_micros);
  // The request is answered now; empty when it is not traced.
  session::Trace Take(TxId tx);
  // Nothing is traced: the calls below may be left out.
  bool empty() const { return traced_.empty(); }

  // Asks the worker for its figures when the frame is on the way of a traced request.
  void OnSend(NodeId to, wire::Frame* frame);
  void OnReceive(NodeId from, const wire::Frame& frame);
  void OnLogAppended(uint64_t position, const durability::MasterLogRecord& record);
  // The newest sync took `sync_micros`.
  void OnLogSynced(uint64_t position, int64_t sync_micros);

 private:
  enum class Phase : uint8_t { kRunning, kCommitting, kApplied, kFlushed, kLogging, kDurable };
  struct Synced {
    NodeId node;
    wire::Spent spent;
    int64_t at_micros = 0;  // 0 = nobody yet
  };
  struct Traced {
    Phase phase = Phase::kRunning;
    int64_t last_micros = 0;  // end of the newest step
    uint64_t executing_count = 0;
    NodeSet applying;  // who has not answered Applied, Flushed
    NodeSet flushing;
    uint64_t csn = 0;
    bool flush_sent = false;  // often right behind the commit
    Synced synced;            // who answered the flush with a sync, and is not the last to answer
    uint64_t position = 0;    // of the watermark in the master log
    session::Trace steps;
  };
  // How a step at a worker is called.
  struct WorkerStep {
    std::string_view hop;
    session::TraceKind kind;
    std::string_view what;
  };

  static void Add(Traced* traced, NodeId node, session::TraceKind kind, std::string_view what,
                  int64_t micros);
  void EndStep(Traced* traced, session::TraceKind kind, std::string_view what) const;
  void EndHop(Traced* traced, NodeId worker, const wire::Spent& spent,
              const WorkerStep& step) const;
  static void EndHopAt(int64_t now_micros, Traced* traced, NodeId worker, const wire::Spent& spent,
                       const WorkerStep& step);
  // The worker's answer behind that to the commit is here too early for its sync: both were held
  // up on their way, so a part of the hop before was the sync.
  void TakeBackFromHop(Traced* traced, NodeId worker, int64_t sync_micros) const;
  void NoteSent(Traced* traced, bool is_own, NodeId to, wire::Frame* frame) const;
  // A commit that is flushed and not logged waits for what is before it.
  void NoteWaiting(Traced* traced) const;
  void NoteApplied(Traced* traced, NodeId from, const wire::Frame& frame) const;
  void NoteFlushed(Traced* traced, NodeId from, const wire::Frame& frame) const;

  env::Clock* const clock_;
  std::map<TxId, Traced> traced_;
};

}  // namespace tidemark::master
