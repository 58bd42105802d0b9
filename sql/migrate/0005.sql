-- SPDX-License-Identifier: Apache-2.0
-- 5: cells in the order in which they are read, and their sums of now and of months. The sums are made
-- by the next folding; until then the cells are summed.
ALTER TABLE rollup_cell RENAME TO rollup_cell_of_4;
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
INSERT INTO rollup_cell (node, figure, period, recorded_on, line, dims, amount)
  SELECT node, figure, period, recorded_on, line, dims, amount FROM rollup_cell_of_4;
DROP TABLE rollup_cell_of_4;

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
