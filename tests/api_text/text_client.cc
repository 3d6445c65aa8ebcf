// SPDX-License-Identifier: Apache-2.0
#include "tests/api_text/text_client.h"

#include <google/protobuf/text_format.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "rpc/limits.h"

namespace tidemark::api_text {
namespace {

constexpr int kAnswerLimitMs = 60'000;

std::string Short(const google::protobuf::Message& message) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  std::string text;
  printer.PrintToString(message, &text);
  while (!text.empty() && text.back() == ' ') text.pop_back();
  constexpr size_t kMaxShown = 120;
  if (text.size() > kMaxShown)
    text = absl::StrCat(text.substr(0, 20), "...", text.size(), " bytes");
  return text;
}

std::string PrintProperties(const google::protobuf::RepeatedPtrField<api::Property>& properties) {
  std::vector<std::string> parts;
  for (const api::Property& property : properties) {
    parts.push_back(absl::StrCat(property.key(), "=", Short(property.value())));
  }
  std::sort(parts.begin(), parts.end());
  return parts.empty() ? "" : absl::StrCat(" {", absl::StrJoin(parts, ", "), "}");
}

std::string PrintError(const api::Error& error) {
  return absl::StrCat("error ", api::ErrorCode_Name(error.code()),
                      error.retryable() ? " retry" : "", error.outcome_known() ? "" : " unknown",
                      ": ", error.message());
}

std::string PrintIndex(const api::Index& index) {
  return absl::StrCat("index ", index.name(), " ", api::IndexKind_Name(index.kind()), " ",
                      index.label(), index.type(), "(", absl::StrJoin(index.keys(), ", "), ") ",
                      index.state());
}

std::string PrintStatus(const grpc::Status& status) {
  return absl::StrCat("error ", static_cast<int>(status.error_code()), ": ",
                      status.error_message());
}

}  // namespace

TextClient::TextClient(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(static_cast<int>(rpc::kMaxRowMessageBytes));
  const auto channel =
      grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
  graph_ = api::Graph::NewStub(channel);
  schema_ = api::Schema::NewStub(channel);
}

TextClient::~TextClient() {
  for (auto& [name, session] : sessions_) {
    session->stream->WritesDone();
    session->context.TryCancel();
    session->stream->Finish();
  }
}

TextClient::Session& TextClient::session() {
  std::unique_ptr<Session>& session = sessions_[current_];
  if (session == nullptr) {
    session = std::make_unique<Session>();
    session->context.set_deadline(std::chrono::system_clock::now() +
                                  std::chrono::milliseconds(kAnswerLimitMs));
    session->stream = graph_->Session(&session->context);
  }
  return *session;
}

bool TextClient::Ask(api::Request request, api::Response* response,
                     std::vector<std::string>* lines) {
  request.set_id(next_id_++);
  Stream& stream = *session().stream;
  bool more = stream.Write(request);
  bool answered = more;
  while (more) {
    api::Response part;
    answered = stream.Read(&part) && part.id() == request.id();
    more = answered && part.run().more();
    response->MergeFrom(part);
  }
  if (!answered) {
    lines->push_back("stream " + PrintStatus(stream.Finish()));
    sessions_.erase(current_);
    return false;
  }
  if (!response->has_error()) return true;
  lines->push_back(PrintError(response->error()));
  return false;
}

std::vector<std::string> TextClient::Run(const Block& block) {
  const std::vector<std::string> words = absl::StrSplit(block.command, absl::MaxSplits(' ', 1));
  const std::string& command = words[0];
  api::Request request;
  if (command == "session") {
    current_ = words.size() > 1 ? words[1] : "main";
    return {};
  }
  if (command == "sleep_ms") {
    std::this_thread::sleep_for(std::chrono::milliseconds(std::stoi(words.at(1))));
    return {};
  }
  if (command == "begin") return Begin(block);
  if (command == "run") return RunBatch(block);
  if (command == "pages") return RunPages(block);
  if (command == "nothing") return End(request);
  if (command == "commit") {
    request.mutable_commit();
    return End(request);
  }
  if (command == "rollback") {
    request.mutable_rollback();
    return End(request);
  }
  if (command == "create_index" || command == "drop_index") return ChangeSchema(command, block);
  if (command == "indexes") return ListIndexes();
  return {"there is no command " + command};
}

std::vector<std::string> TextClient::Begin(const Block& block) {
  api::Request request;
  const std::string text = absl::StrJoin(block.arguments, " ");
  if (!google::protobuf::TextFormat::ParseFromString(text, request.mutable_begin())) {
    return {"not a Begin: " + text};
  }
  if (absl::StrContains(block.command, "after"))
    *request.mutable_begin()->mutable_bookmark() = bookmark_;
  return End(std::move(request));
}

std::vector<std::string> TextClient::End(api::Request request) {
  std::vector<std::string> lines;
  api::Response response;
  if (!Ask(std::move(request), &response, &lines)) return lines;
  if (response.has_committed()) {
    bookmark_ = response.committed().bookmark();
    return {"committed"};
  }
  return {response.has_begun() ? "begun" : "rolled back"};
}

// "$ann" is the id; "$x(20)" a text of 20 times x.
std::string TextClient::Expand(const std::string& argument) const {
  std::string out;
  for (size_t at = 0; at < argument.size();) {
    if (argument[at] != '$') {
      out += argument[at++];
      continue;
    }
    size_t end = ++at;
    while (end < argument.size() && (std::isalnum(argument[end]) != 0 || argument[end] == '_'))
      ++end;
    const std::string name = argument.substr(at, end - at);
    at = end;
    if (at < argument.size() && argument[at] == '(') {
      const size_t close = argument.find(')', at);
      const size_t count = std::stoul(argument.substr(at + 1, close - at - 1));
      out += std::string(count, name[0]);
      at = close + 1;
      continue;
    }
    const auto found = ids_.find(name);
    absl::StrAppend(&out, found == ids_.end() ? 0 : found->second);
  }
  return out;
}

bool TextClient::Parse(const std::vector<std::string>& arguments, api::Run* run,
                       std::vector<std::string>* lines) const {
  for (const std::string& argument : arguments) {
    absl::string_view text = argument;
    int64_t count = 1;
    if (absl::ConsumePrefix(&text, "repeat ")) {
      const std::vector<std::string> parts = absl::StrSplit(text, absl::MaxSplits(": ", 1));
      if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &count)) count = 0;
      text = absl::string_view(argument).substr(argument.find(": ") + 2);
    }
    api::Operation operation;
    if (count == 0 ||
        !google::protobuf::TextFormat::ParseFromString(Expand(std::string(text)), &operation)) {
      lines->push_back("not an operation: " + argument);
      return false;
    }
    for (; count > 0; --count) *run->add_operations() = operation;
  }
  return true;
}

std::vector<std::string> TextClient::RunBatch(const Block& block) {
  std::vector<std::string> lines;
  api::Request request;
  api::Response response;
  if (!Parse(block.arguments, request.mutable_run(), &lines)) return lines;
  if (!Ask(std::move(request), &response, &lines)) return lines;
  if (response.run().has_bookmark()) bookmark_ = response.run().bookmark();
  Bind(block.expected, response.run());
  if (block.command == "run count")
    return {absl::StrCat(response.run().results_size(), " results")};
  for (const api::OperationResult& result : response.run().results())
    lines.push_back(Print(result));
  return lines;
}

// One operation again and again from where it was cut off; the pages and all their rows.
std::vector<std::string> TextClient::RunPages(const Block& block) {
  std::vector<std::string> lines;
  api::Run run;
  if (!Parse(block.arguments, &run, &lines)) return lines;
  api::OperationResult all;
  int page_count = 0;
  do {
    api::Request request;
    *request.mutable_run() = run;
    api::Response response;
    if (!Ask(std::move(request), &response, &lines)) return lines;
    ++page_count;
    all.clear_cursor();
    all.MergeFrom(response.run().results(0));
    api::Operation* const operation = run.mutable_operations(0);
    const std::string& cursor = all.cursor();
    if (operation->has_scan_label()) operation->mutable_scan_label()->set_cursor(cursor);
    if (operation->has_scan_type()) operation->mutable_scan_type()->set_cursor(cursor);
    if (operation->has_expand()) operation->mutable_expand()->set_cursor(cursor);
    if (operation->has_lookup()) operation->mutable_lookup()->set_cursor(cursor);
  } while (!all.cursor().empty() && page_count < 1000);
  const int rows = all.vertices_size() + all.edges_size() + all.neighbours_size();
  if (block.command == "pages count") {
    return {absl::StrCat(rows, " rows", page_count > 1 ? " in pages" : "")};
  }
  return {Print(all)};
}

std::vector<std::string> TextClient::ChangeSchema(const std::string& command, const Block& block) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::milliseconds(kAnswerLimitMs));
  const std::string text = absl::StrJoin(block.arguments, " ");
  if (command == "drop_index") {
    api::DropIndexRequest request;
    request.set_name(text);
    api::DropIndexResponse response;
    const grpc::Status status = schema_->DropIndex(&context, request, &response);
    return {status.ok() ? "dropped" : PrintStatus(status)};
  }
  api::CreateIndexRequest request;
  if (!google::protobuf::TextFormat::ParseFromString(text, request.mutable_index())) {
    return {"not an Index: " + text};
  }
  api::CreateIndexResponse response;
  const grpc::Status status = schema_->CreateIndex(&context, request, &response);
  return {status.ok() ? PrintIndex(response.index()) : PrintStatus(status)};
}

std::vector<std::string> TextClient::ListIndexes() {
  grpc::ClientContext context;
  api::ListIndexesResponse response;
  const grpc::Status status = schema_->ListIndexes(&context, {}, &response);
  if (!status.ok()) return {PrintStatus(status)};
  std::vector<std::string> lines;
  for (const api::Index& index : response.indexes()) lines.push_back(PrintIndex(index));
  std::sort(lines.begin(), lines.end());
  return lines;
}

void TextClient::Bind(const std::vector<std::string>& expected, const api::RunResult& results) {
  const size_t count = std::min(expected.size(), static_cast<size_t>(results.results_size()));
  for (size_t i = 0; i < count; ++i) {
    const api::OperationResult& result = results.results(static_cast<int>(i));
    absl::string_view text = expected[i];
    const bool is_vertex = absl::ConsumePrefix(&text, "vertex $") && result.vertex() != 0;
    const bool is_edge = !is_vertex && absl::ConsumePrefix(&text, "edge $") && result.edge() != 0;
    if (!is_vertex && !is_edge) continue;
    const std::string name(text);
    const uint64_t id = is_vertex ? result.vertex() : result.edge();
    if (ids_.try_emplace(name, id).second) (is_vertex ? vertices_ : edges_)[id] = name;
  }
}

std::string TextClient::NameOf(const Names& names, uint64_t id) {
  const auto found = names.find(id);
  return found == names.end() ? "?" : absl::StrCat("$", found->second);
}

std::string TextClient::PrintVertex(const api::Vertex& vertex) const {
  std::vector<std::string> labels(vertex.labels().begin(), vertex.labels().end());
  std::sort(labels.begin(), labels.end());
  std::string text = absl::StrCat("(", NameOf(vertices_, vertex.id()));
  for (const std::string& label : labels) absl::StrAppend(&text, ":", label);
  return absl::StrCat(text, PrintProperties(vertex.properties()), ")");
}

std::string TextClient::PrintEdge(const api::Edge& edge) const {
  return absl::StrCat("[", NameOf(edges_, edge.id()), " ", NameOf(vertices_, edge.source()), "->",
                      NameOf(vertices_, edge.target()), ":", edge.type(),
                      PrintProperties(edge.properties()), "]");
}

// The rows of a result in the order of their text, because the order of ids is that of workers.
std::string TextClient::Print(const api::OperationResult& result) const {
  if (result.vertex() != 0) return absl::StrCat("vertex ", NameOf(vertices_, result.vertex()));
  if (result.edge() != 0) return absl::StrCat("edge ", NameOf(edges_, result.edge()));
  std::vector<std::string> rows;
  for (const api::Vertex& vertex : result.vertices()) rows.push_back(PrintVertex(vertex));
  for (const api::Edge& edge : result.edges()) rows.push_back(PrintEdge(edge));
  for (const api::Neighbour& neighbour : result.neighbours()) {
    const std::string via =
        absl::StrCat("[", NameOf(edges_, neighbour.edge()), ":", neighbour.type(), "]");
    rows.push_back(absl::StrCat(neighbour.outgoing() ? "-" : "<-", via,
                                neighbour.outgoing() ? "->" : "-",
                                NameOf(vertices_, neighbour.vertex())));
  }
  std::sort(rows.begin(), rows.end());
  if (!result.cursor().empty()) rows.push_back("more");
  return rows.empty() ? "-" : absl::StrJoin(rows, " ");
}

}  // namespace tidemark::api_text
