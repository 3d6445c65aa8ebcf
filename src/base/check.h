// SPDX-License-Identifier: Apache-2.0
// A broken invariant ends the process, in release too: CHECK, CHECK_EQ ... of glog. An operating
// error is an absl::Status, never a CHECK.
#pragma once

#include <glog/logging.h>
