/* Module han.db, for the harness state only: the store, as commands need it. open { path=,
 * readonly=, durability="normal"|"full" } gives a handle; every expected failure is nil, message,
 * CODE.
 *
 *   h:put_bench(row)            begins a run: id, kind, adapter, seed, split, config, arms,
 * started_ms, digest, source, experiment, parent
 *   h:put_cell(run, record)     the record of one cell with its attempts
 *   h:end_bench(run, ended_ms, result)
 *   h:put_experiment(row)       a rule, before what it rules: id, adapter, line, primary, arms,
 * family, control, alpha, n, holdout, rule, digest, registered_ms h:put_splits(row) adapter, split,
 * groups, assigned_ms: a group is in one split for good h:put_spend(row)            line, adapter,
 * slice, split, groups, digest, experiment, bench, kind, spent_ms: once h:flush() waits until all
 * of it is durable; tells the first write that failed h:query(sql, params, { max_rows=, timeout= })
 * -> rows, columns; json.null is NULL h:content(digest) -> text   h:value(digest) -> plain value; a
 * digest is 32 bytes or 64 digits h:stats() -> { committed=, failed=, commits=, queued= } h:close()
 *
 *   h:put_learnt(row)          a thing that was learnt, and its fate: bench, line, learner, text,
 * kind, round, author, operator, parents, shape, novel, status, reason, scores, created_ms
 *   h:put_champion(row)        line, kind, text, how, reason, bench, set_ms
 *   h:put_round(row)           bench, round, result, ended_ms
 *
 * Puts are queued and written by the store's own thread; a full queue is waited for. */
#ifndef HAN_SCRIPT_BIND_STORE_H
#define HAN_SCRIPT_BIND_STORE_H

#include "base/error.h"
#include "store/learnt.h"
#include "store/ledger.h"

#include <lua.h>

/* The store behind the handle at idx; raises when it is none or closed. Whoever keeps it counts
 * itself in *users, and keeps the handle alive meanwhile. */
han__store *han__db_lend(lua_State *L, int idx, int **users);

/* Methods of the handle that concern the journal of cells, whose runs go on in jobs:
 *   h:journal_begin(run, {cell...})  gives cells numbers, durably
 *   h:journal_put(number, after, rows, answers, used_ms)  stores packed rows behind place `after`,
 * and what shots gave: { {digest=, kind=, said=, output=, trace=} ... }; waits until they are
 * durable h:journal_rows(number) -> packed rows, how many h:answer(digest) -> { kind=, said=,
 * output=, trace= } */
int han__db_journal_begin(lua_State *L);
int han__db_journal_put(lua_State *L);
int han__db_journal_rows(lua_State *L);
int han__db_answer(lua_State *L);

/* Pushes the module table. */
int han__open_db(lua_State *L);

/* Adds the record at idx (a plain value as han-job sends it) to the batch as a cell of `run`.
 * HAN_INVALID naming the field, and what han__corpus_add_cell gives. Does not raise. */
int han__db_add_cell(lua_State *L, int idx, const char *run, han__mem *mem, han__batch *batch,
                     han_error *err);
/* The same for the row of a run. */
int han__db_add_bench(lua_State *L, int idx, han__mem *mem, han__batch *batch, han_error *err);

/* Kinds of rows of the ledger, and of what was learnt. */
enum {
    HAN__DB_EXPERIMENT,
    HAN__DB_SPLITS,
    HAN__DB_SPEND,
    HAN__DB_LEARNT,
    HAN__DB_CHAMPION,
    HAN__DB_ROUND
};
/* The same for a row of one of these kinds. */
int han__db_add_ledger(lua_State *L, int idx, int kind, han__mem *mem, han__batch *batch,
                       han_error *err);

#endif
