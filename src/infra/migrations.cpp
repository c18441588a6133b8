// Applies numbered SQL files; see apply_migrations() in postgres.hpp.
#include "cornice/infra/log.hpp"
#include "cornice/infra/postgres.hpp"
#include "infra/postgres_connection.hpp"
#include "infra/postgres_migration_plan.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

namespace cornice::infra {

namespace {

using namespace std::chrono_literals;

/// Any number that nothing else in the database uses: "cornice" in ASCII.
constexpr std::int64_t lock_key = 0x63'6f'72'6e'69'63'65;
constexpr auto lock_wait = 60s;
constexpr auto statement_limit = std::chrono::milliseconds{15min};
constexpr std::uintmax_t file_bytes_max = 16U << 20U;

struct migration_file {
  migration about;
  std::string text;
};

std::string sha256_hex(const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
    throw pg_error{errc::internal, "", "OpenSSL has no SHA-256"};
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) {
    hex += digits[digest[i] >> 4U];
    hex += digits[digest[i] & 15U];
  }
  return hex;
}

result<std::string> read_file(const std::filesystem::path& path) {
  std::error_code failed;
  const auto size = std::filesystem::file_size(path, failed);
  if (failed) return error{errc::io, path.string() + ": " + failed.message()};
  if (size > file_bytes_max)
    return error{errc::io, path.string() + ": larger than 16 MiB, which no migration should be"};
  std::ifstream file{path, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
  if (!file || text.size() != size)
    return error{errc::io, path.string() + ": cannot be read to its end"};
  return text;
}

result<std::vector<migration_file>> read_directory(const std::string& directory) {
  std::error_code failed;
  std::filesystem::directory_iterator entries{directory, failed};
  if (failed)
    return error{errc::not_found, "migration folder " + directory + ": " + failed.message()};
  std::vector<migration_file> files;
  for (; entries != std::filesystem::directory_iterator{}; entries.increment(failed)) {
    if (failed) return error{errc::io, directory + ": " + failed.message()};
    const auto& path = entries->path();
    // Anything else (a README, an editor's backup) is not ours to judge.
    if (path.extension() != ".sql") continue;
    const auto name = path.filename().string();
    CORNICE_TRY(number, migration_number(name));
    CORNICE_TRY(text, read_file(path));
    auto digest = sha256_hex(text);
    files.push_back({{number, name, std::move(digest)}, std::move(text)});
  }
  return files;
}

void lock_and_prepare(pg_connection& connection) {
  // Session-wide: held over all the transactions, gone with the connection whatever happens.
  connection.exec(
      "SET lock_timeout = " + std::to_string(std::chrono::milliseconds{lock_wait}.count()), {});
  connection.exec("SELECT pg_advisory_lock($1::bigint)", pg_params{}.add(lock_key));
  connection.exec("SET lock_timeout = 0", {});
  connection.exec(
      "CREATE TABLE IF NOT EXISTS schema_migration ("
      " number integer PRIMARY KEY CHECK (number > 0),"
      " name text NOT NULL,"
      " sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),"
      " applied_at timestamptz NOT NULL DEFAULT now())",
      {});
}

std::vector<migration> read_applied(pg_connection& connection) {
  const auto rows = connection.exec("SELECT number, name, sha256 FROM schema_migration", {});
  std::vector<migration> applied;
  for (std::size_t i = 0; i < rows.size(); ++i)
    applied.push_back(
        {rows.integer(i, 0), std::string{rows.text(i, 1)}, std::string{rows.text(i, 2)}});
  return applied;
}

void apply_one(pg_connection& connection, const migration_file& file) {
  connection.transact([&](pg_transaction& tx) {
    const auto id = [&] { return tx.exec("SELECT txid_current()").integer(0, 0); };
    const auto begun = id();
    tx.exec_script(file.text);
    // A COMMIT inside the script would leave half of it applied when the rest fails.
    if (id() != begun)
      throw pg_error{errc::corrupt, "",
                     file.about.name + " ends its transaction: remove COMMIT, ROLLBACK and BEGIN"};
    tx.exec("INSERT INTO schema_migration (number, name, sha256) VALUES ($1, $2, $3)",
            pg_params{}.add(file.about.number).add(file.about.name).add(file.about.sha256));
  });
}

result<migration_report> apply_files(pg_connection& connection,
                                     const std::vector<migration_file>& files) {
  static const logger log{"postgres"};
  std::vector<migration> on_disk;
  std::map<std::string, const migration_file*> by_name;
  for (const auto& file : files) {
    on_disk.push_back(file.about);
    by_name.emplace(file.about.name, &file);
  }
  lock_and_prepare(connection);
  auto applied = read_applied(connection);
  migration_report report;
  report.already = applied.size();
  CORNICE_TRY(pending, plan_migrations(std::move(on_disk), std::move(applied)));
  for (const auto& next : pending) {
    try {
      apply_one(connection, *by_name.at(next.name));
    } catch (const pg_error& e) {
      return error{e.code(), "migration " + next.name + ": " + e.what()};
    }
    log.info("migration_applied", {{"name", next.name}});
    report.applied.push_back(next.name);
  }
  return report;
}

}  // namespace

result<migration_report> apply_migrations(const pg_config& config, const std::string& directory) {
  auto settings = config;
  // Building an index may take minutes; only migrations may.
  settings.statement_timeout = std::max(config.statement_timeout, statement_limit);
  pg_activity activity;
  try {
    CORNICE_TRY(files, read_directory(directory));
    pg_connection connection{settings, activity};
    return apply_files(connection, files);
  } catch (const pg_error& e) {
    return error{e.code(), e.what()};
  } catch (const std::filesystem::filesystem_error& e) {
    return error{errc::io, e.what()};
  }
}

}  // namespace cornice::infra
