-- From schema 4 to 5: answers. What a request gave, found by the digest of the request, so that whoever
-- asks the same again (a run that is resumed, a cassette, a cache) need not do the work again.

CREATE TABLE answer (
  digest BLOB PRIMARY KEY NOT NULL,      -- SHA-256 of the request
  kind   TEXT NOT NULL,                  -- 'shot'
  said   BLOB NOT NULL,                  -- value: status, verdict, spend
  output BLOB,                           -- content: the artifact
  trace  BLOB                            -- content: the spans
) STRICT, WITHOUT ROWID;

-- How much of its wall limit a run has used, so that being killed gives it no new one. NULL: no limit.
ALTER TABLE journal_run ADD COLUMN used_ms INTEGER;
