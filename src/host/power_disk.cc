// SPDX-License-Identifier: Apache-2.0
#include "host/power_disk.h"

#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/status.h"
#include "env/posix_file_system.h"

namespace tidemark::host {
namespace {

constexpr off_t kImageBytes = off_t{512} << 20;  // sparse
constexpr int kUnmountTries = 200;
constexpr useconds_t kUnmountPauseMicros = 10'000;
// EXT4_IOC_SHUTDOWN and its flag for "do not flush the journal".
constexpr unsigned long kShutdownRequest = _IOR('X', 125, uint32_t);
constexpr uint32_t kNoLogFlush = 2;

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) absl::StrAppend(&text, text.empty() ? "" : " ", word);
  return text;
}

// Runs a program of the system and waits for its end.
absl::Status RunProgram(std::vector<std::string> words) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  int output[2];
  if (pipe2(output, O_CLOEXEC) != 0) return absl::UnavailableError("no pipe");
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(output[1], STDOUT_FILENO);
    dup2(output[1], STDERR_FILENO);
    execvp(argv[0], argv.data());
    _exit(127);
  }
  close(output[1]);
  std::string said;
  char buffer[1024];
  for (ssize_t n = 0; (n = read(output[0], buffer, sizeof(buffer))) > 0;) {
    said.append(buffer, static_cast<size_t>(n));
  }
  close(output[0]);
  int status = -1;
  while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0) return absl::OkStatus();
  while (!said.empty() && said.back() == '\n') said.pop_back();
  const bool missing = pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 127;
  return absl::UnavailableError(
      absl::StrCat("`", Joined(words), "` failed: ", missing ? "there is no such program" : said));
}

}  // namespace

PowerDisk::PowerDisk(std::string image, std::string mount_point)
    : image_(std::move(image)), mount_point_(std::move(mount_point)) {}

PowerDisk::~PowerDisk() {
  if (mounted_) Unmount().IgnoreError();
}

absl::StatusOr<std::unique_ptr<PowerDisk>> PowerDisk::Make(const std::string& image,
                                                           const std::string& mount_point) {
  if (geteuid() != 0) {
    return absl::PermissionDeniedError("only root can mount the disks whose power is cut");
  }
  const int file = open(image.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const bool sized = file >= 0 && ftruncate(file, kImageBytes) == 0;
  const int error = errno;
  if (file >= 0) close(file);
  if (!sized) {
    return absl::UnavailableError(absl::StrCat("cannot make ", image, ": ", strerror(error)));
  }
  RETURN_IF_ERROR(RunProgram({"mkfs.ext4", "-q", "-F", "-m", "0", image}));
  env::PosixFileSystem files;
  RETURN_IF_ERROR(files.MakeDirectory(mount_point));
  std::unique_ptr<PowerDisk> disk(new PowerDisk(image, mount_point));
  RETURN_IF_ERROR(disk->Mount());
  return disk;
}

absl::Status PowerDisk::Mount() {
  RETURN_IF_ERROR(RunProgram({"mount", "-t", "ext4", "-o", "loop,noatime", image_, mount_point_}));
  mounted_ = true;
  return absl::OkStatus();
}

absl::Status PowerDisk::Unmount() {
  absl::Status status;
  for (int i = 0; i < kUnmountTries; ++i) {
    status = RunProgram({"umount", mount_point_});
    if (status.ok()) {
      mounted_ = false;
      return status;
    }
    usleep(kUnmountPauseMicros);
  }
  return status;
}

absl::Status PowerDisk::CutPower() {
  const int folder = open(mount_point_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  uint32_t flags = kNoLogFlush;
  const bool cut = folder >= 0 && ioctl(folder, kShutdownRequest, &flags) == 0;
  const int error = errno;
  if (folder >= 0) close(folder);
  if (cut) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("cannot cut the power of ", mount_point_, ": ", strerror(error)));
}

absl::Status PowerDisk::Remount() {
  RETURN_IF_ERROR(Unmount());
  return Mount();
}

}  // namespace tidemark::host
