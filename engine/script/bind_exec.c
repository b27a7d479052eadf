/* Module han.exec: sessions, which hold one run each, and what a fiber waits for in them. */
#include "base/config.h"
#include "script/fiber.h"

#include <lauxlib.h>
#include <string.h>

#include "base/buf.h"
#include "loop/timer.h"
#include "script/bind_exec.h"
#include "script/lines.h"

#define SESSION_TYPE "han.exec.session"
#define SECONDS_MAX  3600.0

enum { WAITS_NOT, WAITS_LINE, WAITS_END };

typedef struct session {
    han__host *host;
    han__exec *run;
    han__lines out;
    han__buf err;
    han__exec_verdict verdict;
    bool told; /* the verdict is there */
    bool once; /* of exec.run: closed with its verdict */
    bool short_of_memory;
    bool late; /* the line did not come in time */
    int waits;
    han__wait wait;
    han__timer timer;
} session;

/* ---- what is pushed ---- */

static void set_number(lua_State *L, const char *name, double value)
{
    lua_pushnumber(L, value);
    lua_setfield(L, -2, name);
}

static void set_text(lua_State *L, const char *name, const char *text, size_t len)
{
    lua_pushlstring(L, text ? text : "", len);
    lua_setfield(L, -2, name);
}

static void push_outputs(lua_State *L, const han__exec_verdict *v)
{
    static const char *const skips[] = {[HAN__BOX_SKIP_NOT] = NULL,
                                        [HAN__BOX_SKIP_KIND] = "kind",
                                        [HAN__BOX_SKIP_SIZE] = "size",
                                        [HAN__BOX_SKIP_READ] = "unreadable",
                                        [HAN__BOX_SKIP_COUNT] = "count"};
    lua_newtable(L);
    for (size_t i = 0; i < v->outputs_len; i++) {
        const han__exec_output *o = &v->outputs[i];
        lua_createtable(L, 0, 3);
        set_text(L, "path", o->path, strlen(o->path));
        if (o->skip) {
            const char *why = o->skip < HAN__BOX_SKIPS ? skips[o->skip] : "unreadable";
            set_text(L, "skipped", why, strlen(why));
        } else {
            set_text(L, "bytes", (const char *)o->bytes, (size_t)o->have);
            lua_pushinteger(L, o->mode);
            lua_setfield(L, -2, "mode");
        }
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "outputs");
}

static int push_verdict(lua_State *L, void *ud)
{
    const session *s = ud;
    const han__exec_verdict *v = &s->verdict;
    const char *class = s->short_of_memory ? "sandbox-error" : han__exec_class_name(v->class);
    lua_createtable(L, 0, 14);
    set_text(L, "class", class, strlen(class));
    if (v->code >= 0) {
        lua_pushinteger(L, v->code);
        lua_setfield(L, -2, "code");
    }
    if (v->signal > 0) {
        lua_pushinteger(L, v->signal);
        lua_setfield(L, -2, "signal");
    }
    const char *message = s->short_of_memory ? "no memory for its output" : v->message;
    if (message[0]) set_text(L, "message", message, strlen(message));
    set_text(L, "stdout", (const char *)s->out.text.data + s->out.taken,
             s->out.text.len - s->out.taken);
    set_text(L, "stderr", (const char *)s->err.data, s->err.len);
    set_number(L, "wall", (double)v->wall_us / 1e6);
    set_number(L, "cpu", (double)v->cpu_us / 1e6);
    lua_pushinteger(L, (lua_Integer)v->rss);
    lua_setfield(L, -2, "memory");
    set_text(L, "held", v->held, strlen(v->held));
    lua_pushstring(L, han__level_name(v->level));
    lua_setfield(L, -2, "sandbox");
    push_outputs(L, v);
    return 1;
}

static int fail(lua_State *L, int code, const char *message)
{
    han_error err = {0};
    han__error_set(&err, code, "%s", message);
    return han__fail(L, &err);
}

/* A line, or why there is none. */
static int push_line(lua_State *L, void *ud)
{
    session *s = ud;
    if (han__lines_push(L, &s->out)) return 1;
    if (s->late) return fail(L, HAN_TIMEOUT, "no line came in time");
    return fail(L, HAN_PEER, "the command's output has ended");
}

/* ---- what comes from the run ---- */

static void forget(session *s)
{
    han__timer_stop(&s->timer);
    han__exec_close(s->run);
    s->run = NULL;
    han__lines_release(&s->out);
    han__buf_release(&s->err);
}

static void wake(session *s, int (*push)(lua_State *L, void *ud))
{
    s->waits = WAITS_NOT;
    han__timer_stop(&s->timer);
    han__wait_finish(&s->wait, push, s);
}

static void on_output(void *ud, int stream, const uint8_t *bytes, size_t len)
{
    session *s = ud;
    if (han__buf_append(stream == 1 ? &s->out.text : &s->err, bytes, len) != HAN_OK) {
        s->short_of_memory = true;
        han__exec_stop(s->run);
    }
    if (s->waits == WAITS_LINE && stream == 1 && han__lines_ready(&s->out)) wake(s, push_line);
}

static void on_end(void *ud, const han__exec_verdict *verdict)
{
    session *s = ud;
    s->verdict = *verdict;
    s->told = true;
    if (s->waits == WAITS_LINE) wake(s, push_line);
    if (s->waits == WAITS_END) wake(s, push_verdict);
    if (s->once) forget(s);
}

static void on_late(void *ud, han__timer *timer)
{
    session *s = ud;
    HAN__UNUSED(timer);
    s->late = true;
    wake(s, push_line);
    s->late = false;
}

/* The fiber was killed while it waited. */
static void on_cancel(han__wait *wait)
{
    session *s = wait->ud;
    s->waits = WAITS_NOT;
    han__timer_stop(&s->timer);
    if (s->once) forget(s);
}

/* ---- calls ---- */

static void check_fiber(lua_State *L)
{
    if (!han__state_of(L)->current || !lua_isyieldable(L))
        luaL_error(L, "han.exec has to wait for the command, and cannot wait here");
}

static int wait_for(lua_State *L, session *s, int what)
{
    check_fiber(L);
    if (s->waits != WAITS_NOT) return luaL_error(L, "another fiber waits for this session");
    s->waits = what;
    han__fiber_wait(L, &s->wait);
    return lua_yield(L, 0);
}

/* Pushes a session for the request at 1; HAN_OK, or a status with *err and nothing pushed. */
static int start(lua_State *L, bool interactive, session **out, han_error *err)
{
    han__host *host = han__state_of(L)->host;
    han__exec_request request;
    lua_settop(L, 1);
    han__exec_request_read(L, 1, &request);
    if (!host->execs)
        return han__error_set(err, HAN_ENVIRONMENT,
                              "this process cannot run commands: its host gave no libexec folder");
    session *s = lua_newuserdatauv(L, sizeof *s, 0);
    memset(s, 0, sizeof *s);
    s->host = host;
    s->wait = (han__wait){.on_cancel = on_cancel, .ud = s};
    han__timer_init(&s->timer, host->loop, on_late, s);
    han__lines_init(&s->out, host->mem); /* the run bounds both together */
    han__buf_init(&s->err, host->mem, SIZE_MAX / 2);
    luaL_setmetatable(L, SESSION_TYPE);
    request.interactive = interactive && !request.input;
    request.callbacks = (han__exec_callbacks){on_output, on_end, s};
    *out = s;
    return han__exec_start(&s->run, host->execs, &request, err);
}

static int start_failed(lua_State *L, int status, const han_error *err)
{
    return status == HAN_INVALID ? han__throw(L, err) : han__fail(L, err);
}

static int l_run(lua_State *L)
{
    han_error err = {0};
    session *s = NULL;
    check_fiber(L);
    int status = start(L, false, &s, &err);
    if (status != HAN_OK) return start_failed(L, status, &err);
    s->once = true;
    return wait_for(L, s, WAITS_END);
}

static int l_start(lua_State *L)
{
    han_error err = {0};
    session *s = NULL;
    int status = start(L, true, &s, &err);
    return status == HAN_OK ? 1 : start_failed(L, status, &err);
}

/* A session whose run was not closed. */
static session *check(lua_State *L)
{
    session *s = luaL_checkudata(L, 1, SESSION_TYPE);
    if (!s->run) luaL_error(L, "the session is closed");
    return s;
}

static int l_write(lua_State *L)
{
    session *s = check(L);
    size_t len;
    const char *text = luaL_checklstring(L, 2, &len);
    int status = len ? han__exec_write(s->run, text, len) : HAN_OK;
    if (status == HAN_OK) {
        lua_pushboolean(L, true);
        return 1;
    }
    return fail(L, status,
                status == HAN_LIMIT ? "too much input waits to be read"
                                    : "the command reads no more input");
}

static int l_line(lua_State *L)
{
    session *s = check(L);
    lua_Number seconds = luaL_checknumber(L, 2);
    luaL_argcheck(L, seconds >= 0 && seconds <= SECONDS_MAX, 2, "seconds from 0 to 3600");
    if (han__lines_ready(&s->out) || s->told) return push_line(L, s);
    check_fiber(L);
    if (s->waits != WAITS_NOT) return luaL_error(L, "another fiber waits for this session");
    if (han__timer_start(&s->timer, (uint64_t)(seconds * 1e9), 0) != HAN_OK)
        return luaL_error(L, "out of memory");
    return wait_for(L, s, WAITS_LINE);
}

static int l_close_input(lua_State *L)
{
    han__exec_end_input(check(L)->run);
    return 0;
}

static int verdict_of(lua_State *L, session *s)
{
    return s->told ? push_verdict(L, s) : wait_for(L, s, WAITS_END);
}

static int l_finish(lua_State *L)
{
    session *s = check(L);
    han__exec_end_input(s->run);
    return verdict_of(L, s);
}

static int l_stop(lua_State *L)
{
    session *s = check(L);
    han__exec_stop(s->run);
    return verdict_of(L, s);
}

static int l_kill(lua_State *L)
{
    han__exec_stop(check(L)->run);
    return 0;
}

static int l_close(lua_State *L)
{
    session *s = luaL_checkudata(L, 1, SESSION_TYPE);
    if (s->waits != WAITS_NOT) return luaL_error(L, "a fiber waits for this session");
    forget(s);
    return 0;
}

/* Also when the state is closed: whoever waited is gone by then. */
static int session_gc(lua_State *L)
{
    forget(luaL_checkudata(L, 1, SESSION_TYPE));
    return 0;
}

int han__open_exec(lua_State *L)
{
    static const luaL_Reg functions[] = {{"run", l_run},
                                         {"start", l_start},
                                         {"folder", han__exec_folder},
                                         {"save", han__exec_save},
                                         {NULL, NULL}};
    static const luaL_Reg methods[] = {
        {"write", l_write},   {"line", l_line}, {"close_input", l_close_input},
        {"finish", l_finish}, {"stop", l_stop}, {"close", l_close},
        {"kill", l_kill},     {NULL, NULL}};
    static const luaL_Reg meta[] = {{"__gc", session_gc}, {"__close", session_gc}, {NULL, NULL}};
    if (luaL_newmetatable(L, SESSION_TYPE)) {
        luaL_setfuncs(L, meta, 0);
        luaL_newlib(L, methods);
        lua_setfield(L, -2, "__index");
        lua_pushboolean(L, false);
        lua_setfield(L, -2, "__metatable");
    }
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    return 1;
}
