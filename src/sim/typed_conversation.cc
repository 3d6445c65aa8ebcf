// SPDX-License-Identifier: Apache-2.0
#include "sim/typed_conversation.h"

#include <numeric>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "graph/property_set.h"
#include "graph/value.h"
#include "graph/value_coding.h"

namespace tidemark::sim {
namespace {

std::string Encode(const check::PropertyValue& value) {
  if (std::holds_alternative<int64_t>(value)) {
    return graph::EncodeValue(graph::Value::Integer(std::get<int64_t>(value)));
  }
  std::vector<graph::Value> elements;
  for (const int64_t element : std::get<std::vector<int64_t>>(value)) {
    elements.push_back(graph::Value::Integer(element));
  }
  return graph::EncodeValue(graph::Value::List(std::move(elements)));
}

check::PropertyValue Decode(std::string_view encoded) {
  const absl::StatusOr<graph::Value> value = graph::DecodeValue(encoded);
  CHECK(value.ok()) << value.status();
  if (value->type() == graph::ValueType::kInteger) return value->integer();
  std::vector<int64_t> elements;
  for (const graph::Value& element : value->list()) elements.push_back(element.integer());
  return elements;
}

session::Operation Translate(const check::Operation& from) {
  session::Operation to;
  to.vertex.id = from.vertex;
  to.target.id = from.target;
  to.edge = from.edge;
  for (const auto& [key, value] : from.properties) to.properties.emplace_back(key, Encode(value));
  switch (from.kind) {
    case check::OperationKind::kCreateVertex:
      to.kind = session::OperationKind::kCreateVertex;
      to.labels = {from.name};
      break;
    case check::OperationKind::kCreateEdge:
      to.kind = session::OperationKind::kCreateEdge;
      to.types = {from.name};
      break;
    case check::OperationKind::kSetProperty:
      to.kind = session::OperationKind::kSetVertexProperties;
      break;
    case check::OperationKind::kDeleteVertex:
      to.kind = session::OperationKind::kDeleteVertex;
      to.detach = true;
      break;
    case check::OperationKind::kDeleteEdge:
      to.kind = session::OperationKind::kDeleteEdge;
      break;
    case check::OperationKind::kGetVertex:
      to.kind = session::OperationKind::kGetVertex;
      break;
    case check::OperationKind::kFindVertex:
      to.kind = session::OperationKind::kLookup;
      to.labels = {from.name};
      to.keys = {from.properties[0].first};
      to.equal = {to.properties[0].second};
      to.properties.clear();
      break;
    case check::OperationKind::kScanLabel:
      to.kind = session::OperationKind::kScanLabel;
      to.labels = {from.name};
      break;
    case check::OperationKind::kExpand:
      to.kind = session::OperationKind::kExpand;
      to.direction = storage::Direction::kAny;
      break;
  }
  return to;
}

std::vector<check::OperationResult> Translate(const std::vector<session::OperationResult>& from,
                                              const catalog::NameTable& names) {
  std::vector<check::OperationResult> to(from.size());
  for (size_t i = 0; i < from.size(); ++i) {
    to[i].vertex = from[i].vertex;
    to[i].edge = from[i].edge;
    for (const session::VertexRow& row : from[i].vertices) {
      check::VertexRow vertex;
      vertex.id = row.id;
      for (graph::PropertyCursor p(row.properties); p.valid(); p.Advance()) {
        vertex.properties.emplace_back(names.Text(graph::NameKind::kKey, p.key().value()),
                                       Decode(p.encoded_value()));
      }
      to[i].vertices.push_back(std::move(vertex));
    }
    for (const session::NeighbourRow& row : from[i].neighbours) {
      to[i].neighbours.push_back({row.vertex, row.edge, row.outgoing});
    }
  }
  return to;
}

}  // namespace

// What one batch of a client still has to ask, and the results so far: a result that came in parts
// is asked for with its cursor until all of it is there.
class TypedConversation::Batch {
 public:
  explicit Batch(std::vector<session::Operation> operations)
      : left_(std::move(operations)), places_(left_.size()), results_(left_.size()) {
    std::iota(places_.begin(), places_.end(), size_t{0});
  }

  const std::vector<session::Operation>& left() const { return left_; }
  const std::vector<session::OperationResult>& results() const { return results_; }
  // The results of what was left.
  void Take(std::vector<session::OperationResult> parts) {
    size_t kept = 0;
    for (size_t i = 0; i < parts.size(); ++i) {
      session::OperationResult& whole = results_[places_[i]];
      std::string cursor = std::move(parts[i].cursor);
      parts[i].cursor.clear();
      if (left_[i].cursor.empty()) {
        whole = std::move(parts[i]);
      } else {
        Append(parts[i].vertices, &whole.vertices);
        Append(parts[i].neighbours, &whole.neighbours);
      }
      if (cursor.empty()) continue;
      session::Operation next = std::move(left_[i]);
      next.cursor = std::move(cursor);
      left_[kept] = std::move(next);
      places_[kept++] = places_[i];
    }
    left_.resize(kept);
    places_.resize(kept);
  }

 private:
  template <typename Row>
  static void Append(const std::vector<Row>& part, std::vector<Row>* whole) {
    whole->insert(whole->end(), part.begin(), part.end());
  }

  std::vector<session::Operation> left_;
  std::vector<size_t> places_;  // of their results
  std::vector<session::OperationResult> results_;
};

TypedConversation::TypedConversation(master::MasterNode* node, env::Executor* executor)
    : node_(node), executor_(executor), session_(node->gateway()) {}

TypedConversation::~TypedConversation() = default;

void TypedConversation::Begin(bool read_only, std::optional<check::CommitPlace> after,
                              check::Client::StatusCallback done) {
  session::BeginOptions options;
  options.read_only = read_only;
  if (after.has_value()) options.bookmark = session::Bookmark{after->epoch, after->csn};
  done(session_.Begin(options).status());
}

void TypedConversation::Run(std::vector<check::Operation> operations,
                            check::Client::ResultsCallback done) {
  std::vector<session::Operation> translated;
  for (const check::Operation& operation : operations) translated.push_back(Translate(operation));
  RunBatch(std::make_shared<Batch>(std::move(translated)), done);
}

void TypedConversation::RunBatch(const std::shared_ptr<Batch>& batch,
                                 const check::Client::ResultsCallback& done) {
  session_.Run(batch->left(), [this, batch, done](absl::StatusOr<session::RunOutcome> outcome) {
    if (!outcome.ok()) return done(outcome.status());
    batch->Take(std::move(outcome->results));
    if (batch->left().empty()) {
      return done(Translate(batch->results(), node_->gateway()->names()));
    }
    executor_->Post([this, alive = std::weak_ptr<bool>(alive_), batch, done] {
      if (!alive.expired()) RunBatch(batch, done);
    });
  });
}

void TypedConversation::Commit(check::Client::CommitCallback done) {
  session_.Commit([done](absl::StatusOr<session::Bookmark> bookmark) {
    if (!bookmark.ok()) return done(bookmark.status());
    done(check::CommitPlace{bookmark->epoch, bookmark->csn});
  });
}

void TypedConversation::Rollback(check::Client::StatusCallback done) { done(session_.Rollback()); }

}  // namespace tidemark::sim
