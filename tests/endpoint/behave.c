/* What the fake endpoint answers: three dialects, and the ways to misbehave. */
#define _GNU_SOURCE
#include "endpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a reply is made of. */
typedef struct parts {
    const char *model;
    const char *words[4]; /* the text, in pieces; NULL-ended */
    const char *stop;     /* the dialect's own word is chosen by `end` when NULL */
    const char *refusal, *tool, *arguments;
    int call; /* the number of the call of a tool in its id */
    long in, cached, out, reasoning;
    bool no_usage, cut, half, wrong, twice, huge, error_event;
} parts;

/* ---- JSON ---- */

static void quote(text *out, const char *s)
{
    text_add(out, "\"", 1);
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\')
            text_printf(out, "\\%c", c);
        else if (c < 0x20)
            text_printf(out, "\\u%04x", c);
        else
            text_add(out, s, 1);
    }
    text_add(out, "\"", 1);
}

static void usage(text *out, int dialect, const parts *p)
{
    if (p->huge) {
        text_printf(out,
                    dialect == CHAT
                        ? "{\"prompt_tokens\":99999999999999999999,\"completion_tokens\":1e400}"
                        : "{\"input_tokens\":99999999999999999999,\"output_tokens\":1e400}");
        return;
    }
    if (dialect == CHAT)
        text_printf(out,
                    "{\"prompt_tokens\":%ld,\"completion_tokens\":%ld,\"total_tokens\":%ld,"
                    "\"prompt_tokens_details\":{\"cached_tokens\":%ld},\"completion_tokens_"
                    "details\":{\"reasoning_tokens\":%ld}}",
                    p->in, p->out, p->in + p->out, p->cached, p->reasoning);
    else if (dialect == RESPONSES)
        text_printf(out,
                    "{\"input_tokens\":%ld,\"input_tokens_details\":{\"cached_tokens\":%ld},"
                    "\"output_tokens\":%ld,"
                    "\"output_tokens_details\":{\"reasoning_tokens\":%ld},\"total_tokens\":%ld}",
                    p->in, p->cached, p->out, p->reasoning, p->in + p->out);
    else
        text_printf(out,
                    "{\"input_tokens\":%ld,\"cache_read_input_tokens\":%ld,\"cache_creation_input_"
                    "tokens\":0,\"output_tokens\":%ld}",
                    p->in - p->cached, p->cached, p->out);
}

/* ---- streams ---- */

static void event(text *out, const char *name, const char *json)
{
    if (name) text_printf(out, "event: %s\n", name);
    text_printf(out, "data: %s\n\n", json);
}

static void chat_chunk(text *out, const parts *p, const char *delta, const char *finish)
{
    text_printf(out, "data: "
                     "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":"
                     "1700000000,\"model\":");
    quote(out, p->model);
    text_printf(out, ",\"choices\":[{\"index\":0,\"delta\":%s,\"finish_reason\":%s}]}\n\n", delta,
                finish);
}

static void chat_word(text *out, const parts *p, const char *member, const char *word)
{
    text delta = {0};
    text_printf(&delta, "{\"%s\":", member);
    quote(&delta, word);
    text_add(&delta, "}", 1);
    chat_chunk(out, p, delta.data, "null");
    free(delta.data);
}

static void chat_stream(text *out, const parts *p)
{
    for (int i = 0; p->words[i]; i++) chat_word(out, p, "content", p->words[i]);
    if (p->refusal) chat_word(out, p, "refusal", p->refusal);
    if (p->tool) {
        text delta = {0};
        text_printf(&delta,
                    "{\"tool_calls\":[{\"index\":0,\"id\":\"call_%d\",\"type\":\"function\","
                    "\"function\":{\"name\":\"%s\",\"arguments\":",
                    p->call, p->tool);
        quote(&delta, p->arguments);
        text_printf(&delta, "}}]}");
        chat_chunk(out, p, delta.data, "null");
        free(delta.data);
    }
    text finish = {0};
    quote(&finish, p->stop ? p->stop : p->tool ? "tool_calls" : "stop");
    chat_chunk(out, p, "{}", finish.data);
    free(finish.data);
    if (!p->no_usage) {
        text_printf(out, "data: {\"id\":\"chatcmpl-1\",\"choices\":[],\"usage\":");
        usage(out, CHAT, p);
        text_printf(out, "}\n\n");
    }
    event(out, NULL, "[DONE]");
}

static void response_object(text *out, const parts *p)
{
    bool cut = p->stop != NULL;
    text_printf(out, "{\"id\":\"resp_1\",\"object\":\"response\",\"status\":\"%s\",\"model\":",
                cut ? "incomplete" : "completed");
    quote(out, p->model);
    if (cut) text_printf(out, ",\"incomplete_details\":{\"reason\":\"max_output_tokens\"}");
    text_printf(out, ",\"output\":[");
    if (p->tool) {
        text_printf(
            out,
            "{\"type\":\"function_call\",\"call_id\":\"call_%d\",\"name\":\"%s\",\"arguments\":",
            p->call, p->tool);
        quote(out, p->arguments);
        text_printf(out, "}");
    } else {
        text whole = {0};
        text_printf(&whole, "%s", "");
        for (int i = 0; p->words[i]; i++) text_add(&whole, p->words[i], strlen(p->words[i]));
        text_printf(
            out,
            "{\"type\":\"message\",\"role\":\"assistant\",\"content\":[{\"type\":\"%s\",\"%s\":",
            p->refusal ? "refusal" : "output_text", p->refusal ? "refusal" : "text");
        quote(out, p->refusal ? p->refusal : whole.data);
        text_printf(out, "}]}");
        free(whole.data);
    }
    text_printf(out, "]");
    if (!p->no_usage) {
        text_printf(out, ",\"usage\":");
        usage(out, RESPONSES, p);
    }
    text_printf(out, "}");
}

static void responses_stream(text *out, const parts *p)
{
    event(out, "response.created",
          "{\"type\":\"response.created\",\"response\":{\"id\":\"resp_1\",\"status\":\"in_"
          "progress\"}}");
    for (int i = 0; p->words[i]; i++) {
        text_printf(out, "event: response.output_text.delta\ndata: "
                         "{\"type\":\"response.output_text.delta\",\"output_index\":0,\"delta\":");
        quote(out, p->words[i]);
        text_printf(out, "}\n\n");
    }
    text_printf(out, "event: response.completed\ndata: {\"type\":\"response.%s\",\"response\":",
                p->stop ? "incomplete" : "completed");
    response_object(out, p);
    text_printf(out, "}\n\n");
}

static void messages_stream(text *out, const parts *p)
{
    text_printf(out, "event: message_start\ndata: "
                     "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":"
                     "\"message\",\"role\":\"assistant\",\"content\":[],\"model\":");
    quote(out, p->model);
    if (!p->no_usage) {
        parts start = *p;
        start.out = 1;
        text_printf(out, ",\"usage\":");
        usage(out, MESSAGES, &start);
    }
    text_printf(out, "}}\n\nevent: content_block_start\ndata: "
                     "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":"
                     "\"text\",\"text\":\"\"}}\n\n");
    for (int i = 0; p->words[i]; i++) {
        text_printf(out, "event: content_block_delta\ndata: "
                         "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_"
                         "delta\",\"text\":");
        quote(out, p->words[i]);
        text_printf(out, "}}\n\n");
    }
    event(out, "content_block_stop", "{\"type\":\"content_block_stop\",\"index\":0}");
    if (p->tool) {
        text_printf(out,
                    "event: content_block_start\ndata: "
                    "{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":"
                    "\"tool_use\",\"id\":\"call_%d\",\"name\":\"%s\",\"input\":{}}}\n\n",
                    p->call, p->tool);
        text_printf(out, "event: content_block_delta\ndata: "
                         "{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":"
                         "\"input_json_delta\",\"partial_json\":");
        quote(out, p->arguments);
        text_printf(out, "}}\n\n");
    }
    const char *stop = p->stop      ? "max_tokens"
                       : p->tool    ? "tool_use"
                       : p->refusal ? "refusal"
                                    : "end_turn";
    text_printf(out,
                "event: message_delta\ndata: "
                "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"%s\"}",
                stop);
    if (!p->no_usage)
        text_printf(out,
                    p->huge ? ",\"usage\":{\"output_tokens\":1e400}"
                            : ",\"usage\":{\"output_tokens\":%ld}",
                    p->out);
    text_printf(out, "}\n\n");
    event(out, "message_stop", "{\"type\":\"message_stop\"}");
}

/* ---- bodies ---- */

static void chat_body(text *out, const parts *p)
{
    text whole = {0};
    text_printf(&whole, "%s", "");
    for (int i = 0; p->words[i]; i++) text_add(&whole, p->words[i], strlen(p->words[i]));
    text_printf(out, "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"model\":");
    quote(out, p->model);
    text_printf(out, ",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":");
    quote(out, whole.data);
    text_printf(out, "},\"finish_reason\":\"%s\"}]", p->stop ? p->stop : "stop");
    if (!p->no_usage) {
        text_printf(out, ",\"usage\":");
        usage(out, CHAT, p);
    }
    text_printf(out, "}");
    free(whole.data);
}

static void messages_body(text *out, const parts *p)
{
    text_printf(out, "{\"id\":\"msg_1\",\"type\":\"message\",\"model\":");
    quote(out, p->model);
    text_printf(out, ",\"content\":[{\"type\":\"text\",\"text\":");
    quote(out, p->words[0] ? p->words[0] : "");
    text_printf(out, "}],\"stop_reason\":\"end_turn\"");
    if (!p->no_usage) {
        text_printf(out, ",\"usage\":");
        usage(out, MESSAGES, p);
    }
    text_printf(out, "}");
}

/* ---- sending ---- */

static void send_stream(text *out, const char *body, size_t len, const char *more, bool cut)
{
    text_printf(
        out,
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"
        "request-id: req_1\r\nx-ratelimit-remaining-requests: 100\r\n%s\r\n",
        more);
    for (size_t at = 0; at < len;) { /* in chunks of odd sizes */
        size_t n = len - at < 301 ? len - at : 301;
        text_printf(out, "%zx\r\n", n);
        text_add(out, body + at, n);
        text_add(out, "\r\n", 2);
        at += n;
    }
    if (!cut) text_add(out, "0\r\n\r\n", 5);
}

static void send_status(text *out, const char *status, const char *more, const char *body)
{
    text_printf(out,
                "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n%s\r\n%s",
                status, strlen(body), more, body);
}

static void spoil(text *body, const parts *p)
{
    if (p->half) { /* a character cut in two, between two deltas and at the end of the bytes */
        char *found = strstr(body->data, "\xC3\xA9");
        if (found) body->len = (size_t)(found + 1 - body->data);
    } else if (p->cut) {
        body->len = body->len / 2;
    } else if (p->wrong) {
        text_printf(body, "data: {\"choices\":[{]}\n\n");
        memmove(body->data + 23, body->data, body->len - 23);
        memcpy(body->data, "data: {\"choices\":[{]}\n\n", 23);
    } else if (p->twice) {
        static const char two[] =
            "data: {\"type\":\"x\",\"type\":\"y\",\"choices\":[],\"choices\":[]}\n\n";
        text whole = {0};
        text_add(&whole, two, sizeof two - 1);
        text_add(&whole, body->data, body->len);
        free(body->data);
        *body = whole;
    } else if (p->error_event) {
        char *end = memmem(body->data + 1, body->len - 1, "\n\n", 2);
        if (end) body->len = (size_t)(end + 2 - body->data);
        text_printf(body, "event: error\ndata: "
                          "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
                          "\"message\":\"Overloaded\"}}\n\n");
    }
}

static void reply(const request *r, text *out, const parts *p, manner *how)
{
    text body = {0};
    if (r->stream) {
        if (r->dialect == CHAT) chat_stream(&body, p);
        if (r->dialect == RESPONSES) responses_stream(&body, p);
        if (r->dialect == MESSAGES) messages_stream(&body, p);
        spoil(&body, p);
        how->close_after = p->cut || p->half;
        send_stream(out, body.data, body.len, "", how->close_after);
    } else {
        if (r->dialect == CHAT) chat_body(&body, p);
        if (r->dialect == RESPONSES) response_object(&body, p);
        if (r->dialect == MESSAGES) messages_body(&body, p);
        send_status(out, "200 OK", "request-id: req_1\r\n", body.data);
    }
    free(body.data);
}

/* ---- misbehaving ---- */

/* gzip without end: one literal, then matches of 258 bytes at distance 1, in a block of fixed
 * codes. */
static void gzip_bomb(text *out)
{
    static const unsigned char head[10] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
    unsigned char byte = 0;
    int used = 0;
    text_printf(out, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: "
                     "gzip\r\nConnection: close\r\n\r\n");
    text_add(out, head, sizeof head);
    static const char match[] = "1100010100000"; /* bits as they go out: length 258, distance 1 */
    for (int i = 0; i < 200000; i++) {
        for (const char *bit = i ? match
                                 : "11000110000" /* BFINAL 1, BTYPE 01 low bit first, literal 0 */;
             *bit; bit++) {
            byte |= (unsigned char)((*bit == '1') << used);
            if (++used < 8) continue;
            text_add(out, &byte, 1);
            byte = 0;
            used = 0;
        }
    }
}

static void header_flood(text *out)
{
    text_printf(out, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n");
    for (int i = 0; i < 4000; i++) text_printf(out, "x-flood-%d: %064d\r\n", i, i);
    text_printf(out, "\r\n");
}

/* An error that shows the key that came, in all the ways in which it could be hidden. */
static void echo_key(const request *r, text *out)
{
    static const char b64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *key =
        strncmp(r->authorization, "Bearer ", 7) == 0 ? r->authorization + 7 : r->api_key;
    text body = {0};
    size_t len = strlen(key);
    text_printf(&body, "{\"error\":{\"message\":\"your key %s is wrong; url=", key);
    for (size_t i = 0; i < len; i++) text_printf(&body, "%%%02X", (unsigned char)key[i]);
    text_printf(&body, " json=");
    for (size_t i = 0; i < len; i++) text_printf(&body, "\\\\u%04x", (unsigned char)key[i]);
    text_printf(&body, " hex=");
    for (size_t i = 0; i < len; i++) text_printf(&body, "%02x", (unsigned char)key[i]);
    for (int shift = 0; shift < 3; shift++) {
        char plain[700];
        size_t n = (size_t)snprintf(plain, sizeof plain, "%.*s%s", shift, "xyz", key);
        text_printf(&body, " b64=");
        for (size_t i = 0; i < n; i += 3) {
            unsigned v = (unsigned)(unsigned char)plain[i] << 16u;
            if (i + 1 < n) v |= (unsigned)(unsigned char)plain[i + 1] << 8u;
            if (i + 2 < n) v |= (unsigned char)plain[i + 2];
            text_printf(&body, "%c%c%c%c", b64[v >> 18], b64[v >> 12 & 63],
                        i + 1 < n ? b64[v >> 6 & 63] : '=', i + 2 < n ? b64[v & 63] : '=');
        }
    }
    text_printf(&body, "\",\"type\":\"%s\",\"code\":\"%s\"}}", key, key);
    char more[1400];
    snprintf(more, sizeof more, "request-id: %s\r\nx-request-id: %s\r\n", key, key);
    send_status(out, "400 Bad Request", more, body.data);
    free(body.data);
}

static char *read_reply(const request *r, const char *name)
{
    char path[1000];
    text whole = {0};
    snprintf(path, sizeof path, "%s/%s", r->replies ? r->replies : ".", name);
    FILE *file = fopen(path, "rb");
    char bytes[4096];
    text_printf(&whole, "%s", "");
    if (!file) return whole.data;
    for (size_t n; (n = fread(bytes, 1, sizeof bytes, file)) > 0;) text_add(&whole, bytes, n);
    fclose(file);
    return whole.data;
}

/* What a model with a script says next: the part of the script that follows the calls of tools which
 * the question shows. Parts are parted by lines "%%"; one that begins with a line "call TOOL" calls it
 * with the rest as arguments, any other is the answer. Cuts the script into pieces. */
static void follow(const request *r, char *script, parts *p)
{
    char id[20], *part = script;
    for (p->call = 1; p->call < 100; p->call++) {
        snprintf(id, sizeof id, "call_%d\"", p->call);
        if (!strstr(r->body, id)) break;
        char *next = strstr(part, "\n%%\n");
        part = next ? next + 4 : part + strlen(part);
    }
    char *end = strstr(part, "\n%%\n"), *line = strchr(part, '\n');
    if (end) *end = '\0';
    p->words[0] = part;
    p->words[1] = NULL;
    if (strncmp(part, "call ", 5) != 0 || !line) return;
    *line = '\0';
    p->tool = part + 5;
    p->arguments = line + 1;
    p->words[0] = NULL;
}

static bool is(const char *model, const char *how, long *number)
{
    size_t len = strlen(how);
    if (strncmp(model, how, len) != 0) return false;
    if (model[len] != '\0' && model[len] != '-') return false;
    *number = model[len] == '-' ? atol(model + len + 1) : 0;
    return true;
}

/* Statuses that are given instead of a reply: the first n times an id is seen, or always. */
static bool refuse(const request *r, text *out, manner *how)
{
    static const struct {
        const char *how, *status, *more, *body;
    } refusals[] = {
        {"r429", "429 Too Many Requests", "retry-after-ms: 20\r\n",
         "{\"error\":{\"message\":\"slow "
         "down\",\"type\":\"rate_limit_error\",\"code\":\"rate_limit_exceeded\"}}"},
        {"r429s", "429 Too Many Requests", "retry-after: 1\r\n",
         "{\"error\":{\"message\":\"slow down\",\"type\":\"rate_limit_error\"}}"},
        {"quota", "429 Too Many Requests", "",
         "{\"error\":{\"message\":\"You exceeded your current "
         "quota\",\"type\":\"insufficient_quota\",\"code\":\"insufficient_quota\"}}"},
        {"r402", "402 Payment Required", "", "{\"error\":{\"message\":\"no money\"}}"},
        {"r500", "500 Internal Server Error", "x-should-retry: true\r\n",
         "{\"error\":{\"message\":\"oops\"}}"},
        {"r503", "503 Service Unavailable", "", "<html>busy</html>"},
        {"r529", "529 Overloaded", "x-should-retry: true\r\n",
         "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}"
         "}"},
        {"never429", "429 Too Many Requests", "x-should-retry: false\r\n",
         "{\"error\":{\"message\":\"stop asking\"}}"},
        {"redirect", "302 Found", "Location: http://127.0.0.1:1/\r\n", "{}"},
    };
    long times;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        if (!is(r->model, refusals[i].how, &times)) continue;
        if (times && r->turn > times) return false;
        send_status(out, refusals[i].status, refusals[i].more, refusals[i].body);
        return true;
    }
    if (is(r->model, "hangup", &times) && (!times || r->turn <= times)) {
        how->close_after = true; /* without a word */
        return true;
    }
    return false;
}

static void shape(const request *r, parts *p, manner *how)
{
    const char *m = r->model;
    long n;
    p->no_usage = is(m, "nousage", &n);
    p->cut = is(m, "cut", &n);
    p->half = is(m, "half", &n);
    p->wrong = is(m, "wrong", &n);
    p->twice = is(m, "twice", &n);
    p->huge = is(m, "huge", &n);
    p->error_event = is(m, "errevent", &n);
    if (is(m, "lie", &n)) p->out = r->max_tokens; /* upward, within what was allowed */
    if (is(m, "over", &n)) p->out = r->max_tokens + n + 1;
    if (is(m, "trunc", &n)) p->stop = "length";
    if (is(m, "cached", &n)) p->cached = 5;
    if (is(m, "reason", &n)) p->reasoning = 3;
    if (is(m, "refusal", &n)) {
        p->refusal = "I can't help with that.";
        p->words[0] = NULL;
    }
    if (is(m, "tool", &n) && !strstr(r->body, "call_1")) {
        p->tool = "run_check";
        p->arguments = "{\"n\":1}";
        p->call = 1;
    }
    if (is(m, "drip", &n)) {
        how->drip = 7;
        how->drip_ms = n ? (unsigned)n : 5;
    }
    if (is(m, "slow", &n)) how->delay = (unsigned)n;
    how->never = is(m, "never", &n);
}

void behave(const request *r, text *out, manner *how)
{
    parts p = {
        .model = r->model, .words = {"H\xC3\xA9llo", " from ", r->model}, .in = 12, .out = 7};
    char *file = NULL;
    long n;
    if (refuse(r, out, how)) return;
    if (is(r->model, "gzip", &n)) {
        gzip_bomb(out);
        how->close_after = true;
    } else if (is(r->model, "endless", &n)) {
        text_printf(
            out, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n");
        how->endless = out->len;
        chat_word(out, &p, "content", "more");
    } else if (is(r->model, "flood", &n)) {
        header_flood(out);
    } else if (is(r->model, "echo", &n)) {
        echo_key(r, out);
    } else {
        shape(r, &p, how);
        if (strncmp(r->model, "file-", 5) == 0) {
            file = read_reply(r, r->model + 5);
            p.words[0] = file;
            p.words[1] = NULL;
        } else if (strncmp(r->model, "script-", 7) == 0) {
            file = read_reply(r, r->model + 7);
            follow(r, file, &p);
        }
        reply(r, out, &p, how);
    }
    free(file);
}
