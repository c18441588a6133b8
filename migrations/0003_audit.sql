-- Append-only, hash-chained record of decisions: each hash covers the one before it, so that a removed or changed row shows.

CREATE TABLE audit_log (
    audit_no  bigint      NOT NULL PRIMARY KEY CHECK (audit_no > 0),
    at        timestamptz NOT NULL,
    actor     text        NOT NULL,
    action    text        NOT NULL,
    subject   text        NOT NULL,
    detail    text        NOT NULL,
    prev_hash text        NOT NULL CHECK (prev_hash ~ '^[0-9a-f]{64}$'),
    hash      text        NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$')
);

CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();

CREATE TABLE config_revision (
    revision   bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hash       text        NOT NULL,
    body       jsonb       NOT NULL,         -- effective values, secrets never in them
    applied_by text        NOT NULL,
    applied    timestamptz NOT NULL
);

-- Only one daemon executes per account. The lock itself is held by a session (pg_advisory_lock); the fencing number tells a
-- holder that was presumed dead from its successor.
CREATE TABLE lease (
    name        text        NOT NULL PRIMARY KEY,
    fence       bigint      NOT NULL,
    holder      text        NOT NULL,
    granted     timestamptz NOT NULL,
    last_commit bigint      NOT NULL DEFAULT 0   -- of this fence: a repeated commit is recognised
);
