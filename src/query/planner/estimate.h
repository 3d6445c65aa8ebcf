// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "query/binder/bound_pattern.h"
#include "query/planner/statistics.h"
#include "query/planner/step.h"

namespace tidemark::query {

// How likely a row passes, when nothing is known of the values.
inline constexpr double kEqualSelectivity = 0.1;
inline constexpr double kConditionSelectivity = 0.3;

// How many vertices have all of the labels.
double EstimateLabels(absl::Span<const bound::Name> labels, const Statistics& statistics);

// What share of all vertices that is.
double EstimateShare(absl::Span<const bound::Name> labels, const Statistics& statistics);

// How many edges, or trails of an edge with a length, of this pattern begin at a vertex.
double EstimateDegree(const bound::PatternEdge& edge, const Statistics& statistics);

// How many of the pairs of two vertices that are known an edge with so many from each one joins.
double EstimateInto(double degree);

double EstimateSelectivity(const bound::Expression& condition);

// How many rows are behind a step or a pipeline that gets so many. For people, as EstimatedRows: no
// plan depends on it.
double EstimateRows(const Step& step, double rows, const Statistics& statistics);
double EstimateRows(absl::Span<const Step> steps, double rows, const Statistics& statistics);

}  // namespace tidemark::query
