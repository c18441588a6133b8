#include "cornice/sim/tape_file.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace cornice::sim {
namespace {

namespace tape = venue::tape;

class tape_files : public testing::Test {
 protected:
  void SetUp() override {
    const auto* const test = testing::UnitTest::GetInstance()->current_test_info();
    dir_ = std::filesystem::temp_directory_path() /
           (std::string{"cornice-tape-"} + test->name() + "-" + std::to_string(::getpid()));
    std::filesystem::create_directories(dir_);
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  static std::string bytes(std::initializer_list<std::string_view> bodies) {
    std::string out;
    tape::encode_header(out);
    for (const std::string_view b : bodies)
      tape::encode(out, {from_unix_s(1'780'000'000), venue_id::kalshi, tape::record_kind::ws_in,
                         "ws", "", b})
          .value();
    return out;
  }
  std::string write(const std::string& name, const std::string& content) {
    const std::string path = (dir_ / name).string();
    std::ofstream{path, std::ios::binary} << content;
    return path;
  }
  std::filesystem::path dir_;
};

TEST_F(tape_files, rotated_files_are_one_tape) {
  const std::string first = write("t", bytes({"1", "2"}));
  write("t.1", bytes({"3"}));
  write("t.3", bytes({"not reached"}));
  const tape_recording r = load_tape(first).value();
  ASSERT_EQ(r.records.size(), 3u);
  EXPECT_EQ(r.records[2].bytes, "3");
  EXPECT_TRUE(r.warnings.empty());
}

TEST_F(tape_files, a_cut_tail_only_warns) {
  std::string content = bytes({"1", "2"});
  content.resize(content.size() - 1);
  const tape_recording r = load_tape(write("t", content)).value();
  EXPECT_EQ(r.records.size(), 1u);
  EXPECT_EQ(r.warnings.size(), 1u);
}

TEST_F(tape_files, a_changed_byte_is_refused) {
  std::string content = bytes({"1", "2"});
  content.back() = '3';
  EXPECT_EQ(load_tape(write("t", content)).error().code, errc::corrupt);
}

TEST_F(tape_files, what_is_no_tape_is_refused_with_its_name) {
  EXPECT_EQ(load_tape(write("t", "{\"json\":true}")).error().code, errc::malformed);
  EXPECT_EQ(load_tape(write("empty", "")).error().code, errc::malformed);
  EXPECT_EQ(load_tape(write("bare", bytes({}))).error().code, errc::malformed);
  const std::string missing = (dir_ / "missing").string();
  const auto none = load_tape(missing);
  EXPECT_EQ(none.error().code, errc::not_found);
  EXPECT_NE(none.error().message.find(missing), std::string::npos);
}

}  // namespace
}  // namespace cornice::sim
