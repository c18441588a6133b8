# What must hold at every instant, asked of the database that the daemon writes. Source it after lib.sh's helpers.
# shellcheck shell=bash disable=SC2154

# What the paper venue, which is a stranger with its own tables, knows and execution does not, or the other way round.
paper_differences() {
  sql "SELECT 'fill ' || fill_id || ': ' || string_agg(side, ' only ') FROM (
         (SELECT 'paper venue' AS side, venue, fill_id, venue_order_id, price, quantity, fee FROM paper_fill
          EXCEPT SELECT 'paper venue', venue, fill_id, venue_order_id, price, quantity, fee FROM fill)
         UNION ALL
         (SELECT 'execution', venue, fill_id, venue_order_id, price, quantity, fee FROM fill
          EXCEPT SELECT 'execution', venue, fill_id, venue_order_id, price, quantity, fee FROM paper_fill)) d
       GROUP BY fill_id"
}

paper_agrees() { [[ -z $(paper_differences) ]]; }

# Prints a line for each thing that is wrong; nothing when all is well.
order_faults() {
  sql "SELECT 'paper order ' || order_id || ' has no row in orders' FROM paper_order p
         WHERE NOT EXISTS (SELECT FROM orders o WHERE o.order_id = p.order_id)
       UNION ALL
       SELECT 'order ' || order_id || ' was created after the venue had it' FROM orders o JOIN paper_order p USING (order_id)
         WHERE (SELECT min(at) FROM order_event e WHERE e.order_id = o.order_id) > p.updated
       UNION ALL
       SELECT 'order ' || order_id || ' counts ' || o.filled || ', its fills say ' || coalesce(sum(f.quantity), 0)
         FROM orders o LEFT JOIN fill f USING (order_id) GROUP BY order_id HAVING o.filled <> coalesce(sum(f.quantity), 0)
       UNION ALL
       SELECT 'paper order ' || p.order_id || ' counts ' || p.filled || ', its fills say ' || coalesce(sum(f.quantity), 0)
         FROM paper_order p LEFT JOIN paper_fill f USING (venue, venue_order_id) GROUP BY p.venue, p.venue_order_id
         HAVING p.filled <> coalesce(sum(f.quantity), 0)
       UNION ALL
       SELECT 'order ' || order_id || ' is larger than its size' FROM orders WHERE filled > size
       UNION ALL
       SELECT 'bundle ' || bundle_id || ' leg ' || leg || ' attempt ' || attempt || ' was placed twice'
         FROM orders GROUP BY bundle_id, leg, attempt HAVING count(*) > 1"
}

# Whatever was in flight when something broke has been resolved by the venue's word.
nothing_in_doubt() {
  [[ $(sql "SELECT count(*) FROM orders WHERE state IN ('intended', 'sent', 'in_doubt', 'cancel_pending')
              AND updated < now() - interval '5 seconds'") == 0 ]]
}

books_faults() { "$state/services/psql" -X -q -A -t -v ON_ERROR_STOP=1 <"$here/replay.sql"; }

# Cash of execution's ledger and cash of the paper venue, which keeps its own; what has settled is paid a moment later.
cash_agrees() {
  [[ -z $(sql "SELECT venue FROM paper_account p FULL JOIN (
      SELECT substr(account, strpos(account, ':') + 1) AS venue, sum(amount) AS cash FROM ledger_entry
       WHERE account ~ '^(cash|receivable):' GROUP BY 1) l USING (venue)
     WHERE p.cash IS DISTINCT FROM l.cash") ]]
}

none() { # what lines: fails when there are any
  [[ -z $2 ]] || broken "$1: $2"
}

# Positions of the interface and of the command line against the table, which books_faults compares with the fills.
positions_agree() {
  local before after
  before=$(fill_count)
  get '/api/v1/positions?limit=1000' >"$state/private/positions.api"
  cli positions --json --limit 1000 >"$state/private/positions.cli"
  [[ -z $(sql "SELECT contract_id FROM
      (SELECT contract_id, quantity, cost, realised, fees FROM position) t
      FULL JOIN (SELECT contract_id, quantity * 1000000 AS quantity, cost * 1000000 AS cost, realised * 1000000 AS realised,
                        fees * 1000000 AS fees
                   FROM jsonb_to_recordset(:'api'::jsonb->'items') AS
                        a(contract_id text, quantity numeric, cost numeric, realised numeric, fees numeric)) a
           USING (contract_id)
      FULL JOIN (SELECT contract_id, quantity * 1000000 AS quantity
                   FROM jsonb_to_recordset(:'cli'::jsonb->'items') AS c(contract_id text, quantity numeric)) c
           USING (contract_id)
     WHERE t.quantity IS DISTINCT FROM a.quantity OR t.cost IS DISTINCT FROM a.cost OR t.fees IS DISTINCT FROM a.fees
        OR t.realised IS DISTINCT FROM a.realised OR t.quantity IS DISTINCT FROM c.quantity" \
    -v api="$(<"$state/private/positions.api")" -v cli="$(<"$state/private/positions.cli")") ]] || return 1
  after=$(fill_count)
  # Trading goes on meanwhile: only figures between which no fill came can be compared.
  ((before == after))
}

# GET /api/v1/pnl against the ledger, and the identity that makes its figures one: what came in is what is there.
pnl_agrees() {
  local before
  before=$(fill_count)
  get '/api/v1/pnl' >"$state/private/pnl"
  [[ -z $(sql "SELECT venue FROM
      (SELECT venue, cash * 1000000 AS cash, realised * 1000000 AS realised, fees * 1000000 AS fees,
              net_realised * 1000000 AS net, open_cost * 1000000 AS cost, paid_in * 1000000 AS paid_in
         FROM jsonb_to_recordset(:'pnl'::jsonb->'items') AS p(venue text, cash numeric, realised numeric, fees numeric,
              net_realised numeric, open_cost numeric, paid_in numeric)) p
      FULL JOIN (SELECT split_part(account, ':', 2) AS venue,
              sum(amount) FILTER (WHERE account LIKE 'cash:%') AS cash,
              -coalesce(sum(amount) FILTER (WHERE account LIKE 'realised:%'), 0) AS realised,
              coalesce(sum(amount) FILTER (WHERE account LIKE 'fees:%'), 0) AS fees,
              coalesce(sum(amount) FILTER (WHERE account LIKE 'contracts:%'), 0) AS cost,
              coalesce(sum(amount) FILTER (WHERE account LIKE 'receivable:%'), 0) AS owed
         FROM ledger_entry GROUP BY 1) l USING (venue)
     WHERE p.cash IS DISTINCT FROM l.cash OR p.realised IS DISTINCT FROM l.realised OR p.fees IS DISTINCT FROM l.fees
        OR p.cost IS DISTINCT FROM l.cost OR p.net IS DISTINCT FROM l.realised - l.fees
        OR l.cash + l.owed + l.cost IS DISTINCT FROM p.paid_in + p.net" -v pnl="$(<"$state/private/pnl")") ]] || return 1
  (($(fill_count) == before))
}

audit_is_whole() { cli audit verify >"$state/private/audit" 2>&1 || broken "audit verify: $(<"$state/private/audit")"; }

check_books() { # when
  local faults
  within 30 "$1: every fill of the paper venue is counted once" paper_agrees
  faults=$(order_faults)
  none "orders $1" "$faults"
  faults=$(books_faults)
  none "books $1" "$faults"
  within 30 "$1: cash of the ledger = cash of the paper venue" cash_agrees
  audit_is_whole
  holds "$1: $(sql "SELECT (SELECT count(*) FROM orders) || ' orders with intents, ' || (SELECT count(*) FROM fill) ||
    ' fills, ' || (SELECT count(*) FROM ledger_entry) || ' ledger entries that sum to ' ||
    (SELECT coalesce(sum(amount), 0) FROM ledger_entry) || ', ' || (SELECT count(*) FROM position WHERE quantity <> 0) ||
    ' open positions, ' || (SELECT count(*) FROM audit_log) || ' audit entries verified'")"
}
