// SPDX-License-Identifier: Apache-2.0
// Types of what operators give. A definite mismatch, one that no values of these types could avoid,
// is an empty type that is not nullable.
#pragma once

#include "query/binder/bound_expression.h"

namespace tidemark::query {

// What a property of a vertex or an edge may be.
CypherType StoredPropertyType();
// What has properties by name: maps, vertices, edges, points, temporal values.
CypherType KeyedType();
// Vertices and edges.
CypherType ElementType();

// The type of `a op b`. Null on one side gives null.
CypherType ResultOf(bound::BinaryOperator op, CypherType a, CypherType b);
// The type of base.key.
CypherType PropertyTypeOf(CypherType base);
// Whether a value of the type could be stored as a property (or is null, which stores nothing).
bool CanBeStored(CypherType type);
// Whether some value of `type`, or null, is of `wanted`.
bool CanBe(CypherType type, CypherType wanted);

// Whether evaluating `a op b` may raise for values of these types.
bool MayRaise(bound::BinaryOperator op, CypherType a, CypherType b);

std::string_view TextOf(bound::BinaryOperator op);

}  // namespace tidemark::query
