-- SPDX-License-Identifier: EUPL-1.2
-- SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
-- The journal (DESIGN 7). A step is one call of the engine; its hash covers its inputs and events and the hash before it.
CREATE TABLE steps (
  step INTEGER PRIMARY KEY,
  now_ms INTEGER NOT NULL UNIQUE,
  hash BLOB NOT NULL
) STRICT;
CREATE TABLE inputs (
  step INTEGER NOT NULL REFERENCES steps,
  place INTEGER NOT NULL,             -- in the step
  topic TEXT NOT NULL,                -- one that begins with $ came from the service itself
  payload BLOB NOT NULL,              -- as it came; one that is too large is cut off behind the limit
  refusal TEXT,                       -- why it was refused, or the first reason of several; null: taken
  PRIMARY KEY (step, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE events (
  step INTEGER NOT NULL REFERENCES steps,
  place INTEGER NOT NULL,
  incident TEXT NOT NULL,
  seq INTEGER NOT NULL,
  body BLOB NOT NULL,                 -- the CloudEvent
  PRIMARY KEY (step, place),
  UNIQUE (incident, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE incidents (
  incident TEXT PRIMARY KEY,
  step INTEGER NOT NULL REFERENCES steps,  -- of its last transition
  seq INTEGER NOT NULL,
  topic TEXT NOT NULL,                -- where its state is retained
  resolved_ms INTEGER,                -- null while it is open
  archived INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX incidents_to_archive ON incidents (resolved_ms) WHERE archived = 0 AND resolved_ms IS NOT NULL;
CREATE TABLE outbox (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  topic TEXT NOT NULL,
  payload BLOB NOT NULL,
  retain INTEGER NOT NULL
) STRICT;
