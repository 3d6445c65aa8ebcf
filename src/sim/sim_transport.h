// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "rpc/transport.h"
#include "sim/sim_network.h"

namespace tidemark::sim {

// One process's end of the simulated network. Owner: the node. Threads: one.
class SimTransport final : public rpc::Transport {
 public:
  // `server` is null for the transport that accepts.
  SimTransport(SimNetwork* network, std::shared_ptr<Process> process, SimExecutor* executor,
               const NodeId* server);
  ~SimTransport() override;

  void Start(rpc::TransportHandler* handler, Started started) override;
  void Send(rpc::StreamId stream, wire::Frame&& frame) override;
  size_t UnsentBytes(rpc::StreamId stream) override;
  void Close(rpc::StreamId stream, const absl::Status& reason) override;
  void Stop() override;

 private:
  friend class SimNetwork;

  struct Open {
    std::shared_ptr<SimNetwork::Connection> connection;
    int side = 0;
    bool announced = false;
    wire::Envelope pending;
    size_t pending_bytes = 0;
    bool is_full = false;  // the handler has found more than kDrainedBytes
    size_t unsent_bytes() const {
      return pending_bytes + connection->sides[1 - side].unhandled_bytes;
    }
  };

  // From the network; runs the handler in a turn of the loop.
  rpc::StreamId Add(std::shared_ptr<SimNetwork::Connection> connection, int side);
  void Receive(rpc::StreamId stream, SimNetwork::Item item);
  void Handle(rpc::StreamId stream, SimNetwork::Item item);
  void Drained(rpc::StreamId stream);
  void DialLater(int64_t delay_micros);
  void Dial();
  void FlushAll();
  void Flush(Open* open);

  SimNetwork* network_;
  std::shared_ptr<Process> process_;
  SimExecutor* executor_;
  const bool is_client_;
  const NodeId server_;
  rpc::TransportHandler* handler_ = nullptr;
  std::map<rpc::StreamId, Open> streams_;
  rpc::StreamId next_stream_{1};
  bool flush_asked_ = false;
  int64_t redial_micros_ = rpc::kFirstRedialMicros;
  // Set to false by Stop: posted calls do nothing any more.
  std::shared_ptr<bool> running_ = std::make_shared<bool>(false);
};

}  // namespace tidemark::sim
