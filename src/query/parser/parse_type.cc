// SPDX-License-Identifier: Apache-2.0
// The names of types, as in IS :: LIST<INTEGER NOT NULL> | STRING.
#include "query/parser/recursive_parser.h"

namespace tidemark::query {

TypeName* RecursiveParser::ParseType() {
  const Nesting nesting(this);
  const uint32_t begin = Here();
  TypeName* type = ParsePlainType();
  if (!At(TokenKind::kBar) || index() == bar_) return type;
  Items<TypeName*> members = {type};
  while (At(TokenKind::kBar) && index() != bar_ && Take(TokenKind::kBar)) {
    members.push_back(ParsePlainType());
  }
  return arena()->New<TypeName>(TypeKind::kUnion, false, Keep(members), Since(begin));
}

// A type with NOT NULL or ! behind it, and LIST or ARRAY behind that: INTEGER NOT NULL LIST.
TypeName* RecursiveParser::ParsePlainType() {
  const Operand operand(this);
  const uint32_t begin = Here();
  TypeName* type = ParseTypeName();
  while (true) {
    if (Take(Keyword::kNot, Keyword::kNull) || Take(TokenKind::kExclamation)) {
      type->not_null = true;
      type->source = Since(begin);
    } else if (Take(Keyword::kList) || Take(Keyword::kArray)) {
      Wrap();
      type = arena()->New<TypeName>(TypeKind::kList, false, Keep(Items<TypeName*>{type}),
                                    Since(begin));
    } else {
      return type;
    }
  }
}

TypeName* RecursiveParser::ParseTypeName() {
  const uint32_t begin = Here();
  const TypeKind kind = ParseTypeWords();
  absl::Span<TypeName* const> inner;
  TypeKind meant = kind;
  const bool may_have_inner = kind == TypeKind::kList || kind == TypeKind::kAny;
  if (may_have_inner && Take(TokenKind::kLess)) {
    TypeName* argument = ParseType();
    Expect(TokenKind::kGreater);
    if (kind == TypeKind::kAny) {
      meant = TypeKind::kUnion;
      inner =
          argument->kind == TypeKind::kUnion ? argument->inner : Keep(Items<TypeName*>{argument});
    } else {
      inner = Keep(Items<TypeName*>{argument});
    }
  } else if (kind == TypeKind::kList) {
    Fail("'<' and the type of the elements");
  }
  return arena()->New<TypeName>(meant, false, inner, Since(begin));
}

TypeKind RecursiveParser::ParseTypeWords() {
  struct Word {
    Keyword keyword;
    TypeKind kind;
  };
  static constexpr Word kWords[] = {
      {Keyword::kNothing, TypeKind::kNothing},   {Keyword::kNull, TypeKind::kNull},
      {Keyword::kBool, TypeKind::kBoolean},      {Keyword::kBoolean, TypeKind::kBoolean},
      {Keyword::kString, TypeKind::kString},     {Keyword::kVarchar, TypeKind::kString},
      {Keyword::kInt, TypeKind::kInteger},       {Keyword::kInteger, TypeKind::kInteger},
      {Keyword::kFloat, TypeKind::kFloat},       {Keyword::kDate, TypeKind::kDate},
      {Keyword::kDuration, TypeKind::kDuration}, {Keyword::kPoint, TypeKind::kPoint},
      {Keyword::kNode, TypeKind::kNode},         {Keyword::kVertex, TypeKind::kNode},
      {Keyword::kEdge, TypeKind::kRelationship}, {Keyword::kRelationship, TypeKind::kRelationship},
      {Keyword::kMap, TypeKind::kMap},           {Keyword::kPath, TypeKind::kPath},
      {Keyword::kList, TypeKind::kList},         {Keyword::kArray, TypeKind::kList},
  };
  for (const Word& word : kWords) {
    if (Take(word.keyword)) return word.kind;
  }
  if (Take(Keyword::kSigned)) {
    ExpectEither(Keyword::kInteger, Keyword::kInt);
    return TypeKind::kInteger;
  }
  if (Take(Keyword::kLocal)) return ParseTimeOrDateTime(TypeKind::kLocalTime);
  if (Take(Keyword::kZoned)) return ParseTimeOrDateTime(TypeKind::kZonedTime);
  if (Take(Keyword::kTime)) return ParseZone(TypeKind::kZonedTime);
  if (Take(Keyword::kTimestamp)) return ParseZone(TypeKind::kZonedDateTime);
  if (Take(Keyword::kProperty)) {
    Expect(Keyword::kValue);
    return TypeKind::kPropertyValue;
  }
  if (Take(Keyword::kAny)) {
    if (Take(Keyword::kProperty, Keyword::kValue)) return TypeKind::kPropertyValue;
    if (Take(Keyword::kNode) || Take(Keyword::kVertex)) return TypeKind::kNode;
    if (Take(Keyword::kRelationship) || Take(Keyword::kEdge)) return TypeKind::kRelationship;
    if (Take(Keyword::kMap)) return TypeKind::kMap;
    Take(Keyword::kValue);
    return TypeKind::kAny;
  }
  Fail("the name of a type, such as INTEGER, STRING or LIST<FLOAT>");
  return TypeKind::kAny;
}

// TIME or DATETIME behind LOCAL or ZONED.
TypeKind RecursiveParser::ParseTimeOrDateTime(TypeKind time) {
  if (Take(Keyword::kTime)) return time;
  ExpectEither(Keyword::kDateTime, Keyword::kTime);
  return time == TypeKind::kLocalTime ? TypeKind::kLocalDateTime : TypeKind::kZonedDateTime;
}

// WITH TIMEZONE or WITHOUT TIMEZONE behind TIME and TIMESTAMP.
TypeKind RecursiveParser::ParseZone(TypeKind zoned) {
  const bool has_zone = Take(Keyword::kWith);
  if (!has_zone) ExpectEither(Keyword::kWithout, Keyword::kWith);
  if (!Take(Keyword::kTimezone)) {
    Expect(Keyword::kTime);
    Expect(Keyword::kZone);
  }
  if (has_zone) return zoned;
  return zoned == TypeKind::kZonedTime ? TypeKind::kLocalTime : TypeKind::kLocalDateTime;
}

}  // namespace tidemark::query
