// Numbered SQL files against a real database.
#include "cornice_test/services.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace cornice::infra {
namespace {

class migrations_test : public testing::Test {
 protected:
  migrations_test()
      : directory_{std::filesystem::temp_directory_path() /
                   cornice_test::unique_name("cornice-migrations")} {
    std::filesystem::create_directory(directory_);
  }
  ~migrations_test() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  void write(const std::string& name, const std::string& sql) const {
    std::ofstream{directory_ / name} << sql;
  }
  void remove(const std::string& name) const { std::filesystem::remove(directory_ / name); }
  [[nodiscard]] result<migration_report> apply() const {
    return apply_migrations(database.config(), directory_.string());
  }
  void expect_error(errc code, const std::string& mentions) const {
    const auto report = apply();
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, code) << report.error().message;
    EXPECT_NE(report.error().message.find(mentions), std::string::npos) << report.error().message;
  }
  [[nodiscard]] bool table_exists(const std::string& name) const {
    return !database.exec("SELECT to_regclass('" + name + "')").is_null(0, 0);
  }

  cornice_test::throwaway_database database;

 private:
  std::filesystem::path directory_;
};

using names = std::vector<std::string>;

TEST_F(migrations_test, files_are_applied_in_order_and_only_once) {
  write("0002_fill.sql", "ALTER TABLE orders ADD COLUMN filled bigint; CREATE TABLE fill (a int);");
  write("0001_orders.sql", "CREATE TABLE orders (id bigint);");
  write("README.md", "not a migration");
  auto first = apply();
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->applied, (names{"0001_orders.sql", "0002_fill.sql"}));
  EXPECT_EQ(first->already, 0U);
  write("0003_more.sql", "CREATE TABLE more (a int)");
  auto second = apply();
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->applied, names{"0003_more.sql"});
  EXPECT_EQ(second->already, 2U);
  const auto rows = database.exec(
      "SELECT number, name, length(sha256), applied_at <= now() FROM schema_migration ORDER BY 1");
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows.integer(1, 0), 2);
  EXPECT_EQ(rows.text(1, 1), "0002_fill.sql");
  EXPECT_EQ(rows.integer(1, 2), 64);
  EXPECT_TRUE(rows.boolean(1, 3));
}

TEST_F(migrations_test, the_recorded_digest_is_the_sha256_of_the_file) {
  write("0001_a.sql", "SELECT 1;\n");
  ASSERT_TRUE(apply());
  // printf 'SELECT 1;\n' | sha256sum
  EXPECT_EQ(database.exec("SELECT sha256 FROM schema_migration").text(0, 0),
            database.exec("SELECT encode(sha256(E'SELECT 1;\\n'::bytea), 'hex')").text(0, 0));
}

TEST_F(migrations_test, a_changed_applied_file_is_refused) {
  write("0001_a.sql", "CREATE TABLE a (x int)");
  ASSERT_TRUE(apply());
  write("0001_a.sql", "CREATE TABLE a (x bigint)");
  write("0002_b.sql", "CREATE TABLE b (x int)");
  expect_error(errc::corrupt, "0001_a.sql");
  EXPECT_FALSE(table_exists("b")) << "nothing is applied on top of a difference";
}

TEST_F(migrations_test, a_missing_applied_file_is_refused) {
  write("0001_a.sql", "CREATE TABLE a (x int)");
  write("0002_b.sql", "CREATE TABLE b (x int)");
  ASSERT_TRUE(apply());
  remove("0002_b.sql");
  expect_error(errc::corrupt, "0002_b.sql");
}

TEST_F(migrations_test, gaps_doubled_numbers_and_bad_names_are_refused) {
  write("0001_a.sql", "CREATE TABLE a (x int)");
  write("0003_c.sql", "CREATE TABLE c (x int)");
  expect_error(errc::corrupt, "0003_c.sql");
  write("0002_b.sql", "CREATE TABLE b (x int)");
  write("0002_other.sql", "CREATE TABLE other (x int)");
  expect_error(errc::corrupt, "0002_other.sql");
  remove("0002_other.sql");
  write("4_d.sql", "CREATE TABLE d (x int)");
  expect_error(errc::corrupt, "4_d.sql");
  remove("4_d.sql");
  EXPECT_FALSE(table_exists("a"));
  EXPECT_TRUE(apply());
}

TEST_F(migrations_test, a_failing_file_leaves_nothing_of_itself_and_everything_before_it) {
  write("0001_a.sql", "CREATE TABLE a (x int)");
  write("0002_b.sql", "CREATE TABLE b (x int); INSERT INTO nowhere VALUES (1);");
  expect_error(errc::internal, "0002_b.sql");
  EXPECT_TRUE(table_exists("a"));
  EXPECT_FALSE(table_exists("b"));
  write("0002_b.sql", "CREATE TABLE b (x int)");
  auto repaired = apply();
  ASSERT_TRUE(repaired) << repaired.error().message;
  EXPECT_EQ(repaired->applied, names{"0002_b.sql"});
}

TEST_F(migrations_test, a_file_that_ends_its_transaction_is_refused) {
  write("0001_a.sql", "CREATE TABLE a (x int); COMMIT; CREATE TABLE b (x int);");
  expect_error(errc::corrupt, "0001_a.sql");
  EXPECT_EQ(database.exec("SELECT count(*) FROM schema_migration").integer(0, 0), 0);
}

TEST_F(migrations_test, two_migrators_at_once_apply_each_file_once) {
  for (int i = 1; i <= 5; ++i)
    write("000" + std::to_string(i) + "_t.sql",
          "CREATE TABLE t" + std::to_string(i) + " AS SELECT generate_series(1, 20000) AS a");
  std::optional<result<migration_report>> one;
  std::optional<result<migration_report>> two;
  std::thread other{[&] { two = apply(); }};
  one = apply();
  other.join();
  ASSERT_TRUE(*one) << one->error().message;
  ASSERT_TRUE(*two) << two->error().message;
  EXPECT_EQ((*one)->applied.size() + (*two)->applied.size(), 5U);
  EXPECT_EQ((*one)->applied.size() + (*one)->already, 5U);
  EXPECT_EQ((*two)->applied.size() + (*two)->already, 5U);
}

TEST_F(migrations_test, a_folder_that_is_not_there_is_not_found) {
  const auto report = apply_migrations(database.config(), "/nonexistent/migrations");
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, errc::not_found);
}

}  // namespace
}  // namespace cornice::infra
