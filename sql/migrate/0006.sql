-- SPDX-License-Identifier: Apache-2.0
-- 6: tables brought in behind the answer. None was before.
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
