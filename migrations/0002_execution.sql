-- Orders, fills, positions, money. Nothing here is ever deleted by the daemon.

CREATE TABLE opportunity (
    opportunity_id text        NOT NULL PRIMARY KEY,
    kind           text        NOT NULL,
    market_id      text        NOT NULL DEFAULT '',
    edge           bigint      NOT NULL,
    cost           bigint      NOT NULL,
    fees           bigint      NOT NULL,
    annual_return_ppm bigint   NOT NULL,
    created        timestamptz NOT NULL,
    expires        timestamptz NOT NULL,
    verdict        text        NOT NULL CHECK (verdict IN ('accepted', 'refused')),
    refused_by     text        NOT NULL DEFAULT '',   -- the check, with its numbers in refusal
    refusal        text        NOT NULL DEFAULT '',
    trace_id       text        NOT NULL,
    body           jsonb       NOT NULL
);
CREATE INDEX opportunity_created ON opportunity (created, opportunity_id);

-- Everything that a risk check turned down, completing and unwinding orders included.
CREATE TABLE refusal (
    refusal_no     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    opportunity_id text        NOT NULL DEFAULT '',
    check_name     text        NOT NULL,
    detail         text        NOT NULL,
    trace_id       text        NOT NULL,
    at             timestamptz NOT NULL
);
CREATE INDEX refusal_at ON refusal (at);

CREATE TABLE bundle (
    bundle_id      text        NOT NULL PRIMARY KEY,
    opportunity_id text        NOT NULL REFERENCES opportunity (opportunity_id),
    mode           text        NOT NULL CHECK (mode IN ('paper', 'live')),
    state          text        NOT NULL,
    plan           jsonb       NOT NULL,   -- the whole record: legs, budgets, deadlines, progress
    reason         text        NOT NULL DEFAULT '',
    trace_id       text        NOT NULL,
    created        timestamptz NOT NULL,
    updated        timestamptz NOT NULL
);
CREATE INDEX bundle_open ON bundle (state) WHERE state NOT IN ('done', 'unwound', 'abandoned', 'stuck');

CREATE TABLE orders (
    order_id       text        NOT NULL PRIMARY KEY,   -- also the client order id at the venue
    bundle_id      text        NOT NULL REFERENCES bundle (bundle_id),
    leg            integer     NOT NULL CHECK (leg >= 0),
    attempt        integer     NOT NULL CHECK (attempt >= 0),
    mode           text        NOT NULL CHECK (mode IN ('paper', 'live')),
    venue          text        NOT NULL,
    contract_id    text        NOT NULL,
    side           text        NOT NULL CHECK (side IN ('buy', 'sell')),
    limit_price    bigint      NOT NULL CHECK (limit_price > 0 AND limit_price < 1000000),
    size           bigint      NOT NULL CHECK (size > 0),
    time_in_force  text        NOT NULL,
    purpose        text        NOT NULL CHECK (purpose IN ('open', 'complete', 'unwind')),
    state          text        NOT NULL,
    filled         bigint      NOT NULL DEFAULT 0 CHECK (filled >= 0),   -- Σ fills booked
    claimed        bigint      NOT NULL DEFAULT 0,                       -- largest cumulative fill the venue stated
    fill_notional  bigint      NOT NULL DEFAULT 0,
    fees           bigint      NOT NULL DEFAULT 0,
    venue_order_id text        NOT NULL DEFAULT '',
    reason         text        NOT NULL DEFAULT '',
    sent_at        timestamptz,
    in_doubt_since timestamptz,
    cancel_wanted  boolean     NOT NULL DEFAULT false,
    flagged        boolean     NOT NULL DEFAULT false,
    trace_id       text        NOT NULL,
    created        timestamptz NOT NULL,
    updated        timestamptz NOT NULL,
    UNIQUE (bundle_id, leg, attempt)
);
CREATE INDEX orders_updated ON orders (updated);
CREATE INDEX orders_open ON orders (state) WHERE state NOT IN ('filled', 'cancelled', 'rejected');
CREATE INDEX orders_created ON orders (created, order_id);
CREATE INDEX orders_venue_order ON orders (venue, venue_order_id) WHERE venue_order_id <> '';

CREATE TABLE order_event (
    event_no bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id text        NOT NULL REFERENCES orders (order_id),
    state    text        NOT NULL,
    evidence text        NOT NULL,
    filled   bigint      NOT NULL,
    reason   text        NOT NULL DEFAULT '',
    at       timestamptz NOT NULL
);
CREATE INDEX order_event_order ON order_event (order_id, event_no);

CREATE TABLE fill (
    venue          text        NOT NULL,
    fill_id        text        NOT NULL,
    order_id       text        NOT NULL REFERENCES orders (order_id),
    venue_order_id text        NOT NULL DEFAULT '',
    mode           text        NOT NULL CHECK (mode IN ('paper', 'live')),
    contract_id    text        NOT NULL,
    side           text        NOT NULL CHECK (side IN ('buy', 'sell')),
    price          bigint      NOT NULL CHECK (price BETWEEN 0 AND 1000000),
    quantity       bigint      NOT NULL CHECK (quantity > 0),
    fee            bigint      NOT NULL,
    role           text        NOT NULL CHECK (role IN ('taker', 'maker')),
    venue_time     timestamptz NOT NULL,
    applied        timestamptz NOT NULL,
    trace_id       text        NOT NULL,
    PRIMARY KEY (venue, fill_id)               -- a fill counts once
);
CREATE INDEX fill_order ON fill (order_id);
CREATE INDEX fill_applied ON fill (applied, venue, fill_id);
CREATE INDEX fill_contract ON fill (contract_id);

CREATE TABLE position (
    mode        text        NOT NULL CHECK (mode IN ('paper', 'live')),
    contract_id text        NOT NULL,
    venue       text        NOT NULL,
    quantity    bigint      NOT NULL,
    cost        bigint      NOT NULL,
    realised    bigint      NOT NULL,
    fees        bigint      NOT NULL,
    updated     timestamptz NOT NULL,
    PRIMARY KEY (mode, contract_id)
);

-- Double entry: the entries of one transaction sum to zero, and the database itself refuses anything else.
CREATE TABLE ledger_entry (
    entry_no       bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    transaction_id text        NOT NULL,      -- fill:<venue>:<fill>, settlement:…, deposit:…
    mode           text        NOT NULL CHECK (mode IN ('paper', 'live')),
    kind           text        NOT NULL,      -- opening, fill, settlement, payout, deposit, adjustment
    account        text        NOT NULL,      -- cash:, contracts:, fees:, realised:, equity:, receivable: of a venue or contract
    amount         bigint      NOT NULL,      -- debit positive
    memo           text        NOT NULL DEFAULT '',
    at             timestamptz NOT NULL
);
CREATE INDEX ledger_entry_transaction ON ledger_entry (transaction_id);
CREATE INDEX ledger_entry_account ON ledger_entry (mode, account);

CREATE FUNCTION ledger_transaction_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sum(amount) FROM ledger_entry WHERE transaction_id = NEW.transaction_id) <> 0 THEN
        RAISE EXCEPTION 'ledger transaction % does not sum to zero', NEW.transaction_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_balances AFTER INSERT ON ledger_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_transaction_balances();

-- Figures at 00:00 UTC that the daily loss is measured from.
CREATE TABLE day_baseline (
    mode       text   NOT NULL CHECK (mode IN ('paper', 'live')),
    venue      text   NOT NULL,
    day        date   NOT NULL,
    realised   bigint NOT NULL,
    fees       bigint NOT NULL,
    unrealised bigint NOT NULL,
    PRIMARY KEY (mode, venue, day)
);

-- Settlements are ledger transactions; this is how people and reports see them.
CREATE VIEW settlement AS
    SELECT mode, transaction_id, min(at) AS at,
           substr(max(account) FILTER (WHERE account LIKE 'contracts:%'), 11) AS contract_id,
           coalesce(sum(amount) FILTER (WHERE account LIKE 'cash:%' OR account LIKE 'receivable:%'), 0)::bigint AS payout
      FROM ledger_entry WHERE kind = 'settlement' GROUP BY mode, transaction_id;

CREATE TABLE breaker (
    mode         text        NOT NULL CHECK (mode IN ('paper', 'live')),
    scope        text        NOT NULL,        -- global or a venue
    state        text        NOT NULL CHECK (state IN ('closed', 'open', 'half_open')),
    cause        text        NOT NULL DEFAULT 'none',
    detail       text        NOT NULL DEFAULT '',
    needs_person boolean     NOT NULL DEFAULT false,
    changed_by   text        NOT NULL,
    changed      timestamptz NOT NULL,
    trips_in_row bigint      NOT NULL DEFAULT 0,
    probes_left  bigint      NOT NULL DEFAULT 0,
    conditions   text[]      NOT NULL DEFAULT '{}',
    PRIMARY KEY (mode, scope)
);

-- What must still be published on cornice.execution; removed once the broker has confirmed it.
CREATE TABLE outbox (
    outbox_no   bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    routing_key text        NOT NULL,
    type        text        NOT NULL,
    message_id  text        NOT NULL,
    body        text        NOT NULL,
    created     timestamptz NOT NULL
);
