/* The dialect of OpenAI's Responses. A stream is a row of events that name their type inside; the
 * last one (completed, incomplete, failed) carries the whole response with its usage. Deltas are
 * gathered as they come; the whole response's output is read only where there were none. */
#include "base/config.h"
#include "model/reply.h"

/* What an event or an item may carry, gathered first: its type may stand behind the rest. */
typedef struct parts {
    han__span type, delta, item, response, error, code, message, content, summary, name, call_id,
        arguments;
    int64_t output_index;
    unsigned seen;
} parts;

static void gather(han__json *json, parts *p)
{
    static const char *const names[] = {"type",    "delta", "item",    "response",
                                        "error",   "code",  "message", "content",
                                        "summary", "name",  "call_id", "arguments"};
    han__span key, *fields[] = {&p->type,    &p->delta, &p->item,    &p->response,
                                &p->error,   &p->code,  &p->message, &p->content,
                                &p->summary, &p->name,  &p->call_id, &p->arguments};
    memset(p, 0, sizeof *p);
    if (!han__json_open(json, '{')) return;
    while (han__json_key(json, &key)) {
        unsigned i = 0;
        while (i < HAN__COUNT(names) && !han__span_is(key, names[i])) i++;
        if (i < HAN__COUNT(names)) {
            if (han__reply_once(json, &p->seen, i)) han__json_skip(json, fields[i]);
        } else if (han__span_is(key, "output_index")) {
            han__json_count(json, &p->output_index);
        } else {
            han__json_skip(json, NULL);
        }
    }
}

static bool type_is(const parts *p, const char *quoted)
{
    return han__span_is(p->type, quoted);
}

/* A reader of the piece, whose fault becomes that of `json`. */
static void read_text(han__json *json, han__span piece, han__buf *field)
{
    han__json inner;
    if (!piece.at) return;
    han__json_init(&inner, piece.at, piece.len);
    han__reply_add(&inner, field);
    if (inner.fault) han__json_fail(json, inner.fault);
}

static void item_begins(han__reply *reply, han__json *json, const parts *event)
{
    han__json inner;
    parts item;
    if (!event->item.at) return;
    han__json_init(&inner, event->item.at, event->item.len);
    gather(&inner, &item);
    if (inner.fault) {
        han__json_fail(json, inner.fault);
    } else if (type_is(&item, "\"function_call\"")) {
        han__reply_call *call = han__reply_call_at(reply, json, event->output_index);
        if (!call) return;
        read_text(json, item.name, &call->name);
        read_text(json, item.call_id, &call->id);
    }
}

/* The parts of a message or a summary: lists of {"type","text"|"refusal"}. */
static void read_content(han__reply *reply, han__json *json, han__span list, han__buf *field)
{
    han__json inner;
    han__span key;
    if (!list.at) return;
    han__json_init(&inner, list.at, list.len);
    if (!han__json_null(&inner) && han__json_open(&inner, '[')) {
        while (han__json_item(&inner)) {
            if (!han__json_open(&inner, '{')) break;
            while (han__json_key(&inner, &key)) {
                if (han__span_is(key, "text"))
                    han__reply_add(&inner, field);
                else if (han__span_is(key, "refusal"))
                    han__reply_add(&inner, &reply->refusal);
                else
                    han__json_skip(&inner, NULL);
            }
        }
    }
    if (inner.fault) han__json_fail(json, inner.fault);
}

static void read_output(han__reply *reply, han__json *json)
{
    parts item;
    if (han__json_null(json) || !han__json_open(json, '[')) return;
    for (int64_t index = 0; han__json_item(json); index++) {
        gather(json, &item);
        if (json->fault) return;
        if (type_is(&item, "\"message\"")) {
            read_content(reply, json, item.content, &reply->text);
        } else if (type_is(&item, "\"reasoning\"")) {
            read_content(reply, json, item.summary, &reply->reasoning);
        } else if (type_is(&item, "\"function_call\"")) {
            han__reply_call *call = han__reply_call_at(reply, json, index);
            if (!call) return;
            read_text(json, item.name, &call->name);
            read_text(json, item.call_id, &call->id);
            read_text(json, item.arguments, &call->arguments);
        }
    }
}

static void read_incomplete(han__reply *reply, han__json *json)
{
    if (!han__json_null(json)) han__reply_stop(reply, json, "reason");
}

static void read_response(han__reply *reply, han__json *json)
{
    han__span key;
    unsigned seen = 0;
    bool gathered = reply->text.len || reply->calls_len || reply->refusal.len;
    han__buf status;
    han__buf_init(&status, reply->mem, 64);
    if (!han__json_open(json, '{')) return;
    while (han__json_key(json, &key)) {
        if (han__span_is(key, "usage") && han__reply_once(json, &seen, 0))
            han__reply_set_raw(json, &reply->usage);
        else if (han__span_is(key, "id") && han__reply_once(json, &seen, 1))
            han__reply_set(json, &reply->id);
        else if (han__span_is(key, "model") && han__reply_once(json, &seen, 2))
            han__reply_set(json, &reply->model);
        else if (han__span_is(key, "error") && han__reply_once(json, &seen, 3))
            han__reply_error(reply, json);
        else if (han__span_is(key, "status") && han__reply_once(json, &seen, 4))
            han__reply_set(json, &status);
        else if (han__span_is(key, "incomplete_details") && han__reply_once(json, &seen, 5))
            read_incomplete(reply, json);
        else if (han__span_is(key, "output") && !gathered && han__reply_once(json, &seen, 6))
            read_output(reply, json);
        else
            han__json_skip(json, NULL);
    }
    if (!json->fault && !reply->stop.len && status.len &&
        han__buf_append(&reply->stop, status.data, status.len) != HAN_OK)
        han__json_fail(json, "the reply is too long");
    han__buf_release(&status);
}

static void whole(han__reply *reply, han__json *json, han__span response)
{
    han__json inner;
    if (!response.at) {
        han__json_fail(json, "an event without its response");
        return;
    }
    han__json_init(&inner, response.at, response.len);
    read_response(reply, &inner);
    if (inner.fault) han__json_fail(json, inner.fault);
    reply->done = true;
}

static void read_error_event(han__reply *reply, han__json *json, const parts *p)
{
    reply->failed = true;
    read_text(json, p->code, &reply->error_type);
    read_text(json, p->message, &reply->error_message);
    if (p->error.at) {
        han__json inner;
        han__json_init(&inner, p->error.at, p->error.len);
        han__reply_error(reply, &inner);
        if (inner.fault) han__json_fail(json, inner.fault);
    }
}

static void read_arguments(han__reply *reply, han__json *json, const parts *p)
{
    han__reply_call *call = han__reply_call_at(reply, json, p->output_index);
    if (call) read_text(json, p->delta, &call->arguments);
}

static void read_event(han__reply *reply, han__json *json)
{
    parts p;
    gather(json, &p);
    if (json->fault) return;
    if (type_is(&p, "\"response.output_text.delta\"")) {
        read_text(json, p.delta, &reply->text);
    } else if (type_is(&p, "\"response.function_call_arguments.delta\"")) {
        read_arguments(reply, json, &p);
    } else if (type_is(&p, "\"response.output_item.added\"")) {
        item_begins(reply, json, &p);
    } else if (type_is(&p, "\"response.refusal.delta\"")) {
        read_text(json, p.delta, &reply->refusal);
    } else if (type_is(&p, "\"response.reasoning_summary_text.delta\"")) {
        read_text(json, p.delta, &reply->reasoning);
    } else if (type_is(&p, "\"response.completed\"") || type_is(&p, "\"response.incomplete\"") ||
               type_is(&p, "\"response.failed\"")) {
        whole(reply, json, p.response);
    } else if (type_is(&p, "\"error\"") || (!p.type.at && p.error.at)) {
        read_error_event(reply, json, &p);
    }
}

static void read_body(han__reply *reply, han__json *json)
{
    read_response(reply, json);
    reply->done = true;
}

const han__reply_reader han__reply_responses_event = read_event;
const han__reply_reader han__reply_responses_body = read_body;
