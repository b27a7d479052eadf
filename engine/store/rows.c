/* Owns how a field becomes a bound value, for every kind of row the store has. */
#include "base/config.h"

#include "store/rows.h"

#include <math.h>

int han__rows_sql(const han__rows *rows, han__buf *out)
{
    int status = han__buf_printf(out, "INSERT INTO %s (", rows->table);
    for (size_t i = 0; status == HAN_OK && i < rows->count; i++)
        status = han__buf_printf(out, "%s%s", i ? ", " : "", rows->columns[i].name);
    if (status == HAN_OK) status = han__buf_text(out, ") VALUES (");
    for (size_t i = 0; status == HAN_OK && i < rows->count; i++)
        status = han__buf_text(out, i ? ", ?" : "?");
    if (status == HAN_OK) status = han__buf_text(out, ")");
    return status == HAN_OK && rows->tail ? han__buf_text(out, rows->tail) : status;
}

static int put_bytes(han__batch *batch, int bind, han__bytes bytes, han__batch_value *v,
                     han_error *err)
{
    int status = han__batch_copy(batch, bytes, &v->as.bytes, err);
    if (status != HAN_OK) return status;
    v->bind = bind;
    v->len = bytes.len;
    return HAN_OK;
}

int han__rows_put_content(han__batch *batch, han__bytes bytes, han__batch_value *v, han_error *err)
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
static int put_field(han__batch *batch, const han__column *c, han__bytes bytes, han__batch_value *v,
                     han_error *err)
{
    if (!bytes.data)
        return c->kind == HAN__COLUMN_NEED || c->kind == HAN__COLUMN_NAME
                   ? han__error_set(err, HAN_INVALID, "a record without '%s' cannot be stored",
                                    c->name)
                   : HAN_OK;
    switch (c->kind) {
    case HAN__COLUMN_TEXT:
    case HAN__COLUMN_NEED:
        return put_bytes(batch, HAN__BIND_TEXT, bytes, v, err);
    case HAN__COLUMN_NAME:
        *v = (han__batch_value){HAN__BIND_TEXT, bytes.len, {.bytes = bytes.data}};
        return HAN_OK;
    case HAN__COLUMN_VALUE:
        return put_bytes(batch, HAN__BIND_BYTES, bytes, v, err);
    case HAN__COLUMN_DIGEST:
        return put_digest(batch, c->name, bytes, v, err);
    default:
        return han__rows_put_content(batch, bytes, v, err);
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

static int put_column(han__batch *batch, const han__column *c, const void *row,
                      const han__batch_op *parent, han__batch_value *v, han_error *err)
{
    const void *field = (const uint8_t *)row + c->offset;
    const han__opt_int *opt = field;
    switch (c->kind) {
    case HAN__COLUMN_PARENT:
        v->bind = HAN__BIND_ROWID;
        v->as.op = parent;
        return HAN_OK;
    case HAN__COLUMN_INT:
        put_int(v, true, *(const int64_t *)field);
        return HAN_OK;
    case HAN__COLUMN_BOOL:
        put_int(v, true, *(const bool *)field);
        return HAN_OK;
    case HAN__COLUMN_OPT_INT:
        put_int(v, opt->known, opt->value);
        return HAN_OK;
    case HAN__COLUMN_OPT_REAL:
        return put_real(v, c->name, field, err);
    default:
        return put_field(batch, c, *(const han__bytes *)field, v, err);
    }
}

int han__rows_add(han__batch *batch, int stmt, const han__rows *rows, const void *row,
                  const han__batch_op *parent, han__batch_op **out, han_error *err)
{
    han__batch_op *op = NULL;
    int status = han__batch_op_add(batch, stmt, rows->count, &op, err);
    for (size_t i = 0; status == HAN_OK && i < rows->count; i++)
        status = put_column(batch, &rows->columns[i], row, parent, &op->values[i], err);
    if (status != HAN_OK) batch->broken = true;
    *out = op;
    return status;
}

int han__rows_put_text(han__batch *batch, han__bytes text, han__batch_value *v, han_error *err)
{
    return put_bytes(batch, HAN__BIND_TEXT, text, v, err);
}

void han__rows_put_int(han__batch_value *v, int64_t integer)
{
    put_int(v, true, integer);
}
