/* Private to the store: the read-only connection. */
#ifndef HAN_STORE_READER_H
#define HAN_STORE_READER_H

#include <sqlite3.h>

#include "base/buf.h"
#include "store/store.h"

typedef struct han__reader {
    han__mem *mem;
    sqlite3 *db;
    const char *path;
    sqlite3_stmt *blob_get;
    bool busy;   /* a query is running */
    bool denied; /* the query names something that is refused */
} han__reader;

/* Takes the connection, also on failure (release closes it). */
int han__reader_init(han__reader *r, han__mem *mem, sqlite3 *db, const char *path, han_error *err);
void han__reader_release(han__reader *r);
/* See han__blob_get and han__store_query. */
int han__reader_blob(han__reader *r, const uint8_t *digest, han__buf *out, han_error *err);
int han__reader_query(han__reader *r, const han__query *q, han__query_row_fn row, void *ud,
                      han_error *err);

#endif
