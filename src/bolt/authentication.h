// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "env/random.h"
#include "graph/value.h"
#include "session/front.h"

namespace tidemark::bolt {

// Who may log in: everybody, or one user with a password. Of user and password only a salted hash
// is kept, and a comparison takes the same time wherever the two differ.
// Owner: main. Threads: any, it does not change.
class Authenticator {
 public:
  // Everybody, with whatever credentials.
  Authenticator() = default;
  Authenticator(std::string_view user, std::string_view password, env::Random* random);

  bool is_required() const { return required_; }
  // `token` is the map that carries scheme, principal and credentials. Nothing when the client is
  // in; then `user` is its name, or empty when nobody had to log in.
  std::optional<session::Failure> Check(const graph::Value& token, std::string* user) const;

 private:
  static constexpr size_t kSaltBytes = 16;
  static constexpr size_t kDigestBytes = 32;
  using Digest = std::array<unsigned char, kDigestBytes>;

  Digest DigestOf(std::string_view user, std::string_view password) const;

  bool required_ = false;
  std::array<char, kSaltBytes> salt_{};
  Digest digest_{};
};

}  // namespace tidemark::bolt
