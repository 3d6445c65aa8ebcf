// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/arena.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "api/client_service.h"
#include "env/executor.h"
#include "proto/api.grpc.pb.h"
#include "session/memory_budget.h"

namespace tidemark::api {

// One client's Session stream: requests are decoded on gRPC's threads, carried out on the loop one
// after the other, and answered. Many results are answered in parts, one per step of the loop and
// each when the one before is out; the next request is read when the whole answer is. So a client
// that does not read holds up nobody but itself, and a large answer is never a message at once.
//
// The bytes of a message are taken as they come, so that a request that is none can be told from
// the end of the stream, and a large one can wait for memory before it is decoded.
// Owner: itself; goes when the stream is done. Threads: gRPC's and the loop's, never both at once
// but in OnCancel.
// Errors of the stream itself: kInvalidArgument for bytes that are no Request.
// Limits: ClientService::request_memory(); a client that does not take a large answer for
// kTakeLimitMicros is cut off, because it holds memory that others want.
class SessionStream : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  // Does not own executor and service, which outlive the server, nor the call, which outlives this.
  SessionStream(env::Executor* executor, ClientService* service, grpc::CallbackServerContext* call);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  // Makes a request of what was read. Threads: gRPC's, or a job.
  void Decode();
  void WaitForMemory();
  void RefuseForMemory();
  void Handle();
  void HandleBody();
  void HandleBegin(const Begin& begin);
  void AnswerBegin(const session::BeginOptions& options);
  void HandleRun();
  // Answers the next part of the results, unless it does not fit into a message.
  void AnswerPart();
  void RefusePart(size_t bytes, size_t limit_bytes);
  void HandleCommit();
  void HandleRollback();
  void AnswerError(const absl::Status& status);
  void Answer();
  // Cuts the client off when it does not take what is being written.
  void WatchWrite();
  // The stream has ended: the session goes, on the loop.
  void Close();
  void Leave(const grpc::Status& status);

  env::Executor* const executor_;
  ClientService* const service_;
  grpc::CallbackServerContext* const call_;
  grpc::ByteBuffer read_buffer_;
  grpc::ByteBuffer write_buffer_;
  Request request_;  // without the operations of a Run
  Request::BodyCase body_ = Request::BODY_NOT_SET;
  bool is_malformed_ = false;
  session::MemoryCharge request_charge_;
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

  // The loop's.
  bool working_ = false;    // the request is neither answered nor with gRPC
  bool cancelled_ = false;  // whoever has the stream next leaves
  bool decoding_ = false;   // in a job
  bool watching_ = false;   // a timer looks at the write under way
  uint64_t write_count_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // until Leave
  // For threads that must not touch alive_.
  const std::weak_ptr<bool> is_alive_ = alive_;
  // How many writes are out; a thread of gRPC counts.
  std::atomic<uint64_t> written_count_{0};
  // The loop will not come back. Orders its writes before the end on a thread of gRPC, whose own
  // order a thread sanitizer cannot see.
  std::atomic<bool> left_by_loop_{false};
};

}  // namespace tidemark::api
