// SPDX-License-Identifier: Apache-2.0
#include "bolt/request_options.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "bolt/bookmark_text.h"
#include "bolt/failures.h"

namespace tidemark::bolt {
namespace {

using graph::Value;
using graph::ValueType;
using session::Failure;

std::optional<Failure> WrongType(std::string_view key) {
  return InvalidRequest(absl::StrCat("'", ToAbsl(key), "' has a wrong type or value"));
}

std::optional<Failure> ReadMode(const Value& mode, session::TransactionOptions* options) {
  if (mode.is_null()) return std::nullopt;
  if (mode.type() != ValueType::kString) return WrongType("mode");
  if (mode.string() != "r" && mode.string() != "w") return WrongType("mode");
  options->mode = mode.string() == "r" ? session::AccessMode::kRead : session::AccessMode::kWrite;
  return std::nullopt;
}

std::optional<Failure> ReadBookmarks(const Value& bookmarks, session::TransactionOptions* options) {
  if (bookmarks.is_null()) return std::nullopt;
  if (bookmarks.type() != ValueType::kList) return WrongType("bookmarks");
  for (const Value& text : bookmarks.list()) {
    if (text.type() != ValueType::kString) return WrongType("bookmarks");
    const std::optional<session::Bookmark> bookmark = ParseBookmark(text.string());
    if (!bookmark.has_value()) return InvalidBookmark(text.string());
    options->bookmarks.push_back(*bookmark);
  }
  return std::nullopt;
}

std::optional<Failure> ReadTimeout(const Value& timeout, session::TransactionOptions* options) {
  if (timeout.is_null()) return std::nullopt;
  if (timeout.type() != ValueType::kInteger || timeout.integer() < 0) {
    return WrongType("tx_timeout");
  }
  options->timeout_ms = timeout.integer();
  return std::nullopt;
}

std::optional<Failure> CheckImpersonation(const Value& user, std::string_view own_user) {
  if (user.is_null()) return std::nullopt;
  if (user.type() != ValueType::kString) return WrongType("imp_user");
  if (user.string() == own_user) return std::nullopt;
  return Forbidden("A user cannot act for another one here (imp_user)");
}

}  // namespace

std::optional<Failure> CheckDatabase(const Value& name, std::string_view database) {
  if (name.is_null()) return std::nullopt;
  if (name.type() != ValueType::kString) return WrongType("db");
  if (name.string().empty() || absl::EqualsIgnoreCase(ToAbsl(name.string()), ToAbsl(database))) {
    return std::nullopt;
  }
  return UnknownDatabase(name.string());
}

std::optional<Failure> ReadTransactionOptions(const Value& extra, const OptionContext& context,
                                              session::TransactionOptions* options) {
  if (auto failure = CheckDatabase(extra.Get("db"), context.database)) return failure;
  if (auto failure = CheckImpersonation(extra.Get("imp_user"), context.user)) return failure;
  if (auto failure = ReadMode(extra.Get("mode"), options)) return failure;
  if (auto failure = ReadBookmarks(extra.Get("bookmarks"), options)) return failure;
  if (auto failure = ReadTimeout(extra.Get("tx_timeout"), options)) return failure;
  const Value& metadata = extra.Get("tx_metadata");
  if (!metadata.is_null() && metadata.type() != ValueType::kMap) return WrongType("tx_metadata");
  options->metadata = metadata;
  return ReadNotificationFilter(extra, context.version, &options->notifications);
}

std::optional<Failure> ReadFetchOptions(const Value& extra, FetchOptions* options) {
  const Value& count = extra.Get("n");
  if (count.type() != ValueType::kInteger) return WrongType("n");
  options->count = count.integer();
  if (options->count < session::FrontSession::kAllRows || options->count == 0) {
    return WrongType("n");
  }
  const Value& query = extra.Get("qid");
  if (query.is_null()) return std::nullopt;
  if (query.type() != ValueType::kInteger) return WrongType("qid");
  options->query = query.integer();
  return std::nullopt;
}

std::optional<Failure> ReadNotificationFilter(const Value& extra, Version version,
                                              session::NotificationFilter* filter) {
  const Value& minimum = extra.Get("notifications_minimum_severity");
  if (!minimum.is_null()) {
    if (minimum.type() != ValueType::kString) return WrongType("notifications_minimum_severity");
    const std::string_view text = minimum.string();
    if (text == "OFF") {
      filter->minimum = session::Severity::kOff;
    } else if (text == "WARNING") {
      filter->minimum = session::Severity::kWarning;
    } else if (text == "INFORMATION") {
      filter->minimum = session::Severity::kInformation;
    } else {
      return WrongType("notifications_minimum_severity");
    }
  }
  const std::string_view key = version.has_statuses() ? "notifications_disabled_classifications"
                                                      : "notifications_disabled_categories";
  const Value& disabled = extra.Get(key);
  if (disabled.is_null()) return std::nullopt;
  if (disabled.type() != ValueType::kList) return WrongType(key);
  filter->disabled_categories.clear();
  for (const Value& category : disabled.list()) {
    if (category.type() != ValueType::kString) return WrongType(key);
    filter->disabled_categories.emplace_back(category.string());
  }
  return std::nullopt;
}

}  // namespace tidemark::bolt
