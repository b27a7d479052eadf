/* Module han.eval: checks a request, sends its encoding, and turns the reply into a table. The
 * reply comes from a process that ran hostile code: every byte of it is checked. */
#include "base/config.h"
#include "script/fiber.h"

#include <lauxlib.h>
#include <stdio.h>

#include "exec/eval.h"
#include "exec/eval_wire.h"
#include "script/bind_eval.h"
#include "script/eval_request.h"
#include "value/value.h"

/* One evaluation that a fiber waits for; a userdata on the stack of that fiber. */
typedef struct pending {
    han__wait wait;
    han__eval *eval;
    uint64_t ticket;
    bool coverage;
    lua_Integer calls; /* that were asked for */
    int status;
    int level;            /* of the runner that replied */
    const uint8_t *reply; /* during the callback */
    size_t len;
    const han_error *err;
} pending;

typedef struct reader {
    const uint8_t *at;
    size_t left;
    bool bad; /* read past the end; reads give 0 from then on */
} reader;

/* ---- reading the reply ---- */

static uint64_t read_number(reader *r, size_t len)
{
    uint64_t v = 0;
    if (r->bad || len > r->left) {
        r->bad = true;
        return 0;
    }
    for (size_t i = 0; i < len; i++) v |= (uint64_t)r->at[i] << (8 * i);
    r->at += len;
    r->left -= len;
    return v;
}

static const char *read_bytes(reader *r, size_t len)
{
    const char *at = (const char *)r->at;
    if (r->bad || len > r->left) {
        r->bad = true;
        return NULL;
    }
    r->at += len;
    r->left -= len;
    return at;
}

/* Pushes a text; an empty one when the reply is bad. */
static void push_text(lua_State *L, reader *r)
{
    size_t len = (size_t)read_number(r, 4);
    const char *text = read_bytes(r, len);
    lua_pushlstring(L, text ? text : "", text ? len : 0);
}

/* Sets the field class of the table on top. */
static void read_class(lua_State *L, reader *r)
{
    static const char *const names[] = {
#define CLASS_NAME(name, text) text,
        HAN__EVAL_CLASS_MAP(CLASS_NAME)
#undef CLASS_NAME
    };
    uint64_t class = read_number(r, 1);
    if (class >= HAN__CLASSES) {
        r->bad = true;
        class = HAN__CLASS_CRASH;
    }
    lua_pushstring(L, names[class]);
    lua_setfield(L, -2, "class");
}

static void read_line(lua_State *L, reader *r)
{
    uint64_t line = read_number(r, 4);
    if (line == 0) return;
    lua_pushinteger(L, (lua_Integer)line);
    lua_setfield(L, -2, "line");
}

static void read_trace(lua_State *L, reader *r)
{
    uint64_t n = read_number(r, 2);
    lua_newtable(L);
    for (uint64_t i = 1; i <= n && !r->bad; i++) {
        lua_createtable(L, 0, 2);
        lua_pushinteger(L, (lua_Integer)read_number(r, 4));
        lua_setfield(L, -2, "line");
        push_text(L, r);
        lua_setfield(L, -2, "fn");
        lua_rawseti(L, -2, (lua_Integer)i);
    }
    lua_setfield(L, -2, "traceback");
}

/* The bitmap of executed lines; a list of their numbers when they were asked for. */
static void read_lines(lua_State *L, reader *r, bool wanted)
{
    size_t len = (size_t)read_number(r, 4);
    const uint8_t *bits = (const uint8_t *)read_bytes(r, len);
    lua_Integer n = 0;
    if (!wanted || !bits) return;
    lua_newtable(L);
    for (size_t line = 0; line < len * 8; line++) {
        if ((bits[line / 8] >> (line % 8) & 1) == 0) continue;
        lua_pushinteger(L, (lua_Integer)line);
        lua_rawseti(L, -2, ++n);
    }
    lua_setfield(L, -2, "lines");
}

static void read_values(lua_State *L, reader *r)
{
    uint64_t n = read_number(r, 4);
    if (n > r->left) r->bad = true; /* a value has at least one byte */
    if (r->bad) return;
    lua_createtable(L, (int)n, 0);
    for (uint64_t i = 1; i <= n && !r->bad; i++) {
        size_t used = 0;
        int status = han__value_decode(L, r->at, r->left, &used, NULL);
        if (status == HAN_NOMEM) luaL_error(L, "out of memory");
        if (status != HAN_OK) {
            r->bad = true;
            break;
        }
        lua_rawseti(L, -2, (lua_Integer)i);
        read_bytes(r, used);
    }
    lua_setfield(L, -2, "values");
    lua_pushinteger(L, (lua_Integer)n);
    lua_setfield(L, -2, "n");
}

/* Pushes the table of one call. */
static void read_call(lua_State *L, reader *r, bool coverage)
{
    bool ok = r->left > 0 && r->at[0] == HAN__CLASS_OK;
    lua_createtable(L, 0, 8);
    lua_pushboolean(L, ok);
    lua_setfield(L, -2, "ok");
    read_class(L, r);
    uint64_t pass = read_number(r, 1);
    if (pass > 2) r->bad = true;
    if (pass > 0) {
        lua_pushboolean(L, pass == 2);
        lua_setfield(L, -2, "pass");
    }
    uint64_t instructions = read_number(r, 8);
    if (instructions > HAN__EVAL_INSTRUCTIONS_MAX) r->bad = true;
    lua_pushinteger(L, (lua_Integer)(instructions & INT32_MAX));
    lua_setfield(L, -2, "instructions");
    read_line(L, r);
    push_text(L, r);
    lua_setfield(L, -2, "message");
    read_trace(L, r);
    read_lines(L, r, coverage);
    read_values(L, r);
    static const char *const when_ok[] = {"class", "message", "traceback"};
    static const char *const when_not[] = {"values", "n"};
    size_t count = ok ? HAN__COUNT(when_ok) : HAN__COUNT(when_not);
    for (size_t i = 0; i < count; i++) {
        lua_pushnil(L);
        lua_setfield(L, -2, ok ? when_ok[i] : when_not[i]);
    }
}

/* What ended the whole, into the result on top. */
static void read_load(lua_State *L, reader *r)
{
    if (read_number(r, 1) >= HAN__CLASSES) r->bad = true;
    read_line(L, r);
    push_text(L, r);
    lua_setfield(L, -2, "message");
    read_trace(L, r);
}

static void read_record(lua_State *L, reader *r, bool coverage, lua_Integer *calls)
{
    uint64_t kind = read_number(r, 1);
    size_t len = (size_t)read_number(r, 4);
    reader body = {r->at, len, false};
    if (!read_bytes(r, len)) return;
    if (kind == HAN__EVAL_RECORD_CALL) {
        lua_getfield(L, -1, "calls");
        read_call(L, &body, coverage);
        lua_rawseti(L, -2, ++*calls);
        lua_pop(L, 1);
    } else if (kind == HAN__EVAL_RECORD_LOAD) {
        read_load(L, &body);
    } else {
        r->bad = true;
    }
    if (body.bad || body.left != 0) r->bad = true;
}

/* Pushes a result of the class that `r` begins with, without calls. */
static void push_empty(lua_State *L, const pending *p, reader *r)
{
    lua_createtable(L, 0, 6);
    read_class(L, r);
    lua_pushstring(L, han__level_name(p->level));
    lua_setfield(L, -2, "sandbox");
    lua_newtable(L);
    lua_setfield(L, -2, "calls");
}

/* Called by han__wait_finish: the results of eval.lua. The records are what a child left in memory,
 * so when they make no sense the candidate is to blame. */
static int push_result(lua_State *L, void *ud)
{
    static const uint8_t crash = HAN__CLASS_CRASH;
    pending *p = ud;
    reader r = {p->reply, p->len, false};
    reader broken = {&crash, 1, false};
    lua_Integer calls = 0;
    if (p->status != HAN_OK) return han__fail(L, p->err);
    push_empty(L, p, &r);
    while (r.left > 0 && !r.bad) read_record(L, &r, p->coverage, &calls);
    if (!r.bad && calls <= p->calls) return 1;
    push_empty(L, p, &broken);
    lua_pushliteral(L, "what it reported makes no sense");
    lua_setfield(L, -2, "message");
    return 1;
}

/* ---- the call ---- */

static void on_reply(void *ud, int status, const uint8_t *reply, size_t len, const han_error *err)
{
    pending *p = ud;
    p->ticket = 0;
    p->status = status;
    p->level = han__eval_level(p->eval);
    p->reply = reply;
    p->len = len;
    p->err = err;
    han__wait_finish(&p->wait, push_result, p);
}

static void on_cancel(han__wait *wait)
{
    pending *p = wait->ud;
    if (p->ticket != 0) han__eval_cancel(p->eval, p->ticket);
    p->ticket = 0;
}

/* Sends the request table at idx; HAN_INVALID is a fault of the caller. */
static int send_request(lua_State *L, int idx, pending *p, han__host *host, han_error *err)
{
    han__buf buf;
    han__buf_init(&buf, host->mem, HAN__VALUE_BYTES_MAX);
    int status = han__value_encode(L, idx, "request", &buf, err);
    if (status == HAN_LIMIT) status = HAN_INVALID;
    if (status == HAN_OK)
        status = han__eval_send(host->eval, buf.data, buf.len, han__eval_request_wall(L, idx),
                                on_reply, p, &p->ticket, err);
    han__buf_release(&buf);
    return status;
}

static int eval_lua(lua_State *L)
{
    han__state *state = han__state_of(L);
    han_error err = {0};
    lua_settop(L, 1);
    han__eval_request_check(L, 1);
    if (!state->host->eval) return luaL_error(L, "this process cannot evaluate code");
    if (!state->current || !lua_isyieldable(L))
        return luaL_error(L, "eval.lua has to wait for its result, and cannot wait here");
    pending *p = lua_newuserdatauv(L, sizeof *p, 0);
    memset(p, 0, sizeof *p);
    p->wait.on_cancel = on_cancel;
    p->wait.ud = p;
    p->eval = state->host->eval;
    p->coverage = lua_getfield(L, 1, "coverage") != LUA_TNIL && lua_toboolean(L, -1);
    lua_pop(L, 1);
    if (lua_getfield(L, 1, "calls") == LUA_TTABLE) p->calls = (lua_Integer)lua_rawlen(L, -1);
    lua_pop(L, 1);
    int status = send_request(L, 1, p, state->host, &err);
    if (status == HAN_INVALID || status == HAN_NOMEM) return han__throw(L, &err);
    if (status != HAN_OK) return han__fail(L, &err);
    han__fiber_wait(L, &p->wait);
    return lua_yield(L, 0);
}

/* sandbox(level): runners to come are started at that level; without one, the level they have. */
static int eval_sandbox(lua_State *L)
{
    han__launcher *launcher = han__state_of(L)->host->launcher;
    han_error err = {0};
    if (!launcher) return luaL_error(L, "this process cannot evaluate code");
    if (!lua_isnoneornil(L, 1)) {
        int level = han__level_of(luaL_checkstring(L, 1));
        luaL_argcheck(L, level >= 0, 1, "a sandbox level is strong, landlock or none");
        if (han__launcher_set(launcher, level, &err) != HAN_OK) return han__fail(L, &err);
    }
    lua_pushstring(L, han__level_name(han__launcher_level(launcher)));
    return 1;
}

static void set_name(lua_State *L, const char *field, const han__probe_result *r)
{
    if (!r) return;
    lua_pushstring(L, r->name);
    lua_setfield(L, -2, field);
}

/* What each level lacks, the strongest first. */
static void push_levels(lua_State *L, const han__probes *probes)
{
    lua_createtable(L, HAN__LEVELS, 0);
    for (int level = HAN__LEVELS - 1; level >= 0; level--) {
        lua_createtable(L, 0, 3);
        lua_pushstring(L, han__level_name(level));
        lua_setfield(L, -2, "name");
        set_name(L, "lacks", han__probes_missing(probes, level));
        set_name(L, "commands_lack", han__probes_missing_for_commands(probes, level));
        lua_rawseti(L, -2, HAN__LEVELS - level);
    }
    lua_setfield(L, -2, "levels");
}

/* machine(): { level = the strongest, commands = the strongest for commands or nil, levels = { {
 * name =, lacks = a probe?, commands_lack = a probe? }, ... }, probes = { { name =, ok =, text =,
 * fix =? }, ... } }. */
static int eval_machine(lua_State *L)
{
    han__launcher *launcher = han__state_of(L)->host->launcher;
    if (!launcher) return luaL_error(L, "this process cannot evaluate code");
    const han__probes *probes = han__launcher_probes(launcher);
    lua_createtable(L, 0, 4);
    push_levels(L, probes);
    lua_pushstring(L, han__level_name(han__probes_level(probes)));
    lua_setfield(L, -2, "level");
    lua_pushstring(L, han__level_name(han__probes_commands_level(probes)));
    lua_setfield(L, -2, "commands");
    lua_createtable(L, HAN__PROBES, 0);
    for (int i = 0; i < HAN__PROBES; i++) {
        const han__probe_result *r = &probes->results[i];
        lua_createtable(L, 0, 4);
        lua_pushstring(L, r->name);
        lua_setfield(L, -2, "name");
        lua_pushboolean(L, r->ok);
        lua_setfield(L, -2, "ok");
        lua_pushstring(L, r->text);
        lua_setfield(L, -2, "text");
        if (!r->ok) lua_pushstring(L, r->fix);
        if (!r->ok) lua_setfield(L, -2, "fix");
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, "probes");
    return 1;
}

int han__open_eval(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"lua", eval_lua}, {"sandbox", eval_sandbox}, {"machine", eval_machine}, {NULL, NULL}};
    luaL_newlib(L, functions);
    return 1;
}
