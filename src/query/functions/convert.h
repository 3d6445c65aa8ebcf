// SPDX-License-Identifier: Apache-2.0
// Values as other types: what toInteger(), toFloat(), toBoolean() and toString() give.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "graph/value.h"
#include "query/functions/environment.h"

namespace tidemark::query {

// As Cypher writes floats: 1.0, 0.001, 1.0E-4, 1.0E7, NaN, -Infinity.
std::string FloatText(double value);
std::string_view CrsName(graph::Crs crs);
// The text of a string, number, boolean, point, temporal value or duration.
std::string TextOfScalar(const graph::Value& value);

// Null for a text that is no number; an error for one that does not fit, and for other types.
ValueOr ConvertToInteger(const graph::Value& value);
ValueOr ConvertToFloat(const graph::Value& value);
ValueOr ConvertToBoolean(const graph::Value& value);
ValueOr ConvertToString(const graph::Value& value);

// Cut towards zero; the nearest of the limits when it does not fit, 0 for NaN.
int64_t SaturatedInteger(double value);

}  // namespace tidemark::query
