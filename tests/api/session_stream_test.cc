// SPDX-License-Identifier: Apache-2.0
// Answers over a real connection: many results come in several responses, and the client makes one
// answer of them again.
#include "api/session_stream.h"

#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "api/api_server.h"
#include "base/check.h"
#include "base/status.h"
#include "client/client.h"
#include "env/event_loop.h"
#include "env/posix_clock.h"
#include "env/posix_executor.h"
#include "graph/value_coding.h"
#include "tests/api/fake_backend.h"

namespace tidemark::api {
namespace {

using ::testing::HasSubstr;

class SessionStreamTest : public ::testing::Test {
 protected:
  SessionStreamTest() {
    loop_.Start();
    auto server = ApiServer::Start({.address = "127.0.0.1:0", .tls = {}}, &executor_, &service_);
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    address_ = absl::StrCat("127.0.0.1:", server_->port());
  }
  ~SessionStreamTest() override {
    server_->Stop();
    loop_.Stop();
  }

  // Expansions of the vertices 1, 2, ...
  static api::Run Expansions(size_t count) {
    api::Run run;
    for (size_t i = 0; i < count; ++i) {
      const VertexId vertex(SlotId(0), static_cast<uint32_t>(i + 1));
      run.add_operations()->mutable_expand()->mutable_vertex()->set_id(vertex.value());
    }
    return run;
  }
  void AddGiant(api::Run* run) {
    const uint64_t vertex = VertexId(SlotId(0), 1).value();
    run->add_operations()->mutable_get_vertex()->mutable_vertex()->set_id(vertex);
  }
  // All responses to the request, as they come.
  std::vector<Response> Ask(const Request& request) {
    auto stub = Graph::NewStub(grpc::CreateChannel(address_, grpc::InsecureChannelCredentials()));
    grpc::ClientContext context;
    const auto stream = stub->Session(&context);
    EXPECT_TRUE(stream->Write(request));
    std::vector<Response> responses;
    do {
      EXPECT_TRUE(stream->Read(&responses.emplace_back()));
    } while (responses.back().run().more());
    stream->WritesDone();
    Response behind;
    EXPECT_FALSE(stream->Read(&behind));
    EXPECT_TRUE(stream->Finish().ok());
    return responses;
  }
  std::unique_ptr<client::Client> Connect() {
    client::ClientOptions options;
    options.address = address_;
    return *client::Client::Create(options);
  }
  static void ExpectResultsOf(const api::Run& run, const RunResult& result, size_t row_count) {
    ASSERT_EQ(result.results_size(), run.operations_size());
    for (int i = 0; i < run.operations_size(); ++i) {
      ASSERT_EQ(static_cast<size_t>(result.results(i).neighbours_size()), row_count) << i;
      ASSERT_EQ(result.results(i).neighbours(0).vertex(), run.operations(i).expand().vertex().id());
    }
  }

  env::PosixClock clock_;
  env::EventLoop loop_{&clock_, "test-loop"};
  env::PosixExecutor executor_{&loop_, "test"};
  FakeBackend backend_{&executor_};
  FakeService service_{&backend_};
  std::unique_ptr<ApiServer> server_;
  std::string address_;
};

TEST_F(SessionStreamTest, ASmallAnswerIsOneResponse) {
  Request request;
  request.set_id(5);
  *request.mutable_run() = Expansions(1);
  const std::vector<Response> responses = Ask(request);
  ASSERT_EQ(responses.size(), 1u);
  EXPECT_EQ(responses[0].id(), 5u);
  EXPECT_FALSE(responses[0].has_trace());
  ExpectResultsOf(request.run(), responses[0].run(), 1);
}

TEST_F(SessionStreamTest, ManyResultsComeInSeveralResponsesInOrder) {
  constexpr size_t kRowCount = 100;
  constexpr size_t kCount = 300;
  backend_.row_count = kRowCount;
  Request request;
  request.set_id(9);
  request.set_trace(true);
  *request.mutable_run() = Expansions(kCount);
  // Alone in its transaction, and it writes: the answer has a bookmark.
  request.mutable_run()->add_operations()->mutable_create_vertex();
  const std::vector<Response> responses = Ask(request);
  EXPECT_GE(responses.size(), kCount * kRowCount / 2148);
  RunResult all;
  for (const Response& response : responses) {
    EXPECT_EQ(response.id(), 9u);
    EXPECT_LE(response.run().results_size(), 21);
    const bool is_last = &response == &responses.back();
    EXPECT_EQ(response.has_trace(), is_last);
    EXPECT_EQ(response.run().has_bookmark(), is_last);
    all.MergeFrom(response.run());
  }
  EXPECT_EQ(all.bookmark().csn(), 7u);
  ASSERT_EQ(static_cast<size_t>(all.results_size()), kCount + 1);
  all.mutable_results()->RemoveLast();
  ExpectResultsOf(Expansions(kCount), all, kRowCount);
}

TEST_F(SessionStreamTest, TheClientMakesOneAnswerOfThem) {
  backend_.row_count = 100;
  const auto client = Connect();
  const auto session = client->OpenSession();
  session->SetTracing(true);
  api::Run run = Expansions(300);
  const auto result = session->Run(run);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_FALSE(result->more());
  ExpectResultsOf(run, *result, 100);
  EXPECT_EQ(session->trace().steps_size(), 1);
  // The session goes on.
  run = Expansions(1);
  const auto next = session->Run(run);
  ASSERT_TRUE(next.ok()) << next.status();
  ExpectResultsOf(run, *next, 100);
}

TEST_F(SessionStreamTest, AnErrorInALaterPartEndsTheAnswerAndTheTransaction) {
  backend_.row_count = 1500;
  Request request;
  *request.mutable_run() = Expansions(2);
  AddGiant(request.mutable_run());
  const std::vector<Response> responses = Ask(request);
  ASSERT_GE(responses.size(), 2u);
  int result_count = 0;
  for (const Response& response : responses) result_count += response.run().results_size();
  EXPECT_EQ(result_count, 2);
  EXPECT_EQ(responses.back().error().code(), LIMIT_EXCEEDED);

  const auto client = Connect();
  const auto session = client->OpenSession();
  ASSERT_TRUE(session->Begin().ok());
  const auto result = session->Run(request.run());
  EXPECT_EQ(result.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(MessageOf(result.status()), HasSubstr("ask for less at a time"));
  EXPECT_FALSE(session->Commit().ok());
  ASSERT_TRUE(session->Begin().ok());
  EXPECT_TRUE(session->Run(Expansions(1)).ok());
}

TEST_F(SessionStreamTest, AClientMayLeaveInTheMiddleOfAnAnswer) {
  backend_.row_count = 100;
  for (int i = 0; i < 20; ++i) {
    auto stub = Graph::NewStub(grpc::CreateChannel(address_, grpc::InsecureChannelCredentials()));
    grpc::ClientContext context;
    const auto stream = stub->Session(&context);
    Request request;
    *request.mutable_run() = Expansions(300);
    EXPECT_TRUE(stream->Write(request));
    Response response;
    EXPECT_TRUE(stream->Read(&response));
    EXPECT_TRUE(response.run().more());
    context.TryCancel();
    stream->Finish();
  }
  EXPECT_TRUE(Connect()->OpenSession()->Run(Expansions(1)).ok());
}

// What the stream ends with after these bytes in the place of a request.
grpc::Status EndAfterBytes(const std::string& address, const std::string& bytes) {
  const auto channel = grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  const auto call = stub.PrepareCall(&context, "/tidemark.api.Graph/Session", &queue);
  void* tag = nullptr;
  bool ok = false;
  call->StartCall(&tag);
  queue.Next(&tag, &ok);
  const grpc::Slice slice(bytes);
  call->Write(grpc::ByteBuffer(&slice, 1), &tag);
  queue.Next(&tag, &ok);
  grpc::ByteBuffer answer;
  call->Read(&answer, &tag);
  queue.Next(&tag, &ok);
  EXPECT_FALSE(ok) << "the bytes were answered";
  grpc::Status status;
  call->Finish(&status, &tag);
  queue.Next(&tag, &ok);
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) {
  }
  return status;
}

TEST_F(SessionStreamTest, BytesThatAreNoRequestEndTheStreamWithAnError) {
  Request deep;
  Value* value = deep.mutable_run()
                     ->add_operations()
                     ->mutable_create_vertex()
                     ->add_properties()
                     ->mutable_value();
  for (int i = 0; i < 60; ++i) value = value->mutable_list()->add_values();
  for (const std::string& bytes : {std::string("\xff\xff\xff"), deep.SerializeAsString()}) {
    const grpc::Status status = EndAfterBytes(address_, bytes);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), HasSubstr("not a valid tidemark.api.Request"));
  }
  // The C++ client does not take it for a lost connection, which it would try again.
  const auto client = Connect();
  const auto result = client->OpenSession()->Run(deep.run());
  EXPECT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(SessionStreamTest, AClientThatIsGoneEndsItsWorkAtOnce) {
  backend_.answers = false;
  auto stub = Graph::NewStub(grpc::CreateChannel(address_, grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  const auto stream = stub->Session(&context);
  Request request;
  *request.mutable_run() = Expansions(1);
  EXPECT_TRUE(stream->Write(request));
  backend_.AwaitExecute();
  EXPECT_EQ(backend_.rollback_count.load(), 0);
  context.TryCancel();
  stream->Finish();
  for (int i = 0; i < 500 && backend_.rollback_count.load() == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(backend_.rollback_count.load(), 1);
}

// A batch with a property of so many bytes.
api::Run LargeRun(size_t bytes) {
  api::Run run;
  auto* const property = run.add_operations()->mutable_create_vertex()->add_properties();
  property->set_key("k");
  property->mutable_value()->set_binary(std::string(bytes, 'x'));
  return run;
}

TEST_F(SessionStreamTest, ALargeRequestWaitsForMemoryAndIsRefusedWhenTooMuchWaits) {
  constexpr size_t kBytes = size_t{29} << 20;
  session::MemoryBudget* const memory = backend_.request_memory();
  memory->Take(FakeBackend::kMemoryBytes);
  const auto client = Connect();
  std::vector<std::thread> threads;
  std::atomic<int> ok_count{0};
  std::atomic<int> refused_count{0};
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      const auto result = client->OpenSession()->Run(LargeRun(kBytes));
      if (result.ok()) ++ok_count;
      if (result.status().code() == absl::StatusCode::kResourceExhausted) ++refused_count;
    });
  }
  // Four wait, each counted twice; small requests go on.
  while (refused_count.load() < 2) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_TRUE(client->OpenSession()->Run(Expansions(1)).ok());
  EXPECT_EQ(ok_count.load(), 0);
  executor_.Post([memory] { memory->Give(FakeBackend::kMemoryBytes); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(ok_count.load(), 4);
  EXPECT_EQ(refused_count.load(), 2);
  // The server gives back when its answer is written, and the client may have it before.
  for (int i = 0; i < 500 && memory->used_bytes() != 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(memory->used_bytes(), 0u);
}

// Answers every Run with one part and then ends the stream.
class BreakingServer : public Graph::CallbackService {
 public:
  grpc::ServerBidiReactor<Request, Response>* Session(grpc::CallbackServerContext*) override {
    return new Stream;
  }

 private:
  class Stream : public grpc::ServerBidiReactor<Request, Response> {
   public:
    Stream() { StartRead(&request_); }
    void OnReadDone(bool ok) override {
      if (!ok) return Finish(grpc::Status::OK);
      response_.set_id(request_.id());
      if (request_.has_begin()) response_.mutable_begun();
      if (request_.has_run()) response_.mutable_run()->set_more(true);
      StartWrite(&response_);
    }
    void OnWriteDone(bool) override {
      if (request_.has_run()) return Finish(grpc::Status::OK);
      response_.Clear();
      StartRead(&request_);
    }
    void OnDone() override { delete this; }

   private:
    Request request_;
    Response response_;
  };
};

TEST(ClientAnswerTest, AStreamThatBreaksBetweenPartsHasNotAnswered) {
  BreakingServer service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  client::ClientOptions options;
  options.address = absl::StrCat("127.0.0.1:", port);
  const auto client = client::Client::Create(options);
  ASSERT_TRUE(client.ok());
  const auto session = (*client)->OpenSession();
  api::Run run;
  run.add_operations()->mutable_create_vertex();
  // Alone in its transaction: it may be committed.
  EXPECT_EQ(session->Run(run).status().code(), absl::StatusCode::kUnknown);
  ASSERT_TRUE(session->Begin().ok());
  EXPECT_EQ(session->Run(run).status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace tidemark::api
