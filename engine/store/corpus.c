/* Owns the mapping from row structs to columns: one table per row, from which both the INSERT text
 * and the values come, so that they cannot differ. */
#include "base/config.h"

#include "store/batch.h"
#include "store/writer.h"

#include <math.h>

enum kind {
    K_INT,      /* int64_t */
    K_BOOL,     /* bool */
    K_OPT_INT,  /* han__opt_int */
    K_OPT_REAL, /* han__opt_real */
    K_TEXT,     /* han__bytes from here on */
    K_NEED,     /* text that must be there */
    K_VALUE,    /* bytes kept in the row */
    K_DIGEST,   /* 32 bytes or 64 hexadecimal digits */
    K_CONTENT,  /* stored once; the column holds the digest */
    K_PARENT    /* id of the cell inserted before; no field */
};

typedef struct column {
    const char *name;
    enum kind kind;
    size_t offset;
} column;

#define AMOUNTS(row, prefix, member)                                                               \
    {prefix "_tokens", K_OPT_INT, offsetof(row, member.tokens)},                                   \
        {prefix "_nano_usd", K_OPT_INT, offsetof(row, member.nano_usd)},                           \
        {prefix "_shots", K_OPT_INT, offsetof(row, member.shots)},                                 \
        {prefix "_turns", K_OPT_INT, offsetof(row, member.turns)},                                 \
        {prefix "_evals", K_OPT_INT, offsetof(row, member.evals)},                                 \
    {                                                                                              \
        prefix "_named", K_TEXT, offsetof(row, member.named)                                       \
    }
#define MEASURE(row, prefix, member)                                                               \
    {prefix "_pass", K_OPT_INT, offsetof(row, member.pass)},                                       \
        {prefix "_correct", K_OPT_REAL, offsetof(row, member.correct)},                            \
        {prefix "_fast", K_OPT_REAL, offsetof(row, member.fast)},                                  \
        {prefix "_secure", K_OPT_REAL, offsetof(row, member.secure)},                              \
        {prefix "_cheap", K_OPT_REAL, offsetof(row, member.cheap)},                                \
    {                                                                                              \
        prefix, K_VALUE, offsetof(row, member.value)                                               \
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

static const column bench_columns[] = {
    BENCH("id", K_NEED, id),           BENCH("kind", K_NEED, kind),
    BENCH("adapter", K_TEXT, adapter), BENCH("seed", K_INT, seed),
    BENCH("split", K_TEXT, split),     BENCH("config", K_VALUE, config),
    BENCH("arms", K_VALUE, arms),      BENCH("started_ms", K_INT, started_ms),
    BENCH("digest", K_DIGEST, digest), BENCH("source", K_TEXT, source),
};

static const column cell_columns[] = {
    CELL("bench_id", K_NEED, bench_id),
    CELL("cell", K_NEED, cell),
    CELL("try", K_INT, try_number),
    CELL("adapter", K_TEXT, adapter),
    CELL("task", K_TEXT, task),
    CELL("grp", K_TEXT, group),
    CELL("arm", K_TEXT, arm),
    CELL("strategy", K_TEXT, strategy),
    CELL("split", K_TEXT, split),
    CELL("seed", K_INT, seed),
    CELL("replicate", K_INT, replicate),
    CELL("status", K_NEED, status),
    CELL("reason", K_TEXT, reason),
    CELL("where_", K_TEXT, where),
    CELL("infra", K_BOOL, infra),
    CELL("over", K_BOOL, over),
    MEASURE(han__cell_row, "score", score),
    MEASURE(han__cell_row, "verdict", verdict),
    CELL("kept", K_OPT_INT, kept),
    CELL("output", K_CONTENT, output),
    AMOUNTS(han__cell_row, "spend", spend),
    AMOUNTS(han__cell_row, "budget", budget),
    CELL("wall_ms", K_OPT_REAL, wall_ms),
    CELL("cpu_ms", K_OPT_REAL, cpu_ms),
    CELL("program", K_DIGEST, program),
    CELL("profile", K_DIGEST, profile),
    CELL("checks", K_DIGEST, checks),
    CELL("engine", K_DIGEST, engine),
    CELL("trust", K_TEXT, trust),
    CELL("sandbox", K_TEXT, sandbox),
    CELL("difficulty", K_OPT_REAL, difficulty),
    CELL("meta", K_TEXT, meta),
    CELL("nodes", K_CONTENT, nodes),
    CELL("decisions", K_CONTENT, decisions),
};

static const column attempt_columns[] = {
    {"cell_id", K_PARENT, 0},
    ATTEMPT("ordinal", K_INT, ordinal),
    ATTEMPT("node", K_TEXT, node),
    ATTEMPT("from_", K_DIGEST, from),
    ATTEMPT("steer", K_CONTENT, steer),
    ATTEMPT("spans", K_CONTENT, spans),
    ATTEMPT("output", K_CONTENT, output),
    ATTEMPT("status", K_TEXT, status),
    ATTEMPT("reason", K_TEXT, reason),
    ATTEMPT("infra", K_BOOL, infra),
    ATTEMPT("over", K_BOOL, over),
    MEASURE(han__attempt_row, "verdict", verdict),
    AMOUNTS(han__attempt_row, "spend", spend),
    ATTEMPT("wall_ms", K_OPT_REAL, wall_ms),
    ATTEMPT("cpu_ms", K_OPT_REAL, cpu_ms),
};

static const struct table {
    const char *name;
    const column *columns;
    size_t count;
} tables[HAN__STMT_COUNT] = {
    [HAN__STMT_BENCH] = {"bench", bench_columns, HAN__COUNT(bench_columns)},
    [HAN__STMT_CELL] = {"cell", cell_columns, HAN__COUNT(cell_columns)},
    [HAN__STMT_ATTEMPT] = {"attempt", attempt_columns, HAN__COUNT(attempt_columns)},
};

int han__corpus_sql(int stmt, han__buf *out)
{
    const struct table *table = &tables[stmt];
    if (stmt == HAN__STMT_BENCH_END)
        return han__buf_text(out, "UPDATE bench SET ended_ms = ?2, result = ?3 WHERE id = ?1");
    int status = han__buf_printf(out, "INSERT INTO %s (", table->name);
    for (size_t i = 0; status == HAN_OK && i < table->count; i++)
        status = han__buf_printf(out, "%s%s", i ? ", " : "", table->columns[i].name);
    if (status == HAN_OK) status = han__buf_text(out, ") VALUES (");
    for (size_t i = 0; status == HAN_OK && i < table->count; i++)
        status = han__buf_text(out, i ? ", ?" : "?");
    return status == HAN_OK ? han__buf_text(out, ")") : status;
}

/* ---- values ---- */

static int put_bytes(han__batch *batch, int bind, han__bytes bytes, han__batch_value *v,
                     han_error *err)
{
    int status = han__batch_copy(batch, bytes, &v->as.bytes, err);
    if (status != HAN_OK) return status;
    v->bind = bind;
    v->len = bytes.len;
    return HAN_OK;
}

static int put_content(han__batch *batch, han__bytes bytes, han__batch_value *v, han_error *err)
{
    int status = han__batch_blob_add(batch, bytes, &v->as.blob, err);
    if (status == HAN_OK) v->bind = HAN__BIND_DIGEST;
    return status;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

static int put_digest(han__batch *batch, const char *name, han__bytes bytes, han__batch_value *v,
                      han_error *err)
{
    uint8_t raw[HAN__SHA256_BYTES];
    const char *hex = bytes.data;
    if (bytes.len == sizeof raw) return put_bytes(batch, HAN__BIND_BYTES, bytes, v, err);
    bool good = bytes.len == 2 * sizeof raw;
    for (size_t i = 0; good && i < sizeof raw; i++) {
        int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);
        good = high >= 0 && low >= 0;
        raw[i] = (uint8_t)((high & 15) << 4 | (low & 15));
    }
    if (!good)
        return han__error_set(err, HAN_INVALID,
                              "'%s' is not a digest (32 bytes or 64 hexadecimal digits)", name);
    return put_bytes(batch, HAN__BIND_BYTES, (han__bytes){raw, sizeof raw}, v, err);
}

/* A field of type han__bytes. */
static int put_field(han__batch *batch, const column *c, han__bytes bytes, han__batch_value *v,
                     han_error *err)
{
    if (!bytes.data)
        return c->kind == K_NEED ? han__error_set(err, HAN_INVALID,
                                                  "a record without '%s' cannot be stored", c->name)
                                 : HAN_OK;
    switch (c->kind) {
    case K_TEXT:
    case K_NEED:
        return put_bytes(batch, HAN__BIND_TEXT, bytes, v, err);
    case K_VALUE:
        return put_bytes(batch, HAN__BIND_BYTES, bytes, v, err);
    case K_DIGEST:
        return put_digest(batch, c->name, bytes, v, err);
    default:
        return put_content(batch, bytes, v, err);
    }
}

static void put_int(han__batch_value *v, bool known, int64_t integer)
{
    if (!known) return;
    v->bind = HAN__BIND_INT;
    v->as.integer = integer;
}

static int put_real(han__batch_value *v, const char *name, const han__opt_real *real,
                    han_error *err)
{
    if (!real->known) return HAN_OK;
    if (isnan(real->value))
        return han__error_set(err, HAN_INVALID, "'%s' is not a number (NaN)", name);
    v->bind = HAN__BIND_REAL;
    v->as.real = real->value;
    return HAN_OK;
}

static int put_column(han__batch *batch, const column *c, const void *row,
                      const han__batch_op *parent, han__batch_value *v, han_error *err)
{
    const void *field = (const uint8_t *)row + c->offset;
    const han__opt_int *opt = field;
    switch (c->kind) {
    case K_PARENT:
        v->bind = HAN__BIND_ROWID;
        v->as.op = parent;
        return HAN_OK;
    case K_INT:
        put_int(v, true, *(const int64_t *)field);
        return HAN_OK;
    case K_BOOL:
        put_int(v, true, *(const bool *)field);
        return HAN_OK;
    case K_OPT_INT:
        put_int(v, opt->known, opt->value);
        return HAN_OK;
    case K_OPT_REAL:
        return put_real(v, c->name, field, err);
    default:
        return put_field(batch, c, *(const han__bytes *)field, v, err);
    }
}

static int add_row(han__batch *batch, int stmt, const void *row, const han__batch_op *parent,
                   han__batch_op **out, han_error *err)
{
    const struct table *table = &tables[stmt];
    han__batch_op *op = NULL;
    int status = han__batch_op_add(batch, stmt, table->count, &op, err);
    for (size_t i = 0; status == HAN_OK && i < table->count; i++)
        status = put_column(batch, &table->columns[i], row, parent, &op->values[i], err);
    if (status != HAN_OK) batch->broken = true;
    *out = op;
    return status;
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
    if (status == HAN_OK) status = put_bytes(batch, HAN__BIND_TEXT, id, &op->values[0], err);
    if (status != HAN_OK) return status;
    put_int(&op->values[1], true, ended_ms);
    return result.data ? put_content(batch, result, &op->values[2], err) : HAN_OK;
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
