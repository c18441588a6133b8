// Rows of every kind that the read views show, enough for several pages.
#pragma once

namespace cornice::api::test {

// Times repeat on purpose: rows of the same instant must not be lost between two pages.
inline constexpr const char* seed_sql = R"sql(
INSERT INTO listing (venue, listing_id, event_id, series, category, title, rules, rule_hash, status,
                     accepting_orders, close_time, settlement_value, body, first_seen, last_seen, changed)
SELECT v, 'L' || n, 'E' || n / 5, 'S', 'C', 'Title ' || n || ' "quoted" Zürich', 'rules', repeat('a', 64),
       CASE n % 3 WHEN 0 THEN 'open' WHEN 1 THEN 'closed' ELSE 'settled' END, n % 3 = 0,
       CASE WHEN n % 2 = 0 THEN '2027-01-01'::timestamptz END, CASE WHEN n % 3 = 2 THEN 1000000 END, '{}',
       now(), now(), now()
  FROM generate_series(1, 20) n, (VALUES ('kalshi'), ('polymarket')) t(v);
INSERT INTO contract SELECT venue || ':' || listing_id || ':' || o, venue, listing_id, o
  FROM listing, (VALUES ('yes'), ('no')) t(o);
INSERT INTO market SELECT 'm' || n, 'binary', 'Market ' || n, now(), 'cli:test' FROM generate_series(1, 20) n;
INSERT INTO market_contract (market_id, contract_id, relation, polarity, rule_hash, status, decided_by, decided)
SELECT 'm' || n, v || ':L' || n || ':yes', 'same', 1, repeat('a', 64),
       CASE n % 2 WHEN 0 THEN 'approved' ELSE 'proposed' END, 'cli:test', now()
  FROM generate_series(1, 20) n, (VALUES ('kalshi'), ('polymarket')) t(v);
INSERT INTO opportunity (opportunity_id, kind, market_id, edge, cost, fees, annual_return_ppm, created, expires,
                         verdict, refused_by, refusal, trace_id, body)
SELECT 'o' || n, 'complement', 'm' || n % 20, 1230000, 95000000, 10000, 71234, timestamptz '2026-11-01' + n / 4 * interval '1 s',
       timestamptz '2026-11-01' + n * interval '2 s', CASE n % 2 WHEN 0 THEN 'accepted' ELSE 'refused' END,
       CASE n % 2 WHEN 0 THEN '' ELSE 'cash' END, '', 't' || n, '{"legs":[]}'
  FROM generate_series(1, 43) n;
INSERT INTO bundle SELECT 'b' || n, 'o' || n, CASE WHEN n > 38 THEN 'live' ELSE 'paper' END, 'done', '{"legs":[1]}', '',
       't' || n, timestamptz '2026-11-01' + n / 4 * interval '1 s', now() FROM generate_series(1, 43) n;
INSERT INTO orders (order_id, bundle_id, leg, attempt, mode, venue, contract_id, side, limit_price, size, time_in_force,
                    purpose, state, filled, fees, trace_id, created, updated)
SELECT 'x' || n, 'b' || n, 0, 1, CASE WHEN n > 38 THEN 'live' ELSE 'paper' END, CASE n % 2 WHEN 0 THEN 'kalshi' ELSE 'polymarket' END, 'kalshi:L1:yes', 'buy', 430000, 10000000,
       'ioc', 'open', CASE n % 3 WHEN 0 THEN 'filled' ELSE 'cancelled' END, 5000000, 1234, 't' || n,
       timestamptz '2026-11-01' + n / 4 * interval '1 s', now() FROM generate_series(1, 43) n;
INSERT INTO fill (venue, fill_id, order_id, mode, contract_id, side, price, quantity, fee, role, venue_time, applied,
                  trace_id)
SELECT v, 'f' || n, 'x' || n, CASE WHEN n > 38 THEN 'live' ELSE 'paper' END, 'kalshi:L1:yes', 'buy', 430000, 1000000, 700, 'taker', now(),
       timestamptz '2026-11-01' + n / 4 * interval '1 s', 't' || n
  FROM generate_series(1, 43) n, (VALUES ('kalshi'), ('polymarket')) t(v);
INSERT INTO position SELECT 'paper', 'kalshi:L' || n || ':yes', 'kalshi', n * 1000000, n * 430000, 0, 0, now()
  FROM generate_series(0, 20) n;
INSERT INTO ledger_entry (transaction_id, mode, kind, account, amount, at)
SELECT 'opening:' || v, 'paper', 'opening', a || v, s * 10000000000, now()
  FROM (VALUES ('kalshi'), ('polymarket')) t(v), (VALUES ('cash:', 1), ('equity:', -1)) e(a, s);
INSERT INTO ledger_entry (transaction_id, mode, kind, account, amount, at) VALUES
  ('fill:kalshi:1', 'paper', 'fill', 'cash:kalshi', -430700, now()),
  ('fill:kalshi:1', 'paper', 'fill', 'contracts:kalshi:L1:yes', 430000, now()),
  ('fill:kalshi:1', 'paper', 'fill', 'fees:kalshi', 700, now());
SELECT audit_append(timestamptz '2026-11-01' + n / 4 * interval '1 s', 'cli:test', 'command.halt', 'global', 'why ' || n)
  FROM generate_series(1, 43) n;
INSERT INTO breaker (mode, scope, state, changed_by, changed)
SELECT 'paper', s, 'closed', 'execution', now() FROM (VALUES ('global'), ('kalshi'), ('polymarket')) t(s);
)sql";

}  // namespace cornice::api::test
