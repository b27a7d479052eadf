-- From schema 3 to 4: what was learnt. One row of `learnt` per program or profile that an author or a
-- search proposed in a run of han improve, whatever became of it, so that its lineage and the reason of
-- a refusal outlive the run; and which of them is the champion of a line, now and before.

-- A phase of han improve is a run of its own, below the run that it belongs to.
ALTER TABLE bench ADD COLUMN parent TEXT REFERENCES bench (id);

CREATE TABLE learnt (
  id         INTEGER PRIMARY KEY,
  bench_id   TEXT NOT NULL REFERENCES bench (id),
  line       TEXT NOT NULL,              -- 'binpack/uniform'
  learner    TEXT NOT NULL,              -- 'deployed', 'blind', 'hand'
  digest     BLOB NOT NULL,              -- content: its text
  kind       TEXT NOT NULL CONSTRAINT a_learnt_thing_has_a_kind
             CHECK (kind IN ('strategy', 'profile', 'artifact')),
  round      INTEGER NOT NULL,           -- 0: what the run began with
  author     TEXT NOT NULL,              -- 'start', 'harvest', 'search', 'random', 'hand'
  operator   TEXT,
  parents    TEXT NOT NULL,              -- JSON list of digests, 64 digits each
  shape      TEXT,                       -- its tree, constants erased
  novel      INTEGER,                    -- 1: another shape than the champion that it was held to
  status     TEXT NOT NULL CONSTRAINT a_learnt_thing_has_a_status
             CHECK (status IN ('start', 'candidate', 'refused', 'gated', 'promoted')),
  reason     TEXT,                       -- why it is no more than that
  scores     TEXT,                       -- JSON object of figures
  created_ms INTEGER NOT NULL,
  UNIQUE (bench_id, line, learner, digest)
) STRICT;

CREATE INDEX learnt_on_line ON learnt (line, digest);

-- The last row of a line names its champion; rows are never changed, so a rollback is a row too.
CREATE TABLE champion (
  id         INTEGER PRIMARY KEY,
  line       TEXT NOT NULL,
  kind       TEXT NOT NULL CONSTRAINT a_champion_has_a_kind
             CHECK (kind IN ('strategy', 'profile', 'artifact')),
  digest     BLOB NOT NULL,              -- content
  how        TEXT NOT NULL CONSTRAINT a_champion_comes_somehow
             CHECK (how IN ('promoted', 'rolled-back')),
  reason     TEXT,
  bench_id   TEXT REFERENCES bench (id), -- the run that promoted it
  set_ms     INTEGER NOT NULL,
  UNIQUE (bench_id, line, digest)        -- a run that is gone on with promotes once
) STRICT;

CREATE INDEX champion_of_line ON champion (line, id);

-- A round of han improve that has ended, as it was printed.
CREATE TABLE improve_round (
  bench_id   TEXT NOT NULL REFERENCES bench (id),
  round      INTEGER NOT NULL,
  result     BLOB NOT NULL,              -- content
  ended_ms   INTEGER NOT NULL,
  PRIMARY KEY (bench_id, round)
) STRICT, WITHOUT ROWID;
