/* Private to the store: the mapping from row structs to columns. One table per row, from which both
 * the INSERT text and the values come, so that they cannot differ. */
#ifndef HAN_STORE_ROWS_H
#define HAN_STORE_ROWS_H

#include "base/buf.h"
#include "store/batch.h"

/* What a field of a row struct is, and how it is stored. */
enum {
    HAN__COLUMN_INT,      /* int64_t */
    HAN__COLUMN_BOOL,     /* bool */
    HAN__COLUMN_OPT_INT,  /* han__opt_int */
    HAN__COLUMN_OPT_REAL, /* han__opt_real */
    HAN__COLUMN_TEXT,     /* han__bytes from here on */
    HAN__COLUMN_NEED,     /* text that must be there */
    HAN__COLUMN_NAME,     /* the same, but it outlives the batch and is not copied */
    HAN__COLUMN_VALUE,    /* bytes kept in the row */
    HAN__COLUMN_DIGEST,   /* 32 bytes or 64 hexadecimal digits */
    HAN__COLUMN_CONTENT,  /* stored once; the column holds the digest */
    HAN__COLUMN_PARENT    /* rowid of the row inserted before; no field */
};

typedef struct han__column {
    const char *name;
    int kind;
    size_t offset; /* of the field in the row struct */
} han__column;

/* The column `name`, of HAN__COLUMN_<kind>, from the field `member` of the struct `row`. */
#define HAN__ROW_COLUMN(row, name, kind, member)                                                   \
    {                                                                                              \
        name, HAN__COLUMN_##kind, offsetof(row, member)                                            \
    }

/* One kind of row. */
typedef struct han__rows {
    const char *table;
    const han__column *columns;
    size_t count;
    const char *tail; /* what follows VALUES (...), or NULL */
} han__rows;

/* Appends the INSERT statement. HAN_NOMEM. */
int han__rows_sql(const han__rows *rows, han__buf *out);
/* Adds one row to the batch; *out is its operation, for rows below it. Errors as in corpus.h; the
 * batch is broken after a failure. */
int han__rows_add(han__batch *batch, int stmt, const han__rows *rows, const void *row,
                  const han__batch_op *parent, han__batch_op **out, han_error *err);

/* Single values, for statements that are no plain INSERT. */
int han__rows_put_text(han__batch *batch, han__bytes text, han__batch_value *v, han_error *err);
int han__rows_put_content(han__batch *batch, han__bytes bytes, han__batch_value *v, han_error *err);
void han__rows_put_int(han__batch_value *v, int64_t integer);

#endif
