// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/client.h"
#include "tools/flags.h"

namespace tidemark::tools {

// The flags with which a tool finds a cluster: --address and the three of TLS.
void AddClientFlags(FlagSet* flags, client::ClientOptions* options);

}  // namespace tidemark::tools
