/* Owns the course of one evaluation. The request lies on the stack of the state, where only this
 * file reaches it; the candidate gets the arguments of a call when that call begins and never sees
 * what is wanted of it. */
#include "base/config.h"

#include <lauxlib.h>
#include <stdio.h>

#include "base/buf.h"
#include "runner/evaluate.h"
#include "value/value.h"

/* The places on the stack of the main thread. */
enum { AT_REQUEST = 1, AT_CALLS, AT_HANDLER, AT_MODULE };

#define LINES_BYTES (HAN__EVAL_LINES_MAX / 8)

typedef struct evaluation {
    han__sandbox *box;
    lua_State *L;
    han__report *report;
    han__buf out; /* encoded values of one call */
    char chunk[HAN__EVAL_NAME_MAX + 2];
    lua_Integer instructions;
    int64_t memory;
    lua_Integer output;
    bool stop_first;
    han__trace trace;     /* of the error that ended the current call */
    const char *function; /* of the current call */
    int first;            /* the place of its first result */
    int results;          /* how many it gave */
} evaluation;

/* How one call, or the load, ended. */
typedef struct outcome {
    int class;
    uint32_t line;
    lua_Integer instructions;
    size_t len;
    char message[HAN__EVAL_MESSAGE_MAX];
} outcome;

/* ---- the request ---- */

static lua_Integer integer_field(lua_State *L, int idx, const char *name, lua_Integer otherwise)
{
    lua_Integer v = otherwise;
    if (lua_istable(L, idx)) {
        lua_getfield(L, idx, name);
        if (lua_isinteger(L, -1)) v = lua_tointeger(L, -1);
        lua_pop(L, 1);
    }
    return v;
}

static lua_Integer within(lua_Integer v, lua_Integer least, lua_Integer most)
{
    if (v < least) return least;
    return v > most ? most : v;
}

/* How many values a list stands for, holes included: its field n, else its largest index. */
static lua_Integer list_length(lua_State *L, int idx)
{
    lua_Integer n = 0;
    if (!lua_istable(L, idx)) return 0;
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        if (lua_isinteger(L, -2) && lua_tointeger(L, -2) > n) n = lua_tointeger(L, -2);
        lua_pop(L, 1);
    }
    return within(integer_field(L, idx, "n", n), 0, HAN__EVAL_CALLS_MAX);
}

/* Reads what is needed from the request at AT_REQUEST and pushes its calls at AT_CALLS. */
static void read_request(evaluation *e)
{
    lua_State *L = e->L;
    han__meter *m = &e->box->meter;
    lua_getfield(L, AT_REQUEST, "calls");
    lua_getfield(L, AT_REQUEST, "limits");
    lua_Integer instructions = integer_field(L, -1, "instructions", HAN__EVAL_INSTRUCTIONS);
    e->instructions = within(instructions, 1, HAN__EVAL_INSTRUCTIONS_MAX);
    e->output = within(integer_field(L, -1, "output", HAN__EVAL_OUTPUT), 0, HAN__EVAL_OUTPUT_MAX);
    e->memory = within(integer_field(L, -1, "memory", HAN__EVAL_MEMORY), HAN__EVAL_MEMORY_MIN,
                       HAN__EVAL_MEMORY_MAX);
    lua_getfield(L, AT_REQUEST, "name");
    const char *name = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "candidate";
    snprintf(e->chunk, sizeof e->chunk, "=%s", name);
    m->chunk = e->chunk;
    lua_getfield(L, AT_REQUEST, "coverage");
    if (lua_toboolean(L, -1)) m->lines = han__mem_zalloc(&m->mem, LINES_BYTES, 1);
    lua_getfield(L, AT_REQUEST, "stop");
    e->stop_first = lua_type(L, -1) == LUA_TSTRING;
    lua_settop(L, AT_CALLS);
}

/* ---- how things ended ---- */

static void set_message(outcome *o, const char *text, size_t len)
{
    o->len = len < sizeof o->message ? len : sizeof o->message;
    memcpy(o->message, text, o->len);
}

/* The line in "name:12: ..." when name is that of the chunk; else that of the innermost frame. */
static uint32_t line_of(const evaluation *e, const outcome *o)
{
    size_t name = strlen(e->chunk) - 1;
    uint32_t line = 0;
    if (o->len > name + 2 && memcmp(o->message, e->chunk + 1, name) == 0 &&
        o->message[name] == ':') {
        for (size_t i = name + 1; i < o->len && line < 100000000; i++) {
            if (o->message[i] < '0' || o->message[i] > '9') break;
            line = line * 10 + (uint32_t)(o->message[i] - '0');
        }
    }
    if (line == 0 && e->trace.n > 0) line = (uint32_t)e->trace.frames[0].line;
    return line;
}

/* The text of the error value on top, without running anything of the candidate. */
static void describe_error(evaluation *e, outcome *o)
{
    lua_State *L = e->L;
    size_t len;
    const char *text = NULL;
    char other[64];
    int type = lua_type(L, -1);
    if (type == LUA_TSTRING) {
        text = lua_tolstring(L, -1, &len);
    } else if (type == LUA_TTABLE && lua_checkstack(L, 4)) {
        lua_pushnil(L);
        while (!text && lua_next(L, -2)) {
            if (lua_type(L, -2) == LUA_TSTRING && strcmp(lua_tostring(L, -2), "message") == 0 &&
                lua_type(L, -1) == LUA_TSTRING)
                text = lua_tolstring(L, -1, &len);
            lua_pop(L, 1);
        }
        if (text) lua_pop(L, 1);
    }
    if (!text) {
        len = (size_t)snprintf(other, sizeof other, "(the error is a %s value)",
                               lua_typename(L, type));
        text = other;
    }
    set_message(o, text, len);
}

static const char *limit_text(int class)
{
    switch (class) {
    case HAN__CLASS_INSTRUCTIONS:
        return "more instructions than allowed";
    case HAN__CLASS_OUTPUT:
        return "more output than allowed";
    default:
        return "more memory than allowed";
    }
}

/* What pcall status and the meter say; the error value, if any, is on top. The candidate is no
 * longer metered afterwards. */
static void judge(evaluation *e, int status, outcome *o)
{
    int killed = e->box->meter.killed;
    o->instructions = han__meter_used(&e->box->meter, e->L);
    han__meter_end(&e->box->meter, e->L);
    o->class = HAN__CLASS_OK;
    o->line = 0;
    o->len = 0;
    if (killed == 0 && status == LUA_OK) return;
    /* the words of a memory error can be raised by anybody: then nothing was refused */
    if (killed == 0 && status == LUA_ERRMEM && e->box->meter.refusals > 0)
        killed = HAN__CLASS_MEMORY;
    if (killed != 0) {
        o->class = killed;
        set_message(o, limit_text(killed), strlen(limit_text(killed)));
    } else {
        o->class = HAN__CLASS_RUNTIME;
        describe_error(e, o);
    }
    o->line = line_of(e, o);
}

/* The message handler of every call: keeps the trace, changes nothing. */
static int keep_trace(lua_State *L)
{
    evaluation *e = lua_touserdata(L, lua_upvalueindex(1));
    const han__trace *inner = &e->box->trace;
    const void *error = han__trace_owner(L);
    e->trace.n = 0;
    if (inner->n > 0 && error && inner->error == error) e->trace = *inner;
    han__trace_add(&e->trace, L, 1, e->chunk);
    int last = e->trace.n - 1; /* called from C, so Lua has no name for it; but we have */
    if (e->function && last >= 0 && e->trace.n < HAN__EVAL_FRAMES_MAX)
        snprintf(e->trace.frames[last].name, HAN__TRACE_NAME, "%s", e->function);
    return 1;
}

/* ---- load ---- */

static void report_load(evaluation *e, const outcome *o)
{
    han__report *r = e->report;
    if (han__report_begin(r, HAN__EVAL_RECORD_LOAD) && han__report_u8(r, (uint8_t)o->class) &&
        han__report_u32(r, o->line) && han__report_text(r, o->message, o->len) &&
        han__report_trace(r, &e->trace))
        han__report_end(r);
}

/* Runs the chunk whose text is the field `code`; its table is then at AT_MODULE. */
static void load_module(evaluation *e, outcome *o)
{
    lua_State *L = e->L;
    size_t len = 0;
    lua_Integer budget =
        within(e->instructions, HAN__EVAL_LOAD_INSTRUCTIONS, HAN__EVAL_INSTRUCTIONS_MAX);
    lua_getfield(L, AT_REQUEST, "code");
    const char *code = lua_tolstring(L, -1, &len);
    e->box->output_left = (uint64_t)e->output;
    han__meter_begin(&e->box->meter, L, budget);
    int status = luaL_loadbufferx(L, code ? code : "", len, e->chunk, "t");
    lua_remove(L, -2);
    if (status == LUA_OK) status = lua_pcall(L, 0, 1, AT_HANDLER);
    judge(e, status, o);
    if (o->class == HAN__CLASS_RUNTIME) o->class = HAN__CLASS_FORMAT;
    if (o->class == HAN__CLASS_OK && !lua_istable(L, -1)) {
        o->class = HAN__CLASS_FORMAT;
        o->len = (size_t)snprintf(o->message, sizeof o->message,
                                  "%s: the chunk gave a %s value, not a table of functions",
                                  e->chunk + 1, luaL_typename(L, -1));
    }
}

/* ---- calls ---- */

/* Runs protected. Arguments: the evaluation, the table of the call, the module. Calls the function
 * with its arguments and gives all its results. */
static int invoke(lua_State *L)
{
    evaluation *e = lua_touserdata(L, 1);
    lua_getfield(L, 2, "args");
    lua_Integer n = list_length(L, 4);
    lua_getfield(L, 3, e->function); /* may run __index of the module */
    if (lua_isnil(L, -1)) return luaL_error(L, "the module has no function '%s'", e->function);
    luaL_checkstack(L, (int)n, "too many arguments");
    for (lua_Integer i = 1; i <= n; i++) lua_rawgeti(L, 4, i);
    lua_call(L, (int)n, LUA_MULTRET);
    return lua_gettop(L) - 4;
}

/* Encodes the results on top of the stack into out. */
static void encode_results(evaluation *e, outcome *o)
{
    han_error err = {0};
    char what[32];
    han__buf_reset(&e->out);
    for (int i = 1; i <= e->results && o->class == HAN__CLASS_OK; i++) {
        snprintf(what, sizeof what, "result %d", i);
        int status = han__value_encode(e->L, e->first + i - 1, what, &e->out, &err);
        if (status == HAN_OK) continue;
        o->class = HAN__CLASS_VALUE;
        if (status == HAN_LIMIT) o->class = HAN__CLASS_OUTPUT;
        if (status == HAN_NOMEM) o->class = HAN__CLASS_MEMORY;
        set_message(o, err.message, strlen(err.message));
    }
    if (o->class == HAN__CLASS_OK && e->out.len > e->box->output_left) {
        o->class = HAN__CLASS_OUTPUT;
        set_message(o, limit_text(o->class), strlen(limit_text(o->class)));
    }
}

/* Whether the results are exactly what is wanted: equal canonical encodings, one by one. */
static bool meets_want(evaluation *e, int want)
{
    lua_State *L = e->L;
    han__buf wanted;
    bool equal = true;
    if (list_length(L, want) > e->results) return false;
    han__buf_init(&wanted, e->out.mem, HAN__VALUE_BYTES_MAX);
    for (lua_Integer i = 1; i <= e->results && equal; i++) {
        lua_rawgeti(L, want, i);
        equal = han__value_encode(L, -1, "want", &wanted, NULL) == HAN_OK;
        lua_pop(L, 1);
    }
    equal = equal && wanted.len == e->out.len &&
            (wanted.len == 0 || memcmp(wanted.data, e->out.data, wanted.len) == 0);
    han__buf_release(&wanted);
    return equal;
}

/* Runs protected: argument 1 the message, 2 the pattern, upvalue 1 string.find as Lua has it. */
static int matches_pattern(lua_State *L)
{
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, 2, 1);
    lua_pushboolean(L, !lua_isnil(L, -1));
    return 1;
}

/* Whether the call failed by an error whose message matches the pattern on top. */
static bool meets_want_error(evaluation *e, const outcome *o)
{
    lua_State *L = e->L;
    if (o->class != HAN__CLASS_RUNTIME || lua_type(L, -1) != LUA_TSTRING) return false;
    lua_getfield(L, LUA_REGISTRYINDEX, HAN__SANDBOX_FIND);
    lua_pushcclosure(L, matches_pattern, 1);
    lua_pushlstring(L, o->message, o->len);
    lua_pushvalue(L, -3);
    bool matched = lua_pcall(L, 2, 1, 0) == LUA_OK && lua_toboolean(L, -1);
    lua_pop(L, 1);
    return matched;
}

/* Compares with what the call, at index call, wants: 0 nothing, 1 not met, 2 met. */
static uint8_t compare(evaluation *e, int call, const outcome *o)
{
    lua_State *L = e->L;
    uint8_t pass = 0;
    lua_getfield(L, call, "want");
    if (lua_istable(L, -1))
        pass = o->class == HAN__CLASS_OK && meets_want(e, lua_gettop(L)) ? 2 : 1;
    lua_getfield(L, call, "want_error");
    if (!lua_isnil(L, -1)) pass = pass != 1 && meets_want_error(e, o) ? 2 : 1;
    lua_pop(L, 2);
    return pass;
}

/* The bytes of the line bitmap up to the last one that is set. */
static size_t lines_used(const uint8_t *lines)
{
    size_t n = lines ? LINES_BYTES : 0;
    while (n > 0 && lines[n - 1] == 0) n--;
    return n;
}

static bool report_call(evaluation *e, const outcome *o, uint8_t pass)
{
    han__report *r = e->report;
    const uint8_t *lines = e->box->meter.lines;
    bool ok = o->class == HAN__CLASS_OK;
    if (!han__report_begin(r, HAN__EVAL_RECORD_CALL) || !han__report_u8(r, (uint8_t)o->class) ||
        !han__report_u8(r, pass) || !han__report_u64(r, (uint64_t)o->instructions) ||
        !han__report_u32(r, o->line) || !han__report_text(r, o->message, o->len) ||
        !han__report_trace(r, ok ? NULL : &e->trace) ||
        !han__report_text(r, lines, lines_used(lines)) ||
        !han__report_u32(r, ok ? (uint32_t)e->results : 0) ||
        !han__report_bytes(r, e->out.data, ok ? e->out.len : 0))
        return false;
    han__report_end(r);
    return true;
}

static void call_function(evaluation *e, int call, outcome *o)
{
    lua_State *L = e->L;
    han__meter *m = &e->box->meter;
    lua_Integer budget = integer_field(L, call, "instructions", e->instructions);
    e->trace.n = e->box->trace.n = 0;
    if (m->lines) memset(m->lines, 0, LINES_BYTES);
    han__rng_init(&e->box->rng, 0, 0);
    e->box->output_left = (uint64_t)e->output;
    lua_pushcfunction(L, invoke);
    lua_pushlightuserdata(L, e);
    lua_pushvalue(L, call);
    lua_pushvalue(L, AT_MODULE);
    e->first = lua_gettop(L) - 3;
    han__meter_begin(m, L, within(budget, 1, HAN__EVAL_INSTRUCTIONS_MAX));
    int status = lua_pcall(L, 3, LUA_MULTRET, AT_HANDLER);
    judge(e, status, o);
    e->results = lua_gettop(L) - e->first + 1;
    if (o->class == HAN__CLASS_OK) encode_results(e, o);
}

/* Makes the call whose table is on top. False when the evaluation should stop there: a wanted stop,
 * or no room for the report. */
static bool run_call(evaluation *e, bool *room)
{
    lua_State *L = e->L;
    int call = lua_gettop(L);
    outcome o;
    lua_getfield(L, call, "fn");
    e->function = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "?";
    call_function(e, call, &o);
    uint8_t pass = compare(e, call, &o);
    *room = report_call(e, &o, pass);
    return *room && !(e->stop_first && pass == 1);
}

static void run_calls(evaluation *e)
{
    lua_State *L = e->L;
    lua_Integer n = list_length(L, AT_CALLS);
    bool room = true;
    for (lua_Integer i = 1; i <= n; i++) {
        lua_settop(L, AT_MODULE);
        if (lua_rawgeti(L, AT_CALLS, i) == LUA_TTABLE && !run_call(e, &room)) break;
    }
    han__report_finish(e->report, room ? HAN__CLASS_OK : HAN__CLASS_OUTPUT);
}

void han__evaluate(han__sandbox *box, const uint8_t *request, size_t len, han__report *report)
{
    evaluation e = {.box = box, .L = box->L, .report = report};
    outcome o;
    han__buf_init(&e.out, &box->meter.mem, HAN__FRAME_BYTES_MAX);
    if (han__value_decode(e.L, request, len, NULL, NULL) != HAN_OK || !lua_istable(e.L, -1)) {
        han__report_finish(report, HAN__CLASS_CRASH);
        return;
    }
    read_request(&e);
    lua_pushlightuserdata(e.L, &e);
    lua_pushcclosure(e.L, keep_trace, 1);
    han__meter_arm(&box->meter, e.memory);
    load_module(&e, &o);
    if (o.class == HAN__CLASS_OK) {
        run_calls(&e);
    } else {
        report_load(&e, &o);
        han__report_finish(report, (uint32_t)o.class);
    }
}
