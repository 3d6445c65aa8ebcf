// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tidemark::host {

// An ext4 file system in a file, mounted through a loop device, that can lose its power: what was
// not synced is gone then, as on a machine whose plug is pulled.
// Owner: the drill. Threads: one. Errors: kPermissionDenied without root; kUnavailable names the
// command that failed and what it said.
class PowerDisk {
 public:
  // Makes `image`, which must not exist, and mounts it on the folder `mount_point`.
  static absl::StatusOr<std::unique_ptr<PowerDisk>> Make(const std::string& image,
                                                         const std::string& mount_point);
  // Unmounts; whoever used a file of it must have ended.
  ~PowerDisk();
  PowerDisk(const PowerDisk&) = delete;
  PowerDisk& operator=(const PowerDisk&) = delete;

  // From now on nothing reaches the image any more, not even what the journal still holds in
  // memory; whoever uses a file gets errors.
  absl::Status CutPower();
  // The power is back: mounts again what the image holds. REQUIRES: nobody uses a file of it.
  absl::Status Remount();

 private:
  PowerDisk(std::string image, std::string mount_point);
  absl::Status Mount();
  absl::Status Unmount();

  const std::string image_;
  const std::string mount_point_;
  bool mounted_ = false;
};

}  // namespace tidemark::host
