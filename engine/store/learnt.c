/* Owns the rows of what was learnt: their columns, and what happens to one that is there already.
 */
#include "base/config.h"

#include "store/learnt.h"
#include "store/rows.h"
#include "store/writer.h"

static const han__column learnt_columns[] = {
    HAN__ROW_COLUMN(han__learnt_row, "bench_id", NEED, bench_id),
    HAN__ROW_COLUMN(han__learnt_row, "line", NEED, line),
    HAN__ROW_COLUMN(han__learnt_row, "learner", NEED, learner),
    HAN__ROW_COLUMN(han__learnt_row, "digest", CONTENT, text),
    HAN__ROW_COLUMN(han__learnt_row, "kind", NEED, kind),
    HAN__ROW_COLUMN(han__learnt_row, "round", INT, round),
    HAN__ROW_COLUMN(han__learnt_row, "author", NEED, author),
    HAN__ROW_COLUMN(han__learnt_row, "operator", TEXT, operator),
    HAN__ROW_COLUMN(han__learnt_row, "parents", NEED, parents),
    HAN__ROW_COLUMN(han__learnt_row, "shape", TEXT, shape),
    HAN__ROW_COLUMN(han__learnt_row, "novel", OPT_INT, novel),
    HAN__ROW_COLUMN(han__learnt_row, "status", NEED, status),
    HAN__ROW_COLUMN(han__learnt_row, "reason", TEXT, reason),
    HAN__ROW_COLUMN(han__learnt_row, "scores", TEXT, scores),
    HAN__ROW_COLUMN(han__learnt_row, "created_ms", INT, created_ms),
};

static const han__column champion_columns[] = {
    HAN__ROW_COLUMN(han__champion_row, "line", NEED, line),
    HAN__ROW_COLUMN(han__champion_row, "kind", NEED, kind),
    HAN__ROW_COLUMN(han__champion_row, "digest", CONTENT, text),
    HAN__ROW_COLUMN(han__champion_row, "how", NEED, how),
    HAN__ROW_COLUMN(han__champion_row, "reason", TEXT, reason),
    HAN__ROW_COLUMN(han__champion_row, "bench_id", TEXT, bench_id),
    HAN__ROW_COLUMN(han__champion_row, "set_ms", INT, set_ms),
};

static const han__column round_columns[] = {
    HAN__ROW_COLUMN(han__round_row, "bench_id", NEED, bench_id),
    HAN__ROW_COLUMN(han__round_row, "round", INT, round),
    HAN__ROW_COLUMN(han__round_row, "result", CONTENT, result),
    HAN__ROW_COLUMN(han__round_row, "ended_ms", INT, ended_ms),
};

#define KEEP_FATE                                                                                  \
    " ON CONFLICT (bench_id, line, learner, digest) DO UPDATE SET status = excluded.status, "      \
    "reason = excluded.reason, scores = excluded.scores"

static const han__rows learnt_rows[] = {
    {"learnt", learnt_columns, HAN__COUNT(learnt_columns), KEEP_FATE},
    {"champion", champion_columns, HAN__COUNT(champion_columns),
     " ON CONFLICT (bench_id, line, digest) DO NOTHING"},
    {"improve_round", round_columns, HAN__COUNT(round_columns),
     " ON CONFLICT (bench_id, round) DO NOTHING"},
};

int han__learnt_sql(int stmt, han__buf *out)
{
    return han__rows_sql(&learnt_rows[stmt - HAN__STMT_LEARNT], out);
}

static int add_row(han__batch *batch, int stmt, const void *row, const char *missing,
                   han_error *err)
{
    han__batch_op *op;
    if (missing) {
        batch->broken = true;
        return han__error_set(err, HAN_INVALID, "a record without '%s' cannot be stored", missing);
    }
    return han__rows_add(batch, stmt, &learnt_rows[stmt - HAN__STMT_LEARNT], row, NULL, &op, err);
}

int han__learnt_add(han__batch *batch, const han__learnt_row *row, han_error *err)
{
    return add_row(batch, HAN__STMT_LEARNT, row, row->text.data ? NULL : "text", err);
}

int han__learnt_add_champion(han__batch *batch, const han__champion_row *row, han_error *err)
{
    return add_row(batch, HAN__STMT_CHAMPION, row, row->text.data ? NULL : "text", err);
}

int han__learnt_add_round(han__batch *batch, const han__round_row *row, han_error *err)
{
    return add_row(batch, HAN__STMT_ROUND, row, row->result.data ? NULL : "result", err);
}
