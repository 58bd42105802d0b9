-- SPDX-License-Identifier: Apache-2.0
-- What follows from the log. `zhiben rebuild` makes all of it again.

-- Places 块, dated: a merged township keeps its history. Ids are the depth-first numbers of the
-- adopted edition of the division codes; places that come later are numbered after them.
CREATE TABLE org_place (
  id BIGINT PRIMARY KEY,
  code TEXT NOT NULL,           -- 12 digits
  parent BIGINT NOT NULL,       -- 0 for the nation
  level INTEGER NOT NULL,       -- 1 nation 2 province 3 city 4 county 5 township 6 village
  name TEXT NOT NULL,
  initials TEXT NOT NULL,       -- of its pinyin
  stream INTEGER NOT NULL,      -- that holds what is born here
  from_day INTEGER,             -- the row holds from this day; null: always
  to_day INTEGER                -- its last day as a place of its own: since then part of `parent`; null: still
);
CREATE INDEX org_place_code ON org_place (code);
CREATE INDEX org_place_parent ON org_place (parent);
CREATE INDEX org_place_initials ON org_place (initials);
CREATE INDEX org_place_name ON org_place (name);

-- What a place was until a day, before it was renamed, moved or merged.
CREATE TABLE org_place_past (
  id BIGINT NOT NULL,
  to_day INTEGER NOT NULL,      -- the last day
  from_day INTEGER,
  parent BIGINT NOT NULL,
  level INTEGER NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (id, to_day)
) {packed};
CREATE INDEX org_place_past_parent ON org_place_past (parent);

-- The place each stream stands for.
CREATE TABLE org_stream (
  stream INTEGER PRIMARY KEY,
  place BIGINT NOT NULL
);

-- Which streams besides its own hold, or have held, records at a node of county level or below, or
-- below it: what was born elsewhere and came with its place. ADR 0009.
CREATE TABLE org_reach (
  node BIGINT NOT NULL,
  stream INTEGER NOT NULL,
  PRIMARY KEY (node, stream)
) {packed};

-- Units: organs, departments by line, township offices, objects of supervision, their workshops.
CREATE TABLE org_unit (
  id BIGINT PRIMARY KEY,
  sort TEXT NOT NULL,           -- government office department township enterprise workshop agency group
  name TEXT NOT NULL,
  initials TEXT NOT NULL,
  place BIGINT NOT NULL,
  line INTEGER NOT NULL,        -- 0: none
  parent BIGINT NOT NULL,       -- 0: none
  credit_code TEXT,
  industry TEXT,
  headcount INTEGER NOT NULL DEFAULT 0,
  one_person INTEGER NOT NULL DEFAULT 0,
  state TEXT,                   -- production state
  lines TEXT NOT NULL,          -- further supervising lines, JSON
  landlord BIGINT NOT NULL DEFAULT 0,
  powers TEXT NOT NULL,         -- JSON: what it may do ("inspection" …)
  profile TEXT,                 -- id of its profile record
  from_day INTEGER,
  to_day INTEGER
);
CREATE INDEX org_unit_place ON org_unit (place, sort, line);
CREATE INDEX org_unit_parent ON org_unit (parent);
CREATE INDEX org_unit_name ON org_unit (name);
CREATE INDEX org_unit_initials ON org_unit (initials);

-- People. The name is a private value of the event that states it.
CREATE TABLE org_person (
  id BIGINT PRIMARY KEY,
  name TEXT,
  certificates TEXT NOT NULL    -- JSON
);

-- Posts: a role at a unit, from day to day. A person may hold several.
CREATE TABLE org_post (
  id BIGINT PRIMARY KEY,
  person BIGINT NOT NULL,
  unit BIGINT NOT NULL,
  role TEXT NOT NULL,
  from_day INTEGER NOT NULL,
  to_day INTEGER
);
CREATE INDEX org_post_person ON org_post (person);
CREATE INDEX org_post_unit ON org_post (unit);

-- Sight that a record lends of others while its state lasts: to whom, and what covers it.
CREATE TABLE org_lent (
  party BIGINT NOT NULL,        -- audience key of the unit or person it is lent to
  stream INTEGER NOT NULL,      -- the record that lends
  rid BIGINT NOT NULL,
  n INTEGER NOT NULL,           -- which of its rules
  key BIGINT NOT NULL,          -- audience key that every record lent has, the kind within
  body TEXT NOT NULL,           -- states, conditions, roles; JSON
  PRIMARY KEY (party, stream, rid, n)
) {packed};
CREATE INDEX org_lent_by ON org_lent (stream, rid);

-- Dated relations between units: who is let in by whom, from day to day. Stated by a unit's profile.
CREATE TABLE org_tie (
  other BIGINT NOT NULL,        -- the landlord, or the agency that was invited
  unit BIGINT NOT NULL,         -- the tenant, or who invited it
  sort TEXT NOT NULL,           -- landlord, or as what it was invited
  from_day INTEGER NOT NULL,    -- 0: always
  to_day INTEGER,               -- last day; null: still
  PRIMARY KEY (other, unit, sort, from_day)
) {packed};
CREATE INDEX org_tie_unit ON org_tie (unit);

-- What is cached in memory is stale when its number has moved.
CREATE TABLE org_generation (
  what TEXT PRIMARY KEY,
  n BIGINT NOT NULL
);

-- Adopted definitions, every version.
CREATE TABLE record_definition (
  kind TEXT NOT NULL,
  version INTEGER NOT NULL,
  id INTEGER NOT NULL,          -- the kind's number in audience keys
  digest TEXT NOT NULL,
  body TEXT NOT NULL,           -- expanded
  PRIMARY KEY (kind, version)
);

-- Adopted standards and local tables: calendar, limits, standards/local/CODE.
CREATE TABLE record_standard (
  name TEXT NOT NULL,
  place BIGINT NOT NULL,        -- 0: everywhere
  edition TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (name, place)
);

-- Every record as it is now. Not packed: a row of 2 kB belongs in a leaf whole, and a key in pages of keys.
CREATE TABLE record_now (
  stream INTEGER NOT NULL,
  rid BIGINT NOT NULL,          -- 41 bits of milliseconds at birth, 22 random: orders by birth
  rev INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  version INTEGER NOT NULL,
  number TEXT,
  place BIGINT NOT NULL,
  line INTEGER NOT NULL,
  lines TEXT NOT NULL,
  unit BIGINT NOT NULL,         -- owner; 0: none
  desk TEXT NOT NULL,           -- JSON {"units":[…],"persons":[…]}
  state INTEGER NOT NULL,
  level INTEGER NOT NULL,
  cycle INTEGER NOT NULL,
  born BIGINT NOT NULL,
  due BIGINT,
  closed BIGINT,
  sealed INTEGER NOT NULL,
  title TEXT,
  fields TEXT NOT NULL,         -- public values, JSON
  private TEXT NOT NULL,        -- where each private value was last set, JSON {"field":seq}
  clocks TEXT NOT NULL,         -- JSON
  parties TEXT NOT NULL,        -- raiser, who did each step, who ever owed, JSON
  seq BIGINT NOT NULL,          -- of its last event
  PRIMARY KEY (rid, stream)
);
CREATE UNIQUE INDEX record_now_number ON record_now (stream, number);

-- Who may see a record: one row for each audience key. facet = state × 16 + level.
CREATE TABLE record_vis (
  key BIGINT NOT NULL,
  facet INTEGER NOT NULL,
  rid BIGINT NOT NULL,
  stream INTEGER NOT NULL,
  line INTEGER NOT NULL,
  PRIMARY KEY (key, facet, rid, stream)
) {packed};

-- Audience keys of places (every line) that a record had and has no more: lists as of a past day.
CREATE TABLE record_left (
  key BIGINT NOT NULL,
  rid BIGINT NOT NULL,
  stream INTEGER NOT NULL,
  PRIMARY KEY (key, rid, stream)
) {packed};

-- To-do lists and "overdue first": open records only.
CREATE TABLE record_due_vis (
  key BIGINT NOT NULL,
  facet INTEGER NOT NULL,
  due BIGINT NOT NULL,
  rid BIGINT NOT NULL,
  stream INTEGER NOT NULL,
  PRIMARY KEY (key, facet, due, rid, stream)
) {packed};

-- Links by record fields, for sets and totals.
CREATE TABLE record_link (
  target TEXT NOT NULL,         -- id of the record named
  kind INTEGER NOT NULL,        -- of the record that names it
  field TEXT NOT NULL,
  rid BIGINT NOT NULL,
  stream INTEGER NOT NULL,
  PRIMARY KEY (target, kind, field, rid, stream)
) {packed};

-- Indexed fields.
CREATE TABLE record_field (
  kind INTEGER NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  rid BIGINT NOT NULL,
  stream INTEGER NOT NULL,
  PRIMARY KEY (kind, name, value, rid, stream)
) {packed};

-- Rungs that are still to fire.
CREATE TABLE record_due (
  stream INTEGER NOT NULL,
  rid BIGINT NOT NULL,
  clock TEXT NOT NULL,
  round INTEGER NOT NULL,
  rung INTEGER NOT NULL,
  due BIGINT NOT NULL,
  PRIMARY KEY (stream, rid, clock, round, rung)
) {packed};
CREATE INDEX record_due_at ON record_due (due, stream, rid);

-- Last number of each series.
CREATE TABLE record_serial (
  stream INTEGER NOT NULL,
  series TEXT NOT NULL,
  n BIGINT NOT NULL,
  PRIMARY KEY (stream, series)
) {packed};

-- Which record names which attachment.
CREATE TABLE record_file_ref (
  digest TEXT NOT NULL,
  rid BIGINT NOT NULL,
  stream INTEGER NOT NULL,
  PRIMARY KEY (digest, rid, stream)
) {packed};

-- Text to be searched, and what of it is indexed already.
CREATE TABLE record_search_wait (
  rid BIGINT NOT NULL,
  stream INTEGER NOT NULL,
  PRIMARY KEY (rid, stream)
) {packed};

-- Notices to units and persons.
CREATE TABLE desk_notice (
  party TEXT NOT NULL,          -- u… or p…
  at BIGINT NOT NULL,
  stream INTEGER NOT NULL,
  seq BIGINT NOT NULL,
  n INTEGER NOT NULL,
  rid BIGINT NOT NULL,
  words TEXT NOT NULL,
  PRIMARY KEY (party, at, stream, seq, n)
) {packed};

-- Figures: changes not yet folded, and cells. period is the day counted (0 for stocks),
-- recorded_on the day it was recorded: any as_of is a sum over cells up to it.
CREATE TABLE rollup_delta (
  stream INTEGER NOT NULL,
  seq BIGINT NOT NULL,
  n INTEGER NOT NULL,
  figure TEXT NOT NULL,
  nodes TEXT NOT NULL,          -- JSON: place ids from the county down
  line INTEGER NOT NULL,
  dims TEXT NOT NULL,
  period INTEGER NOT NULL,
  recorded_on INTEGER NOT NULL,
  amount BIGINT NOT NULL,
  PRIMARY KEY (stream, seq, n)
) {packed};
CREATE TABLE rollup_cell (
  node BIGINT NOT NULL,
  figure TEXT NOT NULL,
  period INTEGER NOT NULL,
  recorded_on INTEGER NOT NULL,
  line INTEGER NOT NULL,
  dims TEXT NOT NULL,
  amount BIGINT NOT NULL,
  PRIMARY KEY (node, figure, period, recorded_on, line, dims)
) {packed};

-- Sums of those cells, kept by whoever folds: of now and of months, a line and every line (-1), at every
-- node, those above the county too. span is 0 for all of a stock, else the first day of a month: in which
-- a stock changed by so much, or of which a flow counts so much.
CREATE TABLE rollup_sum (
  node BIGINT NOT NULL,
  figure TEXT NOT NULL,
  line INTEGER NOT NULL,
  span INTEGER NOT NULL,
  dims TEXT NOT NULL,
  amount BIGINT NOT NULL,
  PRIMARY KEY (node, figure, line, span, dims)
) {packed};

-- Nodes that are the sum of others, each for the days on which it lay there; and the state of the
-- tree for which rollup_sum is right: another number, and the days are summed instead.
CREATE TABLE rollup_reach (
  node BIGINT NOT NULL,
  place BIGINT NOT NULL,
  from_day INTEGER NOT NULL,
  to_day INTEGER NOT NULL,
  PRIMARY KEY (node, place, from_day)
) {packed};
CREATE INDEX rollup_reach_place ON rollup_reach (place);
CREATE TABLE rollup_tree (
  one INTEGER PRIMARY KEY,
  tree BIGINT NOT NULL
);
