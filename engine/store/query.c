/* Owns reading: one statement at a time on the read-only connection, allowed only to select,
 * bounded in rows and in time. */
#include "base/config.h"

#include <sqlite3.h>

#include "base/clock.h"
#include "store/blob.h"
#include "store/reader.h"
#include "store/sql.h"

#define QUERY_ROWS_DEFAULT 1000000u
#define QUERY_MS_DEFAULT   5000u
#define QUERY_COLUMNS_MAX  256
#define PROGRESS_OPS       2000 /* virtual machine steps between two looks at the clock */

typedef struct deadline {
    han__clock clock;
    uint64_t at_ns;
    bool passed;
} deadline;

static int authorize(void *ud, int action, const char *a, const char *b, const char *c,
                     const char *d)
{
    han__reader *r = ud;
    HAN__UNUSED(a);
    HAN__UNUSED(c);
    HAN__UNUSED(d);
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
        return SQLITE_OK;
    case SQLITE_FUNCTION:
        if (sqlite3_stricmp(b, "load_extension") && sqlite3_stricmp(b, "fts3_tokenizer"))
            return SQLITE_OK;
        break;
    default:
        break;
    }
    r->denied = true; /* a virtual table reports the refusal as some other failure */
    return SQLITE_DENY;
}

static int out_of_time(void *ud)
{
    deadline *d = ud;
    d->passed = han__clock_mono_ns(&d->clock) >= d->at_ns;
    return d->passed;
}

/* content(digest): the stored content as a blob, NULL for NULL. */
static void sql_content(sqlite3_context *context, int count, sqlite3_value **values)
{
    han__reader *r = sqlite3_user_data(context);
    han_error err;
    han__buf buf;
    HAN__UNUSED(count);
    if (sqlite3_value_type(values[0]) == SQLITE_NULL) return;
    if (sqlite3_value_type(values[0]) != SQLITE_BLOB ||
        sqlite3_value_bytes(values[0]) != HAN__SHA256_BYTES) {
        sqlite3_result_error(context, "content() takes a digest", -1);
        return;
    }
    han__error_clear(&err);
    han__buf_init(&buf, r->mem, HAN__BLOB_BYTES_MAX + 1);
    if (han__reader_blob(r, sqlite3_value_blob(values[0]), &buf, &err) != HAN_OK) {
        sqlite3_result_error(context, err.message, -1);
        if (err.code == HAN_CORRUPT) sqlite3_result_error_code(context, SQLITE_CORRUPT);
    } else {
        sqlite3_result_blob64(context, buf.len ? (const void *)buf.data : "", buf.len,
                              SQLITE_TRANSIENT);
    }
    han__buf_release(&buf);
}

int han__reader_init(han__reader *r, han__mem *mem, sqlite3 *db, const char *path, han_error *err)
{
    *r = (han__reader){.mem = mem, .db = db, .path = path};
    int rc = sqlite3_prepare_v3(db, "SELECT codec, size, bytes FROM blob WHERE digest = ?1", -1,
                                SQLITE_PREPARE_PERSISTENT, &r->blob_get, NULL);
    if (rc != SQLITE_OK) return han__sql_fail_schema(err, db, rc, path);
    rc = sqlite3_create_function_v2(db, "content", 1, SQLITE_UTF8 | SQLITE_DIRECTONLY, r,
                                    sql_content, NULL, NULL, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_set_authorizer(db, authorize, r);
    return rc == SQLITE_OK ? HAN_OK : han__sql_fail(err, db, rc, path, "opening the store to read");
}

void han__reader_release(han__reader *r)
{
    sqlite3_finalize(r->blob_get);
    sqlite3_close(r->db);
}

int han__reader_blob(han__reader *r, const uint8_t *digest, han__buf *out, han_error *err)
{
    char hex[HAN__SHA256_HEX];
    int status, rc = sqlite3_bind_blob(r->blob_get, 1, digest, HAN__SHA256_BYTES, SQLITE_STATIC);
    if (rc == SQLITE_OK) rc = sqlite3_step(r->blob_get);
    if (rc == SQLITE_ROW) {
        const void *bytes = sqlite3_column_blob(r->blob_get, 2);
        status = han__blob_unpack(sqlite3_column_int64(r->blob_get, 0),
                                  sqlite3_column_int64(r->blob_get, 1), bytes,
                                  (size_t)sqlite3_column_bytes(r->blob_get, 2), digest, out, err);
    } else if (rc == SQLITE_DONE) {
        han__sha256_hex(digest, hex);
        status = han__error_set(err, HAN_UNKNOWN, "%s holds no content %s", r->path, hex);
    } else {
        status = han__sql_fail(err, r->db, rc, r->path, "reading a content");
    }
    sqlite3_reset(r->blob_get);
    sqlite3_clear_bindings(r->blob_get);
    return status;
}

/* ---- one query ---- */

static int refuse(han__reader *r, int rc, han_error *err)
{
    if (r->denied)
        return han__error_set(err, HAN_INVALID, "a query may only read: %s", sqlite3_errmsg(r->db));
    if (rc == SQLITE_ERROR)
        return han__error_set(err, HAN_SYNTAX, "the query is not right: %s", sqlite3_errmsg(r->db));
    return han__sql_fail(err, r->db, rc, r->path, "a query");
}

/* Only blanks, comments and semicolons may follow; SQLite's own parser says what is one. */
static int check_tail(han__reader *r, const char *tail, han_error *err)
{
    while (*tail) {
        sqlite3_stmt *more = NULL;
        const char *next = tail;
        int rc = sqlite3_prepare_v2(r->db, tail, -1, &more, &next);
        if (rc != SQLITE_OK || more) {
            sqlite3_finalize(more);
            return han__error_set(err, HAN_INVALID, "a query must be one statement");
        }
        if (next == tail) break;
        tail = next;
    }
    return HAN_OK;
}

static int bind_params(han__reader *r, sqlite3_stmt *stmt, const han__query *q, han_error *err)
{
    int rc = SQLITE_OK, wanted = sqlite3_bind_parameter_count(stmt);
    if ((size_t)wanted != q->param_count)
        return han__error_set(err, HAN_INVALID, "the query takes %d parameters, not %zu", wanted,
                              q->param_count);
    for (int i = 0; rc == SQLITE_OK && i < wanted; i++) {
        const han__sqlval *v = &q->params[i];
        switch (v->type) {
        case HAN__SQL_INT:
            rc = sqlite3_bind_int64(stmt, i + 1, v->integer);
            break;
        case HAN__SQL_REAL:
            rc = sqlite3_bind_double(stmt, i + 1, v->real);
            break;
        case HAN__SQL_TEXT:
            rc = sqlite3_bind_text64(stmt, i + 1, v->bytes ? v->bytes : "", v->len, SQLITE_STATIC,
                                     SQLITE_UTF8);
            break;
        case HAN__SQL_BYTES:
            rc = sqlite3_bind_blob64(stmt, i + 1, v->bytes ? v->bytes : "", v->len, SQLITE_STATIC);
            break;
        default:
            rc = sqlite3_bind_null(stmt, i + 1);
        }
    }
    return rc == SQLITE_OK ? HAN_OK : refuse(r, rc, err);
}

static int prepare(han__reader *r, const han__query *q, sqlite3_stmt **out, han_error *err)
{
    const char *tail = "";
    sqlite3_stmt *stmt = NULL;
    r->denied = false;
    int status = HAN_OK, rc = sqlite3_prepare_v2(r->db, q->sql, -1, &stmt, &tail);
    if (rc != SQLITE_OK) return refuse(r, rc, err);
    if (!stmt) return han__error_set(err, HAN_INVALID, "the query is empty");
    if (!sqlite3_stmt_readonly(stmt) || sqlite3_column_count(stmt) < 1)
        status = han__error_set(err, HAN_INVALID, "a query may only read");
    else if (sqlite3_column_count(stmt) > QUERY_COLUMNS_MAX)
        status =
            han__error_set(err, HAN_LIMIT, "a query has at most %d columns", QUERY_COLUMNS_MAX);
    if (status == HAN_OK) status = check_tail(r, tail, err);
    if (status == HAN_OK) status = bind_params(r, stmt, q, err);
    if (status == HAN_OK)
        *out = stmt;
    else
        sqlite3_finalize(stmt);
    return status;
}

static han__sqlval column(sqlite3_stmt *stmt, int i)
{
    han__sqlval v = {.type = HAN__SQL_NULL};
    switch (sqlite3_column_type(stmt, i)) {
    case SQLITE_INTEGER:
        v.type = HAN__SQL_INT;
        v.integer = sqlite3_column_int64(stmt, i);
        break;
    case SQLITE_FLOAT:
        v.type = HAN__SQL_REAL;
        v.real = sqlite3_column_double(stmt, i);
        break;
    case SQLITE_TEXT:
        v.type = HAN__SQL_TEXT;
        v.bytes = sqlite3_column_text(stmt, i);
        v.len = (size_t)sqlite3_column_bytes(stmt, i);
        break;
    case SQLITE_BLOB:
        v.type = HAN__SQL_BYTES;
        v.bytes = sqlite3_column_blob(stmt, i);
        v.len = (size_t)sqlite3_column_bytes(stmt, i);
        if (!v.bytes) v.bytes = "";
        break;
    default:
        break;
    }
    return v;
}

static int run_rows(han__reader *r, sqlite3_stmt *stmt, uint64_t max, const deadline *limit,
                    han__query_row_fn row, void *ud, han_error *err)
{
    const char *names[QUERY_COLUMNS_MAX];
    han__sqlval values[QUERY_COLUMNS_MAX];
    int rc, columns = sqlite3_column_count(stmt);
    for (uint64_t rows = 0; (rc = sqlite3_step(stmt)) == SQLITE_ROW; rows++) {
        if (rows == max)
            return han__error_set(err, HAN_LIMIT,
                                  "the query gives more than %llu rows; add a LIMIT",
                                  (unsigned long long)max);
        for (int i = 0; i < columns; i++) {
            names[i] = sqlite3_column_name(stmt, i);
            values[i] = column(stmt, i);
            if (!names[i] || (values[i].type == HAN__SQL_TEXT && !values[i].bytes))
                return han__error_set(err, HAN_NOMEM, "no memory for a row of the query");
        }
        int status = row(ud, (size_t)columns, names, values);
        if (status != HAN_OK) return status;
    }
    if (rc == SQLITE_DONE) return HAN_OK;
    if (limit->passed)
        return han__error_set(err, HAN_LIMIT, "the query took too long and was stopped");
    return refuse(r, rc, err);
}

int han__reader_query(han__reader *r, const han__query *q, han__query_row_fn row, void *ud,
                      han_error *err)
{
    deadline limit = {.passed = false};
    sqlite3_stmt *stmt = NULL;
    if (r->busy)
        return han__error_set(err, HAN_MISUSE, "a query from inside a query's row function");
    int status = prepare(r, q, &stmt, err);
    if (status != HAN_OK) return status;
    han__clock_init(&limit.clock);
    limit.at_ns = han__clock_mono_ns(&limit.clock) +
                  (uint64_t)(q->timeout_ms ? q->timeout_ms : QUERY_MS_DEFAULT) * 1000000u;
    r->busy = true;
    sqlite3_progress_handler(r->db, PROGRESS_OPS, out_of_time, &limit);
    status =
        run_rows(r, stmt, q->max_rows ? q->max_rows : QUERY_ROWS_DEFAULT, &limit, row, ud, err);
    sqlite3_progress_handler(r->db, 0, NULL, NULL);
    r->busy = false;
    sqlite3_finalize(stmt);
    return status;
}
