-- What the venues list, and how listings of different venues belong together.
-- Prices, quantities and money are bigint millionths everywhere in this schema.

CREATE TABLE listing (
    venue               text        NOT NULL,
    listing_id          text        NOT NULL,
    event_id            text        NOT NULL,
    series              text        NOT NULL DEFAULT '',
    category            text        NOT NULL DEFAULT '',
    title               text        NOT NULL,
    outcome_name        text        NOT NULL DEFAULT '',
    rules               text        NOT NULL,
    rule_hash           text        NOT NULL CHECK (rule_hash ~ '^[0-9a-f]{64}$'),
    status              text        NOT NULL,
    accepting_orders    boolean     NOT NULL,
    mutually_exclusive  boolean     NOT NULL DEFAULT false,
    close_time          timestamptz,
    expected_resolution timestamptz,
    settlement_value    bigint      CHECK (settlement_value BETWEEN 0 AND 1000000),
    body                jsonb       NOT NULL,   -- the whole listing in its bus form
    first_seen          timestamptz NOT NULL,
    last_seen           timestamptz NOT NULL,
    changed             timestamptz NOT NULL,
    PRIMARY KEY (venue, listing_id)
);
CREATE INDEX listing_event ON listing (venue, event_id);
CREATE INDEX listing_status_close ON listing (status, close_time);

CREATE TABLE contract (
    contract_id text NOT NULL PRIMARY KEY,
    venue       text NOT NULL,
    listing_id  text NOT NULL,
    outcome     text NOT NULL CHECK (outcome IN ('yes', 'no')),
    FOREIGN KEY (venue, listing_id) REFERENCES listing (venue, listing_id),
    UNIQUE (venue, listing_id, outcome)
);

-- Rule texts are evidence: an approval names the hash of the text that a person read.
CREATE TABLE rule_text (
    rule_hash  text        NOT NULL PRIMARY KEY,
    rules      text        NOT NULL,
    first_seen timestamptz NOT NULL
);

CREATE TABLE market (
    market_id  text        NOT NULL PRIMARY KEY,
    kind       text        NOT NULL CHECK (kind IN ('binary', 'exhaustive_set', 'exclusive_set')),
    title      text        NOT NULL,
    created    timestamptz NOT NULL,
    created_by text        NOT NULL
);

CREATE TABLE market_contract (
    market_id   text        NOT NULL REFERENCES market (market_id),
    contract_id text        NOT NULL REFERENCES contract (contract_id),
    relation    text        NOT NULL CHECK (relation IN ('same', 'complement', 'member')),
    polarity    smallint    NOT NULL CHECK (polarity IN (1, -1)),  -- pays on YES of the market (1) or on NO (-1)
    rule_hash   text        NOT NULL,
    status      text        NOT NULL CHECK (status IN ('proposed', 'approved', 'suspended', 'rejected')),
    score       bigint,                -- of the proposal, parts per million
    evidence    text        NOT NULL DEFAULT '',
    decided_by  text        NOT NULL,
    decided     timestamptz NOT NULL,
    PRIMARY KEY (market_id, contract_id),
    CHECK ((relation = 'complement') = (polarity = -1))
);
-- A contract trades in one market only.
CREATE UNIQUE INDEX market_contract_approved_once ON market_contract (contract_id) WHERE status = 'approved';
CREATE INDEX market_contract_contract ON market_contract (contract_id);

-- Optional recorder: partitioned by day, filled by COPY, dropped by partition.
CREATE TABLE book_snapshot (
    contract_id text        NOT NULL,
    received    timestamptz NOT NULL,
    venue_time  timestamptz,
    epoch       bigint      NOT NULL,
    revision    bigint      NOT NULL,
    usable      boolean     NOT NULL,
    bids        jsonb       NOT NULL,   -- [[price, quantity], …] decimal strings, best first
    asks        jsonb       NOT NULL
) PARTITION BY RANGE (received);
CREATE INDEX book_snapshot_contract ON book_snapshot (contract_id, received);
