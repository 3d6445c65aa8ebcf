// SPDX-License-Identifier: Apache-2.0
// Calls whose arguments are written with words of their own.
#include <gtest/gtest.h>

#include "tests/query/parser/round_trip.h"

namespace tidemark::query {
namespace {

TEST(CallFormsTest, Trim) {
  EXPECT_EQ(Canonical("RETURN trim(both 'x' from s)"), "RETURN trim(BOTH 'x' FROM s)");
  EXPECT_EQ(Canonical("RETURN TRIM(LEADING $c FROM s)"), "RETURN trim(LEADING $c FROM s)");
  EXPECT_EQ(Canonical("RETURN trim(trailing c FROM s)"), "RETURN trim(TRAILING c FROM s)");
  EXPECT_EQ(Canonical("RETURN trim('x' FROM s)"), "RETURN trim(BOTH 'x' FROM s)");
  EXPECT_EQ(Canonical("RETURN trim(BOTH FROM s)"), "RETURN btrim(s)");
  EXPECT_EQ(Canonical("RETURN trim(LEADING FROM s)"), "RETURN ltrim(s)");
  EXPECT_EQ(Canonical("RETURN trim(TRAILING FROM s)"), "RETURN rtrim(s)");
  EXPECT_EQ(Canonical("RETURN trim(s)"), "RETURN trim(s)");
  EXPECT_EQ(Canonical("RETURN trim(s, t)"), "RETURN trim(s, t)");
  EXPECT_EQ(Canonical("RETURN trim()"), "RETURN trim()");
  // Names, not words of the form.
  EXPECT_EQ(Canonical("RETURN trim(both)"), "RETURN trim(`both`)");
  EXPECT_EQ(Canonical("RETURN trim(leading.x)"), "RETURN trim(`leading`.x)");
  EXPECT_EQ(Canonical("RETURN trim(trailing + 'x')"), "RETURN trim(`trailing` + 'x')");
  ExpectRoundTrip("RETURN trim(BOTH 'x' FROM s) + trim(LEADING $c FROM t)");
}

TEST(CallFormsTest, NormalForms) {
  EXPECT_EQ(Canonical("RETURN normalize(s, nfd)"), "RETURN normalize(s, 'NFD')");
  EXPECT_EQ(Canonical("RETURN normalize(s)"), "RETURN normalize(s)");
  EXPECT_EQ(Canonical("RETURN normalize(nfc, NFKC)"), "RETURN normalize(`nfc`, 'NFKC')");
  EXPECT_EQ(Canonical("RETURN normalize(s, $form)"), "RETURN normalize(s, $form)");
}

}  // namespace
}  // namespace tidemark::query
