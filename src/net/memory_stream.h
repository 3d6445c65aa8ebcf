// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

#include "env/executor.h"
#include "net/byte_stream.h"

namespace tidemark::net {

// Two ends of one connection within a process, for tests and the simulator: what is written at one
// end comes out at the other in a later step of the loop. What a receiver does not want to read
// stays unsent. The executor outlives both.
std::pair<std::unique_ptr<ByteStream>, std::unique_ptr<ByteStream>> MakeMemoryStreams(
    env::Executor* executor);

}  // namespace tidemark::net
