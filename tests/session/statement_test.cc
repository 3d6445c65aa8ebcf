// SPDX-License-Identifier: Apache-2.0
#include "session/statement.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace tidemark::session {
namespace {

// How many notifications a statement has that names so many types which nobody has.
size_t NotificationCount(int type_count) {
  const catalog::NameTable names;
  const catalog::SchemaTable schema;
  std::string text = "MATCH ()-[:T0";
  for (int i = 1; i < type_count; ++i) absl::StrAppend(&text, "|T", i);
  const auto prepared =
      Prepare(graph::Value::String(text + "]->() RETURN 1"), {&names, &schema, 1, Csn(1)});
  EXPECT_TRUE(prepared.ok()) << prepared.status();
  return prepared.ok() ? (*prepared)->notifications.size() : 0;
}

TEST(StatementTest, HasABoundedNumberOfNotifications) {
  EXPECT_EQ(NotificationCount(3), 3u);
  EXPECT_EQ(NotificationCount(100), kMaxNotificationCount);
  EXPECT_EQ(NotificationCount(1000), kMaxNotificationCount);
}

}  // namespace
}  // namespace tidemark::session
