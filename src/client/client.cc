// SPDX-License-Identifier: Apache-2.0
#include "client/client.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <thread>
#include <utility>

#include "base/status.h"
#include "proto/api.grpc.pb.h"
#include "rpc/credentials.h"
#include "rpc/error_message.h"
#include "rpc/limits.h"
#include "rpc/listen_address.h"

namespace tidemark::client {
namespace {

using SystemClock = std::chrono::system_clock;
using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kMaxReconnectBackoffMs = 500;
constexpr int kFirstReconnectBackoffMs = 20;
// A connection that does not come about is given up.
constexpr int kMinConnectTimeMs = 1000;
constexpr int64_t kPollOpenMs = 5;
// What the server accepts, with room for the rest of a request.
constexpr size_t kMaxRunBytes = rpc::kMaxMessageBytes - 64;
// A server that is gone without a word is noticed after these.
constexpr int kKeepaliveTimeMs = 10'000;
constexpr int kKeepaliveTimeoutMs = 5'000;

absl::Status FromGrpc(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

// A channel of gRPC gets on with connecting only while somebody waits for it: calls that fail at
// once would find it unconnected for seconds. So what needs a connection waits for it here.
class Connection {
 public:
  Connection(const ClientOptions& options, std::shared_ptr<grpc::Channel> channel)
      : options_(options), channel_(std::move(channel)) {}

  absl::Status Await(int64_t timeout_ms) const {
    if (channel_->WaitForConnected(SystemClock::now() + milliseconds(timeout_ms))) {
      return absl::OkStatus();
    }
    return absl::UnavailableError(absl::StrCat("no answer from ", options_.address,
                                               ": no connection within ", timeout_ms, " ms"));
  }
  absl::Status Await() const { return Await(options_.connect_timeout_ms); }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  const ClientOptions& options() const { return options_; }

 private:
  const ClientOptions options_;
  const std::shared_ptr<grpc::Channel> channel_;
};

// Puts the results that came before in front of those of `part`, the next response to a Run.
void Append(api::Response part, api::Response* answer) {
  if (part.has_run()) {
    auto* results = answer->mutable_run()->mutable_results();
    for (api::OperationResult& result : *part.mutable_run()->mutable_results()) {
      *results->Add() = std::move(result);
    }
    part.mutable_run()->mutable_results()->Swap(results);
  }
  *answer = std::move(part);
}

// Where the operation goes on; null for one whose result is never cut off.
std::string* CursorOf(api::Operation* operation) {
  switch (operation->body_case()) {
    case api::Operation::kLookup:
      return operation->mutable_lookup()->mutable_cursor();
    case api::Operation::kScanLabel:
      return operation->mutable_scan_label()->mutable_cursor();
    case api::Operation::kScanType:
      return operation->mutable_scan_type()->mutable_cursor();
    case api::Operation::kExpand:
      return operation->mutable_expand()->mutable_cursor();
    default:
      return nullptr;
  }
}

class SessionImpl : public ClientSession {
 public:
  SessionImpl(const Connection* connection, api::Graph::Stub* stub)
      : connection_(connection), stub_(stub) {}
  ~SessionImpl() override { CloseStream(); }

  absl::StatusOr<api::Begun> Begin(const api::Begin& options) override {
    api::Request request;
    *request.mutable_begin() = options;
    ASSIGN_OR_RETURN(api::Response response, Call(std::move(request)));
    return std::move(*response.mutable_begun());
  }

  absl::StatusOr<api::RunResult> Run(const api::Run& run) override {
    if (const size_t bytes = run.ByteSizeLong(); bytes > kMaxRunBytes) {
      if (in_transaction_) Rollback().IgnoreError();  // as any error would
      return absl::ResourceExhaustedError(absl::StrCat("a batch has ", bytes,
                                                       " bytes as a message; at most ",
                                                       kMaxRunBytes, " are allowed, send several"));
    }
    api::Request request;
    *request.mutable_run() = run;
    ASSIGN_OR_RETURN(api::Response response, Call(std::move(request)));
    return std::move(*response.mutable_run());
  }

  absl::StatusOr<api::Bookmark> Commit() override {
    api::Request request;
    request.mutable_commit();
    ASSIGN_OR_RETURN(api::Response response, Call(std::move(request)));
    return std::move(*response.mutable_committed()->mutable_bookmark());
  }

  absl::Status Rollback() override {
    api::Request request;
    request.mutable_rollback();
    return Call(std::move(request)).status();
  }

  void SetTracing(bool on) override { tracing_ = on; }
  const api::Trace& trace() const override { return trace_; }

  absl::StatusOr<api::Bookmark> RunTransaction(
      const std::function<absl::Status(ClientSession*)>& work, const RetryPolicy& policy) override {
    const auto deadline = SteadyClock::now() + milliseconds(policy.total_timeout_ms);
    int64_t delay_ms = policy.first_delay_ms;
    while (true) {
      absl::StatusOr<api::Bookmark> result = TryOnce(work);
      if (result.ok() || !IsRetryable(result.status())) return result;
      if (SteadyClock::now() + milliseconds(delay_ms) > deadline) return result;
      std::this_thread::sleep_for(milliseconds(delay_ms));
      delay_ms = std::min(delay_ms * 2, policy.max_delay_ms);
    }
  }

 private:
  absl::StatusOr<api::Bookmark> TryOnce(const std::function<absl::Status(ClientSession*)>& work) {
    RETURN_IF_ERROR(Begin({}).status());
    const absl::Status status = work(this);
    if (!status.ok()) {
      // The server may have ended the transaction with the error; nothing more to do then.
      Rollback().IgnoreError();
      return status;
    }
    return Commit();
  }

  absl::StatusOr<api::Response> Call(api::Request request) {
    const bool commits = request.has_commit() || (request.has_run() && !in_transaction_);
    request.set_id(next_id_++);
    if (tracing_) request.set_trace(request.has_run() || request.has_commit());
    RETURN_IF_ERROR(OpenStream());
    api::Response response;
    const bool sent = stream_->Write(request);
    if (!sent || !ReadAnswer(request.id(), &response)) return LostStream(sent && commits);
    if (response.has_error()) {
      in_transaction_ = in_transaction_ && request.has_run();
      return rpc::FromMessage(response.error());
    }
    trace_ = std::move(*response.mutable_trace());
    if (response.has_begun()) in_transaction_ = true;
    if (response.has_committed() || response.has_rolled_back()) in_transaction_ = false;
    return response;
  }

  // All responses to a request as one. False when the stream breaks before the last of them.
  bool ReadAnswer(uint64_t id, api::Response* answer) {
    if (!stream_->Read(answer) || answer->id() != id) return false;
    while (answer->run().more()) {
      api::Response part;
      if (!stream_->Read(&part) || part.id() != id) return false;
      Append(std::move(part), answer);
    }
    return true;
  }

  absl::Status OpenStream() {
    if (stream_ != nullptr) return absl::OkStatus();
    in_transaction_ = false;
    RETURN_IF_ERROR(connection_->Await());
    context_ = std::make_unique<grpc::ClientContext>();
    stream_ = stub_->Session(context_.get());
    return absl::OkStatus();
  }

  void CloseStream() {
    if (stream_ == nullptr) return;
    context_->TryCancel();
    stream_->Finish();
    stream_ = nullptr;
  }

  // The stream broke before the end of the answer: a commit's outcome is unknown then.
  absl::Status LostStream(bool unknown) {
    const grpc::Status status = stream_->Finish();
    stream_ = nullptr;
    in_transaction_ = false;
    // Bytes that the server cannot read are carried out by nobody.
    if (status.error_code() == grpc::StatusCode::INVALID_ARGUMENT) return FromGrpc(status);
    const std::string why =
        status.error_message().empty() ? "the stream ended" : status.error_message();
    if (unknown) {
      return absl::UnknownError(absl::StrCat(
          "the connection was lost while a commit was under way, it may or may not have happened: ",
          why));
    }
    return absl::UnavailableError(absl::StrCat("the connection was lost: ", why));
  }

  const Connection* const connection_;
  api::Graph::Stub* const stub_;
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<grpc::ClientReaderWriter<api::Request, api::Response>> stream_;
  uint64_t next_id_ = 1;
  bool in_transaction_ = false;
  bool tracing_ = false;
  api::Trace trace_;
};

class ClientImpl : public Client {
 public:
  ClientImpl(const ClientOptions& options, std::shared_ptr<grpc::Channel> channel)
      : connection_(options, std::move(channel)),
        graph_(api::Graph::NewStub(connection_.channel())),
        schema_(api::Schema::NewStub(connection_.channel())),
        admin_(api::Admin::NewStub(connection_.channel())) {}

  std::unique_ptr<ClientSession> OpenSession() override {
    return std::make_unique<SessionImpl>(&connection_, graph_.get());
  }

  absl::StatusOr<api::StatusResponse> Status() override {
    return StatusWithin(connection_.options().connect_timeout_ms);
  }

  absl::Status WaitUntilOpen(int64_t timeout_ms) override {
    const auto deadline = SteadyClock::now() + milliseconds(timeout_ms);
    while (true) {
      const auto left = std::chrono::duration_cast<milliseconds>(deadline - SteadyClock::now());
      const absl::StatusOr<api::StatusResponse> status =
          StatusWithin(std::max<int64_t>(left.count(), 0));
      if (status.ok() && status->state() == "open") return absl::OkStatus();
      if (SteadyClock::now() >= deadline) {
        if (!status.ok()) return status.status();
        return absl::UnavailableError(
            absl::StrCat("the cluster is ", status->state(), ": ", status->detail()));
      }
      std::this_thread::sleep_for(milliseconds(kPollOpenMs));
    }
  }

  absl::StatusOr<api::SnapshotInfo> SnapshotNow() override {
    RETURN_IF_ERROR(connection_.Await());
    grpc::ClientContext context;
    api::SnapshotNowResponse response;
    RETURN_IF_ERROR(Explain(admin_->SnapshotNow(&context, {}, &response)));
    return response.snapshot();
  }

  absl::StatusOr<uint64_t> FlushNow() override {
    RETURN_IF_ERROR(connection_.Await());
    grpc::ClientContext context;
    api::FlushNowResponse response;
    RETURN_IF_ERROR(Explain(admin_->FlushNow(&context, {}, &response)));
    return response.watermark();
  }

  absl::StatusOr<api::Index> CreateIndex(const api::Index& wanted) override {
    RETURN_IF_ERROR(connection_.Await());
    grpc::ClientContext context;
    api::CreateIndexRequest request;
    *request.mutable_index() = wanted;
    api::CreateIndexResponse response;
    RETURN_IF_ERROR(Explain(schema_->CreateIndex(&context, request, &response)));
    return response.index();
  }

  absl::Status DropIndex(const std::string& name) override {
    RETURN_IF_ERROR(connection_.Await());
    grpc::ClientContext context;
    api::DropIndexRequest request;
    request.set_name(name);
    api::DropIndexResponse response;
    return Explain(schema_->DropIndex(&context, request, &response));
  }

  absl::StatusOr<std::vector<api::Index>> ListIndexes() override {
    RETURN_IF_ERROR(connection_.Await());
    grpc::ClientContext context;
    api::ListIndexesResponse response;
    RETURN_IF_ERROR(Explain(schema_->ListIndexes(&context, {}, &response)));
    return std::vector<api::Index>(response.indexes().begin(), response.indexes().end());
  }

 private:
  absl::StatusOr<api::StatusResponse> StatusWithin(int64_t connect_timeout_ms) {
    RETURN_IF_ERROR(connection_.Await(connect_timeout_ms));
    grpc::ClientContext context;
    context.set_deadline(SystemClock::now() +
                         milliseconds(connection_.options().status_timeout_ms));
    api::StatusResponse response;
    RETURN_IF_ERROR(Explain(admin_->Status(&context, {}, &response)));
    return response;
  }

  absl::Status Explain(const grpc::Status& status) const {
    if (status.ok()) return absl::OkStatus();
    if (status.error_code() == grpc::StatusCode::UNAVAILABLE ||
        status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
      return absl::UnavailableError(absl::StrCat("no answer from ", connection_.options().address,
                                                 ": ", status.error_message()));
    }
    if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED) {
      return absl::UnavailableError(
          absl::StrCat(connection_.options().address,
                       " answers, but is no client port (UNIMPLEMENTED); is it that of --listen?"));
    }
    return FromGrpc(status);
  }

  const Connection connection_;
  std::unique_ptr<api::Graph::Stub> graph_;
  std::unique_ptr<api::Schema::Stub> schema_;
  std::unique_ptr<api::Admin::Stub> admin_;
};

}  // namespace

bool IsRetryable(const absl::Status& status) { return rpc::IsRetryable(status.code()); }

absl::StatusOr<std::unique_ptr<Client>> Client::Create(const ClientOptions& options) {
  rpc::QuietGrpcLog();
  RETURN_IF_ERROR(rpc::CheckAddressForm(options.address));
  ASSIGN_OR_RETURN(const std::shared_ptr<grpc::ChannelCredentials> credentials,
                   rpc::MakeChannelCredentials(options.tls));
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(static_cast<int>(rpc::kMaxRowMessageBytes));
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstReconnectBackoffMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kMinConnectTimeMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kMaxReconnectBackoffMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveTimeMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  auto channel = grpc::CreateCustomChannel(options.address, credentials, arguments);
  return std::unique_ptr<Client>(new ClientImpl(options, std::move(channel)));
}

absl::StatusOr<std::vector<api::OperationResult>> RunToEnd(ClientSession* session, api::Run run) {
  std::vector<api::OperationResult> results(static_cast<size_t>(run.operations_size()));
  std::vector<size_t> places(results.size());  // in `results`, of the operations of `run`
  std::iota(places.begin(), places.end(), size_t{0});
  while (!places.empty()) {
    ASSIGN_OR_RETURN(const api::RunResult got, session->Run(run));
    if (static_cast<size_t>(got.results_size()) != places.size()) {
      return absl::InternalError(absl::StrCat("the server gave ", got.results_size(),
                                              " results for ", places.size(), " operations"));
    }
    api::Run rest;
    std::vector<size_t> rest_places;
    for (int i = 0; i < got.results_size(); ++i) {
      const size_t place = places[static_cast<size_t>(i)];
      const std::string& cursor = got.results(i).cursor();
      results[place].MergeFrom(got.results(i));
      if (cursor.empty()) continue;
      *rest.add_operations() = run.operations(i);
      std::string* const from = CursorOf(rest.mutable_operations(rest.operations_size() - 1));
      if (from == nullptr || *from == cursor) {
        return absl::InternalError(absl::StrCat("the server gave a cursor for operation ", place,
                                                " that does not lead on"));
      }
      *from = cursor;
      rest_places.push_back(place);
    }
    run = std::move(rest);
    places = std::move(rest_places);
  }
  return results;
}

}  // namespace tidemark::client
