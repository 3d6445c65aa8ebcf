// SPDX-License-Identifier: Apache-2.0
#include "query/planner/estimate.h"

#include <algorithm>
#include <cmath>

namespace tidemark::query {
namespace {

constexpr double kLabelSelectivity = 0.1;
constexpr double kTypeSelectivity = 0.25;
constexpr double kIntoFactor = 0.1;
constexpr double kUnwoundRows = 10;  // of a list of which nothing is known
// So many edges long is a path of any length.
constexpr int64_t kEstimatedLength = 5;
constexpr int64_t kMaxEstimatedLength = 10;

double VerticesOf(const Statistics& statistics) {
  return std::max(statistics.vertex_count, kSmallestCount);
}

double EstimateLimit(const bound::Expression* count, double rows) {
  if (count == nullptr || count->kind != bound::ExpressionKind::kInteger) return rows;
  return std::min(rows, static_cast<double>(bound::As<bound::IntegerLiteral>(*count).value));
}

double EstimateSkip(const bound::Expression* count, double rows) {
  if (count == nullptr || count->kind != bound::ExpressionKind::kInteger) return rows;
  const auto skipped = static_cast<double>(bound::As<bound::IntegerLiteral>(*count).value);
  return std::max(rows - skipped, 0.0);
}

double EstimateUnwind(const bound::Expression& list, double rows) {
  if (list.kind != bound::ExpressionKind::kList) return rows * kUnwoundRows;
  return rows * static_cast<double>(bound::As<bound::ListLiteral>(list).items.size());
}

// How many there are of a label or a type; `guess` when nobody has counted.
double KnownCount(const bound::Name& name, const absl::flat_hash_map<uint32_t, double>& counts,
                  double guess) {
  if (name.id == 0) return 0;
  const auto count = counts.find(name.id);
  return std::max(count == counts.end() ? guess : count->second, kSmallestCount);
}

// How many edges that fit an element of the pattern begin at a vertex.
double EstimateEdges(const bound::PatternEdge& edge, const Statistics& statistics) {
  const double guess = statistics.is_complete ? 0 : statistics.edge_count * kTypeSelectivity;
  double edges = 0;
  for (const bound::Name& type : edge.types) {
    edges += KnownCount(type, statistics.type_counts, guess);
  }
  if (edge.types.empty()) edges = std::max(statistics.edge_count, kSmallestCount);
  double degree = edges / VerticesOf(statistics);
  if (edge.direction == bound::PatternDirection::kEither) degree *= 2;
  return edge.is_bound ? std::min(degree, 1.0) : degree;
}

double EstimateApply(const Step& step, double rows, const Statistics& statistics) {
  if (step.apply == plan::ApplyKind::kJoin) return EstimateRows(step.inner, rows, statistics);
  if (step.apply != plan::ApplyKind::kOptional) return rows;
  return std::max(rows, EstimateRows(step.inner, rows, statistics));
}

}  // namespace

double EstimateLabels(absl::Span<const bound::Name> labels, const Statistics& statistics) {
  const double guess = statistics.is_complete ? 0 : statistics.vertex_count * kLabelSelectivity;
  double rows = VerticesOf(statistics);
  for (const bound::Name& label : labels) {
    rows = std::min(rows, KnownCount(label, statistics.label_counts, guess));
  }
  return rows;
}

double EstimateShare(absl::Span<const bound::Name> labels, const Statistics& statistics) {
  return EstimateLabels(labels, statistics) / VerticesOf(statistics);
}

double EstimateDegree(const bound::PatternEdge& edge, const Statistics& statistics) {
  const double degree = EstimateEdges(edge, statistics);
  if (!edge.has_length) return degree;
  const int64_t longest = edge.max_length == bound::kUnbounded ? kEstimatedLength : edge.max_length;
  const int64_t length = std::clamp<int64_t>(longest, 0, kMaxEstimatedLength);
  return std::pow(degree + 1, static_cast<double>(length));
}

double EstimateInto(double degree) { return degree * kIntoFactor; }

double EstimateSelectivity(const bound::Expression& condition) {
  const bool is_equality =
      condition.kind == bound::ExpressionKind::kComparison &&
      bound::As<bound::Comparison>(condition).operators[0] == bound::ComparisonOperator::kEqual;
  return is_equality ? kEqualSelectivity : kConditionSelectivity;
}

double EstimateRows(const Step& step, double rows, const Statistics& statistics) {
  switch (step.kind) {
    case StepKind::kUnwind:
      return EstimateUnwind(*step.expressions[0], rows);
    case StepKind::kScan:
      return rows * EstimateLabels(step.labels, statistics);
    case StepKind::kSeek:
      return rows * step.seek.rows;
    case StepKind::kExpand:  // also a part of a trail
    case StepKind::kTrail: {
      const bound::PatternEdge& edge = *step.expand.edge;
      const double degree = step.kind == StepKind::kTrail ? EstimateDegree(edge, statistics)
                                                          : EstimateEdges(edge, statistics);
      return rows * (step.expand.is_into ? EstimateInto(degree) : degree);
    }
    case StepKind::kFilterLabels:
      return rows * EstimateShare(step.labels, statistics);
    case StepKind::kFilter:
      for (const bound::Expression* condition : step.expressions) {
        rows *= EstimateSelectivity(*condition);
      }
      return rows;
    case StepKind::kApply:
      return EstimateApply(step, rows, statistics);
    case StepKind::kAggregate:
      return step.aggregate.keys.empty() ? 1 : std::sqrt(rows);
    case StepKind::kSort:
      return EstimateLimit(step.sort.limit, EstimateSkip(step.sort.skip, rows));
    case StepKind::kSkip:
      return EstimateSkip(step.expressions[0], rows);
    case StepKind::kLimit:
      return EstimateLimit(step.expressions[0], rows);
    case StepKind::kUnion: {
      double all = 0;
      for (const Pipeline& branch : step.branches) all += EstimateRows(branch, 1, statistics);
      return all;
    }
    case StepKind::kRemote:
      return EstimateRows(step.inner, rows, statistics);
    case StepKind::kDifferentEdges:
    case StepKind::kMakePath:
    case StepKind::kProject:
    case StepKind::kDistinct:
    case StepKind::kUpdate:
    case StepKind::kCall:
    case StepKind::kFetch:
    case StepKind::kLookup:
      return rows;
  }
  return rows;
}

double EstimateRows(absl::Span<const Step> steps, double rows, const Statistics& statistics) {
  for (const Step& step : steps) rows = EstimateRows(step, rows, statistics);
  return rows;
}

}  // namespace tidemark::query
