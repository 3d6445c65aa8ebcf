// SPDX-License-Identifier: Apache-2.0
#include "env/posix_file_system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "base/status.h"

namespace tidemark::env {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class PosixFileSystemTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "tidemark-env-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string Path(const std::string& name) const { return directory_ + "/" + name; }

  PosixFileSystem files_;
  std::string directory_;
};

TEST_F(PosixFileSystemTest, WritesAndReadsAtOffsets) {
  auto file = files_.Open(Path("a"), OpenMode::kCreate);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE((*file)->WriteAt(5, "world").ok());
  EXPECT_TRUE((*file)->WriteAt(0, "hello").ok());
  EXPECT_TRUE((*file)->Sync().ok());
  EXPECT_EQ(*(*file)->Size(), 10u);
  char buffer[16] = {};
  EXPECT_EQ(*(*file)->ReadAt(3, buffer, sizeof(buffer)), 7u);
  EXPECT_EQ(std::string(buffer), "loworld");
  EXPECT_EQ(*(*file)->ReadAt(10, buffer, sizeof(buffer)), 0u);
  EXPECT_TRUE((*file)->Truncate(4).ok());
  EXPECT_EQ(*ReadWholeFile(&files_, Path("a"), 100), "hell");
}

TEST_F(PosixFileSystemTest, OpenModesSayWhatMustExist) {
  EXPECT_EQ(files_.Open(Path("a"), OpenMode::kRead).status().code(), absl::StatusCode::kNotFound);
  const absl::Status missing = files_.Open(Path("a"), OpenMode::kReadWrite).status();
  EXPECT_EQ(MessageOf(missing), Path("a") + ": open: No such file or directory");
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(files_.Open(Path("a"), OpenMode::kCreate).ok());
  EXPECT_EQ(files_.Open(Path("a"), OpenMode::kCreate).status().code(),
            absl::StatusCode::kAlreadyExists);
  auto read_only = files_.Open(Path("a"), OpenMode::kRead);
  ASSERT_TRUE(read_only.ok());
  const absl::Status refused = (*read_only)->WriteAt(0, "x");
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(MessageOf(refused), HasSubstr(Path("a") + ": write: "));
}

TEST_F(PosixFileSystemTest, FullDiskIsResourceExhausted) {
  auto full = files_.Open("/dev/full", OpenMode::kReadWrite);
  ASSERT_TRUE(full.ok()) << full.status();
  const absl::Status status = (*full)->WriteAt(0, "x");
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(MessageOf(status), "/dev/full: write: No space left on device; free some space there");
}

TEST_F(PosixFileSystemTest, PreallocateAddsWrittenZeroesAndKeepsWhatWasThere) {
  auto file = files_.Open(Path("a"), OpenMode::kCreate);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE((*file)->WriteAt(0, "abc").ok());
  const uint64_t size = 3 * 1024 * 1024 + 17;
  ASSERT_TRUE((*file)->Preallocate(size).ok());
  ASSERT_TRUE((*file)->Preallocate(size).ok());
  const std::string bytes = *ReadWholeFile(&files_, Path("a"), size);
  ASSERT_EQ(bytes.size(), size);
  EXPECT_EQ(bytes.substr(0, 3), "abc");
  EXPECT_EQ(bytes.find_first_not_of('\0', 3), std::string::npos);
  struct stat info;
  ASSERT_EQ(stat(Path("a").c_str(), &info), 0);
  EXPECT_GE(static_cast<uint64_t>(info.st_blocks) * 512, size);
}

TEST_F(PosixFileSystemTest, DirectoriesListSortedAndRenameReplaces) {
  ASSERT_TRUE(files_.MakeDirectory(Path("x/y/z")).ok());
  ASSERT_TRUE(files_.MakeDirectory(Path("x/y/z")).ok());
  for (const char* name : {"b", "a", "c"}) {
    ASSERT_TRUE(files_.Open(Path("x/" + std::string(name)), OpenMode::kCreate).ok());
  }
  EXPECT_THAT(*files_.List(Path("x")), ElementsAre("a", "b", "c", "y"));
  EXPECT_TRUE(files_.Rename(Path("x/a"), Path("x/b")).ok());
  EXPECT_TRUE(files_.Remove(Path("x/c")).ok());
  EXPECT_TRUE(files_.Remove(Path("x/y/z")).ok());
  EXPECT_TRUE(files_.SyncDirectory(Path("x")).ok());
  EXPECT_THAT(*files_.List(Path("x")), ElementsAre("b", "y"));
  EXPECT_TRUE(files_.Exists(Path("x/b")));
  EXPECT_FALSE(files_.Exists(Path("x/c")));
  EXPECT_GT(*files_.FreeBytes(Path("x")), 0u);
}

TEST_F(PosixFileSystemTest, ErrorsNamePathOperationAndReason) {
  EXPECT_EQ(MessageOf(files_.List(Path("no")).status()),
            Path("no") + ": list: No such file or directory");
  EXPECT_EQ(files_.List(Path("no")).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(files_.Remove(Path("no")).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(MessageOf(files_.Rename(Path("no"), Path("b"))),
            Path("no") + ": rename to " + Path("b") + ": No such file or directory");
  EXPECT_EQ(files_.SyncDirectory(Path("no")).code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(files_.Open(Path("file"), OpenMode::kCreate).ok());
  EXPECT_EQ(MessageOf(files_.MakeDirectory(Path("file/b"))),
            Path("file") + ": make directory: Not a directory");
}

// What the user gave wrongly is kInvalidArgument, a limit kResourceExhausted: neither is a matter
// of trying again later.
TEST_F(PosixFileSystemTest, ErrorsTellWrongInputFromWhatMayPass) {
  ASSERT_TRUE(files_.Open(Path("file"), OpenMode::kCreate).ok());
  EXPECT_EQ(files_.MakeDirectory(Path("file/b")).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(files_.InputSize(directory_).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(files_.OpenInput(directory_).status().code(), absl::StatusCode::kInvalidArgument);
  struct rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  struct rlimit none = before;
  none.rlim_cur = 0;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const absl::Status status = files_.Open(Path("file"), OpenMode::kRead).status();
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(MessageOf(status), HasSubstr("ulimit -n"));
}

TEST_F(PosixFileSystemTest, InputsAreReadFromFrontToEnd) {
  ASSERT_TRUE(WriteFileDurably(&files_, Path("file"), "0123456789").ok());
  const std::unique_ptr<Input> file = *files_.OpenInput(Path("file"));
  EXPECT_EQ(*files_.InputSize(Path("file")), 10u);
  char buffer[8];
  EXPECT_EQ(*file->Read(buffer, 6), 6u);
  EXPECT_EQ(std::string(buffer, 6), "012345");
  EXPECT_EQ(*file->Read(buffer, 6), 4u);
  EXPECT_EQ(std::string(buffer, 4), "6789");
  EXPECT_EQ(*file->Read(buffer, 6), 0u);

  // A pipe gives what it has, in pieces, and has no size.
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(write(ends[1], "abcd", 4), 4);
  const std::string pipe_path = absl::StrCat("/dev/fd/", ends[0]);
  EXPECT_FALSE(files_.InputSize(pipe_path)->has_value());
  const std::unique_ptr<Input> pipe_end = *files_.OpenInput(pipe_path);
  EXPECT_EQ(*pipe_end->Read(buffer, 3), 3u);
  ASSERT_EQ(write(ends[1], "ef", 2), 2);
  close(ends[1]);
  EXPECT_EQ(*pipe_end->Read(buffer, 8), 3u);
  EXPECT_EQ(std::string(buffer, 3), "def");
  close(ends[0]);
}

TEST_F(PosixFileSystemTest, WriteFileDurablyReplacesTheWholeFile) {
  ASSERT_TRUE(WriteFileDurably(&files_, Path("a"), "first, longer").ok());
  ASSERT_TRUE(WriteFileDurably(&files_, Path("a"), "second").ok());
  EXPECT_EQ(*ReadWholeFile(&files_, Path("a"), 100), "second");
  EXPECT_THAT(*files_.List(directory_), ElementsAre("a"));
  EXPECT_EQ(ReadWholeFile(&files_, Path("a"), 5).status().code(),
            absl::StatusCode::kResourceExhausted);
}

TEST_F(PosixFileSystemTest, DirectoryLockHasOneHolder) {
  auto lock = files_.LockDirectory(directory_);
  ASSERT_TRUE(lock.ok()) << lock.status();
  const absl::Status second = files_.LockDirectory(directory_).status();
  EXPECT_EQ(second.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(MessageOf(second), HasSubstr(directory_ + " is in use"));
  lock->reset();
  EXPECT_TRUE(files_.LockDirectory(directory_).ok());
}

// A killed holder leaves no trace that would lock out its successor, and a holder in another
// process is seen though neither knows the other's process id.
TEST_F(PosixFileSystemTest, DirectoryLockWorksAcrossProcessesAndEndsWithThem) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    auto lock = files_.LockDirectory(directory_);
    const char answer = lock.ok() ? 'y' : 'n';
    [[maybe_unused]] const ssize_t ignored = write(ready[1], &answer, 1);
    pause();
    _exit(0);
  }
  char answer = 0;
  ASSERT_EQ(read(ready[0], &answer, 1), 1);
  EXPECT_EQ(answer, 'y');
  EXPECT_EQ(files_.LockDirectory(directory_).status().code(),
            absl::StatusCode::kFailedPrecondition);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(files_.LockDirectory(directory_).ok());
  close(ready[0]);
  close(ready[1]);
}

TEST_F(PosixFileSystemTest, DirectoryLockNeedsTheDirectory) {
  EXPECT_EQ(files_.LockDirectory(Path("no")).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace tidemark::env
