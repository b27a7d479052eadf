-- From schema 1 to 2: experiments and the holdout ledger. Each promise of the ledger is a constraint,
-- so that no command, and no other program that writes this file, can break it by not knowing it.

-- A rule, registered before the first rollout: a bench that names an experiment which is not stored
-- violates a foreign key.
CREATE TABLE experiment (
  id            TEXT PRIMARY KEY NOT NULL,
  adapter       TEXT NOT NULL,
  line          TEXT,                    -- NULL: contrasts shown together, no line of candidates
  primary_      TEXT NOT NULL,           -- measure of the score that decides
  arms          TEXT NOT NULL,           -- JSON list of names
  family        INTEGER NOT NULL CONSTRAINT a_family_has_members CHECK (family >= 1),
  control       TEXT NOT NULL,           -- how errors are controlled: 'bh', 'spend', 'eprocess'
  alpha         REAL NOT NULL CONSTRAINT alpha_is_a_probability CHECK (alpha > 0 AND alpha < 1),
  n             INTEGER NOT NULL CONSTRAINT an_experiment_has_groups CHECK (n >= 1),
  holdout       TEXT NOT NULL,           -- the split it reads
  rule          TEXT NOT NULL,           -- JSON: all of it, as digested
  digest        BLOB NOT NULL,           -- SHA-256 of rule
  registered_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE bench ADD COLUMN experiment TEXT REFERENCES experiment (id);

-- What a spend may refer to: a run of this store's own, never an import.
CREATE UNIQUE INDEX bench_of_a_kind ON bench (id, kind);

-- A group belongs to one split of an adapter, for good. Assigning it again to the same one changes
-- nothing; to another one, the insert turns the value into one that the check refuses.
CREATE TABLE split_group (
  adapter       TEXT NOT NULL,
  grp           TEXT NOT NULL,
  split         TEXT NOT NULL CONSTRAINT a_group_is_in_one_split
                CHECK (split IN ('train', 'dev', 'gate', 'final')),
  assigned_ms   INTEGER NOT NULL,
  PRIMARY KEY (adapter, grp)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX split_group_in ON split_group (adapter, grp, split);

-- One look at held-out groups. A line is a sequence of candidates for one place; the final split has
-- one slice, so it is read once a line.
CREATE TABLE holdout_spend (
  id            INTEGER PRIMARY KEY,
  line          TEXT NOT NULL,
  adapter       TEXT NOT NULL,
  slice         TEXT NOT NULL,
  split         TEXT NOT NULL CONSTRAINT only_held_out_splits_are_spent
                CHECK (split IN ('gate', 'final')),
  size          INTEGER NOT NULL CONSTRAINT a_slice_has_groups CHECK (size >= 1),
  digest        BLOB NOT NULL,           -- SHA-256 of the names of its groups
  experiment    TEXT REFERENCES experiment (id),
  bench_id      TEXT NOT NULL,
  kind          TEXT NOT NULL CONSTRAINT an_import_spends_nothing CHECK (kind IN ('gate', 'bench')),
  spent_ms      INTEGER NOT NULL,
  UNIQUE (line, adapter, slice),
  CONSTRAINT final_is_one_slice CHECK (split <> 'final' OR slice = 'final'),
  FOREIGN KEY (bench_id, kind) REFERENCES bench (id, kind)
) STRICT;

-- The groups of a spend: no group twice on a line, under whatever name of a slice, and only groups
-- that are assigned to the split.
CREATE TABLE holdout_group (
  line          TEXT NOT NULL,
  adapter       TEXT NOT NULL,
  grp           TEXT NOT NULL,
  split         TEXT NOT NULL,
  spend_id      INTEGER NOT NULL REFERENCES holdout_spend (id),
  PRIMARY KEY (line, adapter, grp),
  FOREIGN KEY (adapter, grp, split) REFERENCES split_group (adapter, grp, split)
) STRICT, WITHOUT ROWID;

-- A cell that came from another store: the file, and the SHA-256 of what it said, once.
ALTER TABLE cell ADD COLUMN source TEXT;
ALTER TABLE cell ADD COLUMN imported BLOB
  CONSTRAINT an_imported_cell_has_a_source CHECK (imported IS NULL OR source IS NOT NULL);
CREATE UNIQUE INDEX cell_imported ON cell (imported) WHERE imported IS NOT NULL;
