/* What tests and fuzz targets of model/reply share: feeding a stream cut as asked, and a reply as
 * one text, so that two can be compared. */
#ifndef HAN_TESTS_REPLY_TEXT_H
#define HAN_TESTS_REPLY_TEXT_H

#include "model/reply.h"
#include "model/sse.h"

static inline int reply_take_event(void *ud, const char *name, const uint8_t *data, size_t len)
{
    return han__reply_event(ud, name, data, len);
}

static inline void reply_put(han__buf *out, const char *name, const han__buf *field)
{
    if (field->len == 0) return;
    if (han__buf_printf(out, "%s=", name) || han__buf_append(out, field->data, field->len) ||
        han__buf_byte(out, '\n'))
        out->max = 0;
}

/* Every field that is there, one a line. */
static inline void reply_text(const han__reply *r, int status, han__buf *out)
{
    reply_put(out, "text", &r->text);
    reply_put(out, "reasoning", &r->reasoning);
    reply_put(out, "refusal", &r->refusal);
    for (size_t i = 0; i < r->calls_len; i++) {
        reply_put(out, "call.id", &r->calls[i].id);
        reply_put(out, "call.name", &r->calls[i].name);
        reply_put(out, "call.arguments", &r->calls[i].arguments);
    }
    reply_put(out, "id", &r->id);
    reply_put(out, "model", &r->model);
    reply_put(out, "stop", &r->stop);
    reply_put(out, "usage_start", &r->usage_start);
    reply_put(out, "usage", &r->usage);
    reply_put(out, "error_type", &r->error_type);
    reply_put(out, "error_message", &r->error_message);
    if (han__buf_printf(out, "status=%d done=%d failed=%d%s%s\n", status, r->done, r->failed,
                        r->fault ? " fault=" : "", r->fault ? r->fault : ""))
        out->max = 0;
}

#endif
