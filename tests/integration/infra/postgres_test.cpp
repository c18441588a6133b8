// Statements, transactions and their errors against a real server.
#include "postgres_fixture.hpp"

#include <limits>
#include <stdexcept>

namespace cornice::infra {
namespace {

TEST_F(postgres_test, values_come_back_with_their_types) {
  auto pool = make_pool();
  const auto when = from_unix_us(1'790'000'000'123'456);
  const auto rows = ok(pool->exec(
      5s, "SELECT $1::text, $2::bigint, $3::boolean, $4::timestamptz, $5::text[], $6::text",
      pg_params{}
          .add("it's \\ \"quoted\"\n")
          .add(std::numeric_limits<std::int64_t>::min())
          .add(true)
          .add(when)
          .add_array({"a,b", "", R"("\)"})
          .add_null()));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows.text(0, 0), "it's \\ \"quoted\"\n");
  EXPECT_EQ(rows.integer(0, 1), std::numeric_limits<std::int64_t>::min());
  EXPECT_TRUE(rows.boolean(0, 2));
  EXPECT_EQ(rows.time(0, 3), when);
  EXPECT_EQ(rows.text(0, 4), R"({"a,b","","\"\\"})");
  EXPECT_TRUE(rows.is_null(0, 5));
  EXPECT_FALSE(rows.is_null(0, 0));
}

TEST_F(postgres_test, null_and_wrong_types_and_columns_throw_corrupt) {
  auto pool = make_pool();
  const auto rows = ok(pool->exec(5s, "SELECT NULL::text, 'x'"));
  const auto code_of = [](auto access) {
    try {
      access();
    } catch (const pg_error& e) {
      return e.code();
    }
    return errc::not_found;
  };
  EXPECT_EQ(code_of([&] { static_cast<void>(rows.text(0, 0)); }), errc::corrupt);
  EXPECT_EQ(code_of([&] { static_cast<void>(rows.integer(0, 1)); }), errc::corrupt);
  EXPECT_EQ(code_of([&] { static_cast<void>(rows.boolean(0, 1)); }), errc::corrupt);
  EXPECT_EQ(code_of([&] { static_cast<void>(rows.time(0, 1)); }), errc::corrupt);
  EXPECT_EQ(code_of([&] { static_cast<void>(rows.text(0, 2)); }), errc::corrupt);
  EXPECT_EQ(code_of([&] { static_cast<void>(rows.text(1, 0)); }), errc::corrupt);
}

TEST_F(postgres_test, affected_counts_changed_rows) {
  auto pool = make_pool();
  ok(pool->exec(5s, "CREATE TABLE t (a bigint)"));
  const auto inserted = ok(pool->exec(5s, "INSERT INTO t SELECT generate_series(1, 7)"));
  EXPECT_EQ(inserted.affected(), 7U);
  EXPECT_TRUE(inserted.empty());
  EXPECT_EQ(ok(pool->exec(5s, "DELETE FROM t WHERE a > $1", pg_params{}.add(5))).affected(), 2U);
}

TEST_F(postgres_test, a_transaction_commits_and_answers_its_value) {
  auto pool = make_pool();
  ok(pool->exec(5s, "CREATE TABLE t (a bigint)"));
  auto sum = run_on_loop(io, pool->run(5s, [](pg_transaction& tx) {
    for (int i = 1; i <= 3; ++i) tx.exec("INSERT INTO t VALUES ($1)", pg_params{}.add(i));
    return tx.exec("SELECT sum(a)::bigint FROM t").integer(0, 0);
  }));
  ASSERT_TRUE(sum) << sum.error().message;
  EXPECT_EQ(*sum, 6);
  EXPECT_EQ(ok(pool->exec(5s, "SELECT count(*) FROM t")).integer(0, 0), 3);
}

TEST_F(postgres_test, a_throwing_body_rolls_back) {
  auto pool = make_pool();
  ok(pool->exec(5s, "CREATE TABLE t (a bigint)"));
  auto plain = run_on_loop(io, pool->run(5s, [](pg_transaction& tx) {
    tx.exec("INSERT INTO t VALUES (1)");
    throw std::runtime_error{"changed my mind"};
  }));
  ASSERT_FALSE(plain);
  EXPECT_EQ(plain.error().code, errc::internal);
  EXPECT_NE(plain.error().message.find("changed my mind"), std::string::npos);
  auto coded = run_on_loop(io, pool->run(5s, [](pg_transaction& tx) {
    tx.exec("INSERT INTO t VALUES (2)");
    throw pg_error{errc::conflict, "", "someone was faster"};
  }));
  ASSERT_FALSE(coded);
  EXPECT_EQ(coded.error().code, errc::conflict);
  EXPECT_EQ(ok(pool->exec(5s, "SELECT count(*) FROM t")).integer(0, 0), 0);
}

TEST_F(postgres_test, errors_have_the_code_of_their_cause) {
  auto pool = make_pool(1);
  ok(pool->exec(5s, "CREATE TABLE t (a bigint PRIMARY KEY CHECK (a > 0))"));
  ok(pool->exec(5s,
                "CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS "
                "$$BEGIN RAISE EXCEPTION 'append only'; END$$"));
  ok(pool->exec(5s,
                "CREATE TRIGGER never BEFORE DELETE ON t FOR EACH ROW EXECUTE FUNCTION never()"));
  const std::string insert = "INSERT INTO t VALUES ($1)";
  ok(pool->exec(5s, insert, pg_params{}.add(1)));
  const auto duplicate = failed(pool->exec(5s, insert, pg_params{}.add(1)));
  EXPECT_EQ(duplicate.code, errc::conflict);
  EXPECT_NE(duplicate.message.find("23505"), std::string::npos) << duplicate.message;
  EXPECT_EQ(failed(pool->exec(5s, insert, pg_params{}.add(-1))).code, errc::refused);
  EXPECT_EQ(failed(pool->exec(5s, insert, pg_params{}.add("x"))).code, errc::invalid_argument);
  EXPECT_EQ(failed(pool->exec(5s, "DELETE FROM t")).code, errc::refused);
  EXPECT_EQ(failed(pool->exec(5s, "SELEC 1")).code, errc::internal);
  EXPECT_EQ(failed(pool->exec(5s, "SELECT $1::bigint FROM nowhere", pg_params{}.add(1))).code,
            errc::internal);
  const auto forbidden = failed(pool->exec(5s, "SELECT pg_read_file('/etc/passwd')"));
  EXPECT_EQ(forbidden.code, errc::refused) << forbidden.message;
  EXPECT_EQ(ok(pool->exec(5s, "SELECT count(*) FROM t")).integer(0, 0), 1);
  EXPECT_NE(metrics.expose().find("cornice_postgres_failures_total{code=\"conflict\"} 1"),
            std::string::npos);
}

TEST_F(postgres_test, a_body_sees_errors_but_cannot_commit_past_them) {
  auto pool = make_pool();
  ok(pool->exec(5s, "CREATE TABLE t (a bigint)"));
  auto seen = std::make_shared<std::string>();
  auto committed = run_on_loop(io, pool->run(5s, [seen](pg_transaction& tx) {
    tx.exec("INSERT INTO t VALUES (1)");
    try {
      tx.exec("SELECT 1 / 0");
    } catch (const pg_error& e) {
      *seen = e.sqlstate();
    }
  }));
  EXPECT_EQ(*seen, "22012");
  EXPECT_FALSE(committed);
  EXPECT_EQ(ok(pool->exec(5s, "SELECT count(*) FROM t")).integer(0, 0), 0);
}

TEST_F(postgres_test, a_transaction_overtaken_by_another_answers_conflict) {
  auto pool = make_pool();
  ok(pool->exec(5s, "CREATE TABLE t (a bigint)"));
  ok(pool->exec(5s, "INSERT INTO t VALUES (1)"));
  auto overtaken = run_on_loop(io, pool->run(5s, [this](pg_transaction& tx) {
    tx.exec("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
    tx.exec("SELECT a FROM t");
    database.exec("UPDATE t SET a = 2");
    tx.exec("UPDATE t SET a = 3");
  }));
  ASSERT_FALSE(overtaken);
  EXPECT_EQ(overtaken.error().code, errc::conflict);
  EXPECT_NE(overtaken.error().message.find("40001"), std::string::npos);
  EXPECT_EQ(ok(pool->exec(5s, "SELECT a FROM t")).integer(0, 0), 2);
}

TEST_F(postgres_test, a_deadlock_answers_conflict_to_one_of_the_two) {
  auto pool = make_pool(2);
  ok(pool->exec(5s, "CREATE TABLE t (id bigint, a bigint)"));
  ok(pool->exec(5s, "INSERT INTO t VALUES (1, 0), (2, 0)"));
  const auto cross = [](int first, int second) {
    return [first, second](pg_transaction& tx) {
      const std::string update = "UPDATE t SET a = a + 1 WHERE id = $1";
      tx.exec(update, pg_params{}.add(first));
      // Goes on once both transactions have updated their first row.
      tx.exec("SELECT pg_advisory_xact_lock_shared(1)");
      for (int i = 0; i < 100'000; ++i)
        if (tx.exec("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = "
                    "(SELECT oid FROM pg_database WHERE datname = current_database())")
                .integer(0, 0) == 2)
          break;
      tx.exec(update, pg_params{}.add(second));
      return true;
    };
  };
  pending<result<bool>> one{io, pool->run(15s, cross(1, 2))};
  pending<result<bool>> two{io, pool->run(15s, cross(2, 1))};
  const auto first = one.get();
  const auto second = two.get();
  ASSERT_NE(first.has_value(), second.has_value());
  EXPECT_EQ((first ? second : first).error().code, errc::conflict);
}

TEST_F(postgres_test, copy_writes_every_kind_of_text) {
  auto pool = make_pool();
  ok(pool->exec(5s, "CREATE TABLE t (n bigint, a text, b text)"));
  const std::vector<std::vector<std::optional<std::string>>> rows{
      {"1", "", std::nullopt},
      {"2", "tab\there", "line\nbreak"},
      {"3", R"(back\slash \N \.)", "caf\u00e9 \u20ac"},
      {"4", "\r", R"(\)"}};
  auto copied = run_on_loop(io, pool->run(5s, [rows](pg_transaction& tx) {
    tx.copy_in("t", {"n", "a", "b"}, rows);
  }));
  ASSERT_TRUE(copied) << copied.error().message;
  const auto read = ok(pool->exec(5s, "SELECT a, b FROM t ORDER BY n"));
  ASSERT_EQ(read.size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t column = 0; column < 2; ++column) {
      EXPECT_EQ(read.is_null(i, column), !rows[i][column + 1]);
      if (rows[i][column + 1]) {
        EXPECT_EQ(read.text(i, column), *rows[i][column + 1]);
      }
    }
}

TEST_F(postgres_test, copy_refuses_ragged_rows_and_wrong_values) {
  auto pool = make_pool();
  ok(pool->exec(5s, "CREATE TABLE public.t (n bigint, a text)"));
  auto ragged = run_on_loop(io, pool->run(5s, [](pg_transaction& tx) {
    tx.copy_in("public.t", {"n", "a"}, {{"1", "x"}, {"2"}});
  }));
  ASSERT_FALSE(ragged);
  EXPECT_EQ(ragged.error().code, errc::invalid_argument);
  auto wrong = run_on_loop(io, pool->run(5s, [](pg_transaction& tx) {
    tx.copy_in("public.t", {"n", "a"}, {{"1", "x"}, {"two", "y"}});
  }));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, errc::invalid_argument) << wrong.error().message;
  EXPECT_EQ(ok(pool->exec(5s, "SELECT count(*) FROM t")).integer(0, 0), 0);
}

TEST_F(postgres_test, a_prepared_statement_survives_a_changed_table) {
  auto pool = make_pool(1);
  ok(pool->exec(5s, "CREATE TABLE t (a bigint)"));
  ok(pool->exec(5s, "INSERT INTO t VALUES (1)"));
  const std::string query = "SELECT * FROM t WHERE a = $1";
  EXPECT_EQ(ok(pool->exec(5s, query, pg_params{}.add(1))).integer(0, 0), 1);
  ok(pool->exec(5s, "ALTER TABLE t ADD COLUMN b text DEFAULT 'new'"));
  EXPECT_EQ(ok(pool->exec(5s, query, pg_params{}.add(1))).text(0, 1), "new");
}

TEST_F(postgres_test, more_texts_than_are_cached_still_run) {
  auto pool = make_pool(1);
  for (int i = 0; i < 300; ++i) {
    const auto sql = "SELECT $1::bigint + " + std::to_string(i);
    ASSERT_EQ(ok(pool->exec(5s, sql, pg_params{}.add(1))).integer(0, 0), i + 1);
  }
  const auto prepared = ok(pool->exec(5s, "SELECT count(*) FROM pg_prepared_statements"));
  EXPECT_EQ(prepared.integer(0, 0), 256);
}

TEST_F(postgres_test, calls_run_side_by_side_on_all_connections) {
  auto pool = make_pool(3);
  // Each of the three waits until all three are inside their transaction.
  const auto meet = [](pg_transaction& tx) {
    // Held beyond the transaction: the first to see all three must not hide itself from the others.
    tx.exec("SELECT pg_advisory_lock_shared(1)");
    for (int i = 0; i < 20'000; ++i)
      if (tx.exec("SELECT count(DISTINCT pid) FROM pg_locks WHERE locktype = 'advisory' AND "
                  "database = (SELECT oid FROM pg_database WHERE datname = current_database())")
              .integer(0, 0) == 3)
        return true;
    return false;
  };
  pending<result<bool>> first{io, pool->run(15s, meet)};
  pending<result<bool>> second{io, pool->run(15s, meet)};
  pending<result<bool>> third{io, pool->run(15s, meet)};
  EXPECT_TRUE(first.get().value());
  EXPECT_TRUE(second.get().value());
  EXPECT_TRUE(third.get().value());
}

TEST_F(postgres_test, blocking_calls_need_no_loop) {
  ASSERT_TRUE(run_blocking(database.config(), [](pg_transaction& tx) {
    tx.exec_script("CREATE TABLE t (a bigint); INSERT INTO t VALUES (1), (2);");
  }));
  auto refused = run_blocking(database.config(), [](pg_transaction& tx) {
    tx.exec("INSERT INTO t VALUES (3)");
    throw pg_error{errc::refused, "", "no"};
  });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::refused);
  EXPECT_EQ(database.exec("SELECT count(*) FROM t").integer(0, 0), 2);
}

TEST_F(postgres_test, a_uri_connects_as_well) {
  const auto& pg = cornice_test::services::get().env().at("postgres");
  auto config = database.config();
  config.conninfo = "postgresql://" + pg.at("user").get<std::string>() + ":" +
                    pg.at("password").get<std::string>() +
                    "@127.0.0.1:" + std::to_string(pg.at("port").get<int>()) + "/" +
                    database.name();
  config.application_name = "a name & more";
  auto rows = exec_blocking(config, "SELECT current_setting('application_name')");
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(rows->text(0, 0), "a name & more");
}

}  // namespace
}  // namespace cornice::infra
