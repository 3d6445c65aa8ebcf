// SPDX-License-Identifier: Apache-2.0
#include "drill/drill_client.h"

#include <utility>

#include "base/status.h"

namespace tidemark::drill {
namespace {

void ToApi(const check::PropertyValue& from, api::Value* to) {
  if (std::holds_alternative<int64_t>(from)) {
    to->set_integer(std::get<int64_t>(from));
    return;
  }
  api::ValueList* list = to->mutable_list();
  for (const int64_t element : std::get<std::vector<int64_t>>(from)) {
    list->add_values()->set_integer(element);
  }
}

check::PropertyValue FromApi(const api::Value& from) {
  if (from.kind_case() == api::Value::kInteger) return from.integer();
  std::vector<int64_t> elements;
  for (const api::Value& element : from.list().values()) elements.push_back(element.integer());
  return elements;
}

void ToApi(const check::Properties& from, google::protobuf::RepeatedPtrField<api::Property>* to) {
  for (const auto& [key, value] : from) {
    api::Property* property = to->Add();
    property->set_key(key);
    ToApi(value, property->mutable_value());
  }
}

void ToApi(const check::Operation& from, const std::string& label, api::Operation* to) {
  switch (from.kind) {
    case check::OperationKind::kCreateVertex:
      to->mutable_create_vertex()->add_labels(label);
      ToApi(from.properties, to->mutable_create_vertex()->mutable_properties());
      return;
    case check::OperationKind::kCreateEdge:
      to->mutable_create_edge()->mutable_source()->set_id(from.vertex.value());
      to->mutable_create_edge()->mutable_target()->set_id(from.target.value());
      to->mutable_create_edge()->set_type(from.name);
      return;
    case check::OperationKind::kSetProperty:
      to->mutable_set_vertex_properties()->mutable_vertex()->set_id(from.vertex.value());
      ToApi(from.properties, to->mutable_set_vertex_properties()->mutable_properties());
      return;
    case check::OperationKind::kDeleteVertex:
      to->mutable_delete_vertex()->mutable_vertex()->set_id(from.vertex.value());
      to->mutable_delete_vertex()->set_detach(true);
      return;
    case check::OperationKind::kDeleteEdge:
      to->mutable_delete_edge()->set_edge(from.edge.value());
      return;
    case check::OperationKind::kGetVertex:
      to->mutable_get_vertex()->mutable_vertex()->set_id(from.vertex.value());
      return;
    case check::OperationKind::kFindVertex:
      to->mutable_lookup()->set_label(label);
      to->mutable_lookup()->add_keys(from.properties[0].first);
      ToApi(from.properties[0].second, to->mutable_lookup()->add_equal());
      return;
    case check::OperationKind::kScanLabel:
      to->mutable_scan_label()->set_label(label);
      return;
    case check::OperationKind::kExpand:
      to->mutable_expand()->mutable_vertex()->set_id(from.vertex.value());
      return;
  }
}

check::OperationResult FromApi(const api::OperationResult& from) {
  check::OperationResult result;
  result.vertex = VertexId(from.vertex());
  result.edge = EdgeId(from.edge());
  for (const api::Vertex& row : from.vertices()) {
    check::VertexRow vertex;
    vertex.id = VertexId(row.id());
    for (const api::Property& property : row.properties()) {
      vertex.properties.emplace_back(property.key(), FromApi(property.value()));
    }
    result.vertices.push_back(std::move(vertex));
  }
  for (const api::Neighbour& row : from.neighbours()) {
    result.neighbours.push_back({VertexId(row.vertex()), EdgeId(row.edge()), row.outgoing()});
  }
  return result;
}

// While it lives, others may use the workloads.
class Released {
 public:
  explicit Released(std::unique_lock<std::mutex>* lock) : lock_(lock) { lock_->unlock(); }
  ~Released() { lock_->lock(); }
  Released(const Released&) = delete;
  Released& operator=(const Released&) = delete;

 private:
  std::unique_lock<std::mutex>* const lock_;
};

}  // namespace

DrillClient::DrillClient(client::Client* client, std::string label_suffix,
                         std::unique_lock<std::mutex>* lock)
    : client_(client),
      label_suffix_(std::move(label_suffix)),
      lock_(lock),
      session_(client->OpenSession()) {}

void DrillClient::Begin(bool read_only, std::optional<check::CommitPlace> after,
                        StatusCallback done) {
  api::Begin options;
  options.set_read_only(read_only);
  if (after.has_value()) {
    options.mutable_bookmark()->set_epoch(after->epoch.value());
    options.mutable_bookmark()->set_csn(after->csn.value());
  }
  absl::Status status;
  {
    const Released released(lock_);
    status = session_->Begin(options).status();
  }
  done(status);
}

void DrillClient::Run(std::vector<check::Operation> operations, ResultsCallback done) {
  absl::StatusOr<std::vector<api::OperationResult>> got;
  {
    const Released released(lock_);
    api::Run run;
    for (const check::Operation& operation : operations) {
      ToApi(operation, operation.name + label_suffix_, run.add_operations());
    }
    got = client::RunToEnd(session_.get(), std::move(run));
  }
  if (!got.ok()) return done(got.status());
  std::vector<check::OperationResult> results;
  for (const api::OperationResult& result : *got) results.push_back(FromApi(result));
  done(std::move(results));
}

void DrillClient::Commit(CommitCallback done) {
  absl::StatusOr<api::Bookmark> bookmark;
  {
    const Released released(lock_);
    bookmark = session_->Commit();
  }
  if (!bookmark.ok()) return done(bookmark.status());
  done(check::CommitPlace{Epoch(bookmark->epoch()), Csn(bookmark->csn())});
}

void DrillClient::Rollback(StatusCallback done) {
  absl::Status status;
  {
    const Released released(lock_);
    status = session_->Rollback();
  }
  done(status);
}

void DrillClient::CreateUnique(const std::string& label, const std::string& key,
                               StatusCallback done) {
  api::Index index;
  index.set_kind(api::UNIQUE);
  index.set_label(label + label_suffix_);
  index.add_keys(key);
  absl::Status status;
  {
    const Released released(lock_);
    status = client_->CreateIndex(index).status();
  }
  done(status);
}

}  // namespace tidemark::drill
