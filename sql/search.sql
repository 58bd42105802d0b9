-- SPDX-License-Identifier: Apache-2.0
-- The search index: tokens of public text and of audience keys, newest first by rowid order of rid.
-- Only store/ knows its engine. No private value ever enters it.
CREATE VIRTUAL TABLE store_search USING fts5(tokens, content='', detail=none, tokenize="ascii");
CREATE TABLE store_search_row (
  n INTEGER PRIMARY KEY,        -- the record's rid: the index is walked newest first
  rid BIGINT NOT NULL,
  stream INTEGER NOT NULL,
  tokens TEXT NOT NULL,
  UNIQUE (rid, stream)
);
