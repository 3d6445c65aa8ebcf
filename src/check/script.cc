// SPDX-License-Identifier: Apache-2.0
#include "check/script.h"

#include "base/check.h"

namespace tidemark::check {
namespace {

Operation Make(OperationKind kind) {
  Operation operation;
  operation.kind = kind;
  return operation;
}

class FunctionScript final : public Script {
 public:
  FunctionScript(bool read_only, std::vector<StepFunction> steps,
                 std::function<void(const Ending&)> ended, std::optional<CommitPlace> after)
      : read_only_(read_only), after_(after), steps_(std::move(steps)), ended_(std::move(ended)) {}

  bool read_only() const override { return read_only_; }
  std::optional<CommitPlace> after() const override { return after_; }
  Step Next(const Results& results) override {
    CHECK_LT(next_, steps_.size());
    return steps_[next_++](results);
  }
  void Ended(const Ending& ending) override { ended_(ending); }

 private:
  const bool read_only_;
  const std::optional<CommitPlace> after_;
  const std::vector<StepFunction> steps_;
  const std::function<void(const Ending&)> ended_;
  size_t next_ = 0;
};

Operation OnVertex(OperationKind kind, VertexId vertex) {
  Operation operation = Make(kind);
  operation.vertex = vertex;
  return operation;
}

}  // namespace

std::unique_ptr<Script> MakeScript(bool read_only, std::vector<StepFunction> steps,
                                   std::function<void(const Ending&)> ended,
                                   std::optional<CommitPlace> after) {
  return std::make_unique<FunctionScript>(read_only, std::move(steps), std::move(ended), after);
}

Operation CreateVertex(std::string label, Properties properties) {
  Operation operation = Make(OperationKind::kCreateVertex);
  operation.name = std::move(label);
  operation.properties = std::move(properties);
  return operation;
}

Operation CreateEdge(VertexId source, VertexId target, std::string type) {
  Operation operation = OnVertex(OperationKind::kCreateEdge, source);
  operation.target = target;
  operation.name = std::move(type);
  return operation;
}

Operation SetProperty(VertexId vertex, std::string key, PropertyValue value) {
  Operation operation = OnVertex(OperationKind::kSetProperty, vertex);
  operation.properties.emplace_back(std::move(key), std::move(value));
  return operation;
}

Operation DeleteVertex(VertexId vertex) { return OnVertex(OperationKind::kDeleteVertex, vertex); }

Operation DeleteEdge(EdgeId edge) {
  Operation operation = Make(OperationKind::kDeleteEdge);
  operation.edge = edge;
  return operation;
}

Operation GetVertex(VertexId vertex) { return OnVertex(OperationKind::kGetVertex, vertex); }

Operation FindVertex(std::string label, std::string key, int64_t value) {
  Operation operation = Make(OperationKind::kFindVertex);
  operation.name = std::move(label);
  operation.properties.emplace_back(std::move(key), value);
  return operation;
}

Operation ScanLabel(std::string label) {
  Operation operation = Make(OperationKind::kScanLabel);
  operation.name = std::move(label);
  return operation;
}

Operation Expand(VertexId vertex) { return OnVertex(OperationKind::kExpand, vertex); }

}  // namespace tidemark::check
