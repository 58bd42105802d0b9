-- SPDX-License-Identifier: Apache-2.0
-- 4: sign-ins, for whoever audits. None was kept before.
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
