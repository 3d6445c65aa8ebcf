// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "base/ids.h"
#include "durability/master_log/master_log_record.h"
#include "proto/cluster.pb.h"
#include "txn/types.h"

namespace tidemark::txn {

// What the coordinator asks of the master around it. No call may call back into the coordinator;
// what happens as a result comes in later as an input of its own.
// Threads: the master's loop.
class CoordinatorPort {
 public:
  virtual ~CoordinatorPort() = default;

  // --- Streams.
  // The stream belongs to worker `node` from now on: Send reaches it, its frames go to OnFrame.
  // REQUIRES: no other stream belongs to `node`.
  virtual void BindStream(StreamId stream, NodeId node) = 0;
  // Puts the frame on the worker's ordered stream; dropped when it has none.
  virtual void Send(NodeId to, wire::Frame frame) = 0;
  // For a stream that is not bound: sends Hello to a fresh worker, which closes the stream when its
  // identity is durable. OnStreamClosed follows whoever ends it.
  virtual void SendUnbound(StreamId stream, wire::Frame frame) = 0;
  // For a stream that is not bound: sends Refused, then closes it. OnStreamClosed need not follow.
  virtual void SendAndClose(StreamId stream, wire::Frame frame) = 0;
  // Unbinds and closes the worker's stream after what was sent; none of its frames may come in any
  // more. OnStreamClosed need not follow.
  virtual void CloseStream(NodeId node, const std::string& reason) = 0;

  // --- Master log.
  // Appends; returns the record's position, which grows with every record. Nothing is durable yet.
  virtual uint64_t AppendLog(const durability::MasterLogRecord& record) = 0;
  // OK, or kResourceExhausted with what is needed: the log's disk is full, and only what must be
  // logged should be.
  virtual absl::Status CheckLogRoom() const = 0;
  // Everything appended so far is to be synced; OnLogSynced follows. Calls may share one sync.
  virtual void SyncLog() = 0;

  // --- News.
  // This master cannot go on without breaking a promise: the process ends. The coordinator does
  // nothing more.
  virtual void Fail(const absl::Status& status) = 0;
  virtual void OnStateChange(ClusterState state) = 0;
  // The coordinator has ended an open transaction (time limit, recovery, stop). Its session tells
  // the client; the id means nothing to the coordinator any more. This one runs like a callback, at
  // the end of an input, and may call back into the coordinator.
  virtual void OnTransactionAborted(TxId tx, const absl::Status& reason) = 0;
  // A recovery has ended at `csn`: schema changes for which Coordinator::IsDead holds are undone.
  // Coordinator::log().schema() is what is left.
  virtual void OnRecovered(Csn csn) = 0;
  // The clean stop is complete and every callback has run; the process may exit with 0.
  virtual void OnStopped() = 0;
  // One line for the operator's log.
  virtual void Log(std::string_view line) = 0;
};

}  // namespace tidemark::txn
