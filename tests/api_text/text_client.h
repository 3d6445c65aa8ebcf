// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "proto/api.grpc.pb.h"
#include "tests/api_text/text_case.h"

namespace tidemark::api_text {

// Runs the blocks of one file against a client port and gives each answer as lines. Ids are shown
// by the names that the file gives them: `$ann` in an expected line binds the id that stands there.
// Owner: the test. Threads: one. An answer that does not come within kAnswerLimitMs is an error.
class TextClient {
 public:
  explicit TextClient(const std::string& address);
  ~TextClient();

  // The answer, with new names taken from `block.expected`.
  std::vector<std::string> Run(const Block& block);

 private:
  using Stream = grpc::ClientReaderWriter<api::Request, api::Response>;
  struct Session {
    grpc::ClientContext context;
    std::unique_ptr<Stream> stream;
  };
  using Names = std::map<uint64_t, std::string>;

  Session& session();
  // All responses as one; `lines` gets an error instead.
  bool Ask(api::Request request, api::Response* response, std::vector<std::string>* lines);
  std::vector<std::string> Begin(const Block& block);
  std::vector<std::string> RunBatch(const Block& block);
  std::vector<std::string> RunPages(const Block& block);
  std::vector<std::string> End(api::Request request);
  std::vector<std::string> ChangeSchema(const std::string& command, const Block& block);
  std::vector<std::string> ListIndexes();
  // False, with a line that says why, when an argument is no operation.
  bool Parse(const std::vector<std::string>& arguments, api::Run* run,
             std::vector<std::string>* lines) const;
  std::string Expand(const std::string& argument) const;
  void Bind(const std::vector<std::string>& expected, const api::RunResult& results);
  std::string Print(const api::OperationResult& result) const;
  std::string PrintVertex(const api::Vertex& vertex) const;
  std::string PrintEdge(const api::Edge& edge) const;
  static std::string NameOf(const Names& names, uint64_t id);

  std::unique_ptr<api::Graph::Stub> graph_;
  std::unique_ptr<api::Schema::Stub> schema_;
  std::map<std::string, std::unique_ptr<Session>> sessions_;
  std::string current_ = "main";
  uint64_t next_id_ = 1;
  Names vertices_;
  Names edges_;
  std::map<std::string, uint64_t> ids_;  // by name
  api::Bookmark bookmark_;               // the newest
};

}  // namespace tidemark::api_text
