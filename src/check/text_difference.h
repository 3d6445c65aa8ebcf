// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tidemark::check {

// The first line that two texts do not share: "was ..., is ..."; empty when they are equal.
std::string FirstDifference(const std::string& before, const std::string& after);

}  // namespace tidemark::check
