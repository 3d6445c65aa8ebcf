// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tidemark::rpc {

// Paths of PEM files. All empty: no TLS. All given: both sides prove who they are. Nothing between.
struct TlsOptions {
  std::string ca_file;
  std::string cert_file;
  std::string key_file;

  bool enabled() const { return !ca_file.empty() || !cert_file.empty() || !key_file.empty(); }
};

}  // namespace tidemark::rpc
