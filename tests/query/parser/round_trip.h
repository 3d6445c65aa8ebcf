// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace tidemark::query {

// Parses a statement that must be right, prints its tree and parses that: the second text must be
// the same, and the first must have the same names, literals and parameters in the same order, so
// that nothing of the tree got lost on the way.
void ExpectRoundTrip(std::string_view text);

// The statement in its one spelling, or the error's text.
std::string Canonical(std::string_view text);

}  // namespace tidemark::query
