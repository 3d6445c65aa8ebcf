// SPDX-License-Identifier: Apache-2.0
#include "env/memory_reserve.h"

#include <jemalloc/jemalloc.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "env/scheduling.h"

// Null in a program that is not linked with jemalloc.
extern "C" __attribute__((weak)) decltype(mallctl) mallctl;

namespace tidemark::env {
namespace {

#ifndef MADV_POPULATE_WRITE
constexpr int MADV_POPULATE_WRITE = 23;
#endif
constexpr size_t kHugePageBytes = 2 << 20;
constexpr size_t kAheadBytes = 32 << 20;
constexpr size_t kStartBytes = 8 << 20;
constexpr size_t kLowBytes = 8 << 20;
// More than a thread caches, so that it is taken from the arena.
constexpr size_t kFirstBytes = 64 << 10;
// jemalloc asks for ever larger pieces, up to this: far less than what is ahead.
constexpr size_t kMaxPieceBytes = 4 << 20;
// Address space costs nothing; jemalloc uses again what is freed and never gives it back to here.
constexpr size_t kSpacePerMemory = 2;

// Freed memory stays backed for minutes, because a graph that shrinks mostly grows again.
constexpr ssize_t kDecayMillis = 300'000;

// One range of addresses that is handed out from its begin and never taken back, and the thread
// that goes ahead in it. Lives until the process ends. Threads: any. It must not allocate while
// jemalloc asks it for memory.
class MemoryReserve {
 public:
  MemoryReserve() {
    const size_t memory_bytes =
        static_cast<size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<size_t>(sysconf(_SC_PAGESIZE));
    const size_t bytes = memory_bytes * kSpacePerMemory + kHugePageBytes;
    void* space = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (space == MAP_FAILED) return;
    const auto begin = reinterpret_cast<uintptr_t>(space);
    next_ = RoundUp(begin, kHugePageBytes);
    end_ = begin + bytes;
    backed_ = next_;
    madvise(reinterpret_cast<void*>(next_), end_ - next_, MADV_HUGEPAGE);
    if (!BackNext()) {
      munmap(space, bytes);
      return;
    }
    works_ = true;
    std::thread([this] { Run(); }).detach();
  }

  bool works() const { return works_; }
  bool is_low() const { return is_low_.load(std::memory_order_relaxed); }

  // Waits until there is enough for a thread to begin with. It may take 0.1 s in the worst case,
  // but before the thread has anything to do.
  void AwaitStart() {
    std::unique_lock<std::mutex> lock(mutex_);
    backed_more_.wait(lock, [this] { return stopped_ || backed_ >= next_ + kStartBytes; });
  }

  // Null when the space is used up or this memory would not be backed.
  void* Take(size_t bytes, size_t alignment) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const uintptr_t begin = RoundUp(next_, alignment);
    if (bytes > kMaxPieceBytes || bytes > end_ - begin) return nullptr;
    next_ = begin + bytes;
    NoteLevel();
    wake_.notify_one();
    return reinterpret_cast<void*>(begin);
  }

 private:
  static uintptr_t RoundUp(uintptr_t value, size_t unit) {
    return (value + unit - 1) / unit * unit;
  }

  void NoteLevel() {
    is_low_.store(!stopped_ && backed_ < next_ + kLowBytes, std::memory_order_relaxed);
  }

  bool BackNext() {
    return madvise(reinterpret_cast<void*>(backed_), kHugePageBytes, MADV_POPULATE_WRITE) == 0;
  }

  // It goes before no other thread: those who take much wait for it, and it would keep a processor
  // from those who answer clients.
  void Run() {
    pthread_setname_np(pthread_self(), "memory");
    GiveWay(kGivingWayNiceness);
    std::unique_lock<std::mutex> lock(mutex_);
    while (true) {
      wake_.wait(lock, [this] { return backed_ < next_ + kAheadBytes; });
      bool backed = end_ - backed_ >= kHugePageBytes;
      if (backed) {
        lock.unlock();
        backed = BackNext();
        lock.lock();
      }
      if (backed) {
        backed_ += kHugePageBytes;
      } else {
        stopped_ = true;  // out of space or memory: whoever touches what is next meets that
      }
      NoteLevel();
      backed_more_.notify_all();
      if (stopped_) return;
    }
  }

  bool works_ = false;
  uintptr_t end_ = 0;
  std::mutex mutex_;
  std::condition_variable wake_;         // of the helper
  std::condition_variable backed_more_;  // of threads that begin
  bool stopped_ = false;                 // guarded by mutex_, as what follows
  uintptr_t next_ = 0;
  uintptr_t backed_ = 0;  // written by the helper alone
  std::atomic<bool> is_low_ = false;
};

MemoryReserve& Reserve() {
  static auto* reserve = new MemoryReserve;
  return *reserve;
}

std::atomic<bool> reserve_in_use = false;

extent_hooks_t* default_hooks = nullptr;

// The default hooks but for one.
extent_hooks_t* Hooks() {
  static extent_hooks_t* hooks = [] {
    size_t size_bytes = sizeof(default_hooks);
    if (mallctl("arena.0.extent_hooks", &default_hooks, &size_bytes, nullptr, 0) != 0) {
      return static_cast<extent_hooks_t*>(nullptr);
    }
    auto* own = new extent_hooks_t(*default_hooks);
    own->alloc = [](extent_hooks_t* self, void* wanted, size_t bytes, size_t alignment, bool* zero,
                    bool* commit, unsigned arena) {
      void* taken = wanted == nullptr ? Reserve().Take(bytes, alignment) : nullptr;
      if (taken == nullptr) {
        return default_hooks->alloc(self, wanted, bytes, alignment, zero, commit, arena);
      }
      *zero = true;
      *commit = true;
      return taken;
    };
    return own;
  }();
  return hooks;
}

// Arenas of threads that have ended serve the next ones: their free memory is not lost.
std::mutex free_arenas_mutex;
std::vector<unsigned>& FreeArenas() {
  static auto* arenas = new std::vector<unsigned>;
  return *arenas;
}

std::optional<unsigned> MakeArena() {
  extent_hooks_t* hooks = Hooks();
  if (hooks == nullptr) return std::nullopt;
  unsigned arena = 0;
  size_t size_bytes = sizeof(arena);
  if (mallctl("arenas.create", &arena, &size_bytes, &hooks, sizeof(hooks)) != 0) {
    return std::nullopt;
  }
  const std::string prefix = "arena." + std::to_string(arena);
  size_t limit_bytes = kMaxPieceBytes;
  mallctl((prefix + ".retain_grow_limit").c_str(), nullptr, nullptr, &limit_bytes,
          sizeof(limit_bytes));
  ssize_t decay_millis = kDecayMillis;
  mallctl((prefix + ".dirty_decay_ms").c_str(), nullptr, nullptr, &decay_millis,
          sizeof(decay_millis));
  // Beyond this jemalloc gives what is freed back at once, on the loop, and the next that is as
  // large waits for the kernel again (8 MiB if nobody says otherwise).
  size_t threshold_bytes = std::numeric_limits<size_t>::max();
  mallctl((prefix + ".oversize_threshold").c_str(), nullptr, nullptr, &threshold_bytes,
          sizeof(threshold_bytes));
  return arena;
}

// What a thread has until it ends.
class ArenaLease {
 public:
  ArenaLease() {
    const std::lock_guard<std::mutex> lock(free_arenas_mutex);
    if (FreeArenas().empty()) {
      arena_ = MakeArena();
    } else {
      arena_ = FreeArenas().back();
      FreeArenas().pop_back();
    }
    if (arena_.has_value()) mallctl("thread.arena", nullptr, nullptr, &*arena_, sizeof(*arena_));
  }
  ~ArenaLease() {
    if (!arena_.has_value()) return;
    const std::lock_guard<std::mutex> lock(free_arenas_mutex);
    FreeArenas().push_back(*arena_);
  }
  ArenaLease(const ArenaLease&) = delete;
  ArenaLease& operator=(const ArenaLease&) = delete;

 private:
  std::optional<unsigned> arena_;
};

}  // namespace

void UseMemoryReserve() {
  if (mallctl == nullptr || !Reserve().works()) return;
  reserve_in_use = true;
  thread_local const ArenaLease lease;
  // The first memory of an arena makes jemalloc map its own tables.
  const std::unique_ptr<volatile char[]> first(new volatile char[kFirstBytes]);
  first[0] = 1;
  Reserve().AwaitStart();
}

bool MemoryReserveIsLow() { return reserve_in_use && Reserve().is_low(); }

}  // namespace tidemark::env
