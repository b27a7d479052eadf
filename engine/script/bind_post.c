/* What a fiber posts to a server and the messages it waits for (http.post). A post belongs to its
 * value: what is not closed ends with it. */
#include "base/config.h"
#include "script/fiber.h"

#include <lauxlib.h>
#include <string.h>

#include "loop/timer.h"
#include "model/post.h"
#include "script/bind_http.h"
#include "script/lines.h"

#define POST_TYPE   "han.post"
#define SECONDS_MAX 3600.0

typedef struct post {
    han__host *host;
    han__post *call; /* NULL: it has ended, or was closed */
    han__lines lines;
    han_error err; /* how it ended, when that was not well */
    int http;      /* the status; 0: it has not ended */
    char session[HAN__POST_SESSION_MAX + 1];
    char raw[HAN__POST_RAW_MAX];
    size_t raw_len;
    bool waits;
    bool late; /* the message did not come in time */
    han__wait wait;
    han__timer timer;
} post;

static int push_message(lua_State *L, void *ud)
{
    post *p = ud;
    han_error err = {0};
    if (han__lines_push(L, &p->lines)) return 1;
    if (p->late)
        han__error_set(&err, HAN_TIMEOUT, "no message came in time");
    else if (p->err.code)
        err = p->err;
    else
        han__error_set(&err, HAN_PEER, "the answer has ended");
    return han__fail(L, &err);
}

static void wake(post *p)
{
    if (!p->waits) return;
    p->waits = false;
    han__timer_stop(&p->timer);
    han__wait_finish(&p->wait, push_message, p);
}

static int on_message(void *ud, const uint8_t *bytes, size_t len)
{
    post *p = ud;
    int status = han__buf_append(&p->lines.text, bytes, len);
    if (status == HAN_OK) status = han__buf_byte(&p->lines.text, '\n');
    if (status == HAN_OK) wake(p);
    return status;
}

static void on_end(void *ud, const han__post_end *end)
{
    post *p = ud;
    const han__http_end *http = end->http;
    p->call = NULL;
    p->http = http->http;
    memcpy(p->session, end->session, strlen(end->session) + 1); /* both of one size */
    p->raw_len = end->raw->len;
    if (p->raw_len) memcpy(p->raw, end->raw->data, p->raw_len);
    if (http->status == HAN_LIMIT)
        han__error_set(&p->err, HAN_LIMIT,
                       "it sent a message of more than %u MiB, or %u MiB in all",
                       HAN__POST_MESSAGE_MAX >> 20, HAN__POST_BODY_MAX >> 20);
    else if (http->status != HAN_OK)
        han__error_set(&p->err, http->status == HAN_IO ? HAN_PEER : http->status, "%s",
                       http->message ? http->message : han_status_name(http->status));
    wake(p);
}

static void on_late(void *ud, han__timer *timer)
{
    post *p = ud;
    HAN__UNUSED(timer);
    p->late = true;
    wake(p);
    p->late = false;
}

static void on_cancel(han__wait *wait)
{
    post *p = wait->ud;
    p->waits = false;
    han__timer_stop(&p->timer);
}

static void forget(post *p)
{
    han__timer_stop(&p->timer);
    if (p->call) han__post_cancel(p->call);
    p->call = NULL;
    han__lines_release(&p->lines);
}

int han__http_post(lua_State *L)
{
    const han__way *to = luaL_checkudata(L, 1, HAN__WAY_TYPE);
    han__host *host = han__state_of(L)->host;
    han_error err = {0};
    han__post_request r = {.secret = to->secret, .on_message = on_message, .on_end = on_end};
    r.http.line = to->line;
    r.http.total_ms = han__check_ms(L, 3);
    r.http.get = r.http.erase = lua_isnoneornil(L, 2);
    if (!r.http.erase) r.http.body = luaL_checklstring(L, 2, &r.http.body_len);
    post *p = lua_newuserdatauv(L, sizeof *p, 1);
    *p = (post){.host = host, .wait = {.on_cancel = on_cancel, .ud = p}};
    han__timer_init(&p->timer, host->loop, on_late, p);
    han__lines_init(&p->lines, host->mem); /* the call bounds it */
    luaL_setmetatable(L, POST_TYPE);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1); /* the secret lives with its line */
    r.ud = p;
    if (han__post_start(&p->call, host->http, host->mem, &r, &err)) return han__fail(L, &err);
    return 1;
}

static int post_message(lua_State *L)
{
    post *p = luaL_checkudata(L, 1, POST_TYPE);
    lua_Number seconds = luaL_checknumber(L, 2);
    luaL_argcheck(L, seconds >= 0 && seconds <= SECONDS_MAX, 2, "seconds from 0 to 3600");
    if (han__lines_ready(&p->lines) || !p->call) return push_message(L, p);
    if (!han__state_of(L)->current || !lua_isyieldable(L))
        return luaL_error(L, "a post has to wait for its server, and cannot wait here");
    if (p->waits) return luaL_error(L, "another fiber waits for this post");
    if (han__timer_start(&p->timer, (uint64_t)(seconds * 1e9), 0) != HAN_OK)
        return luaL_error(L, "out of memory");
    p->waits = true;
    han__fiber_wait(L, &p->wait);
    return lua_yield(L, 0);
}

static int post_head(lua_State *L)
{
    const post *p = luaL_checkudata(L, 1, POST_TYPE);
    lua_createtable(L, 0, 3);
    lua_pushinteger(L, p->http);
    lua_setfield(L, -2, "status");
    const char *session = p->call ? han__post_session(p->call) : p->session;
    if (session[0]) {
        lua_pushstring(L, session);
        lua_setfield(L, -2, "session");
    }
    if (p->raw_len) {
        lua_pushlstring(L, p->raw, p->raw_len);
        lua_setfield(L, -2, "raw");
    }
    return 1;
}

static int post_close(lua_State *L)
{
    post *p = luaL_checkudata(L, 1, POST_TYPE);
    if (p->waits) return luaL_error(L, "a fiber waits for this post");
    forget(p);
    return 0;
}

static int post_gc(lua_State *L)
{
    forget(luaL_checkudata(L, 1, POST_TYPE));
    return 0;
}

void han__post_install(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"message", post_message}, {"head", post_head}, {"close", post_close}, {NULL, NULL}};
    static const luaL_Reg meta[] = {{"__gc", post_gc}, {"__close", post_gc}, {NULL, NULL}};
    luaL_newmetatable(L, POST_TYPE);
    luaL_setfuncs(L, meta, 0);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, false);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}
