// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/client.h"

namespace tidemark::drill {

// Everything with a label that ends in `label_suffix`, vertices with properties and edges, as text:
// equal graphs give equal texts.
absl::StatusOr<std::string> DumpGraph(client::Client* client, const std::string& label_suffix);

// Deletes everything with such a label.
absl::Status ClearGraph(client::Client* client, const std::string& label_suffix);

}  // namespace tidemark::drill
