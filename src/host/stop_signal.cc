// SPDX-License-Identifier: Apache-2.0
#include "host/stop_signal.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/check.h"

namespace tidemark::host {
namespace {

bool IsIgnored(int signal_number) {
  struct sigaction action = {};
  PCHECK(sigaction(signal_number, nullptr, &action) == 0);
  return action.sa_handler == SIG_IGN;
}

}  // namespace

StopSignal::StopSignal() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  // The terminal is gone: a clean stop keeps what was acknowledged last.
  if (!IsIgnored(SIGHUP)) sigaddset(&set, SIGHUP);
  sigaddset(&set, SIGCHLD);
  PCHECK(pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0);
  signal_fd_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  PCHECK(signal_fd_ >= 0);
  wake_fd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  PCHECK(wake_fd_ >= 0);
  signal(SIGPIPE, SIG_IGN);
}

StopSignal::~StopSignal() {
  close(signal_fd_);
  close(wake_fd_);
}

StopSignal::Event StopSignal::Wait(int timeout_ms) {
  pollfd fds[2] = {{signal_fd_, POLLIN, 0}, {wake_fd_, POLLIN, 0}};
  if (poll(fds, 2, timeout_ms) <= 0) return Event::kTimeout;
  if (fds[1].revents != 0) {
    uint64_t count = 0;
    if (read(wake_fd_, &count, sizeof count) == sizeof count) return Event::kWoken;
  }
  signalfd_siginfo info;
  if (read(signal_fd_, &info, sizeof info) != sizeof info) return Event::kTimeout;
  return info.ssi_signo == SIGCHLD ? Event::kChild : Event::kStop;
}

void StopSignal::Wake() {
  const uint64_t one = 1;
  PCHECK(write(wake_fd_, &one, sizeof one) == sizeof one);
}

}  // namespace tidemark::host
