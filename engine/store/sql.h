/* Private to the store: opening SQLite connections the defensive way, and turning SQLite's codes
 * into ours with a text that says which file, what was done, and what to do next. */
#ifndef HAN_STORE_SQL_H
#define HAN_STORE_SQL_H

#include <sqlite3.h>

#include "base/error.h"

typedef struct han__sql_open {
    const char *path;
    const char *vfs;
    int flags; /* SQLITE_OPEN_... */
    uint32_t busy_ms;
} han__sql_open;

/* A connection used by one thread at a time. HAN_IO, HAN_NOMEM and what han__sql_fail gives. */
int han__sql_connect(const han__sql_open *how, sqlite3 **out, han_error *err);
/* Runs SQL without parameters. `doing` is for the message ("making the schema"). */
int han__sql_run(sqlite3 *db, const char *path, const char *doing, const char *sql, han_error *err);
/* The first column of the first row of an SQL text, as an integer. */
int han__sql_number(sqlite3 *db, const char *path, const char *sql, int64_t *out, han_error *err);
/* The status for an SQLite result code. */
int han__sql_status(int rc);
/* Fills err for a failed SQLite call; returns the status. Safe on the writer thread. */
int han__sql_fail(han_error *err, sqlite3 *db, int rc, const char *path, const char *doing);

/* The same for a statement of ours that does not compile: a plain error means that the tables are
 * not those of the schema version that the file claims, which is HAN_CORRUPT. */
int han__sql_fail_schema(han_error *err, sqlite3 *db, int rc, const char *path);

#endif
