// SPDX-License-Identifier: Apache-2.0
#include "rpc/credentials.h"

#include <grpc/support/log.h>

#include <string>
#include <string_view>

#include "base/check.h"
#include "base/status.h"
#include "env/posix_file_system.h"

#ifdef __SANITIZE_THREAD__
// The thread sanitizer cannot see how libraries that were built without it synchronize their
// threads, so it takes every message they hand over for a race.
extern "C" const char* __tsan_default_suppressions() {
  return "called_from_lib:libgrpc.so\ncalled_from_lib:libgrpc++.so\ncalled_from_lib:libgpr.so\n"
         "called_from_lib:libprotobuf.so\nrace:libgrpc\nrace:libgpr\nrace:libabsl_\n"
         "race:libprotobuf\nrace:libcrypto\nrace:libssl\nrace:^grpc::\nrace:tzset_internal\n";
}
#endif

namespace tidemark::rpc {
namespace {

constexpr uint64_t kMaxPemBytes = uint64_t{1} << 20;

struct PemTexts {
  std::string ca;
  std::string cert;
  std::string key;
};

absl::StatusOr<std::string> ReadPem(const std::string& path, const char* what) {
  if (path.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "TLS needs three files, authority, certificate and key: the ", what, " file is not given"));
  }
  env::PosixFileSystem files;
  ASSIGN_OR_RETURN(const std::string text, env::ReadWholeFile(&files, path, kMaxPemBytes));
  if (text.find("-----BEGIN ") == std::string::npos) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": holds no PEM text for the TLS ", what));
  }
  return text;
}

absl::StatusOr<PemTexts> ReadPemTexts(const TlsOptions& tls) {
  PemTexts texts;
  ASSIGN_OR_RETURN(texts.ca, ReadPem(tls.ca_file, "authority"));
  ASSIGN_OR_RETURN(texts.cert, ReadPem(tls.cert_file, "certificate"));
  ASSIGN_OR_RETURN(texts.key, ReadPem(tls.key_file, "key"));
  return texts;
}

void ForwardGrpcLog(gpr_log_func_args* args) {
  if (std::string_view(args->message).starts_with("assertion failed")) {
    LOG(ERROR) << "gRPC: " << args->file << ":" << args->line << ": " << args->message;
  }
  VLOG(1) << "gRPC: " << args->file << ":" << args->line << ": " << args->message;
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeServerCredentials(
    const TlsOptions& tls) {
  if (!tls.enabled()) return grpc::InsecureServerCredentials();
  ASSIGN_OR_RETURN(const PemTexts texts, ReadPemTexts(tls));
  grpc::SslServerCredentialsOptions options(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = texts.ca;
  options.pem_key_cert_pairs.push_back({texts.key, texts.cert});
  return grpc::SslServerCredentials(options);
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> MakeChannelCredentials(
    const TlsOptions& tls) {
  if (!tls.enabled()) return grpc::InsecureChannelCredentials();
  ASSIGN_OR_RETURN(const PemTexts texts, ReadPemTexts(tls));
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = texts.ca;
  options.pem_private_key = texts.key;
  options.pem_cert_chain = texts.cert;
  return grpc::SslCredentials(options);
}

void QuietGrpcLog() { gpr_set_log_function(ForwardGrpcLog); }

}  // namespace tidemark::rpc
