-- SPDX-License-Identifier: EUPL-1.2
-- SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
-- Who looked at exact values, and why (DESIGN 2, rule 7). A chain of its own: the service may write steps meanwhile. Journals
-- of before have no such table: whoever looks first makes it.
CREATE TABLE IF NOT EXISTS audit (
  number INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  who TEXT NOT NULL,
  incident TEXT NOT NULL,
  reason TEXT NOT NULL,
  step INTEGER NOT NULL,              -- the last step of the journal then
  step_hash BLOB NOT NULL,
  hash BLOB NOT NULL                  -- covers all of the row, and the hash before it
) STRICT;
CREATE TRIGGER IF NOT EXISTS audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END;
CREATE TRIGGER IF NOT EXISTS audit_is_not_cut BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END;
