-- SPDX-License-Identifier: Apache-2.0
-- 3: places of past days, what left a place, and dated relations between units. Nothing that was
-- stated before holds any of them.
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
CREATE TABLE record_left (
  key BIGINT NOT NULL,
  rid BIGINT NOT NULL,
  stream INTEGER NOT NULL,
  PRIMARY KEY (key, rid, stream)
) {packed};
CREATE TABLE org_tie (
  other BIGINT NOT NULL,        -- the landlord, or the agency that was invited
  unit BIGINT NOT NULL,         -- the tenant, or who invited it
  sort TEXT NOT NULL,           -- landlord, or as what it was invited
  from_day INTEGER NOT NULL,    -- 0: always
  to_day INTEGER,               -- last day; null: still
  PRIMARY KEY (other, unit, sort, from_day)
) {packed};
CREATE INDEX org_tie_unit ON org_tie (unit);
