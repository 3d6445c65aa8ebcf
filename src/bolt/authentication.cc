// SPDX-License-Identifier: Apache-2.0
#include "bolt/authentication.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/coding.h"
#include "base/status.h"
#include "bolt/failures.h"
#include "bolt/limits.h"

namespace tidemark::bolt {
namespace {

using graph::Value;
using graph::ValueType;

std::string_view TextOr(const Value& value, std::string_view otherwise) {
  return value.type() == ValueType::kString ? value.string() : otherwise;
}

}  // namespace

Authenticator::Authenticator(std::string_view user, std::string_view password, env::Random* random)
    : required_(true) {
  for (size_t i = 0; i < kSaltBytes; i += sizeof(uint64_t)) {
    const uint64_t bits = random->Next();
    std::memcpy(salt_.data() + i, &bits, sizeof bits);
  }
  digest_ = DigestOf(user, password);
}

Authenticator::Digest Authenticator::DigestOf(std::string_view user,
                                              std::string_view password) const {
  std::string text(salt_.data(), salt_.size());
  AppendBytes(&text, user);  // with its length: "a" + "bc" is not "ab" + "c"
  text.append(password);
  Digest digest;
  unsigned int size = 0;
  CHECK_EQ(EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr), 1);
  CHECK_EQ(size, digest.size());
  OPENSSL_cleanse(text.data(), text.size());
  return digest;
}

std::optional<session::Failure> Authenticator::Check(const Value& token, std::string* user) const {
  if (!required_) return std::nullopt;
  const std::string_view scheme = TextOr(token.Get("scheme"), "");
  if (scheme != "basic") {
    return Unauthorized(absl::StrCat("Unsupported authentication token: scheme '",
                                     ToAbsl(scheme.substr(0, kMaxQuotedBytes)),
                                     "'; this server wants 'basic' with a user and a password"));
  }
  const std::string_view principal = TextOr(token.Get("principal"), "");
  const Digest digest = DigestOf(principal, TextOr(token.Get("credentials"), ""));
  if (CRYPTO_memcmp(digest.data(), digest_.data(), digest.size()) != 0) {
    return Unauthorized("The client is unauthorized due to authentication failure.");
  }
  *user = std::string(principal);
  return std::nullopt;
}

}  // namespace tidemark::bolt
