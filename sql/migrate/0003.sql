-- SPDX-License-Identifier: Apache-2.0
-- 3: places of past days, and what left a place. Nothing that was adopted before changed one.
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
