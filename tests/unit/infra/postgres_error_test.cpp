#include "infra/postgres_error.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace cornice::infra {
namespace {

TEST(postgres_error, known_states_have_the_documented_code) {
  const std::vector<std::pair<const char*, errc>> table{
      {"23505", errc::conflict},         {"23P01", errc::conflict},
      {"40001", errc::conflict},         {"40P01", errc::conflict},
      {"23503", errc::refused},          {"23514", errc::refused},
      {"23502", errc::refused},          {"P0001", errc::refused},
      {"42501", errc::refused},          {"25006", errc::refused},
      {"44000", errc::refused},          {"57014", errc::timed_out},
      {"55P03", errc::timed_out},        {"25P03", errc::timed_out},
      {"08006", errc::unavailable},      {"57P01", errc::unavailable},
      {"57P03", errc::unavailable},      {"53300", errc::unavailable},
      {"53100", errc::unavailable},      {"40003", errc::unavailable},
      {"58030", errc::unavailable},      {"28P01", errc::unauthorized},
      {"22P02", errc::invalid_argument}, {"XX001", errc::corrupt},
      {"XX002", errc::corrupt},          {"XX000", errc::internal},
      {"42601", errc::internal},         {"42P01", errc::internal},
      {"26000", errc::internal},         {"25P02", errc::internal}};
  for (const auto& [state, code] : table) EXPECT_EQ(errc_of_sqlstate(state), code) << state;
}

TEST(postgres_error, malformed_states_are_internal) {
  for (const char* state : {"", "2", "23", "235050", "08"})
    EXPECT_EQ(errc_of_sqlstate(state), errc::internal) << state;
}

TEST(postgres_error, several_lines_become_one) {
  EXPECT_EQ(one_line("ERROR:  duplicate key\nDETAIL:  Key (id)=(1)\n"),
            "ERROR:  duplicate key; DETAIL:  Key (id)=(1)");
  EXPECT_EQ(one_line("\n"), "");
}

}  // namespace
}  // namespace cornice::infra
