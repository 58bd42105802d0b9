-- SPDX-License-Identifier: Apache-2.0
-- 2: sight lent by one record of others. Nothing lent before: the table begins empty.
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
