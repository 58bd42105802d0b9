-- SPDX-License-Identifier: Apache-2.0
-- The tables that are the truth. They change by numbered migration (sql/migrate/) and by nothing else.
-- {serial} is a number the store gives in order of writing, {bytes} its type for bytes, {packed} its
-- way to keep a table in the order of its primary key; what stands between {if_packed} and {end_if} is for
-- a store that has such a way.

-- What this store is: schema number, hash name, demonstration mark, deployment's top place.
CREATE TABLE store_meta (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

-- One row a stream: its last event, the root of its tree, and the signature over both.
CREATE TABLE chain_head (
  stream INTEGER PRIMARY KEY,
  seq BIGINT NOT NULL,          -- of the last event; 0: none yet
  digest {bytes} NOT NULL,      -- of the last event
  root {bytes} NOT NULL,        -- RFC 6962 tree over the digests of all events
  at BIGINT NOT NULL,           -- milliseconds; never runs backwards
  signed_by TEXT NOT NULL,      -- public key, hex
  signature {bytes} NOT NULL
);

-- Every change. Columns after `at` repeat the outcome that the body states, for as_of.
CREATE TABLE chain_event (
  pos {serial},                 -- order of writing over all streams: the feed's cursor
  stream INTEGER NOT NULL,
  seq BIGINT NOT NULL,
  rid BIGINT,                   -- record; null for events about places, units, definitions
  rev INTEGER,                  -- revision of the record after it
  at BIGINT NOT NULL,
  state INTEGER,                -- state number in the definition the event obeys
  level INTEGER,
  line INTEGER,
  place BIGINT,
  unit BIGINT,                  -- responsible unit
  sealed INTEGER NOT NULL DEFAULT 0, -- 1: stands in no feed
  name TEXT,                    -- of a clock's rung or a promise: acts exactly once
  body {bytes} NOT NULL,        -- the canonical bytes, exactly as hashed
  digest {bytes} NOT NULL,
  UNIQUE (stream, seq),
  UNIQUE (stream, rid, rev),
  UNIQUE (stream, name)
);

-- Private values: outside the hashed bytes, which hold H(salt ‖ value). Erased with their salt.
CREATE TABLE chain_private (
  stream INTEGER NOT NULL,
  seq BIGINT NOT NULL,
  field TEXT NOT NULL,
  salt {bytes} NOT NULL,
  value TEXT NOT NULL,          -- JSON
  PRIMARY KEY (stream, seq, field)
) {packed};

-- Full subtrees of the RFC 6962 tree of a stream, heights 1 and up.
CREATE TABLE chain_node (
  stream INTEGER NOT NULL,
  height INTEGER NOT NULL,
  n BIGINT NOT NULL,
  hash {bytes} NOT NULL,
  PRIMARY KEY (stream, height, n)
) {packed};

-- Daily anchors: the last event of a day, signed; the place above keeps it as an event as well.
CREATE TABLE chain_day (
  stream INTEGER NOT NULL,
  day INTEGER NOT NULL,
  seq BIGINT NOT NULL,
  digest {bytes} NOT NULL,
  root {bytes} NOT NULL,
  at BIGINT NOT NULL,
  signed_by TEXT NOT NULL,
  signature {bytes} NOT NULL,
  PRIMARY KEY (stream, day)
) {packed};

-- Effects on other streams that are not yet delivered. The event names them (stream, seq, n).
CREATE TABLE chain_promise (
  stream INTEGER NOT NULL,
  seq BIGINT NOT NULL,
  n INTEGER NOT NULL,
  to_stream INTEGER NOT NULL,
  body TEXT NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0,
  next_at BIGINT NOT NULL,
  PRIMARY KEY (stream, seq, n)
) {packed};

-- Who may sign in. Erasable; never in the log.
CREATE TABLE org_account (
  account TEXT PRIMARY KEY,
  person BIGINT NOT NULL,
  password TEXT NOT NULL,       -- argon2id, encoded
  made_at BIGINT NOT NULL,
  closed_at BIGINT
);

-- Sessions and tokens, looked up by SHA-256.
CREATE TABLE org_token (
  digest {bytes} PRIMARY KEY,
  account TEXT NOT NULL,
  sort TEXT NOT NULL,           -- token | session | link | first
  made_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);

-- Sign-ins to accounts there are, held and refused, for whoever audits. Never in the log; after 400 days they go.
CREATE TABLE org_sign_in (
  n {serial},
  at BIGINT NOT NULL,
  account TEXT NOT NULL,
  person BIGINT NOT NULL,
  address TEXT NOT NULL,
  sort TEXT NOT NULL,           -- session | token
  held INTEGER NOT NULL         -- 0: refused
);
CREATE INDEX org_sign_in_account ON org_sign_in (account, n);
CREATE INDEX org_sign_in_at ON org_sign_in (at);

-- Failed sign-ins of a pair (account, address): the pair is slowed, never the account.
CREATE TABLE org_try (
  account TEXT NOT NULL,
  address TEXT NOT NULL,
  tries INTEGER NOT NULL,
  until BIGINT NOT NULL,
  PRIMARY KEY (account, address)
) {packed};

-- Idempotency keys: the first answer is rendered again from the log.
CREATE TABLE desk_key (
  stream INTEGER NOT NULL,
  account TEXT NOT NULL,
  key TEXT NOT NULL,
  fingerprint {bytes} NOT NULL,
  rid BIGINT,
  rev INTEGER,
  status INTEGER NOT NULL,
  day INTEGER NOT NULL,
  PRIMARY KEY (stream, account, key)
) {packed};
CREATE INDEX desk_key_day ON desk_key (day);

-- Who runs the clocks. A lease only saves work: a rung acts once by its name.
CREATE TABLE desk_lease (
  name TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  until BIGINT NOT NULL,
  fence BIGINT NOT NULL
);

-- Attachments, by content. Bytes lie in the folder beside the store.
CREATE TABLE record_file (
  digest TEXT PRIMARY KEY,      -- sha256, hex
  size BIGINT NOT NULL,
  media_type TEXT NOT NULL,
  width INTEGER,
  height INTEGER,
  account TEXT NOT NULL,        -- who sent it first: may use it in a record
  at BIGINT NOT NULL
);
-- Who has sent which bytes: an upload answers the same for known and new ones.
CREATE TABLE record_file_from (
  digest TEXT NOT NULL,
  account TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (digest, account)
) {packed};

-- Rungs and promises that failed three times: set aside as an open matter, in nobody's way.
CREATE TABLE desk_aside (
  name TEXT PRIMARY KEY,
  tries INTEGER NOT NULL,
  at BIGINT NOT NULL
);

-- Tables brought in behind the answer: how far each is, the rows that were not taken. Not in a backup.
CREATE TABLE desk_import (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  kind TEXT NOT NULL,
  mode TEXT NOT NULL,           -- good | all
  state TEXT NOT NULL,          -- running ending done halted failed interrupted
  done BIGINT NOT NULL,
  total BIGINT NOT NULL,
  taken BIGINT NOT NULL,
  unchanged BIGINT NOT NULL,
  refused BIGINT NOT NULL,
  said TEXT,                    -- why it failed, what was passed over
  report {bytes},               -- XLSX
  made_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL       -- its last sign of life
);
CREATE INDEX desk_import_account ON desk_import (account, made_at);
