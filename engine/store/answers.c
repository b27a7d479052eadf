/* Owns the rows of answers: writing and finding them. */
#include "base/config.h"

#include "store/answers.h"
#include "store/rows.h"

#define COLUMN(name, kind)                                                                         \
    {                                                                                              \
#name, HAN__COLUMN_##kind, offsetof(han__answer, name)                                     \
    }

static const han__column columns[] = {
    COLUMN(digest, DIGEST),  COLUMN(kind, NEED),     COLUMN(said, VALUE),
    COLUMN(output, CONTENT), COLUMN(trace, CONTENT),
};

static const han__rows rows = {"answer", columns, HAN__COUNT(columns),
                               " ON CONFLICT (digest) DO NOTHING"};

int han__answers_sql(han__buf *out)
{
    return han__rows_sql(&rows, out);
}

int han__answers_add(han__batch *batch, const han__answer *answer, han_error *err)
{
    han__batch_op *op;
    return han__rows_add(batch, HAN__STMT_ANSWER, &rows, answer, NULL, &op, err);
}

typedef struct finding {
    han__answer_fn fn;
    void *ud;
    bool found;
} finding;

static han__bytes bytes_of(const han__sqlval *v)
{
    if (v->type == HAN__SQL_NULL) return (han__bytes){0};
    return (han__bytes){v->bytes ? v->bytes : "", v->len};
}

static int on_row(void *ud, size_t count, const char *const *names, const han__sqlval *values)
{
    finding *f = ud;
    HAN__UNUSED(count);
    HAN__UNUSED(names);
    f->found = true;
    f->fn(f->ud, &(han__answer){.kind = bytes_of(&values[0]),
                                .said = bytes_of(&values[1]),
                                .output = bytes_of(&values[2]),
                                .trace = bytes_of(&values[3])});
    return HAN_OK;
}

int han__answers_find(han__store *store, const uint8_t digest[32], han__answer_fn fn, void *ud,
                      han_error *err)
{
    finding f = {fn, ud, false};
    const han__sqlval param = {.type = HAN__SQL_BYTES, .bytes = digest, .len = HAN__SHA256_BYTES};
    han__query query = {.sql = "SELECT kind, said, content(output), content(trace) FROM answer "
                               "WHERE digest = ?1",
                        .params = &param,
                        .param_count = 1};
    int status = han__store_query(store, &query, on_row, &f, err);
    if (status == HAN_SYNTAX) { /* of a statement of ours: content() found nothing */
        status = HAN_CORRUPT;
        if (err) err->code = status;
    }
    if (status != HAN_OK || f.found) return status;
    return han__error_set(err, HAN_UNKNOWN, "there is no answer to this request");
}
