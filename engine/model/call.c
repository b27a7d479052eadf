/* Owns what lies between a response's bytes and a reply: is it a stream, is it an error, what of
 * its headers is kept; and that no key gets past. */
#include "base/config.h"
#include "model/call.h"

#include "model/head.h"
#include "model/sse.h"

#include <stdio.h>

#define FIELD_MAX  (4u << 20)
#define EVENTS_MAX 1000000u
#define ID_HEADER  "x-client-request-id: "

struct han__call {
    han__mem *mem;
    han__http_call *http;
    han__call_request request;
    han__sse sse;
    han__reply reply;
    han__buf body, told;
    int status; /* HTTP, as the head says */
    bool stream;
};

static int on_event(void *ud, const char *name, const uint8_t *data, size_t len)
{
    han__call *call = ud;
    return han__reply_event(&call->reply, name, data, len);
}

static void free_call(han__call *call)
{
    han__sse_release(&call->sse);
    han__reply_release(&call->reply);
    han__buf_release(&call->body);
    han__buf_release(&call->told);
    han__mem_free(call->mem, call, sizeof *call);
}

/* ---- the head ---- */

static bool worth_knowing(const char *line, size_t len)
{
    static const char *const names[] = {
        "retry-after:",  "retry-after-ms:", "x-should-retry:",      "request-id:",
        "x-request-id:", "x-ratelimit-",    "anthropic-ratelimit-", "openai-processing-ms:"};
    for (size_t i = 0; i < HAN__COUNT(names); i++)
        if (han__head_begins(line, len, names[i])) return true;
    return false;
}

/* Kept as far as there is room: a header is no reason to fail. */
static void keep_line(han__buf *told, const char *line, size_t len)
{
    size_t from = told->len;
    if (han__buf_append(told, line, len) != HAN_OK || han__buf_byte(told, '\n') != HAN_OK) {
        told->len = from;
        return;
    }
    for (size_t i = from; i < told->len && told->data[i] != ':'; i++)
        if (told->data[i] >= 'A' && told->data[i] <= 'Z') told->data[i] |= 0x20;
}

static void on_head(void *ud, const char *line, size_t len)
{
    han__call *call = ud;
    if (han__head_begins(line, len,
                         "HTTP/")) { /* a new head: of the response, after a provisional one */
        call->status = han__head_status(line, len);
        call->stream = false;
        return;
    }
    call->stream = call->stream || (call->status == 200 && han__head_is_stream(line, len));
    if (worth_knowing(line, len)) keep_line(&call->told, line, len);
}

/* ---- the body ---- */

static int on_body(void *ud, const uint8_t *bytes, size_t len)
{
    han__call *call = ud;
    return call->stream ? han__sse_feed(&call->sse, bytes, len)
                        : han__buf_append(&call->body, bytes, len);
}

static void redact(const han__call *call, han__buf *text)
{
    if (call->request.secret && text->len)
        han__secret_redact(call->request.secret, text->data, text->len);
}

static void redact_reply(const han__call *call, han__reply *r)
{
    han__buf *fields[] = {&r->text,       &r->reasoning,    &r->refusal, &r->id,
                          &r->model,      &r->stop,         &r->usage,   &r->usage_start,
                          &r->error_type, &r->error_message};
    for (size_t i = 0; i < HAN__COUNT(fields); i++) redact(call, fields[i]);
    for (size_t i = 0; i < r->calls_len; i++) {
        redact(call, &r->calls[i].id);
        redact(call, &r->calls[i].name);
        redact(call, &r->calls[i].arguments);
    }
}

static void read_body(han__call *call)
{
    if (call->stream) return;
    if (han__reply_body(&call->reply, call->body.data, call->body.len) == HAN_OK &&
        (call->status == 200 || call->reply.failed)) {
        han__buf_reset(&call->body);
        return;
    }
    redact(call, &call->body); /* before it is cut, so that no half of a key is left */
    if (call->body.len > HAN__CALL_RAW_MAX) call->body.len = HAN__CALL_RAW_MAX;
    if (call->body.len) call->body.len = han__text_mend(call->body.data, call->body.len);
}

static void on_end(void *ud, const han__http_end *http)
{
    han__call *call = ud;
    han__call_end end = {http, &call->reply, &call->told, &call->body, call->stream};
    read_body(call);
    han__reply_mend(&call->reply);
    redact_reply(call, &call->reply);
    redact(call, &call->told);
    if (call->told.len) call->told.len = han__text_mend(call->told.data, call->told.len);
    call->request.on_end(call->request.ud, &end);
    free_call(call);
}

/* ---- starting ---- */

static int start(han__call *call, han__http *http, han_error *err)
{
    const han__call_request *r = &call->request;
    char header[sizeof ID_HEADER + HAN__CALL_ID_MAX] = ID_HEADER;
    size_t len = r->id ? strlen(r->id) : 0;
    han__http_request request = r->http;
    if (len > HAN__CALL_ID_MAX)
        return han__error_set(err, HAN_LIMIT, "the id of a call is longer than %d bytes",
                              HAN__CALL_ID_MAX);
    if (r->id) memcpy(header + sizeof ID_HEADER - 1, r->id, len + 1);
    request.header = r->id ? header : NULL;
    request.on_head = on_head;
    request.on_body = on_body;
    request.on_end = on_end;
    request.ud = call;
    return han__http_start(&call->http, http, &request, err);
}

int han__call_start(han__call **out, han__http *http, han__mem *mem,
                    const han__call_request *request, han_error *err)
{
    han__call *call = han__mem_zalloc(mem, 1, sizeof *call);
    if (!call) return han__error_set(err, HAN_NOMEM, "no memory for a model call");
    call->mem = mem;
    call->request = *request;
    size_t max = request->field_max ? request->field_max : FIELD_MAX;
    han__sse_init(&call->sse, mem, max, request->events_max ? request->events_max : EVENTS_MAX,
                  on_event, call);
    han__reply_init(&call->reply, mem, request->dialect, max);
    han__buf_init(&call->body, mem, SIZE_MAX / 2); /* the request bounds it */
    han__buf_init(&call->told, mem, HAN__CALL_TOLD_MAX);
    int rc = start(call, http, err);
    if (rc != HAN_OK) {
        free_call(call);
        return rc;
    }
    *out = call;
    return HAN_OK;
}

void han__call_cancel(han__call *call)
{
    han__http_cancel(call->http);
    free_call(call);
}
