#include "sim/scenario_events.hpp"

#include "sim/calendar.hpp"

#include <initializer_list>

namespace cornice::sim {
namespace {

using days = std::chrono::days;

struct category_terms {
  std::string_view name;
  std::string_view polymarket_fee;
  std::int64_t polymarket_rate_ppm;
};
constexpr category_terms economics{"Economics", "economics_fees", 50'000};
constexpr category_terms crypto{"Crypto", "crypto_fees_v2", 70'000};
constexpr category_terms weather{"Climate and Weather", "weather_fees", 50'000};
constexpr category_terms politics{"Politics", "politics_fees", 40'000};
constexpr category_terms finance{"Financials", "finance_prices_fees", 40'000};
constexpr category_terms sports{"Sports", "sports_fees_v3", 50'000};
constexpr category_terms world_affairs{"World", "zero_fees", 0};
constexpr category_terms culture{"Entertainment", "culture_fees", 50'000};

group& begin_group(scenario& s, std::string key, const category_terms& terms, timestamp deadline) {
  group& g = s.groups.emplace_back();
  g.key = std::move(key);
  g.category = terms.name;
  g.polymarket_fee = terms.polymarket_fee;
  g.polymarket_rate = ratio{terms.polymarket_rate_ppm};
  g.deadline = deadline;
  return g;
}

void name_kalshi(group& g, std::string series, std::string title, std::string source) {
  g.kalshi_event = series + "-" + ticker_date(g.deadline);
  g.kalshi_series = std::move(series);
  g.kalshi_title = std::move(title);
  g.kalshi_source = std::move(source);
}

void name_polymarket(group& g, std::string slug, std::string title, std::string source) {
  g.polymarket_slug = std::move(slug);
  g.polymarket_title = std::move(title);
  g.polymarket_source = std::move(source);
}

question& begin_question(scenario& s, std::string key, std::int64_t fair_micros) {
  question& q = s.questions.emplace_back();
  q.group = s.groups.size() - 1;
  q.key = s.groups.back().key + "-" + std::move(key);
  q.fair_micros = fair_micros;
  return q;
}

venue_words kalshi_words(std::string suffix, std::string name, std::string condition) {
  return {true, std::move(suffix), std::move(name), "", std::move(condition)};
}
venue_words polymarket_words(std::string suffix, std::string name, std::string text,
                             std::string condition) {
  return {true, std::move(suffix), std::move(name), std::move(text), std::move(condition)};
}

// The exhaustive event: one of the five decisions is taken.
void add_rate_decision(scenario& s, timestamp start) {
  const timestamp when = start + days{24};
  group& g = begin_group(s, "fed-" + slug_date(when), economics, when);
  g.kind = group_kind::exclusive;
  g.exhaustive = true;
  g.volatility_micros = 3'000;
  name_kalshi(g, "KXFEDDECISION", "Fed decision on " + long_date(when),
              "the statement of the Federal Reserve");
  name_polymarket(g, "fed-decision-" + slug_date(when), "Fed decision on " + long_date(when) + "?",
                  "the FOMC's statement at federalreserve.gov");
  struct decision {
    const char* key;
    const char* ticker;
    const char* kalshi;
    const char* polymarket;
    std::int64_t fair;
  };
  for (const decision& d : std::initializer_list<decision>{
           {"cut-50", "C26", "Cut of more than 25 basis points", "50+ bps decrease", 110'000},
           {"cut-25", "C25", "Cut of 25 basis points", "25 bps decrease", 330'000},
           {"hold", "H0", "Federal funds rate maintained", "No change", 370'000},
           {"hike-25", "H25", "Hike of 25 basis points", "25 bps increase", 120'000},
           {"hike-50", "H26", "Hike of more than 25 basis points", "50+ bps increase", 70'000}}) {
    question& q = begin_question(s, d.key, d.fair);
    q.kalshi =
        kalshi_words(d.ticker, d.kalshi,
                     "the Federal Reserve's decision of " + long_date(when) + " is: " + d.kalshi);
    q.polymarket = polymarket_words(
        d.key, d.polymarket, "Fed decision on " + long_date(when) + ": " + d.polymarket + "?",
        "the upper bound of the target federal funds rate changes as named by \"" +
            std::string{d.polymarket} + "\" in the meeting that ends on " + long_date(when));
    q.kalshi_structure = "tapered_deci_cent";
    q.polymarket_tick_micros = 1'000;
  }
}

// At most one wins; another film may, so the listed ones are no complete set.
void add_best_film(scenario& s, timestamp start) {
  const timestamp when = start + days{105};
  group& g = begin_group(s, "best-film", culture, when);
  g.kind = group_kind::exclusive;
  g.augmented = true;
  name_kalshi(g, "KXBESTFILM", "Best film of the year", "the academy's announcement");
  name_polymarket(g, "best-film-winner", "Which film wins best picture?", "the academy's web site");
  struct film {
    const char* key;
    const char* ticker;
    const char* title;
    std::int64_t fair;
  };
  for (const film& f :
       std::initializer_list<film>{{"the-long-harbour", "HARB", "The Long Harbour", 310'000},
                                   {"paper-lanterns", "LANT", "Paper Lanterns", 240'000},
                                   {"salt-and-iron", "SALT", "Salt and Iron", 170'000},
                                   {"northbound", "NORT", "Northbound", 130'000}}) {
    question& q = begin_question(s, f.key, f.fair);
    const std::string title = f.title;
    q.kalshi = kalshi_words(f.ticker, title, title + " is announced as best picture");
    q.polymarket = polymarket_words(f.key, title, "Will " + title + " win best picture?",
                                    "\"" + title + "\" is the winner of the best picture award");
  }
}

struct rung {
  const char* key;
  const char* strike;
  std::int64_t offset;
  bool kalshi;
  bool polymarket;
};

struct ladder_words {
  std::string kalshi_before, kalshi_after;
  std::string question_before, question_after;
  std::string polymarket_before, polymarket_after;
};

void add_rungs(scenario& s, const ladder_words& w, std::initializer_list<rung> rungs,
               const char* structure, std::int64_t tick) {
  for (const rung& r : rungs) {
    question& q = begin_question(s, r.key, r.offset);
    const std::string strike = r.strike;
    if (r.kalshi)
      q.kalshi = kalshi_words(std::string{"T"} + r.key, "Above " + strike,
                              w.kalshi_before + strike + w.kalshi_after);
    if (r.polymarket)
      q.polymarket = polymarket_words(r.key, strike, w.question_before + strike + w.question_after,
                                      w.polymarket_before + strike + w.polymarket_after);
    q.strike = r.key;
    q.kalshi_structure = structure;
    q.polymarket_tick_micros = tick;
  }
}

void add_bitcoin(scenario& s, timestamp start, std::int64_t in_days, bool both) {
  const timestamp when = start + days{in_days};
  const std::string date = long_date(when);
  group& g = begin_group(s, "btc-" + slug_date(when), crypto, when);
  g.driver_micros = 500'000;
  g.volatility_micros = 6'000;
  name_kalshi(g, "KXBTCD", "Bitcoin price on " + date, "CF Benchmarks' real-time index");
  name_polymarket(g, "bitcoin-above-on-" + slug_date(when), "Bitcoin above on " + date + "?",
                  "the one-minute candle of BTC/USDT");
  const ladder_words words{
      "the average price of Bitcoin in the minute before 5 PM ET on " + date + " is above $",
      "",
      "Will the price of Bitcoin be above $",
      " on " + date + "?",
      "the price of one Bitcoin at 17:00 ET on " + date + " is higher than $",
      ""};
  if (both)
    add_rungs(s, words,
              {{"90000", "90,000", 300'000, true, true},
               {"95000", "95,000", 120'000, true, true},
               {"100000", "100,000", -20'000, true, true},
               {"105000", "105,000", -150'000, false, true},
               {"110000", "110,000", -300'000, true, true}},
              "tapered_deci_cent", 1'000);
  else
    add_rungs(s, words, {{"100000", "100,000", -50'000, true, false}}, "tapered_deci_cent", 1'000);
}

void add_inflation(scenario& s, timestamp start) {
  const timestamp when = start + days{18};
  group& g = begin_group(s, "cpi-yoy", economics, when);
  g.driver_micros = 480'000;
  name_kalshi(g, "KXCPIYOY", "Inflation in the twelve months to last month",
              "the Bureau of Labor Statistics");
  name_polymarket(g, "inflation-annual-" + slug_date(when), "Annual inflation?",
                  "the BLS news release");
  add_rungs(s,
            {"the CPI-U rises by more than ",
             " percent in twelve months in the release of " + long_date(when),
             "Will annual inflation be above ", "%?",
             "the twelve-month change of the CPI-U, not seasonally adjusted, is above ",
             "% in the release scheduled for " + long_date(when)},
            {{"2.8", "2.8", 330'000, true, true},
             {"3.0", "3.0", 150'000, true, true},
             {"3.2", "3.2", -40'000, true, true},
             {"3.4", "3.4", -260'000, true, true}},
            "deci_cent", 10'000);
  // Same words, another index: core inflation and the monthly change are no pairs of the above.
  group& core = begin_group(s, "cpi-core", economics, when);
  core.driver_micros = 400'000;
  name_polymarket(core, "core-inflation-annual-" + slug_date(when), "Annual core inflation?",
                  "the BLS news release");
  add_rungs(s,
            {"", "", "Will annual core inflation be above ", "%?",
             "the twelve-month change of the CPI-U less food and energy is above ",
             "% in the release scheduled for " + long_date(when)},
            {{"3.0", "3.0", 60'000, false, true}}, "linear_cent", 10'000);
  group& monthly = begin_group(s, "cpi-monthly", economics, when);
  monthly.driver_micros = 520'000;
  name_kalshi(monthly, "KXCPI", "Inflation in one month", "the Bureau of Labor Statistics");
  add_rungs(s,
            {"the CPI-U rises by more than ",
             " percent in one month in the release of " + long_date(when), "", "", "", ""},
            {{"0.3", "0.3", 0, true, false}}, "linear_cent", 10'000);
}

void add_temperature(scenario& s, timestamp start, std::int64_t in_days, bool both) {
  const timestamp when = start + days{in_days};
  const std::string date = long_date(when);
  group& g = begin_group(s, "nyc-high-" + slug_date(when), weather, when);
  g.driver_micros = 510'000;
  g.volatility_micros = 5'000;
  name_kalshi(g, "KXHIGHNY", "Highest temperature in New York on " + date,
              "the daily climate report of the National Weather Service for Central Park");
  name_polymarket(g, "highest-temperature-in-nyc-on-" + slug_date(when),
                  "Highest temperature in New York City on " + date + "?",
                  "the NWS climate report for Central Park");
  const ladder_words words{
      "the highest temperature recorded in Central Park on " + date + " is above ",
      " degrees Fahrenheit",
      "Will the highest temperature in New York City be above ",
      "°F on " + date + "?",
      "the maximum temperature at Central Park on " + date + " exceeds ",
      "°F"};
  if (both)
    add_rungs(s, words,
              {{"48", "48", 280'000, true, true},
               {"52", "52", 20'000, true, true},
               {"56", "56", -270'000, true, true}},
              "linear_cent", 10'000);
  else
    add_rungs(s, words, {{"52", "52", 40'000, true, false}}, "linear_cent", 10'000);
}

struct single_words {
  const char* key;
  const char* series;
  const char* kalshi_title;
  const char* kalshi_condition;
  const char* question;
  const char* polymarket_condition;
  const char* source;
};

question& add_single(scenario& s, const single_words& w, const category_terms& terms,
                     timestamp when, std::int64_t fair, bool kalshi, bool polymarket) {
  group& g = begin_group(s, w.key, terms, when);
  g.driver_micros = fair;
  name_kalshi(g, w.series, w.kalshi_title, w.source);
  name_polymarket(g, w.key, w.question, w.source);
  question& q = begin_question(s, "x", 0);
  const std::string by = " by " + long_date(when);
  if (kalshi) q.kalshi = kalshi_words("Y", w.kalshi_title, w.kalshi_condition + by);
  if (polymarket)
    q.polymarket = polymarket_words("", "", w.question + by + "?",
                                    std::string{w.polymarket_condition} + " no later than " +
                                        long_date(when) + ", 11:59 PM ET");
  return q;
}

void add_singles(scenario& s, timestamp start) {
  const auto in = [start](std::int64_t n) { return start + days{n}; };
  const single_words shutdown{"us-government-shutdown",
                              "KXGOVSHUT",
                              "Government shutdown",
                              "a lapse in appropriations closes the federal government",
                              "US government shutdown",
                              "the US federal government shuts down for lack of appropriations",
                              "the Office of Personnel Management"};
  add_single(s, shutdown, politics, in(70), 360'000, true, true).pauses = true;
  single_words later = shutdown;
  later.key = "us-government-shutdown-later";
  add_single(s, later, politics, in(160), 520'000, true, false);

  const single_words recession{
      "us-recession",
      "KXRECSSN",
      "Recession",
      "two consecutive quarters of negative growth of real GDP are reported",
      "US recession",
      "the Bureau of Economic Analysis reports two consecutive quarters of "
      "shrinking real GDP",
      "the Bureau of Economic Analysis"};
  add_single(s, recession, economics, in(400), 230'000, true, true);
  single_words euro_recession = recession;
  euro_recession.key = "euro-area-recession";
  euro_recession.question = "Euro area recession";
  add_single(s, euro_recession, economics, in(400), 280'000, false, true);

  const single_words ceasefire{"ceasefire-agreement",
                               "KXCEASEFIRE",
                               "Ceasefire agreement",
                               "both governments announce a general ceasefire",
                               "Ceasefire agreed",
                               "an official ceasefire agreement is announced by both governments",
                               "statements of both governments"};
  add_single(s, ceasefire, world_affairs, in(60), 270'000, true, true);
  single_words effective = ceasefire;
  effective.key = "ceasefire-in-effect";
  effective.question = "Ceasefire in effect for 30 days";
  effective.polymarket_condition = "a ceasefire has been in effect for thirty days without a break";
  add_single(s, effective, world_affairs, in(60), 120'000, false, true);

  const single_words gold{
      "gold-above-5000",    "KXGOLD",
      "Gold above $5,000",  "the spot price of gold is above $5,000 an ounce at any close",
      "Gold above $5,000",  "spot gold settles above $5,000 an ounce",
      "the LBMA gold price"};
  question& five_thousand = add_single(s, gold, finance, in(40), 440'000, true, true);
  five_thousand.regrids = true;
  single_words higher = gold;
  higher.key = "gold-above-5500";
  higher.series = "KXGOLDMAX";
  higher.kalshi_title = "Gold above $5,500";
  higher.kalshi_condition = "the spot price of gold is above $5,500 an ounce at any close";
  add_single(s, higher, finance, in(40), 190'000, true, false);

  const single_words listing{
      "spacecraft-maker-listing", "KXIPO",
      "Initial public offering",  "shares of the spacecraft maker begin trading on a US exchange",
      "Spacecraft maker public",  "the spacecraft maker's shares start trading on a stock exchange",
      "the exchange's notice"};
  add_single(s, listing, finance, in(220), 610'000, true, true);

  const single_words speaker{
      "speaker-leaves",        "KXSPEAKER",
      "Speaker leaves office", "the Speaker of the House ceases to hold the office",
      "Speaker out",           "the Speaker of the House leaves the office",
      "the Clerk of the House"};
  add_single(s, speaker, politics, in(130), 170'000, true, true);
}

// Its price swings across 0.96, where Polymarket refines the tick.
void add_near_certain(scenario& s, timestamp start) {
  question& q = add_single(s,
                           {"budget-vote-passes", "KXBUDGET", "Budget vote passes",
                            "the House passes the budget resolution", "Budget vote passes",
                            "the budget resolution is passed by the House", "congress.gov"},
                           politics, start + days{9}, 940'000, true, true);
  q.kalshi_structure = "tapered_deci_cent";
  s.groups.back().swing_micros = 35'000;
}

void add_games(scenario& s, timestamp start) {
  const auto game = [&](const char* key, const char* home, const char* away, std::int64_t in_days,
                        std::int64_t fair, bool kalshi, bool polymarket, const char* by) {
    const timestamp when = start + days{in_days};
    group& g = begin_group(s, std::string{"game-"} + key + "-" + slug_date(when), sports, when);
    g.driver_micros = fair;
    g.kalshi_fee = venue::kalshi::fee_type::quadratic_with_maker_fees;
    const std::string teams = std::string{home} + " against " + away;
    name_kalshi(g, "KXHOOPSGAME", teams + " on " + long_date(when), "the league's box score");
    for (const char* c = key; *c != '\0'; ++c)
      if (*c >= 'a' && *c <= 'z') g.kalshi_event += static_cast<char>(*c - 'a' + 'A');
    name_polymarket(g, std::string{"hoops-"} + key + "-" + slug_date(when), teams,
                    "the league's web site");
    question& q = begin_question(s, "home", 0);
    if (kalshi)
      q.kalshi = kalshi_words(
          std::string{"HOME"}, home,
          std::string{home} + " win the game against " + away + " on " + long_date(when) + by);
    if (polymarket)
      q.polymarket = polymarket_words(
          "home", home,
          std::string{"Will "} + home + " beat " + away + by + " on " + long_date(when) + "?",
          std::string{home} + " are the winner of the game of " + long_date(when) + " against " +
              away + by);
  };
  game("harbor-peaks", "Harbor City", "Twin Peaks", 2, 560'000, true, true, "");
  game("rivers-falcons", "Three Rivers", "Falcons", 3, 430'000, true, true, "");
  game("mills-coast", "Mill Town", "West Coast", 2, 660'000, true, true, "");
  // The same game by a margin, and the return match: neither is the game above.
  game("harbor-peaks-by-6", "Harbor City", "Twin Peaks", 2, 350'000, false, true,
       " by six points or more");
  game("rivers-falcons", "Three Rivers", "Falcons", 10, 450'000, true, false, "");
}

}  // namespace

void add_standing_events(scenario& s, timestamp start) {
  add_rate_decision(s, start);
  add_best_film(s, start);
  add_bitcoin(s, start, 8, true);
  add_bitcoin(s, start, 39, false);
  add_inflation(s, start);
  add_temperature(s, start, 2, true);
  add_temperature(s, start, 3, false);
  add_singles(s, start);
  add_near_certain(s, start);
  add_games(s, start);
}

short_lived make_short_lived(const scenario&, std::size_t number, timestamp closes,
                             scenario_time appear) {
  scenario one;
  group& g = begin_group(one, "btc-up-" + compact_time(closes), crypto, closes);
  g.driver_micros = 500'000;
  g.volatility_micros = 9'000;
  name_kalshi(g, "KXBTCUP", "Bitcoin up at " + clock_time(closes),
              "CF Benchmarks' real-time index");
  g.kalshi_event = "KXBTCUP-" + compact_time(closes);
  name_polymarket(g, "bitcoin-up-at-" + compact_time(closes),
                  "Bitcoin up at " + clock_time(closes) + "?", "a price feed of BTC/USD");
  question& q = begin_question(one, "up", 0);
  q.kalshi = kalshi_words("UP", "Up",
                          "the price of Bitcoin at " + clock_time(closes) +
                              " is at or above its price when the market opened");
  q.polymarket = polymarket_words("", "Up", "Bitcoin up at " + clock_time(closes) + "?",
                                  "the price of Bitcoin at " + clock_time(closes) +
                                      " is no lower than at the opening of this market");
  q.kalshi_structure = number % 2 == 0 ? "linear_cent" : "deci_cent";
  q.life.appear = appear;
  return {std::move(one.groups.front()), std::move(one.questions.front())};
}

}  // namespace cornice::sim
