// SPDX-License-Identifier: Apache-2.0
#include "cli/flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"

namespace tidemark::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FlagSetTest : public ::testing::Test {
 protected:
  FlagSetTest() {
    flags_.AddString("data-dir", &data_dir_, "where the data lies");
    flags_.AddInt("workers", &workers_, 1, 64, "number of workers");
    flags_.AddBool("synchronous-commit", &synchronous_, "wait for the disk");
    flags_.AddList("nodes", &nodes_, "node files");
    flags_.AddChoice("recovery-point", &point_, {"watermark", "longest"}, "what is kept");
  }
  absl::Status Parse(const std::vector<std::string>& args) {
    return flags_.Parse(
        args,
        [this](const std::string& name) -> const char* {
          const auto it = environment_.find(name);
          return it == environment_.end() ? nullptr : it->second.c_str();
        },
        [this](const std::string& path) -> absl::StatusOr<std::string> {
          if (path != "f") return absl::NotFoundError("no such file");
          return file_;
        });
  }

  FlagSet flags_{"cluster", "--data-dir=D", "Starts a cluster."};
  std::map<std::string, std::string> environment_;
  std::string file_;
  std::string data_dir_;
  int64_t workers_ = 3;
  bool synchronous_ = false;
  std::vector<std::string> nodes_;
  std::string point_ = "watermark";
};

TEST_F(FlagSetTest, DashesAndUnderscoresAreTheSameAndListsCollect) {
  ASSERT_TRUE(Parse({"--data_dir=D", "--workers", "5", "--synchronous-commit", "--nodes=a",
                     "--nodes=b", "--recovery_point=longest"})
                  .ok());
  EXPECT_EQ(data_dir_, "D");
  EXPECT_EQ(workers_, 5);
  EXPECT_TRUE(synchronous_);
  EXPECT_THAT(nodes_, ElementsAre("a", "b"));
  EXPECT_EQ(point_, "longest");
}

TEST_F(FlagSetTest, CommandLineWinsOverEnvironmentOverFileOverDefault) {
  environment_["TIDEMARK_WORKERS"] = "7";
  environment_["TIDEMARK_DATA_DIR"] = "env";
  file_ = "# comment\n--data-dir=file\n--synchronous-commit\n--workers=9\n";
  ASSERT_TRUE(Parse({"--flagfile=f", "--workers=2"}).ok());
  EXPECT_EQ(workers_, 2);
  EXPECT_EQ(data_dir_, "env");
  EXPECT_TRUE(synchronous_);
  EXPECT_FALSE(flags_.WasGiven("nodes"));
  EXPECT_TRUE(flags_.WasGiven("data-dir"));
}

TEST_F(FlagSetTest, ErrorsNameTheFlagAndWhatIsAllowed) {
  EXPECT_THAT(MessageOf(Parse({"--worker=3"})), HasSubstr("did you mean --workers?"));
  EXPECT_THAT(MessageOf(Parse({"--workers=0"})), HasSubstr("from 1 to 64"));
  EXPECT_THAT(MessageOf(Parse({"word"})), HasSubstr("unexpected word \"word\""));
  EXPECT_THAT(MessageOf(Parse({"--recovery-point=x"})), HasSubstr("watermark|longest"));
  EXPECT_THAT(MessageOf(Parse({"--data-dir"})), HasSubstr("needs a value"));
  EXPECT_THAT(MessageOf(Parse({"--flagfile=missing"})), HasSubstr("no such file"));
}

TEST_F(FlagSetTest, AHintSaysWhatToWriteInstead) {
  flags_.AddHint("nodes:", "labels stand behind the equals sign");
  EXPECT_THAT(MessageOf(Parse({"--nodes:Person", "a.csv"})),
              HasSubstr("unknown flag --nodes:Person (command line); labels stand behind"));
}

TEST_F(FlagSetTest, ChoicesMayBeWrittenInCapitals) {
  ASSERT_TRUE(Parse({"--recovery-point=LONGEST"}).ok());
  EXPECT_EQ(point_, "longest");
}

TEST_F(FlagSetTest, ARepeatedFlagIsRefused) {
  EXPECT_THAT(MessageOf(Parse({"--workers=2", "--workers=3"})), HasSubstr("given twice"));
}

TEST_F(FlagSetTest, NoPrefixTurnsOffAndHelpShowsDefaults) {
  synchronous_ = true;
  ASSERT_TRUE(Parse({"--no-synchronous-commit", "--help"}).ok());
  EXPECT_FALSE(synchronous_);
  EXPECT_TRUE(flags_.help_requested());
  EXPECT_THAT(flags_.HelpText(), HasSubstr("--workers=N"));
  EXPECT_THAT(flags_.HelpText(), HasSubstr("default: 3"));
}

}  // namespace
}  // namespace tidemark::cli
