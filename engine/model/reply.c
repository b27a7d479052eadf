/* Owns the fields of a reply and what the dialects share. The dialects themselves lie in
 * reply_chat.c, reply_responses.c and reply_messages.c. */
#include "base/config.h"
#include "model/reply.h"

static const struct {
    const han__reply_reader *event, *body;
} dialects[HAN__DIALECTS] = {
    [HAN__DIALECT_CHAT] = {&han__reply_chat_event, &han__reply_chat_body},
    [HAN__DIALECT_RESPONSES] = {&han__reply_responses_event, &han__reply_responses_body},
    [HAN__DIALECT_MESSAGES] = {&han__reply_messages_event, &han__reply_messages_body},
};

#define FIELDS 10
static void fields_of(han__reply *reply, han__buf *out[FIELDS])
{
    han__buf *all[FIELDS] = {&reply->text,         &reply->reasoning,   &reply->refusal,
                             &reply->id,           &reply->model,       &reply->stop,
                             &reply->usage,        &reply->usage_start, &reply->error_type,
                             &reply->error_message};
    memcpy(out, all, sizeof all);
}

void han__reply_init(han__reply *reply, han__mem *mem, int dialect, size_t max)
{
    han__buf *fields[FIELDS];
    memset(reply, 0, sizeof *reply);
    reply->mem = mem;
    reply->dialect = dialect;
    reply->max = max;
    fields_of(reply, fields);
    for (int i = 0; i < FIELDS; i++) han__buf_init(fields[i], mem, max);
}

void han__reply_release(han__reply *reply)
{
    han__buf *fields[FIELDS];
    fields_of(reply, fields);
    for (int i = 0; i < FIELDS; i++) han__buf_release(fields[i]);
    for (size_t i = 0; i < reply->calls_len; i++) {
        han__buf_release(&reply->calls[i].id);
        han__buf_release(&reply->calls[i].name);
        han__buf_release(&reply->calls[i].arguments);
    }
    han__mem_free(reply->mem, reply->calls, reply->calls_cap * sizeof *reply->calls);
    reply->calls = NULL;
    reply->calls_len = reply->calls_cap = 0;
}

static void mend(han__buf *buf)
{
    if (buf->len) buf->len = han__text_mend(buf->data, buf->len);
}

void han__reply_mend(han__reply *reply)
{
    han__buf *fields[FIELDS];
    fields_of(reply, fields);
    for (int i = 0; i < FIELDS; i++) mend(fields[i]);
    for (size_t i = 0; i < reply->calls_len; i++) {
        mend(&reply->calls[i].id);
        mend(&reply->calls[i].name);
        mend(&reply->calls[i].arguments);
    }
}

static int read_with(han__reply *reply, han__reply_reader reader, const uint8_t *bytes, size_t len)
{
    han__json json;
    han__json_init(&json, bytes, len);
    reader(reply, &json);
    if (!han__json_done(&json) && !reply->fault) reply->fault = json.fault;
    return reply->fault ? HAN_SYNTAX : HAN_OK;
}

int han__reply_event(han__reply *reply, const char *name, const uint8_t *data, size_t len)
{
    HAN__UNUSED(name); /* what it names stands in the data too */
    if (reply->fault) return HAN_SYNTAX;
    if (len == 6 && memcmp(data, "[DONE]", 6) == 0) {
        reply->done = true;
        return HAN_OK;
    }
    return read_with(reply, *dialects[reply->dialect].event, data, len);
}

int han__reply_body(han__reply *reply, const uint8_t *body, size_t len)
{
    if (reply->fault) return HAN_SYNTAX;
    return read_with(reply, *dialects[reply->dialect].body, body, len);
}

/* ---- for the dialects ---- */

void han__reply_add(han__json *json, han__buf *field)
{
    if (!han__json_null(json)) han__json_string(json, field);
}

void han__reply_set(han__json *json, han__buf *field)
{
    if (han__json_null(json)) return;
    han__buf_reset(field);
    han__json_string(json, field);
}

void han__reply_stop(han__reply *reply, han__json *json, const char *name)
{
    han__span key;
    if (!han__json_open(json, '{')) return;
    while (han__json_key(json, &key)) {
        if (han__span_is(key, name))
            han__reply_set(json, &reply->stop);
        else
            han__json_skip(json, NULL);
    }
}

void han__reply_first(han__json *json, han__buf *field)
{
    if (field->len && han__json_peek(json) == '"')
        han__json_string(json, NULL);
    else
        han__reply_set(json, field);
}

void han__reply_set_raw(han__json *json, han__buf *field)
{
    han__span raw;
    if (han__json_null(json) || !han__json_skip(json, &raw)) return;
    han__buf_reset(field);
    if (han__buf_append(field, raw.at, raw.len) != HAN_OK)
        han__json_fail(json, "the reply is too long");
}

bool han__reply_once(han__json *json, unsigned *seen, unsigned bit)
{
    if (*seen & 1u << bit) return han__json_fail(json, "a member stands there twice");
    *seen |= 1u << bit;
    return true;
}

/* A code says more than the type, where it is a word. */
static void error_code(han__json *json, han__buf *field, bool *coded)
{
    *coded = han__json_peek(json) == '"';
    if (*coded)
        han__reply_set(json, field);
    else if (field->len)
        han__json_skip(json, NULL);
    else
        han__reply_set_raw(json, field);
}

void han__reply_error(han__reply *reply, han__json *json)
{
    han__span key;
    unsigned seen = 0;
    bool coded = false;
    if (han__json_null(json)) return;
    reply->failed = true;
    if (han__json_peek(json) == '"') {
        han__reply_set(json, &reply->error_message);
        return;
    }
    if (!han__json_open(json, '{')) return;
    while (han__json_key(json, &key)) {
        if (han__span_is(key, "message") && han__reply_once(json, &seen, 0)) {
            han__reply_set(json, &reply->error_message);
        } else if (han__span_is(key, "code") && han__reply_once(json, &seen, 1)) {
            error_code(json, &reply->error_type, &coded);
        } else if (han__span_is(key, "type") && han__reply_once(json, &seen, 2)) {
            if (coded)
                han__json_skip(json, NULL);
            else
                han__reply_set(json, &reply->error_type);
        } else {
            han__json_skip(json, NULL);
        }
    }
}

static int grow_calls(han__reply *reply)
{
    void *calls = reply->calls;
    int rc = han__mem_grow(reply->mem, &calls, &reply->calls_cap, reply->calls_len + 1,
                           sizeof *reply->calls, HAN__REPLY_CALLS_MAX);
    reply->calls = calls;
    return rc;
}

han__reply_call *han__reply_call_at(han__reply *reply, han__json *json, int64_t index)
{
    for (size_t i = reply->calls_len; i > 0; i--)
        if (reply->calls[i - 1].index == index) return &reply->calls[i - 1];
    if (grow_calls(reply) != HAN_OK) {
        han__json_fail(json, "too many tool calls");
        return NULL;
    }
    han__reply_call *call = &reply->calls[reply->calls_len++];
    call->index = index;
    han__buf_init(&call->id, reply->mem, 4096);
    han__buf_init(&call->name, reply->mem, 4096);
    han__buf_init(&call->arguments, reply->mem, reply->max);
    return call;
}
