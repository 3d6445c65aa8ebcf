// SPDX-License-Identifier: Apache-2.0
// The client against a server that gives pages.
#include "client/client.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "proto/api.grpc.pb.h"

namespace tidemark::client {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kPageCount = 3;

// Every reading operation gives kPageCount pages: an element with the page's number, and a cursor
// but for the last one. With `is_stuck` the cursor leads back to where it came from; GetVertex
// gives one that no request can hold.
class PagingServer : public api::Graph::Service {
 public:
  bool is_stuck = false;
  uint64_t run_count = 0;

  grpc::Status Session(grpc::ServerContext*,
                       grpc::ServerReaderWriter<api::Response, api::Request>* stream) override {
    api::Request request;
    while (stream->Read(&request)) {
      ++run_count;
      api::Response response;
      response.set_id(request.id());
      for (const api::Operation& operation : request.run().operations()) {
        Answer(CursorIn(operation), response.mutable_run()->add_results());
      }
      stream->Write(response);
    }
    return grpc::Status::OK;
  }

 private:
  static std::string CursorIn(const api::Operation& operation) {
    if (operation.has_lookup()) return operation.lookup().cursor();
    if (operation.has_scan_label()) return operation.scan_label().cursor();
    if (operation.has_scan_type()) return operation.scan_type().cursor();
    if (operation.has_expand()) return operation.expand().cursor();
    return "";
  }
  void Answer(const std::string& cursor, api::OperationResult* result) const {
    const uint64_t page = cursor.empty() ? 0 : std::stoul(cursor);
    result->add_vertices()->set_id(page);
    if (is_stuck) {
      result->set_cursor("1");
    } else if (page + 1 < kPageCount) {
      result->set_cursor(std::to_string(page + 1));
    }
  }
};

class PagingTest : public ::testing::Test {
 protected:
  PagingTest() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    ClientOptions options;
    options.address = absl::StrCat("127.0.0.1:", port);
    client_ = *Client::Create(options);
    session_ = client_->OpenSession();
  }
  ~PagingTest() override { session_ = nullptr; }

  static api::Run EveryPagedOperation() {
    api::Run run;
    run.add_operations()->mutable_scan_type()->set_type("T");
    run.add_operations()->mutable_scan_label()->set_label("L");
    run.add_operations()->mutable_expand()->mutable_vertex()->set_id(1);
    run.add_operations()->mutable_lookup()->set_index("i");
    return run;
  }

  PagingServer service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Client> client_;
  std::unique_ptr<ClientSession> session_;
};

TEST_F(PagingTest, EveryOperationWithPagesComesToItsEnd) {
  const auto results = RunToEnd(session_.get(), EveryPagedOperation());
  ASSERT_TRUE(results.ok()) << results.status();
  ASSERT_EQ(results->size(), 4u);
  for (const api::OperationResult& result : *results) {
    ASSERT_EQ(static_cast<uint64_t>(result.vertices_size()), kPageCount);
    for (uint64_t page = 0; page < kPageCount; ++page) {
      EXPECT_EQ(result.vertices(static_cast<int>(page)).id(), page);
    }
  }
  EXPECT_EQ(service_.run_count, kPageCount);
}

TEST_F(PagingTest, ACursorThatLeadsNowhereIsAnErrorAndNoLoop) {
  service_.is_stuck = true;
  api::Run without_pages;
  without_pages.add_operations()->mutable_get_vertex()->mutable_vertex()->set_id(1);
  for (const api::Run& run : {EveryPagedOperation(), without_pages}) {
    const auto results = RunToEnd(session_.get(), run);
    EXPECT_EQ(results.status().code(), absl::StatusCode::kInternal);
    EXPECT_THAT(MessageOf(results.status()), HasSubstr("does not lead on"));
  }
}

}  // namespace
}  // namespace tidemark::client
