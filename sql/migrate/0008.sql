-- SPDX-License-Identifier: Apache-2.0
-- 8: records lie apart from their key, so that a seek goes through pages of keys and not of whole rows.
-- What is not kept in the order of its key lies so already.
{if_packed}
DROP INDEX record_now_number;
ALTER TABLE record_now RENAME TO record_now_of_7;
CREATE TABLE record_now (
  stream INTEGER NOT NULL,
  rid BIGINT NOT NULL,
  rev INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  version INTEGER NOT NULL,
  number TEXT,
  place BIGINT NOT NULL,
  line INTEGER NOT NULL,
  lines TEXT NOT NULL,
  unit BIGINT NOT NULL,
  desk TEXT NOT NULL,
  state INTEGER NOT NULL,
  level INTEGER NOT NULL,
  cycle INTEGER NOT NULL,
  born BIGINT NOT NULL,
  due BIGINT,
  closed BIGINT,
  sealed INTEGER NOT NULL,
  title TEXT,
  fields TEXT NOT NULL,
  private TEXT NOT NULL,
  clocks TEXT NOT NULL,
  parties TEXT NOT NULL,
  seq BIGINT NOT NULL,
  PRIMARY KEY (rid, stream)
);
INSERT INTO record_now SELECT * FROM record_now_of_7 ORDER BY rid, stream;
DROP TABLE record_now_of_7;
CREATE UNIQUE INDEX record_now_number ON record_now (stream, number);
{end_if}
