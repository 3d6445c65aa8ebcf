// SPDX-License-Identifier: Apache-2.0
// What the files of the aggregating functions share.
#pragma once

#include <memory>

#include "query/functions/aggregate.h"

namespace tidemark::query {

absl::Status MalformedState();
// A value in front of the reader; fails it when malformed.
graph::Value ReadEncodedValue(ByteReader* reader);
absl::Status AppendEncodedValue(const graph::Value& value, std::string* out);
void AppendWideInteger(__int128 value, std::string* out);
__int128 ReadWideInteger(ByteReader* reader);

std::unique_ptr<Aggregate> MakeSum(bool is_mean);
std::unique_ptr<Aggregate> MakeDeviation(bool of_population);
std::unique_ptr<Aggregate> MakePercentile(bool is_discrete);

}  // namespace tidemark::query
