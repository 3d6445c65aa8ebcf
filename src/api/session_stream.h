// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/arena.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "api/client_service.h"
#include "env/executor.h"
#include "proto/api.grpc.pb.h"

namespace tidemark::api {

// One client's Session stream: requests are decoded on gRPC's threads, carried out on the loop one
// after the other, and answered. Many results are answered in parts, one per step of the loop and
// each when the one before is out; the next request is read when the whole answer is. So a client
// that does not read holds up nobody but itself, and a large answer is never a message at once.
// Owner: itself; goes when the stream is done. Threads: gRPC's and the loop's, never both at once.
class SessionStream : public grpc::ServerBidiReactor<Request, Response> {
 public:
  // Does not own executor and service, which outlive the server.
  SessionStream(env::Executor* executor, ClientService* service);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone() override;

 private:
  void Handle();
  void HandleBegin(const Begin& begin);
  void AnswerBegin(const session::BeginOptions& options);
  void HandleRun();
  // Answers the next part of the results, unless it does not fit into a message.
  void AnswerPart();
  void RefusePart(size_t bytes);
  void HandleCommit();
  void HandleRollback();
  void AnswerError(const absl::Status& status);
  void Answer();
  void Close();

  env::Executor* const executor_;
  ClientService* const service_;
  Request request_;
  // Of the response under way; emptied when it is out, by a thread of gRPC.
  google::protobuf::Arena arena_;
  Response* response_ = google::protobuf::Arena::CreateMessage<Response>(&arena_);
  // The operations of a Run, decoded before the loop sees it.
  absl::StatusOr<std::vector<session::Operation>> operations_;
  int64_t read_micros_ = 0;                    // when the request came in, if it asks for a trace
  std::unique_ptr<session::Session> session_;  // the loop's
  // Of the Run that is being answered; results that are in a part already are empty.
  session::RunOutcome outcome_;
  size_t next_result_ = 0;
  // The loop will not come back. Orders its writes before the end on a thread of gRPC, whose own
  // order a thread sanitizer cannot see.
  std::atomic<bool> left_by_loop_{false};
};

}  // namespace tidemark::api
