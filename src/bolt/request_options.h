// SPDX-License-Identifier: Apache-2.0
// The maps in requests, as plain structs.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "bolt/versions.h"
#include "graph/value.h"
#include "session/front.h"

namespace tidemark::bolt {

// What the server knows when it reads the options of a transaction.
struct OptionContext {
  Version version;
  std::string_view database;  // the one that exists
  std::string_view user;
};

// Of RUN and BEGIN. Nothing when they are fine.
std::optional<session::Failure> ReadTransactionOptions(const graph::Value& extra,
                                                       const OptionContext& context,
                                                       session::TransactionOptions* options);

// Whether a message may speak of this database: of none, or of the one that exists in any case of
// letters.
std::optional<session::Failure> CheckDatabase(const graph::Value& name, std::string_view database);

// Of PULL and DISCARD.
struct FetchOptions {
  int64_t count = session::FrontSession::kAllRows;
  int64_t query = session::FrontSession::kLatestQuery;
};
std::optional<session::Failure> ReadFetchOptions(const graph::Value& extra, FetchOptions* options);

// Which notifications the client wants, from HELLO, RUN or BEGIN; what it does not name stays.
std::optional<session::Failure> ReadNotificationFilter(const graph::Value& extra, Version version,
                                                       session::NotificationFilter* filter);

}  // namespace tidemark::bolt
