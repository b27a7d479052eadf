/* Owns the moving of rows from a store that may be damaged into one that is not. */
#include "base/config.h"

#include <sqlite3.h>

#include "store/blob.h"
#include "store/salvage.h"
#include "store/sql.h"

#include <stdio.h>

#define SQL_MAX     4000
#define COLUMNS_MAX 100

/* One table on its way. */
typedef struct table {
    han__salvage *s;
    han__examined_table *found;
    bool is_blob;
    char columns[SQL_MAX], key[256], descending[256];
    int count; /* of columns */
    sqlite3_stmt *insert;
    han__buf content;
} table;

/* How a row went. */
enum { ROW_TAKEN, ROW_REFUSED, ROW_TWICE, ROW_FAILED };

/* ---- one row ---- */

/* Contents are checked against their digest; without `keep` their bytes are not moved. */
static bool content_is_right(table *t, sqlite3_stmt *row)
{
    han_error none = {0};
    const void *digest = sqlite3_column_blob(row, 1);
    if (sqlite3_column_bytes(row, 1) != HAN__SHA256_BYTES || !digest) return false;
    uint8_t copy[HAN__SHA256_BYTES];
    memcpy(copy, digest, sizeof copy);
    han__buf_reset(&t->content);
    const void *bytes = sqlite3_column_blob(row, 4);
    return han__blob_unpack(sqlite3_column_int64(row, 2), sqlite3_column_int64(row, 3), bytes,
                            (size_t)sqlite3_column_bytes(row, 4), copy, &t->content,
                            &none) == HAN_OK;
}

static int bind_row(table *t, sqlite3_stmt *row)
{
    int rc = SQLITE_OK, last = t->is_blob && !t->s->keep ? t->count - 1 : t->count;
    for (int i = 1; rc == SQLITE_OK && i <= last; i++)
        rc = sqlite3_bind_value(t->insert, i, sqlite3_column_value(row, i));
    if (rc == SQLITE_OK && last < t->count) rc = sqlite3_bind_zeroblob(t->insert, t->count, 0);
    return rc;
}

static int move_row(table *t, sqlite3_stmt *row)
{
    if (t->is_blob && !content_is_right(t, row)) return ROW_REFUSED;
    int rc = bind_row(t, row);
    if (rc == SQLITE_OK) rc = sqlite3_step(t->insert);
    int extended = sqlite3_extended_errcode(t->s->to);
    if (rc != SQLITE_DONE && (rc & 0xff) != SQLITE_CONSTRAINT && (rc & 0xff) != SQLITE_TOOBIG)
        han__sql_fail(t->s->err, t->s->to, rc, "the new store", "writing a row");
    sqlite3_reset(t->insert);
    sqlite3_clear_bindings(t->insert);
    if (rc == SQLITE_DONE) return ROW_TAKEN;
    if (extended == SQLITE_CONSTRAINT_PRIMARYKEY || extended == SQLITE_CONSTRAINT_UNIQUE ||
        extended == SQLITE_CONSTRAINT_ROWID)
        return ROW_TWICE;
    return t->s->err->code == HAN_OK ? ROW_REFUSED : ROW_FAILED;
}

/* ---- one pass over a table ---- */

/* Gives SQLite's code: DONE at the end, ROW when it met a row that it has. */
static int pass(table *t, bool backwards)
{
    char sql[2 * SQL_MAX];
    sqlite3_stmt *rows = NULL;
    snprintf(sql, sizeof sql, "SELECT 0%s FROM \"%s\" NOT INDEXED ORDER BY %s", t->columns,
             t->found->name, backwards ? t->descending : t->key);
    int rc = sqlite3_prepare_v2(t->s->from, sql, -1, &rows, NULL);
    while (rc == SQLITE_OK && (rc = sqlite3_step(rows)) == SQLITE_ROW) {
        int went = move_row(t, rows);
        if (went == ROW_TWICE || went == ROW_FAILED) break;
        if (went == ROW_TAKEN)
            t->found->rows++;
        else
            t->found->refused++;
        rc = SQLITE_OK;
    }
    if (rc != SQLITE_DONE && rc != SQLITE_ROW && !t->found->failed[0])
        snprintf(t->found->failed, sizeof t->found->failed, "%s", sqlite3_errmsg(t->s->from));
    sqlite3_finalize(rows);
    return rc;
}

static void move_table(table *t)
{
    int rc = pass(t, false);
    if (rc == SQLITE_ROW && t->s->err->code == HAN_OK)
        snprintf(t->found->failed, sizeof t->found->failed, "a row stands there twice");
    if (rc == SQLITE_DONE || rc == SQLITE_INTERRUPT || t->s->err->code != HAN_OK) return;
    pass(t, true);
}

/* ---- what a table is ---- */

static int add_name(char *list, size_t cap, const char *before, const char *name, const char *after)
{
    size_t len = strlen(list);
    int n = snprintf(list + len, cap - len, "%s\"%s\"%s", before, name, after);
    return n > 0 && (size_t)n < cap - len ? HAN_OK : HAN_INTERNAL;
}

/* Reads the columns from the new store, whose schema is known; a table without a rowid has a key.
 */
static int describe(table *t)
{
    char sql[160], marks[3 * COLUMNS_MAX] = "", insert[SQL_MAX + 4 * COLUMNS_MAX + 100];
    sqlite3_stmt *info = NULL, *probe = NULL;
    int rc, bad = HAN_OK;
    snprintf(sql, sizeof sql, "SELECT rowid FROM \"%s\"", t->found->name);
    bool has_rowid = sqlite3_prepare_v2(t->s->to, sql, -1, &probe, NULL) == SQLITE_OK;
    sqlite3_finalize(probe);
    snprintf(sql, sizeof sql, "SELECT name, pk FROM pragma_table_info('%s')", t->found->name);
    rc = sqlite3_prepare_v2(t->s->to, sql, -1, &info, NULL);
    while (rc == SQLITE_OK && (rc = sqlite3_step(info)) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(info, 0);
        rc = SQLITE_OK;
        if (!name || t->count == COLUMNS_MAX) continue;
        bad |= add_name(t->columns, sizeof t->columns, ", ", name, "");
        memcpy(marks + 2 * t->count++, ",?", 3); /* the first comma is left out */
        if (has_rowid || sqlite3_column_int(info, 1) == 0) continue;
        bad |= add_name(t->key, sizeof t->key, t->key[0] ? ", " : "", name, "");
        bad |= add_name(t->descending, sizeof t->descending, t->descending[0] ? ", " : "", name,
                        " DESC");
    }
    sqlite3_finalize(info);
    if (has_rowid) snprintf(t->key, sizeof t->key, "rowid");
    if (has_rowid) snprintf(t->descending, sizeof t->descending, "rowid DESC");
    snprintf(insert, sizeof insert, "INSERT INTO \"%s\" (%s) VALUES (%s)", t->found->name,
             t->columns + 2, marks + 1);
    if (rc == SQLITE_DONE && bad == HAN_OK)
        rc = sqlite3_prepare_v2(t->s->to, insert, -1, &t->insert, NULL);
    if (rc == SQLITE_OK) return HAN_OK;
    return han__sql_fail(t->s->err, t->s->to, rc, "the new store", "reading its tables");
}

static int salvage_table(han__salvage *s, const char *name)
{
    table t = {.s = s, .found = &s->found->tables[s->found->table_count++]};
    snprintf(t.found->name, sizeof t.found->name, "%s", name);
    t.is_blob = strcmp(name, "blob") == 0;
    han__buf_init(&t.content, s->mem, HAN__BLOB_BYTES_MAX + 1);
    if (describe(&t) == HAN_OK) move_table(&t);
    if (t.is_blob)
        s->found->contents = (han__examined_kind){t.found->rows + t.found->refused, t.found->rows};
    sqlite3_finalize(t.insert);
    han__buf_release(&t.content);
    return s->err->code;
}

int han__salvage_tables(han__salvage *s)
{
    sqlite3_stmt *names = NULL;
    int status = HAN_OK, rc = sqlite3_prepare_v2(s->to,
                                                 "SELECT name FROM sqlite_schema WHERE type = "
                                                 "'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1",
                                                 -1, &names, NULL);
    while (status == HAN_OK && rc == SQLITE_OK && (rc = sqlite3_step(names)) == SQLITE_ROW) {
        rc = SQLITE_OK;
        if (s->found->table_count < HAN__EXAMINE_TABLES)
            status = salvage_table(s, (const char *)sqlite3_column_text(names, 0));
    }
    sqlite3_finalize(names);
    if (status != HAN_OK || rc == SQLITE_DONE) return status;
    return han__sql_fail(s->err, s->to, rc, "the new store", "reading its tables");
}
