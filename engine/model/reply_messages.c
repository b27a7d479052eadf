/* The dialect of Anthropic's Messages. A stream names its events inside; usage comes first with
 * message_start and again, cumulative, with message_delta; an error may come after the status 200.
 */
#include "base/config.h"
#include "model/reply.h"

/* What an event may carry, gathered first: its type may stand behind the rest. */
typedef struct parts {
    han__span type, message, block, delta, usage, error;
    int64_t index;
} parts;

static void gather(han__json *json, parts *p)
{
    static const char *const names[] = {"type",  "message", "content_block",
                                        "delta", "usage",   "error"};
    han__span key, *fields[] = {&p->type, &p->message, &p->block, &p->delta, &p->usage, &p->error};
    unsigned seen = 0;
    memset(p, 0, sizeof *p);
    if (!han__json_open(json, '{')) return;
    while (han__json_key(json, &key)) {
        unsigned i = 0;
        while (i < HAN__COUNT(names) && !han__span_is(key, names[i])) i++;
        if (i < HAN__COUNT(names)) {
            if (han__reply_once(json, &seen, i)) han__json_skip(json, fields[i]);
        } else if (han__span_is(key, "index")) {
            han__json_count(json, &p->index);
        } else {
            han__json_skip(json, NULL);
        }
    }
}

/* Calls `read` on the piece; its fault becomes that of `json`. */
static void within(han__reply *reply, han__json *json, han__span piece, han__reply_reader read)
{
    han__json inner;
    if (!piece.at) {
        han__json_fail(json, "an event lacks what its type promises");
        return;
    }
    han__json_init(&inner, piece.at, piece.len);
    read(reply, &inner);
    if (inner.fault) han__json_fail(json, inner.fault);
}

/* ---- blocks ---- */

/* A content block: {"type","text"|"thinking"|"id","name","input"}. */
typedef struct block {
    han__span type, text, thinking, id, name, input;
} block;

static void gather_block(han__json *json, block *b)
{
    static const char *const names[] = {"type", "text", "thinking", "id", "name", "input"};
    han__span key, *fields[] = {&b->type, &b->text, &b->thinking, &b->id, &b->name, &b->input};
    unsigned seen = 0;
    memset(b, 0, sizeof *b);
    if (!han__json_open(json, '{')) return;
    while (han__json_key(json, &key)) {
        unsigned i = 0;
        while (i < HAN__COUNT(names) && !han__span_is(key, names[i])) i++;
        if (i == HAN__COUNT(names))
            han__json_skip(json, NULL);
        else if (han__reply_once(json, &seen, i))
            han__json_skip(json, fields[i]);
    }
}

static void read_text(han__json *json, han__span piece, han__buf *field)
{
    han__json inner;
    if (!piece.at) return;
    han__json_init(&inner, piece.at, piece.len);
    han__reply_add(&inner, field);
    if (inner.fault) han__json_fail(json, inner.fault);
}

static void take_block(han__reply *reply, han__json *json, int64_t index, bool whole)
{
    block b;
    gather_block(json, &b);
    if (json->fault) return;
    if (han__span_is(b.type, "\"text\"")) {
        read_text(json, b.text, &reply->text);
    } else if (han__span_is(b.type, "\"thinking\"")) {
        read_text(json, b.thinking, &reply->reasoning);
    } else if (han__span_is(b.type, "\"tool_use\"")) {
        han__reply_call *call = han__reply_call_at(reply, json, index);
        if (!call) return;
        read_text(json, b.id, &call->id);
        read_text(json, b.name, &call->name);
        if (whole && b.input.at &&
            han__buf_append(&call->arguments, b.input.at, b.input.len) != HAN_OK)
            han__json_fail(json, "the reply is too long");
    }
}

static void read_blocks(han__reply *reply, han__json *json)
{
    if (han__json_null(json) || !han__json_open(json, '[')) return;
    for (int64_t index = 0; han__json_item(json); index++) take_block(reply, json, index, true);
}

static void read_block_delta(han__reply *reply, han__json *json, const parts *p)
{
    han__span key;
    han__json inner;
    if (!p->delta.at) {
        han__json_fail(json, "an event lacks what its type promises");
        return;
    }
    han__json_init(&inner, p->delta.at, p->delta.len);
    if (han__json_open(&inner, '{')) {
        while (han__json_key(&inner, &key)) {
            han__reply_call *call;
            if (han__span_is(key, "text"))
                han__reply_add(&inner, &reply->text);
            else if (han__span_is(key, "thinking"))
                han__reply_add(&inner, &reply->reasoning);
            else if (!han__span_is(key, "partial_json"))
                han__json_skip(&inner, NULL);
            else if ((call = han__reply_call_at(reply, &inner, p->index)))
                han__reply_add(&inner, &call->arguments);
        }
    }
    if (inner.fault) han__json_fail(json, inner.fault);
}

/* ---- documents ---- */

static void read_message(han__reply *reply, han__json *json, han__buf *usage)
{
    han__span key;
    unsigned seen = 0;
    if (!han__json_open(json, '{')) return;
    while (han__json_key(json, &key)) {
        if (han__span_is(key, "usage") && han__reply_once(json, &seen, 0))
            han__reply_set_raw(json, usage);
        else if (han__span_is(key, "id") && han__reply_once(json, &seen, 1))
            han__reply_set(json, &reply->id);
        else if (han__span_is(key, "model") && han__reply_once(json, &seen, 2))
            han__reply_set(json, &reply->model);
        else if (han__span_is(key, "content") && han__reply_once(json, &seen, 3))
            read_blocks(reply, json);
        else if (han__span_is(key, "stop_reason") && han__reply_once(json, &seen, 4))
            han__reply_set(json, &reply->stop);
        else if (han__span_is(key, "error") && han__reply_once(json, &seen, 5))
            han__reply_error(reply, json);
        else
            han__json_skip(json, NULL);
    }
}

static void read_start(han__reply *reply, han__json *json)
{
    read_message(reply, json, &reply->usage_start);
}

static void read_message_delta(han__reply *reply, han__json *json)
{
    han__reply_stop(reply, json, "stop_reason");
}

static void read_usage(han__reply *reply, han__json *json)
{
    han__reply_set_raw(json, &reply->usage);
}

static void read_event(han__reply *reply, han__json *json)
{
    parts p;
    gather(json, &p);
    if (json->fault) return;
    if (han__span_is(p.type, "\"content_block_delta\"")) {
        read_block_delta(reply, json, &p);
    } else if (han__span_is(p.type, "\"content_block_start\"")) {
        han__json inner;
        han__json_init(&inner, p.block.at, p.block.len);
        take_block(reply, &inner, p.index, false);
        if (inner.fault) han__json_fail(json, inner.fault);
    } else if (han__span_is(p.type, "\"message_start\"")) {
        within(reply, json, p.message, read_start);
    } else if (han__span_is(p.type, "\"message_delta\"")) {
        within(reply, json, p.delta, read_message_delta);
        if (p.usage.at) within(reply, json, p.usage, read_usage);
    } else if (han__span_is(p.type, "\"message_stop\"")) {
        reply->done = true;
    } else if (p.error.at) {
        within(reply, json, p.error, (han__reply_reader)han__reply_error);
    }
}

static void read_body(han__reply *reply, han__json *json)
{
    read_message(reply, json, &reply->usage);
    reply->done = true;
}

const han__reply_reader han__reply_messages_event = read_event;
const han__reply_reader han__reply_messages_body = read_body;
