/* Module han.http: what a fiber asks of a model endpoint, and waits for. */
#include "base/config.h"
#include "script/fiber.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/call.h"
#include "model/line.h"
#include "script/bind_http.h"

#define SECRET_TYPE "han.secret"
#define HEADERS_MAX 64 /* of a line */
#define TIME_MAX    86400.0

/* One request of one fiber, on whose stack the line lies. It ends with the request. */
typedef struct asked {
    han__wait wait;
    han__mem *mem;
    han__call *call;
    const han__call_end *end;
} asked;

/* ---- the reply ---- */

static void set_buf(lua_State *L, const char *name, const han__buf *text)
{
    if (text->len == 0) return;
    lua_pushlstring(L, (const char *)text->data, text->len);
    lua_setfield(L, -2, name);
}

static void set_bool(lua_State *L, const char *name, bool value)
{
    lua_pushboolean(L, value);
    lua_setfield(L, -2, name);
}

static void push_calls(lua_State *L, const han__reply *r)
{
    lua_createtable(L, (int)r->calls_len, 0); /* also when there is none: Lua counts them */
    for (size_t i = 0; i < r->calls_len; i++) {
        lua_createtable(L, 0, 3);
        set_buf(L, "id", &r->calls[i].id);
        set_buf(L, "name", &r->calls[i].name);
        set_buf(L, "arguments", &r->calls[i].arguments);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "calls");
}

/* One of the lines "name: value\n" that were kept; false after the last. */
static bool next_told(const char **at, const char *end, han__span *name, han__span *value)
{
    const char *line = *at < end ? memchr(*at, '\n', (size_t)(end - *at)) : NULL;
    const char *colon = line ? memchr(*at, ':', (size_t)(line - *at)) : NULL;
    if (!colon) return false; /* each has one */
    *name = (han__span){(const uint8_t *)*at, (size_t)(colon - *at)};
    for (colon++; colon < line && *colon == ' ';) colon++;
    *value = (han__span){(const uint8_t *)colon, (size_t)(line - colon)};
    *at = line + 1;
    return true;
}

static void push_span(lua_State *L, han__span span)
{
    lua_pushlstring(L, (const char *)span.at, span.len);
}

/* told = { [name] = value }; of a good reply only when it says that nothing is left of a limit. */
static void push_told(lua_State *L, const char *from, const char *end)
{
    han__span name, value;
    lua_createtable(L, 0, 4);
    while (next_told(&from, end, &name, &value)) {
        push_span(L, name);
        push_span(L, value);
        lua_rawset(L, -3);
    }
    lua_setfield(L, -2, "told");
}

/* What is worth knowing of the head; request_id is the endpoint's name of the request. */
static void push_head(lua_State *L, const han__call_end *end)
{
    const char *from = (const char *)end->told->data, *last = from + end->told->len, *at = from;
    han__span name, value, id = {end->reply->id.data, end->reply->id.len};
    bool heed = end->http->http != 200;
    while (end->told->len && next_told(&at, last, &name, &value)) {
        if (han__span_is(name, "request-id") || han__span_is(name, "x-request-id")) id = value;
        heed = heed ||
               (han__span_is(name, "x-ratelimit-remaining-requests") && han__span_is(value, "0"));
    }
    if (id.len) {
        push_span(L, id);
        lua_setfield(L, -2, "request_id");
    }
    if (heed) push_told(L, from, last);
}

static void push_broken(lua_State *L, const han__http_end *http)
{
    if (http->status == HAN_OK || http->status == HAN_SYNTAX) return;
    lua_createtable(L, 0, 2);
    lua_pushstring(L, han_status_name(http->status));
    lua_setfield(L, -2, "code");
    lua_pushstring(L, http->message);
    lua_setfield(L, -2, "message");
    lua_setfield(L, -2, "broken");
}

static bool push_value(lua_State *L, han__json *json);

/* Pushes a member's name. Those that servers use are texts of ours, which Lua finds by address. */
static void push_name(lua_State *L, han__span name)
{
    static const char *const known[] = {"prompt_tokens",
                                        "completion_tokens",
                                        "total_tokens",
                                        "prompt_tokens_details",
                                        "completion_tokens_details",
                                        "cached_tokens",
                                        "reasoning_tokens",
                                        "input_tokens",
                                        "output_tokens",
                                        "input_tokens_details",
                                        "output_tokens_details",
                                        "cache_read_input_tokens"};
    for (size_t i = 0; i < HAN__COUNT(known); i++) {
        if (!han__span_is(name, known[i])) continue;
        lua_pushstring(L, known[i]);
        return;
    }
    lua_pushlstring(L, (const char *)name.at, name.len);
}

/* An object as a table; numbers that are no counts stay texts, so that they are no counts. */
static bool push_object(lua_State *L, han__json *json)
{
    han__span key;
    if (!han__json_open(json, '{')) return false;
    luaL_checkstack(L, 4, "nested too deep");
    lua_createtable(L, 0, json->depth > 1 ? 4 : 8); /* what the usage of most servers takes */
    while (han__json_key(json, &key)) {
        push_name(L, key);
        if (!push_value(L, json)) return false;
        lua_rawset(L, -3);
    }
    return !json->fault;
}

static bool push_value(lua_State *L, han__json *json)
{
    han__span raw;
    uint8_t c = han__json_peek(json);
    if (c == '{') return push_object(L, json);
    if (!han__json_skip(json, &raw)) return false;
    lua_Integer count = 0;
    bool digits = raw.len < 16;
    for (size_t i = 0; i < raw.len && digits; i++) {
        digits = raw.at[i] >= '0' && raw.at[i] <= '9';
        count = count * 10 + (raw.at[i] - '0');
    }
    if (c == 'n')
        lua_pushnil(L);
    else if (digits)
        lua_pushinteger(L, count);
    else
        lua_pushlstring(L, (const char *)raw.at, raw.len);
    return true;
}

/* The usage as a table; nothing when it is none. */
static void set_usage(lua_State *L, const char *name, const han__buf *text)
{
    han__json json;
    int top = lua_gettop(L);
    if (text->len == 0) return;
    han__json_init(&json, text->data, text->len);
    if (push_object(L, &json) && han__json_done(&json)) lua_setfield(L, top, name);
    lua_settop(L, top);
}

static void push_fields(lua_State *L, const han__reply *r)
{
    lua_pushlstring(L, r->text.len ? (const char *)r->text.data : "", r->text.len);
    lua_setfield(L, -2, "text");
    push_calls(L, r);
    set_buf(L, "reasoning", &r->reasoning);
    set_buf(L, "refusal", &r->refusal);
    set_buf(L, "served", &r->model);
    set_buf(L, "stop", &r->stop);
    set_usage(L, "usage", &r->usage);
    set_usage(L, "usage_start", &r->usage_start);
    set_buf(L, "error_type", &r->error_type);
    set_buf(L, "error_message", &r->error_message);
    set_bool(L, "done", r->done);
    if (r->failed) set_bool(L, "failed", true);
}

static int push_reply(lua_State *L, void *ud)
{
    const han__call_end *end = ((asked *)ud)->end;
    const han__http_end *http = end->http;
    lua_createtable(L, 0, 16); /* a good reply has 9 members, and becomes an answer with 14 */
    lua_pushinteger(L, http->http);
    lua_setfield(L, -2, "http");
    if (http->http == 0) set_bool(L, "sent", http->sent);
    lua_pushnumber(L, (lua_Number)http->first_us / 1e6);
    lua_setfield(L, -2, "first");
    push_broken(L, http);
    if (end->reply->fault) {
        lua_pushstring(L, end->reply->fault);
        lua_setfield(L, -2, "fault");
    }
    push_fields(L, end->reply);
    push_head(L, end);
    set_buf(L, "raw", end->raw);
    return 1;
}

static void on_end(void *ud, const han__call_end *end)
{
    asked *a = ud;
    a->end = end;
    han__wait_finish(&a->wait, push_reply, a);
    han__mem_free(a->mem, a, sizeof *a);
}

static void on_cancel(han__wait *wait)
{
    asked *a = wait->ud;
    han__call_cancel(a->call);
    han__mem_free(a->mem, a, sizeof *a);
}

/* ---- lines ---- */

static const char *text_field(lua_State *L, const char *name, bool need)
{
    int type = lua_getfield(L, 1, name);
    if (type == LUA_TSTRING) return lua_tostring(L, -1); /* the table keeps it */
    if (type != LUA_TNIL || need) luaL_error(L, "http.line: '%s' must be a text", name);
    lua_pop(L, 1);
    return NULL;
}

/* "Name: value" strings on the stack; nothing that could begin another header. */
static void read_headers(lua_State *L, const char **out)
{
    size_t n = 0;
    if (lua_getfield(L, 1, "headers") == LUA_TNIL) {
        lua_pop(L, 1);
        return;
    }
    luaL_checktype(L, -1, LUA_TTABLE);
    int table = lua_gettop(L);
    luaL_checkstack(L, HEADERS_MAX + 8, "too many headers");
    for (lua_pushnil(L); lua_next(L, table);) {
        const char *name = luaL_checkstring(L, -2), *value = luaL_checkstring(L, -1);
        if (n == HEADERS_MAX) luaL_error(L, "http.line: too many headers");
        if (strpbrk(name, "\r\n:") || strpbrk(value, "\r\n"))
            luaL_error(L, "http.line: a header holds the end of a line");
        out[n++] = lua_pushfstring(L, "%s: %s", name, value);
        lua_replace(L, -2);   /* the line in place of the value ... */
        lua_pushvalue(L, -2); /* ... which stays below the next key */
        lua_remove(L, -3);
    }
}

static int dialect_field(lua_State *L)
{
    static const char *const names[] = {"chat", "responses", "messages", NULL};
    lua_getfield(L, 1, "dialect");
    int dialect = luaL_checkoption(L, -1, "chat", names);
    lua_pop(L, 1);
    return dialect;
}

static han__http *http_of(lua_State *L, han_error *err)
{
    han__host *host = han__state_of(L)->host;
    if (!host->calls_models) {
        han__error_set(err, HAN_ENVIRONMENT, "this process makes no model calls; the engine does");
        return NULL;
    }
    if (!host->http && han__http_open(&host->http, host->loop, host->mem, err)) return NULL;
    return host->http;
}

/* The secret lies at the field; it becomes the user value of the line below the top. */
static void read_secret(lua_State *L, han__way *made, han__line_options *options)
{
    if (lua_getfield(L, 1, "secret") == LUA_TNIL) {
        lua_pop(L, 1);
        return;
    }
    made->secret = options->secret = *(han__secret **)luaL_checkudata(L, -1, SECRET_TYPE);
    lua_setiuservalue(L, -2, 1);
    options->secret_header = text_field(L, "secret_header", true);
    options->secret_prefix = text_field(L, "secret_prefix", false);
    if (!options->secret_prefix) options->secret_prefix = "";
}

/* line{ url =, dialect =?, headers = { [name] = value }?, secret =?, secret_header =?,
 * secret_prefix =? } -> line, or nil, message, CODE */
static int l_line(lua_State *L)
{
    const char *headers[HEADERS_MAX + 1] = {NULL};
    han__line_options options = {.headers = headers};
    han_error err = {0};
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    han__way *made = lua_newuserdatauv(L, sizeof *made, 1);
    *made = (han__way){0};
    luaL_setmetatable(L, HAN__WAY_TYPE);
    made->dialect = dialect_field(L);
    read_secret(L, made, &options);
    options.url = text_field(L, "url", true);
    read_headers(L, headers);
    han__http *http = http_of(L, &err);
    if (!http || han__line_open(&made->line, http, han__state_of(L)->host->mem, &options, &err))
        return han__fail(L, &err);
    lua_settop(L, 2);
    return 1;
}

static int line_gc(lua_State *L)
{
    han__way *made = luaL_checkudata(L, 1, HAN__WAY_TYPE);
    han__line_drop(made->line);
    made->line = NULL;
    return 0;
}

/* ---- the request ---- */

uint32_t han__check_ms(lua_State *L, int arg)
{
    lua_Number seconds = luaL_checknumber(L, arg);
    luaL_argcheck(L, seconds > 0 && seconds <= TIME_MAX, arg, "seconds, at most a day");
    uint32_t ms = (uint32_t)(seconds * 1000);
    return ms == 0 ? 1 : ms;
}

static void read_request(lua_State *L, const han__way *to, han__call_request *r)
{
    r->http.line = to->line;
    r->dialect = to->dialect;
    r->secret = to->secret;
    r->http.body = luaL_checklstring(L, 2, &r->http.body_len);
    r->http.total_ms = han__check_ms(L, 3);
    r->id = luaL_optstring(L, 4, NULL);
    if (r->id && strpbrk(r->id, "\r\n")) luaL_argerror(L, 4, "an id holds the end of a line");
}

/* call(line, body, seconds [, id]) -> reply, or nil, message, CODE */
static int l_call(lua_State *L)
{
    han__call_request request = {0};
    han_error err = {0};
    const han__way *to = luaL_checkudata(L, 1, HAN__WAY_TYPE);
    if (!han__state_of(L)->current || !lua_isyieldable(L))
        return luaL_error(L, "http.call has to wait for the endpoint, and cannot wait here");
    read_request(L, to, &request);
    han__host *host = han__state_of(L)->host;
    asked *a = han__mem_alloc(host->mem, sizeof *a);
    if (!a) return luaL_error(L, "no memory for a model call");
    *a = (asked){.wait = {.on_cancel = on_cancel, .ud = a}, .mem = host->mem};
    request.on_end = on_end;
    request.ud = a;
    if (han__call_start(&a->call, host->http, host->mem, &request, &err)) {
        han__mem_free(host->mem, a, sizeof *a);
        return han__fail(L, &err);
    }
    han__fiber_wait(L, &a->wait);
    return lua_yield(L, 0);
}

/* ---- keys ---- */

/* From the host of the engine, or else from where the configuration says. */
static int load_secret(han__host *host, const char *source, han__secret **out, han_error *err)
{
    char key[HAN__SECRET_MAX];
    size_t len = 0;
    if (host->secret && strncmp(source, "env:", 4) == 0)
        len = host->secret(host->secret_ud, source + 4, key, sizeof(key));
    if (len == 0) return han__secret_load(out, host->mem, source, err);
    int status = len <= sizeof(key)
                     ? han__secret_make(out, host->mem, key, len, err)
                     : han__error_set(err, HAN_INVALID, "the key of the host is too long");
    explicit_bzero(key, sizeof(key));
    return status;
}

static int l_secret(lua_State *L)
{
    const char *source = luaL_checkstring(L, 1);
    han_error err = {0};
    han__secret **secret = lua_newuserdatauv(L, sizeof(han__secret *), 0);
    *secret = NULL;
    luaL_setmetatable(L, SECRET_TYPE);
    if (!han__state_of(L)->host->calls_models) return luaL_error(L, "keys are the engine's");
    if (load_secret(han__state_of(L)->host, source, secret, &err)) return han__fail(L, &err);
    return 1;
}

static int secret_gc(lua_State *L)
{
    han__secret **secret = luaL_checkudata(L, 1, SECRET_TYPE);
    han__secret_free(*secret);
    *secret = NULL;
    return 0;
}

static int secret_text(lua_State *L)
{
    lua_pushliteral(L, "a key");
    return 1;
}

static int l_counts(lua_State *L)
{
    const han__http *http = han__state_of(L)->host->http;
    lua_createtable(L, 0, 2);
    lua_pushinteger(L, http ? (lua_Integer)han__http_running(http) : 0);
    lua_setfield(L, -2, "running");
    lua_pushinteger(L, http ? (lua_Integer)han__http_waiting(http) : 0);
    lua_setfield(L, -2, "waiting");
    return 1;
}

static void make_type(lua_State *L, const char *name, lua_CFunction gc, lua_CFunction text)
{
    luaL_newmetatable(L, name);
    lua_pushcfunction(L, gc);
    lua_setfield(L, -2, "__gc");
    if (text) {
        lua_pushcfunction(L, text);
        lua_setfield(L, -2, "__tostring");
    }
    lua_pushboolean(L, false);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}

int han__open_http(lua_State *L)
{
    static const luaL_Reg functions[] = {{"line", l_line},         {"call", l_call},
                                         {"secret", l_secret},     {"counts", l_counts},
                                         {"post", han__http_post}, {NULL, NULL}};
    make_type(L, HAN__WAY_TYPE, line_gc, NULL);
    make_type(L, SECRET_TYPE, secret_gc, secret_text);
    han__post_install(L);
    luaL_newlib(L, functions);
    return 1;
}
