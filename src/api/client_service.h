// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/names.h"
#include "graph/index_definition.h"
#include "proto/api.pb.h"
#include "session/memory_budget.h"
#include "session/session.h"

namespace tidemark::api {

// What the client port needs of the node behind it. Implemented by the master.
// Threads: its loop; callbacks run there too, inside the call or later.
class ClientService {
 public:
  template <typename T>
  using Done = std::function<void(absl::StatusOr<T>)>;

  virtual ~ClientService() = default;
  virtual std::unique_ptr<session::Session> NewSession() = 0;
  virtual const catalog::NameTable& names() const = 0;
  // What the requests of all clients may take. Threads: any.
  virtual session::MemoryBudget* request_memory() = 0;
  // For traces. Threads: any.
  virtual int64_t NowMicros() = 0;
  virtual void CreateIndex(const Index& wanted, Done<Index> done) = 0;
  virtual void DropIndex(const std::string& name, std::function<void(absl::Status)> done) = 0;
  virtual ListIndexesResponse ListIndexes() = 0;
  virtual void Status(Done<StatusResponse> done) = 0;
  virtual void SnapshotNow(Done<SnapshotInfo> done) = 0;
  virtual void FlushNow(Done<uint64_t> done) = 0;
};

}  // namespace tidemark::api
