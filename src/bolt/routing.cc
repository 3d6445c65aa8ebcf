// SPDX-License-Identifier: Apache-2.0
#include "bolt/routing.h"

#include "bolt/replies.h"

namespace tidemark::bolt {
namespace {

constexpr int64_t kTimeToLiveSeconds = 300;

}  // namespace

void WriteRoutingTable(const RoutingQuestion& question, std::string* out) {
  std::string_view address = question.own_address;
  if (address.empty() && question.asked_address.type() == graph::ValueType::kString) {
    address = question.asked_address.string();
  }
  SmallMap table(out);
  table.Key("ttl").Integer(kTimeToLiveSeconds);
  table.Key("db").String(question.database);
  table.Key("servers").List(3);
  for (const std::string_view role : {"ROUTE", "READ", "WRITE"}) {
    SmallMap server(out);
    PackWriter& addresses = server.Key("addresses");
    addresses.List(1);
    addresses.String(address);
    server.Key("role").String(role);
  }
}

}  // namespace tidemark::bolt
