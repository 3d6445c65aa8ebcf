// SPDX-License-Identifier: Apache-2.0
#include "net/tls.h"

#include <openssl/ssl.h>

#include "base/status.h"

namespace tidemark::net {
namespace {

using boost::asio::ssl::context;

absl::Status CannotUse(std::string_view what, const std::string& path,
                       const boost::system::error_code& error) {
  return absl::InvalidArgumentError(absl::StrCat("cannot use the ", ToAbsl(what), " ", path, ": ",
                                                 error.message(), "; it is to be a PEM file"));
}

}  // namespace

absl::StatusOr<std::shared_ptr<context>> MakeServerContext(const ServerTls& tls) {
  if (tls.cert_file.empty() || tls.key_file.empty()) {
    return absl::InvalidArgumentError(
        "TLS for clients needs both, a certificate and its key; one of the files is not given");
  }
  const auto made = std::make_shared<context>(context::tls_server);
  boost::system::error_code error;
  made->use_certificate_chain_file(tls.cert_file, error);
  if (error) return CannotUse("certificate", tls.cert_file, error);
  made->use_private_key_file(tls.key_file, context::pem, error);
  if (error) return CannotUse("key", tls.key_file, error);
  SSL_CTX_set_min_proto_version(made->native_handle(), TLS1_2_VERSION);
  return made;
}

void KeepTlsToTheEnd() { OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr); }

}  // namespace tidemark::net
