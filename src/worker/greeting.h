// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "base/ids.h"
#include "durability/identity.h"
#include "proto/cluster.pb.h"
#include "txn/membership.h"

namespace tidemark::worker {

// What a worker and the master say to each other on a stream before anything else: who the worker
// is, and whom it serves. A step machine without I/O; docs/protocols/membership.md has the rules.
//
// Owner: WorkerNode. Threads: its loop.
// Errors: those of OnHello.
class Greeting {
 public:
  enum class State : uint8_t {
    kNoStream,      // there is no stream to a master
    kHeldBack,      // there is one; nothing is said before the disk of the log answers
    kAsked,         // Hello was sent, and the master's answer has not come
    kEstablishing,  // a fresh worker makes durable who it is; streams come and go meanwhile
    kAgreed,        // the frames of the protocol follow
  };

  explicit Greeting(txn::WorkerIdentity identity) : identity_(std::move(identity)) {}

  // The directory says whose it is. REQUIRES: there was no stream yet.
  void SetIdentity(const durability::FileIdentity& identity);
  // A stream has opened. True: MakeHello is to be sent now. A worker whose disk is silent greets
  // later.
  bool OnStreamOpened(bool disk_is_silent);
  // The stream has ended, from whichever side.
  void OnStreamGone();
  // `newest_epoch` is the newest one that the worker knows. REQUIRES: OnStreamOpened gave true, or
  // the state is kHeldBack.
  wire::Hello MakeHello(Epoch newest_epoch);
  // The master's answer; state() says what follows: kAgreed, or kEstablishing for a fresh worker.
  // `has_joined`: the worker works with the settings of an earlier greeting. Errors:
  // kFailedPrecondition when it must not serve this master, kUnavailable when the settings have
  // changed. REQUIRES: state() is kAsked.
  absl::Status OnHello(const wire::Hello& hello, Epoch newest_epoch, bool has_joined);
  // assigned() is durable. The worker has to greet again, on a new stream. REQUIRES: state() is
  // kEstablishing.
  void OnEstablished();

  State state() const { return state_; }
  bool agreed() const { return state_ == State::kAgreed; }
  NodeId node() const { return identity_.node; }
  const ClusterId& cluster() const { return identity_.cluster_id; }
  // Who a fresh worker is from now on. REQUIRES: state() is kEstablishing.
  const durability::FileIdentity& assigned() const;
  // Of the newest greeting that was agreed on.
  const wire::Settings& settings() const { return settings_; }
  BootId master_boot_id() const { return master_boot_id_; }
  Epoch master_epoch() const { return master_epoch_; }

  void CheckInvariants() const;

 private:
  txn::WorkerIdentity identity_;
  State state_ = State::kNoStream;
  durability::FileIdentity assigned_;
  wire::Settings settings_;
  BootId master_boot_id_;
  Epoch master_epoch_;
};

}  // namespace tidemark::worker
