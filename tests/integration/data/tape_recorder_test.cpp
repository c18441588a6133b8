#include "cornice/data/tape_recorder.hpp"

#include "cornice_test/services.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace cornice::data {
namespace {

namespace tape = venue::tape;

class tape_recorder_test : public testing::Test {
 protected:
  tape_recorder_test() { std::filesystem::create_directory(folder); }
  ~tape_recorder_test() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
  std::unique_ptr<tape_recorder> start(tape_options o = {}) {
    o.file = file();
    return std::move(tape_recorder::start(std::move(o), metrics).value());
  }
  [[nodiscard]] std::string file(const std::string& suffix = "") const {
    return (folder / ("day" + suffix)).string();
  }
  static tape::record numbered(int n, std::size_t size = 10) {
    tape::record r;
    r.received = from_unix_us(n);
    r.venue = venue_id::kalshi;
    r.connection = "ws";
    r.bytes.assign(size, static_cast<char>('a' + n % 26));
    return r;
  }
  // Every record of a whole tape.
  static std::vector<tape::record> read(const std::string& path) {
    std::ifstream in{path, std::ios::binary};
    std::stringstream bytes;
    bytes << in.rdbuf();
    tape::reader reader;
    reader.feed(bytes.str());
    std::vector<tape::record> out;
    for (auto r = reader.next().value(); r; r = reader.next().value()) out.push_back(std::move(*r));
    EXPECT_TRUE(reader.finish()) << path;
    return out;
  }
  [[nodiscard]] bool exposes(const std::string& line) const {
    return metrics.expose().find(line) != std::string::npos;
  }

  infra::metrics_registry metrics;
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / cornice_test::unique_name("cornice-tape");
};

TEST_F(tape_recorder_test, everything_is_on_disk_when_it_ends) {
  auto r = start();
  for (int n = 0; n < 500; ++n) r->record(numbered(n).view());
  r.reset();
  const auto read_back = read(file());
  ASSERT_EQ(read_back.size(), 500u);
  for (int n = 0; n < 500; ++n) EXPECT_EQ(read_back[static_cast<std::size_t>(n)], numbered(n));
  EXPECT_TRUE(exposes("cornice_tape_records_total 500"));
}

TEST_F(tape_recorder_test, files_rotate_at_their_limit_and_each_is_a_tape) {
  tape_options o;
  o.rotate_bytes = 1'000;
  auto r = start(o);
  for (int n = 0; n < 100; ++n) r->record(numbered(n, 100).view());
  r.reset();
  std::vector<tape::record> all;
  for (int i = 0; std::filesystem::exists(file(i == 0 ? "" : "." + std::to_string(i))); ++i) {
    const std::string path = file(i == 0 ? "" : "." + std::to_string(i));
    EXPECT_LE(std::filesystem::file_size(path), 1'000u);
    for (tape::record& each : read(path)) all.push_back(std::move(each));
  }
  ASSERT_EQ(all.size(), 100u);
  for (int n = 0; n < 100; ++n) EXPECT_EQ(all[static_cast<std::size_t>(n)], numbered(n, 100));
}

TEST_F(tape_recorder_test, a_record_larger_than_a_file_has_one_to_itself) {
  tape_options o;
  o.rotate_bytes = 50;
  auto r = start(o);
  r->record(numbered(1, 300).view());
  r->record(numbered(2, 300).view());
  r.reset();
  EXPECT_EQ(read(file()).size(), 1u);
  EXPECT_EQ(read(file(".1")).size(), 1u);
}

TEST_F(tape_recorder_test, no_file_is_overwritten) {
  start()->record(numbered(1).view());
  start()->record(numbered(2).view());
  EXPECT_EQ(read(file()), std::vector<tape::record>{numbered(1)});
  EXPECT_EQ(read(file(".1")), std::vector<tape::record>{numbered(2)});
}

TEST_F(tape_recorder_test, what_does_not_fit_the_queue_is_dropped_and_counted) {
  tape_options o;
  o.queue_bytes = 100;
  auto r = start(o);
  r->record(numbered(1, 200).view());
  r.reset();
  EXPECT_TRUE(read(file()).empty());
  EXPECT_TRUE(exposes("cornice_tape_records_dropped_total 1"));
}

TEST_F(tape_recorder_test, a_folder_that_does_not_exist_is_an_error_at_the_start) {
  tape_options o;
  o.file = (folder / "nowhere" / "day").string();
  const auto r = tape_recorder::start(o, metrics);
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, errc::io);
  EXPECT_NE(r.error().message.find("nowhere"), std::string::npos);
}

}  // namespace
}  // namespace cornice::data
