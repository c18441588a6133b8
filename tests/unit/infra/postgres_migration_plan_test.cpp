#include "infra/postgres_migration_plan.hpp"

#include <gtest/gtest.h>

namespace cornice::infra {
namespace {

const migration first{1, "0001_contract.sql", "aa"};
const migration second{2, "0002_order.sql", "bb"};
const migration third{3, "0003_fill.sql", "cc"};

std::vector<std::string> names(const result<std::vector<migration>>& plan) {
  std::vector<std::string> out;
  if (!plan) return {"error: " + plan.error().message};
  for (const auto& each : *plan) out.push_back(each.name);
  return out;
}

TEST(migration_number, is_read_from_a_well_formed_name) {
  EXPECT_EQ(migration_number("0001_contract.sql").value(), 1);
  EXPECT_EQ(migration_number("9999_a_2.sql").value(), 9999);
}

TEST(migration_number, malformed_names_are_refused_by_name) {
  for (const char* name : {"1_contract.sql", "0001_.sql", "0001.sql", "00011_a.sql", "0001_A.sql",
                           "0001-a.sql", "000a_a.sql", "0001_a.SQL", "0001_a b.sql", ".sql"}) {
    const auto number = migration_number(name);
    ASSERT_FALSE(number) << name;
    EXPECT_EQ(number.error().code, errc::corrupt);
    EXPECT_NE(number.error().message.find(name), std::string::npos);
  }
}

TEST(migration_plan, an_empty_database_gets_everything_in_order) {
  EXPECT_EQ(names(plan_migrations({third, first, second}, {})),
            (std::vector<std::string>{first.name, second.name, third.name}));
}

TEST(migration_plan, only_what_is_new_is_applied) {
  EXPECT_EQ(names(plan_migrations({first, second, third}, {second, first})),
            std::vector<std::string>{third.name});
  EXPECT_TRUE(names(plan_migrations({first}, {first})).empty());
  EXPECT_TRUE(names(plan_migrations({}, {})).empty());
}

void expect_corrupt(const result<std::vector<migration>>& plan, const std::string& mentions) {
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, errc::corrupt);
  EXPECT_NE(plan.error().message.find(mentions), std::string::npos) << plan.error().message;
}

TEST(migration_plan, a_changed_file_is_refused) {
  expect_corrupt(plan_migrations({first, {2, second.name, "dd"}}, {first, second}), second.name);
}

TEST(migration_plan, a_missing_applied_file_is_refused) {
  expect_corrupt(plan_migrations({first}, {first, second}), second.name);
  expect_corrupt(plan_migrations({}, {first}), first.name);
}

TEST(migration_plan, a_renamed_applied_file_is_refused) {
  expect_corrupt(plan_migrations({{1, "0001_renamed.sql", "aa"}}, {first}), first.name);
}

TEST(migration_plan, a_gap_is_refused) {
  expect_corrupt(plan_migrations({first, third}, {}), third.name);
  expect_corrupt(plan_migrations({second}, {}), second.name);
  expect_corrupt(plan_migrations({{0, "0000_zero.sql", "zz"}, first}, {}), "0000_zero.sql");
}

TEST(migration_plan, a_doubled_number_is_refused) {
  expect_corrupt(plan_migrations({first, second, {2, "0002_other.sql", "ee"}}, {}),
                 "0002_other.sql");
}

}  // namespace
}  // namespace cornice::infra
