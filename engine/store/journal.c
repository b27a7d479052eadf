/* Owns the rows of the journal: how they are stored, and the reading of a run in pieces, so that no
 * query has to bear a whole long one. */
#include "base/config.h"

#include "store/journal.h"
#include "store/rows.h"

#include <inttypes.h>

#define PIECE_ROWS 5000
#define PIECE_MS   60000u
#define NUMBER_MAX INT32_MAX
#define PLACE_BITS 32

typedef struct run_row {
    han__bytes bench_id, cell;
} run_row;

static const han__column run_columns[] = {
    HAN__ROW_COLUMN(run_row, "bench_id", NEED, bench_id),
    HAN__ROW_COLUMN(run_row, "cell", NEED, cell),
};

static const han__column row_columns[] = {
    HAN__ROW_COLUMN(han__journal_row, "id", INT, id),
    HAN__ROW_COLUMN(han__journal_row, "kind", NAME, kind),
    HAN__ROW_COLUMN(han__journal_row, "node", NEED, node),
    HAN__ROW_COLUMN(han__journal_row, "clock", INT, clock),
    HAN__ROW_COLUMN(han__journal_row, "code", TEXT, code),
    HAN__ROW_COLUMN(han__journal_row, "text", TEXT, text),
    HAN__ROW_COLUMN(han__journal_row, "place", TEXT, place),
    HAN__ROW_COLUMN(han__journal_row, "amount", TEXT, amount),
    HAN__ROW_COLUMN(han__journal_row, "flags", OPT_INT, flags),
    HAN__ROW_COLUMN(han__journal_row, "value", VALUE, value),
    HAN__ROW_COLUMN(han__journal_row, "content", CONTENT, content),
};

/* Most rows have no other field: naming only these saves 4 % of the instructions of a
 * node (tests/bench/journal_spawn). */
static const han__column short_columns[] = {
    HAN__ROW_COLUMN(han__journal_row, "id", INT, id),
    HAN__ROW_COLUMN(han__journal_row, "kind", NAME, kind),
    HAN__ROW_COLUMN(han__journal_row, "node", NEED, node),
    HAN__ROW_COLUMN(han__journal_row, "clock", INT, clock),
    HAN__ROW_COLUMN(han__journal_row, "text", TEXT, text),
    HAN__ROW_COLUMN(han__journal_row, "value", VALUE, value),
};

static bool is_short(const han__journal_row *row)
{
    return !row->code.data && !row->place.data && !row->amount.data && !row->flags.known &&
           !row->content.data;
}

static const han__rows journal_rows[] = {
    {"journal_run", run_columns, HAN__COUNT(run_columns), NULL},
    {"journal", row_columns, HAN__COUNT(row_columns), NULL},
    {"journal", short_columns, HAN__COUNT(short_columns), NULL},
    {"journal", row_columns, HAN__COUNT(row_columns), NULL},
};

/* Without the row before it, its kind is NULL, which the table does not take. */
#define FIRST "CASE WHEN EXISTS (SELECT 1 FROM journal WHERE id = ?1 - 1) THEN ?2 END"

static int first_sql(han__buf *out)
{
    int status = han__buf_text(out, "INSERT INTO journal (");
    for (size_t i = 0; status == HAN_OK && i < HAN__COUNT(row_columns); i++)
        status = han__buf_printf(out, "%s%s", i ? ", " : "", row_columns[i].name);
    if (status == HAN_OK) status = han__buf_text(out, ") VALUES (?1, " FIRST);
    for (size_t i = 3; status == HAN_OK && i <= HAN__COUNT(row_columns); i++)
        status = han__buf_printf(out, ", ?%zu", i);
    return status == HAN_OK ? han__buf_text(out, ")") : status;
}

int han__journal_sql(int stmt, han__buf *out)
{
    if (stmt == HAN__STMT_JOURNAL_FIRST) return first_sql(out);
    if (stmt == HAN__STMT_JOURNAL_USED)
        return han__buf_text(out, "UPDATE journal_run SET used_ms = ?2 WHERE number = ?1");
    return han__rows_sql(&journal_rows[stmt - HAN__STMT_JOURNAL_RUN], out);
}

/* ---- runs ---- */

static int first_number(void *ud, size_t columns, const char *const *names,
                        const han__sqlval *values)
{
    HAN__UNUSED(columns);
    HAN__UNUSED(names);
    *(int64_t *)ud = values[0].integer;
    return HAN_OK;
}

int han__journal_find(han__store *store, const char *bench_id, const char *cell, int64_t *number,
                      han_error *err)
{
    int64_t found = 0;
    han__sqlval params[] = {{.type = HAN__SQL_TEXT, .bytes = bench_id, .len = strlen(bench_id)},
                            {.type = HAN__SQL_TEXT, .bytes = cell, .len = strlen(cell)}};
    han__query query = {.sql = "SELECT number FROM journal_run WHERE bench_id = ?1 AND cell = ?2",
                        .params = params,
                        .param_count = HAN__COUNT(params)};
    int status = han__store_query(store, &query, first_number, &found, err);
    if (status != HAN_OK) return status;
    if (found == 0)
        return han__error_set(err, HAN_UNKNOWN, "the run %s has no journal for '%s'", bench_id,
                              cell);
    *number = found;
    return HAN_OK;
}

static int put_run(han__store *store, const run_row *row, han_error *err)
{
    han__batch *batch = NULL;
    han__batch_op *op;
    int status = han__batch_new(store, &batch, err);
    if (status == HAN_OK)
        status = han__rows_add(batch, HAN__STMT_JOURNAL_RUN, &journal_rows[0], row, NULL, &op, err);
    if (status == HAN_OK) status = han__store_put(store, batch, NULL, NULL, err);
    if (status != HAN_OK) han__batch_free(batch);
    return status;
}

/* The row is looked for afterwards, instead of asking what became of it: so nothing of this call is
 * left behind when it gives up waiting. */
int han__journal_begin(han__store *store, const char *bench_id, const char *cell, int64_t *number,
                       han_error *err)
{
    run_row row = {{bench_id, strlen(bench_id)}, {cell, strlen(cell)}};
    han_error none = {0};
    int status = han__journal_find(store, bench_id, cell, number, &none);
    if (status == HAN_OK)
        return han__error_set(err, HAN_INVALID, "the run %s has a journal for '%s' already",
                              bench_id, cell);
    if (status == HAN_UNKNOWN) status = put_run(store, &row, err);
    if (status == HAN_OK) status = han__store_flush(store, HAN__STORE_FLUSH_DEFAULT, err);
    if (status != HAN_OK) return status;
    status = han__journal_find(store, bench_id, cell, number, &none);
    if (status != HAN_UNKNOWN) return status;
    return han__error_set(err, HAN_INVALID, "there is no stored run %s to keep a journal of",
                          bench_id);
}

int han__journal_begin_all(han__store *store, const char *bench_id, const char *const *cells,
                           size_t count, han_error *err)
{
    han__batch *batch = NULL;
    han__batch_op *op;
    int status = han__batch_new(store, &batch, err);
    for (size_t i = 0; status == HAN_OK && i < count; i++) {
        run_row row = {{bench_id, strlen(bench_id)}, {cells[i], strlen(cells[i])}};
        status =
            han__rows_add(batch, HAN__STMT_JOURNAL_RUN, &journal_rows[0], &row, NULL, &op, err);
    }
    if (status == HAN_OK) status = han__store_put(store, batch, NULL, NULL, err);
    if (status == HAN_OK) return han__store_flush(store, HAN__STORE_FLUSH_DEFAULT, err);
    han__batch_free(batch);
    return status;
}

/* ---- rows ---- */

int han__journal_add(han__batch *batch, int64_t number, uint64_t place, han__journal_row *row,
                     han_error *err)
{
    han__batch_op *op;
    if (number < 1 || number > NUMBER_MAX || place < 1 || place > HAN__JOURNAL_ROWS_MAX) {
        batch->broken = true;
        return han__error_set(err, HAN_LIMIT, "a run has at most %" PRIu64 " journal rows",
                              HAN__JOURNAL_ROWS_MAX);
    }
    row->id = number << PLACE_BITS | (int64_t)place;
    if (row->value.len > HAN__JOURNAL_INLINE_MAX) {
        row->content = row->value;
        row->value = (han__bytes){0};
    }
    int stmt = is_short(row) ? HAN__STMT_JOURNAL_SHORT : HAN__STMT_JOURNAL;
    if (row->first && place > 1) stmt = HAN__STMT_JOURNAL_FIRST;
    return han__rows_add(batch, stmt, &journal_rows[stmt - HAN__STMT_JOURNAL_RUN], row, NULL, &op,
                         err);
}

int han__journal_used(han__batch *batch, int64_t number, int64_t used_ms, han_error *err)
{
    han__batch_op *op;
    int status = han__batch_op_add(batch, HAN__STMT_JOURNAL_USED, 2, &op, err);
    if (status != HAN_OK) {
        batch->broken = true;
        return status;
    }
    han__rows_put_int(&op->values[0], number);
    han__rows_put_int(&op->values[1], used_ms);
    return HAN_OK;
}

int han__journal_read_used(han__store *store, int64_t number, int64_t *used_ms, han_error *err)
{
    han__sqlval param = {.type = HAN__SQL_INT, .integer = number};
    han__query query = {.sql =
                            "SELECT coalesce(max(used_ms), 0) FROM journal_run WHERE number = ?1",
                        .params = &param,
                        .param_count = 1};
    return han__store_query(store, &query, first_number, used_ms, err);
}

/* ---- reading ---- */

typedef struct reading {
    int64_t number;
    uint64_t place; /* of the row read last */
    uint64_t piece; /* rows of this piece so far */
    han__journal_fn fn;
    void *ud;
    han_error *err;
} reading;

static han__bytes bytes_of(const han__sqlval *v)
{
    if (v->type == HAN__SQL_NULL) return (han__bytes){0};
    return (han__bytes){v->bytes ? v->bytes : "", v->len};
}

static int on_row(void *ud, size_t columns, const char *const *names, const han__sqlval *values)
{
    reading *r = ud;
    HAN__UNUSED(columns);
    HAN__UNUSED(names);
    uint64_t place = (uint64_t)values[0].integer & UINT32_MAX;
    if (place != r->place + 1)
        return han__error_set(r->err, HAN_CORRUPT,
                              "row %" PRIu64 " of journal %" PRId64 " is missing", r->place + 1,
                              r->number);
    r->place = place;
    r->piece++;
    const han__journal_row row = {
        .id = (int64_t)place,
        .kind = bytes_of(&values[1]),
        .node = bytes_of(&values[2]),
        .clock = values[3].integer,
        .code = bytes_of(&values[4]),
        .text = bytes_of(&values[5]),
        .place = bytes_of(&values[6]),
        .amount = bytes_of(&values[7]),
        .flags = {values[8].type == HAN__SQL_INT, values[8].integer},
        .value = bytes_of(&values[9]),
    };
    return r->fn(r->ud, &row);
}

static int read_piece(han__store *store, reading *r, han_error *err)
{
    const int64_t base = r->number << PLACE_BITS;
    han__sqlval params[] = {
        {.type = HAN__SQL_INT, .integer = base | (int64_t)r->place},
        {.type = HAN__SQL_INT, .integer = base | (int64_t)HAN__JOURNAL_ROWS_MAX},
        {.type = HAN__SQL_INT, .integer = PIECE_ROWS},
    };
    han__query query = {
        .sql = "SELECT id, kind, node, clock, code, text, place, amount, flags, CASE WHEN content "
               "IS NULL THEN value ELSE content(content) END FROM journal WHERE id > ?1 AND id <= "
               "?2 ORDER BY id LIMIT ?3",
        .params = params,
        .param_count = HAN__COUNT(params),
        .timeout_ms = PIECE_MS};
    r->piece = 0;
    int status = han__store_query(store, &query, on_row, r, err);
    if (status != HAN_SYNTAX) return status;
    if (err) err->code = HAN_CORRUPT; /* of a statement of ours: content() found nothing */
    return HAN_CORRUPT;
}

int han__journal_read(han__store *store, int64_t number, uint64_t after, han__journal_fn fn,
                      void *ud, han_error *err)
{
    reading r = {.number = number, .place = after, .fn = fn, .ud = ud, .err = err};
    int status;
    do status = read_piece(store, &r, err);
    while (status == HAN_OK && r.piece == PIECE_ROWS);
    return status;
}
