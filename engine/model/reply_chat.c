/* The dialect of chat completions (OpenAI, and llama.cpp, vLLM, Ollama and others after it). A
 * stream is a row of documents with `choices[].delta`; a body has `choices[].message` in the same
 * shape, so one reader serves both. Only choice 0 is taken. */
#include "base/config.h"
#include "model/reply.h"

static void read_function(han__json *json, han__reply_call *call)
{
    han__span key;
    if (han__json_null(json) || !han__json_open(json, '{')) return;
    while (han__json_key(json, &key)) {
        if (han__span_is(key, "name"))
            han__reply_add(json, &call->name);
        else if (!han__span_is(key, "arguments"))
            han__json_skip(json, NULL);
        else if (han__json_peek(json) == '{') /* Ollama's own way: an object */
            han__reply_set_raw(json, &call->arguments);
        else
            han__reply_add(json, &call->arguments);
    }
}

/* A piece of a call. Its index may stand behind its other members, or be left out by servers that
 * send a call whole: so the piece is skipped first, and read once its index is known. */
static void read_call(han__reply *reply, han__json *json, int64_t place)
{
    han__span raw, key;
    int64_t index = place;
    if (!han__json_skip(json, &raw)) return;
    han__json piece;
    han__json_init(&piece, raw.at, raw.len);
    if (!han__json_open(&piece, '{')) goto failed;
    while (han__json_key(&piece, &key)) {
        if (han__span_is(key, "index"))
            han__json_count(&piece, &index);
        else
            han__json_skip(&piece, NULL);
    }
    if (piece.fault) goto failed;
    han__reply_call *call = han__reply_call_at(reply, json, index);
    if (!call) return;
    han__json_init(&piece, raw.at, raw.len);
    han__json_open(&piece, '{');
    while (han__json_key(&piece, &key)) {
        if (han__span_is(key, "id"))
            han__reply_set(&piece, &call->id);
        else if (han__span_is(key, "function"))
            read_function(&piece, call);
        else
            han__json_skip(&piece, NULL);
    }
    if (!piece.fault) return;
failed:
    han__json_fail(json, piece.fault);
}

static void read_calls(han__reply *reply, han__json *json)
{
    if (han__json_null(json) || !han__json_open(json, '[')) return;
    for (int64_t place = 0; han__json_item(json); place++) read_call(reply, json, place);
}

static void read_delta(han__reply *reply, han__json *json)
{
    han__span key;
    unsigned seen = 0;
    if (han__json_null(json) || !han__json_open(json, '{')) return;
    while (han__json_key(json, &key)) {
        if (han__span_is(key, "content") && han__reply_once(json, &seen, 0))
            han__reply_add(json, &reply->text);
        else if (han__span_is(key, "reasoning_content") && han__reply_once(json, &seen, 1))
            han__reply_add(json, &reply->reasoning);
        else if (han__span_is(key, "reasoning") && !(seen & 2u) && han__reply_once(json, &seen, 4))
            han__reply_add(json, &reply->reasoning); /* the same by another name */
        else if (han__span_is(key, "refusal") && han__reply_once(json, &seen, 2))
            han__reply_add(json, &reply->refusal);
        else if (han__span_is(key, "tool_calls") && han__reply_once(json, &seen, 3))
            read_calls(reply, json);
        else
            han__json_skip(json, NULL);
    }
}

static void read_choice(han__reply *reply, han__json *json)
{
    han__span key, delta = {0};
    unsigned seen = 0;
    int64_t index = 0;
    han__json inner;
    if (!han__json_open(json, '{')) return;
    while (han__json_key(json, &key)) {
        if (han__span_is(key, "index") && han__reply_once(json, &seen, 0)) {
            han__json_count(json, &index);
        } else if (han__span_is(key, "finish_reason") && han__reply_once(json, &seen, 1)) {
            han__reply_set(json, &reply->stop);
        } else if ((han__span_is(key, "delta") || han__span_is(key, "message")) &&
                   han__reply_once(json, &seen, 2)) {
            if ((seen & 1u) && index == 0)
                read_delta(reply, json);
            else
                han__json_skip(json, &delta); /* the index may come behind it */
        } else {
            han__json_skip(json, NULL);
        }
    }
    if (json->fault || index != 0 || !delta.at) return;
    han__json_init(&inner, delta.at, delta.len);
    read_delta(reply, &inner);
    if (inner.fault) han__json_fail(json, inner.fault);
}

static void read_choices(han__reply *reply, han__json *json)
{
    if (han__json_null(json) || !han__json_open(json, '[')) return;
    while (han__json_item(json)) read_choice(reply, json);
}

static void read_document(han__reply *reply, han__json *json)
{
    han__span key;
    unsigned seen = 0;
    if (!han__json_open(json, '{')) return;
    while (han__json_key(json, &key)) {
        if (han__span_is(key, "choices") && han__reply_once(json, &seen, 0))
            read_choices(reply, json);
        else if (han__span_is(key, "usage") && han__reply_once(json, &seen, 1))
            han__reply_set_raw(json, &reply->usage);
        else if (han__span_is(key, "id") && han__reply_once(json, &seen, 2))
            han__reply_first(json, &reply->id);
        else if (han__span_is(key, "model") && han__reply_once(json, &seen, 3))
            han__reply_first(json, &reply->model);
        else if (han__span_is(key, "error") && han__reply_once(json, &seen, 4))
            han__reply_error(reply, json);
        else
            han__json_skip(json, NULL);
    }
    if (reply->stop.len) reply->done = true;
}

const han__reply_reader han__reply_chat_event = read_document;
const han__reply_reader han__reply_chat_body = read_document;
