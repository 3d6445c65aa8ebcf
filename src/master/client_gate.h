// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "api/client_service.h"
#include "master/master_node.h"

namespace tidemark::master {

// The client port's view of a master: sessions, schema, administration. Not to be called
// before Events::OnStarted.
// Owner: the process. Threads: the master's loop. Does not own the node, which outlives it.
class ClientGate : public api::ClientService {
 public:
  explicit ClientGate(MasterNode* node) : node_(node) {}

  // What Status shows of Bolt; without a call that it is off. Before clients come.
  void SetBolt(std::string address, bool needs_login);

  std::unique_ptr<session::Session> NewSession() override;
  const catalog::NameTable& names() const override { return node_->gateway()->names(); }
  session::MemoryBudget* request_memory() override { return node_->gateway()->request_memory(); }
  int64_t NowMicros() override { return node_->NowMicros(); }
  void CreateIndex(const api::Index& wanted, Done<api::Index> done) override;
  void DropIndex(const std::string& name, std::function<void(absl::Status)> done) override;
  api::ListIndexesResponse ListIndexes() override;
  void Status(Done<api::StatusResponse> done) override;
  void SnapshotNow(Done<api::SnapshotInfo> done) override;
  void FlushNow(Done<uint64_t> done) override;

 private:
  api::StatusResponse DescribeStatus() const;
  api::Index ToMessage(const graph::IndexDefinition& definition) const;

  MasterNode* const node_;
  std::string bolt_address_;
  bool bolt_login_ = false;
};

}  // namespace tidemark::master
