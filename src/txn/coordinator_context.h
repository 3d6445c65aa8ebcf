// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "base/ids.h"
#include "durability/master_log/master_log_record.h"
#include "durability/master_log/master_log_state.h"
#include "proto/cluster.pb.h"
#include "txn/callback_queue.h"
#include "txn/cluster_status.h"
#include "txn/commit_pipeline.h"
#include "txn/coordinator_port.h"
#include "txn/log_book.h"
#include "txn/membership.h"
#include "txn/options.h"
#include "txn/transaction_table.h"
#include "txn/types.h"

namespace tidemark::txn {

// What all parts of the coordinator look at. A part changes only what its own description says;
// `state`, `failed` and `now_micros` are the coordinator's.
// Owner: the coordinator, whose parts point to it. Threads: the master's loop.
struct CoordinatorContext {
  CoordinatorContext(const CoordinatorOptions& options_in, BootId boot,
                     durability::MasterLogState log_state, CoordinatorPort* port_in)
      : options(options_in),
        boot_id(boot),
        port(port_in),
        book(std::move(log_state), port_in),
        members(book.durable().cluster().worker_count, book.durable().cluster().id,
                rpc::GreetingSide{"the master", options.build, options.credential}) {}
  CoordinatorContext(const CoordinatorContext&) = delete;
  CoordinatorContext& operator=(const CoordinatorContext&) = delete;

  const CoordinatorOptions options;
  const BootId boot_id;
  CoordinatorPort* const port;
  ClusterState state = ClusterState::kReconciling;
  bool failed = false;
  int64_t now_micros = 0;
  LogBook book;
  Membership members;
  TransactionTable transactions;
  CommitPipeline pipeline;
  CallbackQueue callbacks;

  // Commits go on: the cluster is open, or its stop has begun.
  bool working() const { return state == ClusterState::kOpen || state == ClusterState::kStopping; }
  // The synced part of the master log.
  const durability::MasterLogState& log() const { return book.durable(); }
  Epoch epoch() const { return log().epoch(); }
  uint32_t worker_count() const { return log().cluster().worker_count; }
  Csn visible() const { return pipeline.visible(); }
  Csn watermark() const { return pipeline.watermark(); }

  void Send(NodeId to, wire::Frame frame) {
    frame.set_epoch(epoch().value());
    port->Send(to, std::move(frame));
  }
  // Appends and asks for a sync; `synced` runs when the record is durable.
  void Append(durability::MasterLogRecord record, std::function<void()> synced) {
    book.Append(std::move(record), std::move(synced), now_micros);
  }
};

}  // namespace tidemark::txn
