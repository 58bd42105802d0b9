-- SPDX-License-Identifier: Apache-2.0
-- The search index on PostgreSQL: the same tokens as on SQLite, in a list with an inverted index.
-- Only store/ knows its engine. No private value ever enters it.
CREATE TABLE store_search_row (
  rid BIGINT NOT NULL,
  stream INTEGER NOT NULL,
  tokens text[] COLLATE "C" NOT NULL,
  PRIMARY KEY (rid, stream)
);
CREATE INDEX store_search_tokens ON store_search_row USING gin (tokens);
