// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_client.h"

#include <numeric>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "graph/property_set.h"
#include "graph/value.h"
#include "graph/value_coding.h"

namespace tidemark::sim {
namespace {

constexpr uint64_t kClientStream = 0x636c69656e74;

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
    for (const exec::VertexRow& row : from[i].vertices) {
      check::VertexRow vertex;
      vertex.id = row.id;
      for (graph::PropertyCursor p(row.properties); p.valid(); p.Advance()) {
        vertex.properties.emplace_back(names.Text(graph::NameKind::kKey, p.key().value()),
                                       Decode(p.encoded_value()));
      }
      to[i].vertices.push_back(std::move(vertex));
    }
    for (const exec::NeighbourRow& row : from[i].neighbours) {
      to[i].neighbours.push_back({row.vertex, row.edge, row.outgoing});
    }
  }
  return to;
}

}  // namespace

// What one batch of a client still has to ask, and the results so far: a result that came in parts
// is asked for with its cursor until all of it is there.
class SimClient::Batch {
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

SimClient::SimClient(Scheduler* scheduler, std::function<MasterAccess()> master, uint64_t seed,
                     uint64_t number)
    : scheduler_(scheduler), master_(std::move(master)), random_(seed, kClientStream + number) {}

SimClient::~SimClient() { *alive_ = false; }

void SimClient::Ask(std::function<void()> on_master, std::function<void(absl::Status)> lost) {
  CHECK(!waiting_);
  waiting_ = true;
  answer_under_way_ = false;
  lost_ = std::move(lost);
  const uint64_t request = ++request_;
  const MasterAccess access = master_();
  if (access.node == nullptr) {
    scheduler_->After(random_.Between(1'000, 20'000), [this, alive = alive_, request] {
      if (!*alive || request != request_ || !waiting_) return;
      waiting_ = false;
      lost_(absl::UnavailableError("no master accepts clients"));
    });
    return;
  }
  scheduler_->After(Delay(), [this, alive = alive_, request, run = access.run, on_master] {
    if (!*alive || request != request_ || !waiting_) return;
    const MasterAccess now = master_();
    if (now.node == nullptr || now.run != run) return OnMasterGone();
    now.executor->Post([this, alive, request, on_master] {
      if (!*alive || request != request_ || !waiting_) return;
      EnsureSession();
      on_master();
    });
  });
}

void SimClient::EnsureSession() {
  const MasterAccess now = master_();
  CHECK(now.node != nullptr);
  if (session_ != nullptr && access_.run == now.run) return session_->CheckInvariants();
  access_ = now;
  session_ = std::make_unique<session::Session>(now.node->gateway());
}

void SimClient::Answer(std::function<void()> fn) {
  answer_under_way_ = true;
  scheduler_->After(Delay(), [this, alive = alive_, request = request_, fn = std::move(fn)] {
    if (!*alive || request != request_ || !waiting_) return;
    waiting_ = false;
    fn();
  });
}

void SimClient::OnMasterGone() {
  session_.reset();
  if (!waiting_ || (answer_under_way_ && random_.Chance(500))) return;
  scheduler_->After(Delay(), [this, alive = alive_, request = request_] {
    if (!*alive || request != request_ || !waiting_) return;
    waiting_ = false;
    lost_(absl::UnavailableError("the connection to the master broke"));
  });
}

void SimClient::Begin(bool read_only, std::optional<check::CommitPlace> after,
                      StatusCallback done) {
  Ask(
      [this, read_only, after, done] {
        session::BeginOptions options;
        options.read_only = read_only;
        if (after.has_value()) options.bookmark = session::Bookmark{after->epoch, after->csn};
        const absl::Status status = session_->Begin(options).status();
        Answer([done, status] { done(status); });
      },
      done);
}

void SimClient::Run(std::vector<check::Operation> operations, ResultsCallback done) {
  std::vector<session::Operation> translated;
  for (const check::Operation& operation : operations) translated.push_back(Translate(operation));
  const auto batch = std::make_shared<Batch>(std::move(translated));
  Ask([this, batch, done] { RunBatch(batch, done); },
      [done](absl::Status status) { done(status); });
}

void SimClient::RunBatch(const std::shared_ptr<Batch>& batch, const ResultsCallback& done) {
  session_->Run(batch->left(), [this, batch, done](absl::StatusOr<session::RunOutcome> outcome) {
    if (!outcome.ok()) {
      return Answer([done, status = outcome.status()] { done(status); });
    }
    batch->Take(std::move(outcome->results));
    if (batch->left().empty()) {
      auto results = Translate(batch->results(), access_.node->gateway()->names());
      return Answer([done, results = std::move(results)] { done(results); });
    }
    access_.executor->Post([this, alive = alive_, request = request_, batch, done] {
      if (!*alive || request != request_ || !waiting_ || session_ == nullptr) return;
      RunBatch(batch, done);
    });
  });
}

void SimClient::Commit(CommitCallback done) {
  Ask(
      [this, done] {
        session_->Commit([this, done](absl::StatusOr<session::Bookmark> bookmark) {
          Answer([done, bookmark] {
            if (!bookmark.ok()) return done(bookmark.status());
            done(check::CommitPlace{bookmark->epoch, bookmark->csn});
          });
        });
      },
      [done](absl::Status status) { done(absl::UnknownError(MessageOf(status))); });
}

void SimClient::Rollback(StatusCallback done) {
  Ask(
      [this, done] {
        const absl::Status status = session_->Rollback();
        Answer([done, status] { done(status); });
      },
      done);
}

void SimClient::CreateUnique(const std::string& label, const std::string& key,
                             StatusCallback done) {
  Ask(
      [this, label, key, done, request = request_ + 1] {
        master::IndexRequest wanted;
        wanted.kind = graph::IndexKind::kUnique;
        wanted.label = label;
        wanted.keys = {key};
        access_.node->schema()->Create(
            wanted, [this, alive = alive_, request,
                     done](const absl::StatusOr<graph::IndexDefinition>& definition) {
              if (!*alive || request != request_) return;
              Answer([done, status = definition.status()] { done(status); });
            });
      },
      done);
}

}  // namespace tidemark::sim
