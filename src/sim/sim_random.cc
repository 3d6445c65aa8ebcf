// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_random.h"

namespace tidemark::sim {
namespace {

constexpr uint64_t kGolden = 0x9e3779b97f4a7c15;

uint64_t Mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace

SimRandom::SimRandom(uint64_t seed, uint64_t stream)
    : state_(Mix(seed + kGolden) ^ Mix(Mix(stream + 1) + kGolden)) {}

uint64_t SimRandom::Next() {
  state_ += kGolden;
  return Mix(state_);
}

}  // namespace tidemark::sim
