// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/flags.h"
#include "client/client.h"

namespace tidemark::cli {

// The flags with which a tool finds a cluster: --address and the three of TLS.
void AddClientFlags(FlagSet* flags, client::ClientOptions* options);

}  // namespace tidemark::cli
