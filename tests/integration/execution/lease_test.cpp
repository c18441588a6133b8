#include "cornice/execution/lease.hpp"

#include "execution_database.hpp"

namespace cornice::execution::testing {
namespace {

class lease_test : public database_test {};

TEST_F(lease_test, a_second_daemon_learns_who_holds_it) {
  const auto first = take_lease("host-a/17");
  EXPECT_TRUE(first->held());
  const auto second = try_lease("host-b/4");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, errc::conflict);
  EXPECT_NE(second.error().message.find("host-a/17"), std::string::npos);
  EXPECT_EQ(database.value("SELECT holder FROM lease"), "host-a/17");
}

TEST_F(lease_test, a_successor_gets_a_higher_number_and_counts_commits_anew) {
  auto first = take_lease("first");
  const std::int64_t before = first->fence();
  database.exec("UPDATE lease SET last_commit = 41");
  first.reset();
  const auto second = take_lease("second");
  EXPECT_GT(second->fence(), before);
  EXPECT_EQ(database.value("SELECT last_commit FROM lease"), "0");
}

TEST_F(lease_test, a_lost_connection_lets_another_one_in_and_is_noticed) {
  const auto first = take_lease("first");
  database.exec(
      "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database d ON d.oid = database "
      "WHERE locktype = 'advisory' AND datname = current_database()");
  ASSERT_TRUE(reach([&] { return !first->held(); }, 5s));
  const auto second = take_lease("second");
  EXPECT_TRUE(second->held());
  EXPECT_GT(second->fence(), first->fence());
  EXPECT_FALSE(first->held()) << "what was lost does not come back";
}

TEST_F(lease_test, accounts_have_leases_of_their_own) {
  const auto main_account = take_lease("first");
  store_config other;
  other.account = "second";
  const auto also = run_on_loop(
      io, lease::acquire(io.get_executor(), database.config(1), lease_name(other), "first"));
  EXPECT_TRUE(also);
}

}  // namespace
}  // namespace cornice::execution::testing
