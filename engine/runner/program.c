/* Owns the loop of a runner that holds a program: frames in, turns of coroutines, frames out. What
 * is outside a turn is not metered and runs no code of the program. */
#include "base/config.h"

#include <errno.h>
#include <lauxlib.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "exec/eval_wire.h"
#include "exec/program_wire.h"
#include "runner/confine.h"
#include "runner/program.h"
#include "script/chunk.h"
#include "value/value.h"
#include "wire/frame.h"

#define AGENTS     "han.agents" /* registry: agent -> its coroutine, while it lives */
#define MAIN       "han.main"   /* registry: the program's chunk */
#define READ_BYTES 65536

/* ---- frames out ---- */

void han__program_send(han__program *p)
{
    size_t at = 0;
    while (at < p->out.len) {
        ssize_t n = write(p->channel, p->out.data + at, p->out.len - at);
        if (n > 0)
            at += (size_t)n;
        else if (n == 0 || errno != EINTR)
            _exit(0);
    }
    han__buf_reset(&p->out);
}

/* Begins the frame that ends a turn. */
static void begin(han__program *p, uint8_t type, uint32_t agent, lua_Integer used)
{
    han__buf_reset(&p->out);
    if (han__frame_begin(&p->out, type, agent, &p->out_start) != HAN_OK ||
        han__buf_u64(&p->out, (uint64_t)used) != HAN_OK)
        _exit(1);
}

static void finish(han__program *p)
{
    if (han__frame_end(&p->out, p->out_start) != HAN_OK) _exit(1);
    han__program_send(p);
}

/* place: as in "mine.lua:7", or "". */
static void fail(han__program *p, uint32_t agent, lua_Integer used, int class, const char *place,
                 const char *text, size_t len)
{
    size_t place_len = strlen(place);
    if (len > HAN__EVAL_MESSAGE_MAX) len = HAN__EVAL_MESSAGE_MAX;
    begin(p, HAN__PROGRAM_FAIL, agent, used);
    if (han__buf_u8(&p->out, (uint8_t) class) != HAN_OK ||
        han__buf_u8(&p->out, (uint8_t)place_len) != HAN_OK ||
        han__buf_append(&p->out, place, place_len) != HAN_OK ||
        han__buf_append(&p->out, text, len) != HAN_OK)
        _exit(1);
    finish(p);
}

/* ---- the end of a turn ---- */

static void forget(lua_State *L, uint32_t agent)
{
    lua_getfield(L, LUA_REGISTRYINDEX, AGENTS);
    lua_pushnil(L);
    lua_rawseti(L, -2, agent);
    lua_pop(L, 1);
}

#define PLACE_MAX 112

/* "mine.lua:3" of the innermost frame of the program, or of a module it loaded, or "". */
static void find_place(lua_State *co, char *out, size_t cap)
{
    lua_Debug ar;
    out[0] = '\0';
    for (int level = 0; level < 64 && lua_getstack(co, level, &ar); level++) {
        if (!lua_getinfo(co, "Sl", &ar) || ar.currentline <= 0) continue;
        if (strncmp(ar.source, "=han/", 5) == 0) continue;
        snprintf(out, cap, "%.80s:%d", ar.short_src, ar.currentline);
        return;
    }
}

static void end_killed(han__program *p, lua_State *co, uint32_t agent, lua_Integer used, int class)
{
    char place[PLACE_MAX];
    const char *why = class == HAN__CLASS_MEMORY   ? "out of memory: this run has used all it may"
                      : class == HAN__CLASS_OUTPUT ? "it printed more than 1 MiB"
                                                   : "ran too many instructions";
    find_place(co, place, sizeof place);
    fail(p, agent, used, class, place, why, strlen(why));
}

static void end_failed(han__program *p, lua_State *co, uint32_t agent, lua_Integer used)
{
    size_t len;
    char place[PLACE_MAX];
    const char *text = lua_type(co, -1) == LUA_TSTRING ? lua_tolstring(co, -1, &len) : NULL;
    if (!text) {
        text = lua_isnil(co, -1) ? "error(nil)" : "error with a value that is not a string";
        len = strlen(text);
    }
    find_place(co, place, sizeof place);
    fail(p, agent, used, HAN__CLASS_RUNTIME, place, text, len);
}

/* It yielded, and there is nobody to yield to. */
static void end_outside(han__program *p, lua_State *co, uint32_t agent, lua_Integer used)
{
    static const char text[] = "coroutine.yield outside a coroutine of the script's own";
    char place[PLACE_MAX];
    find_place(co, place, sizeof place);
    fail(p, agent, used, HAN__CLASS_RUNTIME, place, text, sizeof text - 1);
}

static void end_returned(han__program *p, lua_State *co, uint32_t agent, lua_Integer used,
                         int results)
{
    han_error err = {0};
    bool value = results > 0 && !lua_isnil(co, -results);
    begin(p, HAN__PROGRAM_RETURN, agent, used);
    int rc = han__buf_u32(&p->out, value);
    if (rc == HAN_OK && value) rc = han__value_encode(co, -results, "result", &p->out, &err);
    if (rc == HAN_OK)
        finish(p);
    else
        fail(p, agent, used, HAN__CLASS_VALUE, "", err.message, strlen(err.message));
}

/* The request stands in p->out; the instructions were not known when it was written. */
static void end_asking(han__program *p, lua_Integer used)
{
    uint8_t *at = p->out.data + p->out_start + HAN__FRAME_HEADER;
    for (int i = 0; i < 8; i++) at[i] = (uint8_t)((uint64_t)used >> (8 * i));
    finish(p);
}

/* One turn of a coroutine with `args` values on top of it. */
static void turn(han__program *p, uint32_t agent, lua_State *co, int args, uint64_t instructions)
{
    han__meter *m = &p->box->meter;
    int results = 0;
    if (instructions > HAN__EVAL_INSTRUCTIONS_MAX) instructions = HAN__EVAL_INSTRUCTIONS_MAX;
    p->agent = agent;
    p->box->asking = false;
    han__meter_begin(m, co, (lua_Integer)instructions + 1);
    int status = lua_resume(co, p->box->L, args, &results);
    lua_Integer used = han__meter_used(m, co);
    han__meter_end(m, co);
    p->agent = 0;
    if (status == LUA_YIELD && p->box->asking && m->killed == 0) {
        lua_pop(co, results);
        end_asking(p, used);
        return;
    }
    if (m->killed != 0 || (status == LUA_ERRMEM && m->refusals > 0))
        end_killed(p, co, agent, used, m->killed != 0 ? m->killed : HAN__CLASS_MEMORY);
    else if (status == LUA_YIELD)
        end_outside(p, co, agent, used);
    else if (status == LUA_OK)
        end_returned(p, co, agent, used, results);
    else
        end_failed(p, co, agent, used);
    forget(p->box->L, agent);
}

/* ---- frames in ---- */

typedef struct reading {
    const uint8_t *bytes;
    size_t len;
} reading;

static uint64_t take(reading *r, size_t size)
{
    uint64_t v = 0;
    if (r->len < size) _exit(1);
    for (size_t i = 0; i < size; i++) v |= (uint64_t)r->bytes[i] << (8 * i);
    r->bytes += size;
    r->len -= size;
    return v;
}

static void push_value(lua_State *L, reading *r)
{
    size_t used;
    if (han__value_decode(L, r->bytes, r->len, &used, NULL) != HAN_OK) _exit(1);
    r->bytes += used;
    r->len -= used;
}

/* The root agent: loads the program's text, upvalue 1, and calls it with task and scope. */
static int root(lua_State *L)
{
    size_t len;
    const char *text = lua_tolstring(L, lua_upvalueindex(1), &len);
    if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) text += 3, len -= 3;
    if (len > 0 && text[0] == '#')
        while (len > 0 && text[0] != '\n') text++, len--;
    if (luaL_loadbufferx(L, text, len, lua_tostring(L, lua_upvalueindex(2)), "t") != LUA_OK)
        return lua_error(L);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 2);
    lua_callk(L, 2, 1, 1, han__chunk_called);
    return han__chunk_called(L, LUA_OK, 1);
}

/* {name=, source=}: keeps the program for the call of the root. */
static int keep_program(lua_State *L)
{
    han__program *p = lua_touserdata(L, 1);
    han__verbs_install(L, p);
    lua_newtable(L);
    lua_setfield(L, LUA_REGISTRYINDEX, AGENTS);
    lua_getfield(L, 2, "name");
    snprintf(p->chunk, sizeof p->chunk, "=%.120s", luaL_checkstring(L, -1));
    p->box->meter.chunk = p->chunk;
    lua_getfield(L, 2, "source");
    luaL_checktype(L, -1, LUA_TSTRING);
    lua_pushstring(L, p->chunk);
    lua_pushcclosure(L, root, 2);
    lua_setfield(L, LUA_REGISTRYINDEX, MAIN);
    return 0;
}

static void start(han__program *p, reading *r)
{
    lua_State *L = p->box->L;
    uint64_t memory = take(r, 8);
    uint64_t cpu_seconds = take(r, 8);
    lua_pushcfunction(L, keep_program);
    lua_pushlightuserdata(L, p);
    push_value(L, r);
    if (lua_pcall(L, 2, 0, 0) != LUA_OK) _exit(1);
    if (!han__confine_program(p->channel, cpu_seconds, memory + (256u << 20)) && p->filter)
        _exit(1);
    p->box->output_left = HAN__PROGRAM_OUTPUT_MAX;
    han__meter_arm(&p->box->meter, (int64_t)memory);
}

struct calling {
    uint32_t agent;
    reading *r;
    lua_State *co;
};

/* Makes the coroutine of an agent with its function, task and scope on it. */
static int make_agent(lua_State *L)
{
    struct calling *c = lua_touserdata(L, 1);
    size_t len;
    c->co = lua_newthread(L);
    lua_getfield(L, LUA_REGISTRYINDEX, AGENTS);
    lua_pushvalue(L, 2);
    lua_rawseti(L, -2, c->agent);
    push_value(L, c->r);
    lua_Integer fn = lua_tointeger(L, -1);
    if (fn == 0) {
        lua_getfield(L, LUA_REGISTRYINDEX, MAIN);
    } else {
        if (lua_rawgeti(L, LUA_REGISTRYINDEX, fn) != LUA_TFUNCTION) _exit(1);
        luaL_unref(L, LUA_REGISTRYINDEX, (int)fn);
    }
    push_value(L, c->r); /* the task */
    push_value(L, c->r); /* the node's id */
    const char *node = luaL_checklstring(L, -1, &len);
    han__scope_push(L, c->agent, node, len);
    lua_remove(L, -2);
    lua_xmove(L, c->co, 3);
    return 0;
}

static void call(han__program *p, uint32_t agent, reading *r)
{
    lua_State *L = p->box->L;
    uint64_t instructions = take(r, 8);
    struct calling c = {agent, r, NULL};
    lua_pushcfunction(L, make_agent);
    lua_pushlightuserdata(L, &c);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
        static const char text[] = "out of memory for an agent";
        lua_settop(L, 0);
        fail(p, agent, 0, HAN__CLASS_MEMORY, "", text, sizeof text - 1);
        return;
    }
    turn(p, agent, c.co, 2, instructions);
}

static int push_answers(lua_State *L)
{
    reading *r = lua_touserdata(L, 1);
    lua_settop(L, 0);
    han__verbs_push_key(L);
    bool ok = take(r, 1) != 0;
    lua_pushboolean(L, ok);
    if (!ok) {
        lua_pushlstring(L, (const char *)r->bytes, r->len);
        return 3;
    }
    int n = (int)take(r, 4);
    luaL_checkstack(L, n + 4, "too many answers");
    for (int i = 0; i < n; i++) push_value(L, r);
    return n + 2;
}

static void reply(han__program *p, uint32_t agent, reading *r)
{
    lua_State *L = p->box->L;
    uint64_t instructions = take(r, 8);
    lua_settop(L, 0);
    lua_getfield(L, LUA_REGISTRYINDEX, AGENTS);
    lua_rawgeti(L, -1, agent);
    lua_State *co = lua_tothread(L, -1);
    if (!co) _exit(1);
    lua_settop(L, 0);
    lua_pushcfunction(L, push_answers);
    lua_pushlightuserdata(L, r);
    if (lua_pcall(L, 1, LUA_MULTRET, 0) != LUA_OK || !lua_checkstack(co, lua_gettop(L))) {
        static const char text[] = "out of memory for an answer";
        lua_settop(L, 0);
        forget(L, agent);
        fail(p, agent, 0, HAN__CLASS_MEMORY, "", text, sizeof text - 1);
        return;
    }
    int n = lua_gettop(L);
    lua_xmove(L, co, n);
    turn(p, agent, co, n, instructions);
}

static bool take_frame(han__program *p, const han__frame *frame)
{
    reading r = {frame->bytes, frame->len};
    bool started = p->chunk[0] != '\0';
    lua_settop(p->box->L, 0);
    switch (frame->type) {
    case HAN__PROGRAM_START:
        if (started) return false;
        start(p, &r);
        return true;
    case HAN__PROGRAM_CALL:
        if (started) call(p, frame->id, &r);
        return started;
    case HAN__PROGRAM_REPLY:
        if (started) reply(p, frame->id, &r);
        return started;
    case HAN__PROGRAM_DROP:
        if (started) forget(p->box->L, frame->id);
        return started;
    default:
        return false;
    }
}

bool han__program_serve(han__sandbox *box, int channel, bool filter)
{
    static uint8_t bytes[READ_BYTES];
    han__program p = {.box = box, .channel = channel, .filter = filter};
    han__frame_reader reader;
    han__mem_init(&p.mem, NULL, NULL);
    han__frame_reader_init(&reader, &p.mem);
    han__buf_init(&p.out, &p.mem, HAN__FRAME_BYTES_MAX);
    for (;;) {
        han__frame frame;
        ssize_t n = read(channel, bytes, sizeof bytes);
        if (n == 0) return true;
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        const uint8_t *at = bytes;
        size_t left = (size_t)n;
        int status;
        while ((status = han__frame_next(&reader, &at, &left, &frame)) == 1)
            if (!take_frame(&p, &frame)) return false;
        if (status != HAN_OK) return false;
    }
}
