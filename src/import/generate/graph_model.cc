// SPDX-License-Identifier: Apache-2.0
#include "import/generate/graph_model.h"

#include <algorithm>
#include <cmath>

namespace tidemark::csv_import {
namespace {

constexpr double kSigma = 1.3;
constexpr double kMaxWeight = 400.0;
constexpr uint64_t kRmatBatchCount = 4096;
constexpr uint64_t kDegreeSalt = 0x5851f42d4c957f2d;

std::vector<double> DrawWeights(uint32_t count, uint64_t seed) {
  cli::SeededRandom random(seed);
  std::vector<double> weights(count);
  for (double& weight : weights) weight = std::min(std::exp(kSigma * random.Normal()), kMaxWeight);
  return weights;
}

}  // namespace

WeightedChoice::WeightedChoice(const std::vector<double>& weights)
    : keep_(weights.size()), alias_(weights.size()) {
  double sum = 0;
  for (double weight : weights) sum += weight;
  std::vector<uint32_t> small;
  std::vector<uint32_t> large;
  for (uint32_t i = 0; i < weights.size(); ++i) {
    keep_[i] = weights[i] * static_cast<double>(weights.size()) / sum;
    (keep_[i] < 1.0 ? small : large).push_back(i);
  }
  while (!small.empty() && !large.empty()) {
    const uint32_t less = small.back();
    const uint32_t more = large.back();
    small.pop_back();
    alias_[less] = more;
    keep_[more] -= 1.0 - keep_[less];
    if (keep_[more] < 1.0) {
      large.pop_back();
      small.push_back(more);
    }
  }
  // What is left is 1 but for rounding.
  for (uint32_t i : small) keep_[i] = 1.0;
  for (uint32_t i : large) keep_[i] = 1.0;
}

uint32_t WeightedChoice::Draw(cli::SeededRandom* random) const {
  const auto i = static_cast<uint32_t>(random->Below(keep_.size()));
  return random->Unit() < keep_[i] ? i : alias_[i];
}

SocialModel::SocialModel(uint32_t vertex_count, uint64_t edge_count, uint64_t seed)
    : random_(seed),
      edge_count_(edge_count),
      weights_(DrawWeights(vertex_count, seed ^ kDegreeSalt)),
      targets_(DrawWeights(vertex_count, ~seed)) {
  for (double weight : weights_) weight_sum_ += weight;
}

bool SocialModel::NextEdges(std::vector<EdgePair>* edges) {
  if (next_source_ == weights_.size()) return false;
  due_ += weights_[next_source_] / weight_sum_ * static_cast<double>(edge_count_);
  const bool last = next_source_ + 1 == weights_.size();
  const uint64_t until = last ? edge_count_ : std::min(static_cast<uint64_t>(due_), edge_count_);
  for (; given_ < until; ++given_) edges->push_back({next_source_, targets_.Draw(&random_)});
  ++next_source_;
  return true;
}

RmatModel::RmatModel(uint32_t vertex_count, uint64_t edge_count, uint64_t seed)
    : random_(seed), vertex_count_(vertex_count), left_(edge_count) {}

bool RmatModel::NextEdges(std::vector<EdgePair>* edges) {
  if (left_ == 0) return false;
  const uint64_t count = std::min(left_, kRmatBatchCount);
  left_ -= count;
  for (uint64_t i = 0; i < count; ++i) {
    EdgePair edge{0, 0};
    for (uint32_t half = vertex_count_ / 2; half > 0; half /= 2) {
      const double draw = random_.Unit();
      if (draw >= 0.57 + 0.19) edge.source += half;
      if ((draw >= 0.57 && draw < 0.57 + 0.19) || draw >= 0.57 + 0.19 + 0.19) edge.target += half;
    }
    edges->push_back(edge);
  }
  return true;
}

}  // namespace tidemark::csv_import
