// SPDX-License-Identifier: Apache-2.0
#include "cli/client_flags.h"

namespace tidemark::cli {

void AddClientFlags(FlagSet* flags, client::ClientOptions* options) {
  flags->AddString("address", &options->address, "host:port of the cluster's client port");
  flags->AddString("tls-ca", &options->tls.ca_file, "PEM file of the authority of the cluster");
  flags->AddString("tls-cert", &options->tls.cert_file, "PEM file of this client's certificate");
  flags->AddString("tls-key", &options->tls.key_file, "PEM file of this client's key");
}

}  // namespace tidemark::cli
