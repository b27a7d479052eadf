/* Owns which fields of a run, a cell and an attempt go to which columns (rows.h). */
#include "base/config.h"

#include "store/answers.h"
#include "store/ledger.h"
#include "store/journal.h"
#include "store/rows.h"
#include "store/writer.h"

#define AMOUNTS(row, prefix, member)                                                               \
    {prefix "_tokens", HAN__COLUMN_OPT_INT, offsetof(row, member.tokens)},                         \
        {prefix "_nano_usd", HAN__COLUMN_OPT_INT, offsetof(row, member.nano_usd)},                 \
        {prefix "_shots", HAN__COLUMN_OPT_INT, offsetof(row, member.shots)},                       \
        {prefix "_turns", HAN__COLUMN_OPT_INT, offsetof(row, member.turns)},                       \
        {prefix "_evals", HAN__COLUMN_OPT_INT, offsetof(row, member.evals)},                       \
    {                                                                                              \
        prefix "_named", HAN__COLUMN_TEXT, offsetof(row, member.named)                             \
    }
#define MEASURE(row, prefix, member)                                                               \
    {prefix "_pass", HAN__COLUMN_OPT_INT, offsetof(row, member.pass)},                             \
        {prefix "_correct", HAN__COLUMN_OPT_REAL, offsetof(row, member.correct)},                  \
        {prefix "_fast", HAN__COLUMN_OPT_REAL, offsetof(row, member.fast)},                        \
        {prefix "_secure", HAN__COLUMN_OPT_REAL, offsetof(row, member.secure)},                    \
        {prefix "_cheap", HAN__COLUMN_OPT_REAL, offsetof(row, member.cheap)},                      \
    {                                                                                              \
        prefix, HAN__COLUMN_VALUE, offsetof(row, member.value)                                     \
    }
#define BENCH(name, kind, member)                                                                  \
    {                                                                                              \
        name, kind, offsetof(han__bench_row, member)                                               \
    }
#define CELL(name, kind, member)                                                                   \
    {                                                                                              \
        name, kind, offsetof(han__cell_row, member)                                                \
    }
#define ATTEMPT(name, kind, member)                                                                \
    {                                                                                              \
        name, kind, offsetof(han__attempt_row, member)                                             \
    }

static const han__column bench_columns[] = {
    BENCH("id", HAN__COLUMN_NEED, id),
    BENCH("kind", HAN__COLUMN_NEED, kind),
    BENCH("adapter", HAN__COLUMN_TEXT, adapter),
    BENCH("seed", HAN__COLUMN_INT, seed),
    BENCH("split", HAN__COLUMN_TEXT, split),
    BENCH("config", HAN__COLUMN_VALUE, config),
    BENCH("arms", HAN__COLUMN_VALUE, arms),
    BENCH("started_ms", HAN__COLUMN_INT, started_ms),
    BENCH("digest", HAN__COLUMN_DIGEST, digest),
    BENCH("source", HAN__COLUMN_TEXT, source),
    BENCH("experiment", HAN__COLUMN_TEXT, experiment),
    BENCH("parent", HAN__COLUMN_TEXT, parent),
};

static const han__column cell_columns[] = {
    CELL("bench_id", HAN__COLUMN_NEED, bench_id),
    CELL("cell", HAN__COLUMN_NEED, cell),
    CELL("try", HAN__COLUMN_INT, try_number),
    CELL("adapter", HAN__COLUMN_TEXT, adapter),
    CELL("task", HAN__COLUMN_TEXT, task),
    CELL("grp", HAN__COLUMN_TEXT, group),
    CELL("arm", HAN__COLUMN_TEXT, arm),
    CELL("strategy", HAN__COLUMN_TEXT, strategy),
    CELL("split", HAN__COLUMN_TEXT, split),
    CELL("seed", HAN__COLUMN_INT, seed),
    CELL("replicate", HAN__COLUMN_INT, replicate),
    CELL("status", HAN__COLUMN_NEED, status),
    CELL("reason", HAN__COLUMN_TEXT, reason),
    CELL("where_", HAN__COLUMN_TEXT, where),
    CELL("infra", HAN__COLUMN_BOOL, infra),
    CELL("over", HAN__COLUMN_BOOL, over),
    MEASURE(han__cell_row, "score", score),
    MEASURE(han__cell_row, "verdict", verdict),
    CELL("kept", HAN__COLUMN_OPT_INT, kept),
    CELL("output", HAN__COLUMN_CONTENT, output),
    AMOUNTS(han__cell_row, "spend", spend),
    AMOUNTS(han__cell_row, "budget", budget),
    CELL("wall_ms", HAN__COLUMN_OPT_REAL, wall_ms),
    CELL("cpu_ms", HAN__COLUMN_OPT_REAL, cpu_ms),
    CELL("program", HAN__COLUMN_DIGEST, program),
    CELL("profile", HAN__COLUMN_DIGEST, profile),
    CELL("checks", HAN__COLUMN_DIGEST, checks),
    CELL("engine", HAN__COLUMN_DIGEST, engine),
    CELL("trust", HAN__COLUMN_TEXT, trust),
    CELL("sandbox", HAN__COLUMN_TEXT, sandbox),
    CELL("difficulty", HAN__COLUMN_OPT_REAL, difficulty),
    CELL("meta", HAN__COLUMN_TEXT, meta),
    CELL("nodes", HAN__COLUMN_CONTENT, nodes),
    CELL("decisions", HAN__COLUMN_CONTENT, decisions),
    CELL("source", HAN__COLUMN_TEXT, source),
    CELL("imported", HAN__COLUMN_DIGEST, imported),
};

static const han__column attempt_columns[] = {
    {"cell_id", HAN__COLUMN_PARENT, 0},
    ATTEMPT("ordinal", HAN__COLUMN_INT, ordinal),
    ATTEMPT("node", HAN__COLUMN_TEXT, node),
    ATTEMPT("from_", HAN__COLUMN_DIGEST, from),
    ATTEMPT("steer", HAN__COLUMN_CONTENT, steer),
    ATTEMPT("spans", HAN__COLUMN_CONTENT, spans),
    ATTEMPT("output", HAN__COLUMN_CONTENT, output),
    ATTEMPT("status", HAN__COLUMN_TEXT, status),
    ATTEMPT("reason", HAN__COLUMN_TEXT, reason),
    ATTEMPT("infra", HAN__COLUMN_BOOL, infra),
    ATTEMPT("over", HAN__COLUMN_BOOL, over),
    MEASURE(han__attempt_row, "verdict", verdict),
    AMOUNTS(han__attempt_row, "spend", spend),
    ATTEMPT("wall_ms", HAN__COLUMN_OPT_REAL, wall_ms),
    ATTEMPT("cpu_ms", HAN__COLUMN_OPT_REAL, cpu_ms),
};

static const han__rows corpus_rows[] = {
    [HAN__STMT_BENCH] = {"bench", bench_columns, HAN__COUNT(bench_columns), NULL},
    [HAN__STMT_CELL] = {"cell", cell_columns, HAN__COUNT(cell_columns), NULL},
    [HAN__STMT_ATTEMPT] = {"attempt", attempt_columns, HAN__COUNT(attempt_columns), NULL},
};

int han__corpus_sql(int stmt, han__buf *out)
{
    if (stmt == HAN__STMT_BENCH_END)
        return han__buf_text(out, "UPDATE bench SET ended_ms = ?2, result = ?3 WHERE id = ?1");
    if (stmt == HAN__STMT_ANSWER) return han__answers_sql(out);
    if (stmt >= HAN__STMT_JOURNAL_RUN) return han__journal_sql(stmt, out);
    if (stmt >= HAN__STMT_LEARNT) return han__learnt_sql(stmt, out);
    if (stmt > HAN__STMT_ATTEMPT) return han__ledger_sql(stmt, out);
    return han__rows_sql(&corpus_rows[stmt], out);
}

static int add_row(han__batch *batch, int stmt, const void *row, const han__batch_op *parent,
                   han__batch_op **out, han_error *err)
{
    return han__rows_add(batch, stmt, &corpus_rows[stmt], row, parent, out, err);
}

/* ---- rows ---- */

int han__corpus_add_bench(han__batch *batch, const han__bench_row *row, han_error *err)
{
    han__batch_op *op;
    return add_row(batch, HAN__STMT_BENCH, row, NULL, &op, err);
}

int han__corpus_add_bench_end(han__batch *batch, han__bytes id, int64_t ended_ms, han__bytes result,
                              han_error *err)
{
    han__batch_op *op = NULL;
    int status = han__batch_op_add(batch, HAN__STMT_BENCH_END, 3, &op, err);
    if (status == HAN_OK) status = han__rows_put_text(batch, id, &op->values[0], err);
    if (status != HAN_OK) return status;
    han__rows_put_int(&op->values[1], ended_ms);
    return result.data ? han__rows_put_content(batch, result, &op->values[2], err) : HAN_OK;
}

int han__corpus_add_cell(han__batch *batch, const han__cell_row *row, han_error *err)
{
    han__batch_op *cell = NULL, *attempt = NULL;
    if (row->attempt_count > HAN__CORPUS_ATTEMPTS_MAX) {
        batch->broken = true;
        return han__error_set(err, HAN_LIMIT, "a cell has at most %d attempts, not %zu",
                              HAN__CORPUS_ATTEMPTS_MAX, row->attempt_count);
    }
    int status = add_row(batch, HAN__STMT_CELL, row, NULL, &cell, err);
    for (size_t i = 0; status == HAN_OK && i < row->attempt_count; i++)
        status = add_row(batch, HAN__STMT_ATTEMPT, &row->attempts[i], cell, &attempt, err);
    return status;
}

int han__corpus_add_content(han__batch *batch, han__bytes content, uint8_t digest[32],
                            han_error *err)
{
    han__batch_blob *blob = NULL;
    int status = han__batch_blob_add(batch, content, &blob, err);
    if (status != HAN_OK || !digest) return status;
    han__sha256_of(blob->bytes, blob->len, blob->digest);
    blob->hashed = true;
    memcpy(digest, blob->digest, HAN__SHA256_BYTES);
    return HAN_OK;
}
