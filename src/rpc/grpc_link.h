// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "env/executor.h"
#include "rpc/stream_table.h"

namespace tidemark::rpc {

class GrpcLink;

// The links whose gRPC call has not ended yet, so that a transport can end them all and wait. Links
// that have ended stay until TakeEnded: a link may own a channel, and gRPC cannot destroy a channel
// on the thread that reports the end of its call. Owner: shared by a transport and its links.
// Threads: any.
class LiveLinks {
 public:
  void Add(std::shared_ptr<GrpcLink> link);
  // The call of the link has ended; the link may be gone when this returns.
  void Remove(GrpcLink* link);
  // The links that have ended, to be dropped. Not on a thread of gRPC's where links own channels.
  std::vector<std::shared_ptr<GrpcLink>> TakeEnded();
  // Waits up to `grace_micros` for links that close, cancels those that are left and waits until
  // all are gone. REQUIRES: no more are added; not called on gRPC's threads.
  void CancelAndWait(int64_t grace_micros);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::map<GrpcLink*, std::shared_ptr<GrpcLink>> links_;
  std::vector<std::shared_ptr<GrpcLink>> ended_;
};

// What links of one transport share.
struct GrpcLinkContext {
  env::Executor* executor = nullptr;
  std::shared_ptr<StreamTable> table;
  std::shared_ptr<LiveLinks> live;
};

// The queues between the loop and one gRPC stream, the same for both sides of it. gRPC's threads
// only move messages here and post to the loop.
// Owner: LiveLinks until the call has ended, the table, and what was posted.
// Threads: Link's functions from the loop (Cancel from any), Handle... from gRPC's threads.
// Limits: kMaxQueuedBytes to send; beyond kMaxUnhandledBytes received, the network is not read.
class GrpcLink : public Link, public std::enable_shared_from_this<GrpcLink> {
 public:
  absl::Status Write(wire::Envelope&& envelope, size_t bytes) override;
  size_t queued_bytes() const override;
  void CloseAfterWrites(const absl::Status& reason) override;
  void Cancel() override;

 protected:
  // `reads_after_end`: reading goes on after WireEnd.
  GrpcLink(GrpcLinkContext context, bool reads_after_end)
      : context_(std::move(context)), reads_after_end_(reads_after_end) {}

  // Operations of the gRPC stream, called with the mutex held: at most one read and one write at a
  // time, WireEnd once and after the last write.
  virtual void WireRead(wire::Envelope* envelope) = 0;
  virtual void WireWrite(const wire::Envelope* envelope) = 0;
  // Nothing more is written; the peer is told the reason where that is possible.
  virtual void WireEnd(const absl::Status& reason) = 0;
  virtual void WireCancel() = 0;
  // Called once, without the mutex: nothing more is read, and the loop starts no more operations.
  virtual void ReadingIsOver() = 0;

  // Opens the stream in the table and starts to read.
  void HandleOpened(const std::string& peer);
  // The stream never came to be, or its reading has failed.
  void HandleReadOver();
  void HandleReadDone(bool ok);
  void HandleWriteDone(bool ok);
  // Tells the table, after all that was received, that the stream has ended. Loop.
  void HandleClosed(const absl::Status& reason);
  // The call is over: no operation of it may be used after this, so it is the last thing to do.
  void HandleDone();

  const GrpcLinkContext context_;

 private:
  struct Queued {
    wire::Envelope envelope;
    size_t bytes = 0;
  };

  void Deliver(wire::Envelope&& envelope, size_t bytes);
  // The rest is called with the mutex held.
  void StartReading();
  void StartWriting();
  void MergeOrPush(wire::Envelope&& envelope, size_t bytes);
  void EndAfterWrites(const absl::Status& reason);
  void PostDrained();
  bool SetReadOver();

  const bool reads_after_end_;
  StreamId stream_;  // the loop's

  mutable std::mutex mutex_;  // guards what follows
  std::deque<Queued> queue_;
  size_t queued_bytes_ = 0;
  bool writing_ = false;                 // the first of queue_
  std::optional<absl::Status> closing_;  // nothing is queued any more
  bool ended_ = false;                   // WireEnd was called
  wire::Envelope inbound_;               // gRPC's while reading_
  bool reading_ = false;
  bool read_over_ = false;
  bool done_ = false;
  size_t unhandled_bytes_ = 0;
};

}  // namespace tidemark::rpc
