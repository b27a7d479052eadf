/* Owns the rows of the ledger: their columns, and the one INSERT that is more than plain. */
#include "base/config.h"

#include "store/ledger.h"
#include "store/rows.h"
#include "store/writer.h"

/* A group of a spend, with what its constraints are about. */
typedef struct group_row {
    han__bytes line, adapter, group, split;
} group_row;

static const han__column experiment_columns[] = {
    HAN__ROW_COLUMN(han__experiment_row, "id", NEED, id),
    HAN__ROW_COLUMN(han__experiment_row, "adapter", NEED, adapter),
    HAN__ROW_COLUMN(han__experiment_row, "line", TEXT, line),
    HAN__ROW_COLUMN(han__experiment_row, "primary_", NEED, primary),
    HAN__ROW_COLUMN(han__experiment_row, "arms", NEED, arms),
    HAN__ROW_COLUMN(han__experiment_row, "family", INT, family),
    HAN__ROW_COLUMN(han__experiment_row, "control", NEED, control),
    HAN__ROW_COLUMN(han__experiment_row, "alpha", OPT_REAL, alpha),
    HAN__ROW_COLUMN(han__experiment_row, "n", INT, n),
    HAN__ROW_COLUMN(han__experiment_row, "holdout", NEED, holdout),
    HAN__ROW_COLUMN(han__experiment_row, "rule", NEED, rule),
    HAN__ROW_COLUMN(han__experiment_row, "digest", DIGEST, digest),
    HAN__ROW_COLUMN(han__experiment_row, "registered_ms", INT, registered_ms),
};

static const han__column split_columns[] = {
    HAN__ROW_COLUMN(han__split_row, "adapter", NEED, adapter),
    HAN__ROW_COLUMN(han__split_row, "grp", NEED, group),
    HAN__ROW_COLUMN(han__split_row, "split", NEED, split),
    HAN__ROW_COLUMN(han__split_row, "assigned_ms", INT, assigned_ms),
};

static const han__column spend_columns[] = {
    HAN__ROW_COLUMN(han__spend_row, "line", NEED, line),
    HAN__ROW_COLUMN(han__spend_row, "adapter", NEED, adapter),
    HAN__ROW_COLUMN(han__spend_row, "slice", NEED, slice),
    HAN__ROW_COLUMN(han__spend_row, "split", NEED, split),
    HAN__ROW_COLUMN(han__spend_row, "size", INT, size),
    HAN__ROW_COLUMN(han__spend_row, "digest", DIGEST, digest),
    HAN__ROW_COLUMN(han__spend_row, "experiment", TEXT, experiment),
    HAN__ROW_COLUMN(han__spend_row, "bench_id", NEED, bench_id),
    HAN__ROW_COLUMN(han__spend_row, "kind", NEED, kind),
    HAN__ROW_COLUMN(han__spend_row, "spent_ms", INT, spent_ms),
};

static const han__column group_columns[] = {
    HAN__ROW_COLUMN(group_row, "line", NEED, line),
    HAN__ROW_COLUMN(group_row, "adapter", NEED, adapter),
    HAN__ROW_COLUMN(group_row, "grp", NEED, group),
    HAN__ROW_COLUMN(group_row, "split", NEED, split),
    {"spend_id", HAN__COLUMN_PARENT, 0},
};

/* Another split than before becomes one that no check accepts, so that the row is refused by the
 * name of that constraint. */
#define KEEP_SPLIT                                                                                 \
    " ON CONFLICT (adapter, grp) DO UPDATE SET split = CASE split WHEN excluded.split THEN split " \
    "ELSE 'two splits' END"

static const han__rows ledger_rows[] = {
    {"experiment", experiment_columns, HAN__COUNT(experiment_columns), NULL},
    {"split_group", split_columns, HAN__COUNT(split_columns), KEEP_SPLIT},
    {"holdout_spend", spend_columns, HAN__COUNT(spend_columns), NULL},
    {"holdout_group", group_columns, HAN__COUNT(group_columns), NULL},
};

int han__ledger_sql(int stmt, han__buf *out)
{
    return han__rows_sql(&ledger_rows[stmt - HAN__STMT_EXPERIMENT], out);
}

static int add_row(han__batch *batch, int stmt, const void *row, const han__batch_op *parent,
                   han__batch_op **out, han_error *err)
{
    return han__rows_add(batch, stmt, &ledger_rows[stmt - HAN__STMT_EXPERIMENT], row, parent, out,
                         err);
}

static int refuse(han__batch *batch, int status, const char *why, han_error *err)
{
    batch->broken = true;
    return han__error_set(err, status, "%s", why);
}

int han__ledger_add_experiment(han__batch *batch, const han__experiment_row *row, han_error *err)
{
    han__batch_op *op;
    if (!row->digest.data)
        return refuse(batch, HAN_INVALID, "a record without 'digest' cannot be stored", err);
    return add_row(batch, HAN__STMT_EXPERIMENT, row, NULL, &op, err);
}

int han__ledger_add_split(han__batch *batch, const han__split_row *row, han_error *err)
{
    han__batch_op *op;
    return add_row(batch, HAN__STMT_SPLIT, row, NULL, &op, err);
}

int han__ledger_add_spend(han__batch *batch, const han__spend_row *row, const han__bytes *groups,
                          size_t count, han_error *err)
{
    han__batch_op *spend = NULL, *op = NULL;
    han__spend_row whole = *row;
    if (count == 0 || !row->digest.data)
        return refuse(batch, HAN_INVALID, "a spend without groups or digest cannot be stored", err);
    if (count > HAN__LEDGER_GROUPS_MAX)
        return refuse(batch, HAN_LIMIT, "a spend has too many groups", err);
    whole.size = (int64_t)count;
    int status = add_row(batch, HAN__STMT_SPEND, &whole, NULL, &spend, err);
    for (size_t i = 0; status == HAN_OK && i < count; i++) {
        group_row group = {row->line, row->adapter, groups[i], row->split};
        status = add_row(batch, HAN__STMT_SPEND_GROUP, &group, spend, &op, err);
    }
    return status;
}
