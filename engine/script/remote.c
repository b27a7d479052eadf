/* Owns the process of an untrusted program and the functions that stand for its agents. One turn is
 * under way at most, so one agent at most waits for the runner; when the runner is lost, every
 * agent of the program fails, and the engine goes on. */
#include "base/config.h"
#include "script/remote.h"

#include "exec/eval_wire.h"
#include "exec/program_wire.h"
#include "exec/programs.h"
#include "loop/stream.h"
#include "loop/timer.h"
#include "script/bindings.h"
#include "value/value.h"
#include "wire/frame.h"

#include <lauxlib.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define QUEUE_BYTES  (2 * (size_t)HAN__FRAME_BYTES_MAX)
#define TURN_SECONDS 60u /* behind the instruction limit; the run's own wall limit comes first */
/* What a program may use beside its instructions, by their limit: calls of the engine (it cannot
 * say that it made fewer) and CPU time (C functions are not counted in full). */
#define STEPS_PER_CALL   50u
#define CALLS_MIN        1000u
#define STEPS_PER_SECOND 4000000u
#define SECONDS_MIN      10u
#define RECEIVED_MAX     ((size_t)256 << 20) /* bytes; what it places is journaled */
#define AGENT_TYPE       "han.remote.agent"
#define OUT_BYTES_MAX    HAN__FRAME_BYTES_MAX

/* One agent while its function runs; lies on its coroutine. */
typedef struct agent {
    han__remote *remote; /* NULL once the agent has ended */
    uint32_t id;
    char verb[16];  /* that it called last */
    han__wait wait; /* for the end of its turn */
} agent;

struct han__remote {
    han__run *run;
    han__stream *stream; /* NULL: lost */
    han__frame_reader reader;
    han__timer deadline;
    han__buf out;
    uint32_t agents; /* ids given */
    uint64_t calls, calls_max;
    size_t printed, received; /* bytes */
    agent *turn;              /* whose turn it is; NULL: nobody's */
    const han__frame *frame;
    char why[160]; /* it is lost */
    bool limit;    /* because of a limit */
};

/* ---- the runner ---- */

static void close_runner(han__remote *r)
{
    han__timer_stop(&r->deadline);
    han__stream_close(r->stream);
    r->stream = NULL;
}

static int push_lost(lua_State *L, void *ud)
{
    const han__remote *r = ud;
    lua_pushinteger(L, 0);
    lua_pushstring(L, r->why);
    return 2;
}

/* The turn under way, and every later one, fails with `why`. */
static void lose(han__remote *r, const char *why)
{
    agent *a = r->turn;
    if (!r->stream) return;
    snprintf(r->why, sizeof(r->why), "%s", why);
    close_runner(r);
    r->turn = NULL;
    if (a) han__wait_finish(&a->wait, push_lost, r);
}

static void lose_by_limit(han__remote *r, const char *why)
{
    r->limit = true;
    lose(r, why);
}

static void on_deadline(void *ud, han__timer *timer)
{
    HAN__UNUSED(timer);
    lose_by_limit(ud, "limit:time: the program did not come to an end of its turn and was stopped");
}

/* True when it may go on. */
static bool take_print(han__remote *r, const han__frame *frame)
{
    r->printed += frame->len + 1;
    if (!r->turn || r->printed > HAN__PROGRAM_OUTPUT_MAX) return false;
    han__log_write(r->run->host->log, HAN__LOG_INFO, "%.*s", (int)frame->len,
                   (const char *)frame->bytes);
    return true;
}

/* Its runner says which signal ended it. */
static void take_end(han__remote *r, const uint8_t *bytes, size_t len)
{
    char why[80];
    uint32_t number = 0;
    for (size_t i = 0; i < len && i < 4; i++) number |= (uint32_t)bytes[i] << (8 * i);
    if (number == SIGXCPU) {
        lose_by_limit(r, "limit:cpu: the program used more CPU time than its instructions need");
        return;
    }
    snprintf(why, sizeof(why), "the process of the program was ended by signal %u", number);
    lose(r, why);
}

static uint64_t number_at(const uint8_t *bytes, size_t size)
{
    uint64_t v = 0;
    for (size_t i = 0; i < size; i++) v |= (uint64_t)bytes[i] << (8 * i);
    return v;
}

/* Pushes `n` values of the frame from *at on; raises when they are malformed. */
static void push_values(lua_State *L, const han__frame *frame, size_t *at, uint64_t n)
{
    han_error err = {0};
    size_t used;
    if (n > HAN__PROGRAM_ARGS_MAX) luaL_error(L, "the runner spoke nonsense");
    luaL_checkstack(L, (int)n + 8, "too many values");
    for (uint64_t i = 0; i < n; i++) {
        if (han__value_decode(L, frame->bytes + *at, frame->len - *at, &used, &err))
            luaL_error(L, "the runner spoke nonsense: %s", err.message);
        *at += used;
    }
}

/* In the run's state: type, instructions used, and what the frame holds. */
static int push_frame(lua_State *L, void *ud)
{
    const han__frame *frame = ((han__remote *)ud)->frame;
    size_t at = 8;
    if (frame->len < 12 && frame->type != HAN__PROGRAM_FAIL)
        return luaL_error(L, "the runner spoke nonsense");
    lua_pushinteger(L, frame->type);
    lua_pushinteger(L, (lua_Integer)(number_at(frame->bytes, 8) & 0x7fffffff));
    if (frame->type == HAN__PROGRAM_VERB) {
        push_values(L, frame, &at, 1);
        if (frame->len - at < 4) return luaL_error(L, "the runner spoke nonsense");
        uint64_t n = number_at(frame->bytes + at, 4);
        at += 4;
        push_values(L, frame, &at, n);
        return 3 + (int)n;
    }
    if (frame->type == HAN__PROGRAM_RETURN) {
        uint64_t n = number_at(frame->bytes + at, 4);
        at += 4;
        push_values(L, frame, &at, n > 0);
        return n > 0 ? 3 : 2;
    }
    size_t place = frame->len >= 10 ? frame->bytes[9] : 0;
    if (frame->len < 10 + place) return luaL_error(L, "the runner spoke nonsense");
    lua_pushinteger(L, frame->bytes[8]);
    lua_pushlstring(L, (const char *)frame->bytes + 10 + place, frame->len - 10 - place);
    lua_pushlstring(L, (const char *)frame->bytes + 10, place);
    return 5;
}

/* False when the runner is to be given up. */
static bool take_frame(han__remote *r, const han__frame *frame)
{
    agent *a = r->turn;
    r->received += frame->len;
    if (r->received > RECEIVED_MAX) {
        lose_by_limit(r, "limit:output: it sent the engine more than 256 MiB");
        return true;
    }
    if (frame->type == HAN__PROGRAM_PRINT) return take_print(r, frame);
    if (frame->type == HAN__PROGRAM_ENDED) {
        take_end(r, frame->bytes, frame->len);
        return true;
    }
    if (!a || frame->id != a->id || frame->len < 9 ||
        (frame->type != HAN__PROGRAM_VERB && frame->type != HAN__PROGRAM_RETURN &&
         frame->type != HAN__PROGRAM_FAIL))
        return false;
    r->turn = NULL;
    r->frame = frame;
    han__timer_stop(&r->deadline);
    han__wait_finish(&a->wait, push_frame, r);
    return true;
}

static void on_read(void *ud, const uint8_t *bytes, size_t len, int status)
{
    han__remote *r = ud;
    han__frame frame;
    int found = HAN_OK;
    if (status != HAN_OK || len == 0) {
        const char *why = han__programs_why(r->run->host->programs);
        lose(r, why[0] ? why
                       : "the process of the program ended; it was killed or used what it may not");
        return;
    }
    while (r->stream && (found = han__frame_next(&r->reader, &bytes, &len, &frame)) == 1)
        if (!take_frame(r, &frame)) {
            lose(r, "the process of the program spoke nonsense");
            return;
        }
    if (r->stream && found != HAN_OK) lose(r, "the process of the program spoke nonsense");
}

static int start_process(han__remote *r, han_error *err)
{
    han__host *host = r->run->host;
    int fd = -1;
    if (!host->programs)
        return han__error_set(err, HAN_ENVIRONMENT,
                              "an untrusted program needs han-runner; give the folder of libexec");
    int rc = han__programs_start(host->programs, &fd, err);
    if (rc != HAN_OK) return rc;
    rc = han__stream_open(&r->stream, host->loop, fd, QUEUE_BYTES, err);
    if (rc != HAN_OK) close(fd);
    if (rc == HAN_OK) rc = han__stream_read_start(r->stream, on_read, r);
    return rc == HAN_OK ? HAN_OK : han__error_set(err, rc, "cannot talk to the runner");
}

/* ---- frames out ---- */

/* Ends the frame in r->out, of which rc tells how it went, and sends it. */
static int send_frame(han__remote *r, size_t start, int rc)
{
    if (rc == HAN_OK) rc = han__frame_end(&r->out, start);
    if (rc == HAN_OK)
        rc = r->stream ? han__stream_write(r->stream, r->out.data, r->out.len) : HAN_IO;
    han__buf_reset(&r->out);
    return rc;
}

static int encode_field(lua_State *L, const char *name, const char *text, size_t len)
{
    lua_pushlstring(L, text, len);
    lua_setfield(L, -2, name);
    return 0;
}

struct starting {
    han__remote *remote;
    const char *name, *source;
    size_t len, memory;
    uint64_t steps;
    han_error *err;
    int rc;
};

static int send_start(lua_State *L)
{
    struct starting *s = lua_touserdata(L, 1);
    han__remote *r = s->remote;
    size_t start;
    lua_newtable(L);
    encode_field(L, "name", s->name, strlen(s->name));
    encode_field(L, "source", s->source, s->len);
    int rc = han__frame_begin(&r->out, HAN__PROGRAM_START, 0, &start);
    if (rc == HAN_OK) rc = han__buf_u64(&r->out, s->memory);
    if (rc == HAN_OK) rc = han__buf_u64(&r->out, SECONDS_MIN + s->steps / STEPS_PER_SECOND);
    if (rc == HAN_OK) rc = han__value_encode(L, -1, "program", &r->out, s->err);
    s->rc = send_frame(r, start, rc);
    return 0;
}

int han__remote_open(han__run *run, const char *name, const char *source, size_t len, size_t memory,
                     han__remote **out, han_error *err)
{
    han__mem *mem = run->host->mem;
    han__remote *r = han__mem_zalloc(mem, 1, sizeof(*r));
    if (!r) return han__error_set(err, HAN_NOMEM, "no memory for a program");
    uint64_t steps = run->state->steps_max;
    struct starting s = {r, name, source, len, memory, steps, err, HAN_OK};
    r->run = run;
    r->calls_max = steps / STEPS_PER_CALL > CALLS_MIN ? steps / STEPS_PER_CALL : CALLS_MIN;
    han__frame_reader_init(&r->reader, mem);
    han__buf_init(&r->out, mem, OUT_BYTES_MAX);
    han__timer_init(&r->deadline, run->host->loop, on_deadline, r);
    int rc = start_process(r, err);
    if (rc == HAN_OK) {
        lua_State *L = run->state->L;
        lua_pushcfunction(L, send_start);
        lua_pushlightuserdata(L, &s);
        rc = lua_pcall(L, 1, 0, 0) == LUA_OK ? s.rc : HAN_NOMEM;
        lua_settop(L, 0);
        if (rc != HAN_OK) han__error_set(err, rc, "cannot give the program to its runner");
    }
    if (rc != HAN_OK) {
        han__remote_close(r);
        return rc;
    }
    *out = r;
    return HAN_OK;
}

void han__remote_close(han__remote *r)
{
    if (!r) return;
    close_runner(r);
    han__frame_reader_release(&r->reader);
    han__buf_release(&r->out);
    han__mem_free(r->run->host->mem, r, sizeof(*r));
}

/* ---- an agent ---- */

static int on_frame(lua_State *L, int status, lua_KContext ctx);

/* Instructions that the turn may use. */
static uint64_t allowance(const han__state *state)
{
    if (state->steps_max == 0) return HAN__EVAL_INSTRUCTIONS_MAX;
    return state->steps < state->steps_max ? state->steps_max - state->steps : 1;
}

/* The agent is to end, as an agent of this process would in its hook. */
static int end_doomed(lua_State *L, han__state *state)
{
    state->engine_yield = true;
    return lua_yield(L, 0);
}

/* The agent ends, whatever a pcall would make of an error. */
static int end_by_limit(lua_State *L, han__state *state, const char *why, const char *where)
{
    han__state_doom(state, HAN_LIMIT, why);
    snprintf(state->doom_where, sizeof(state->doom_where), "%s", where);
    return end_doomed(L, state);
}

static int fail_lost(lua_State *L, const han__remote *r)
{
    if (r->limit) return end_by_limit(L, r->run->state, r->why, "");
    return luaL_error(L, "%s", r->why[0] ? r->why : "the runner of the program is gone");
}

/* Its run or its parent ended the agent in the middle of a turn: only the end of the runner stops
 * that. */
static void on_cancel(han__wait *wait)
{
    agent *a = wait->ud;
    han__remote *r = a->remote;
    if (!r || r->turn != a) return;
    r->turn = NULL;
    lose(r, "the program was stopped in the middle of a turn");
}

/* Waits for the end of the turn that was just sent; the agent lies at 3 of the stack. */
static int wait_turn(lua_State *L, agent *a, int rc)
{
    han__remote *r = a->remote;
    if (rc == HAN_OK) rc = han__timer_start(&r->deadline, (uint64_t)TURN_SECONDS * 1000000000u, 0);
    if (rc == HAN_LIMIT) return luaL_error(L, "what goes to the program is larger than a frame");
    if (rc != HAN_OK) return fail_lost(L, r);
    a->wait = (han__wait){.on_cancel = on_cancel, .ud = a};
    r->turn = a;
    lua_settop(L, 3);
    han__fiber_wait(L, &a->wait);
    return lua_yieldk(L, 0, 0, on_frame);
}

/* Encodes the n values on top of L into the frame; the message of a refusal is raised. */
static int add_values(lua_State *L, han__remote *r, int n, const char *what)
{
    han_error err = {0};
    int rc = HAN_OK;
    for (int i = n; rc == HAN_OK && i > 0; i--)
        rc = han__value_encode(L, lua_gettop(L) - i + 1, what, &r->out, &err);
    if (rc != HAN_OK && err.code) {
        han__buf_reset(&r->out);
        luaL_error(L, "%s", err.message);
    }
    return rc;
}

static int reply_error(lua_State *L, agent *a, const char *text)
{
    han__remote *r = a->remote;
    size_t start;
    int rc = han__frame_begin(&r->out, HAN__PROGRAM_REPLY, a->id, &start);
    if (rc == HAN_OK) rc = han__buf_u64(&r->out, allowance(r->run->state));
    if (rc == HAN_OK) rc = han__buf_u8(&r->out, 0);
    if (rc == HAN_OK) rc = han__buf_append(&r->out, text, strlen(text));
    return wait_turn(L, a, send_frame(r, start, rc));
}

static int reply_values(lua_State *L, agent *a, int n)
{
    han__remote *r = a->remote;
    size_t start;
    int rc = han__frame_begin(&r->out, HAN__PROGRAM_REPLY, a->id, &start);
    if (rc == HAN_OK) rc = han__buf_u64(&r->out, allowance(r->run->state));
    if (rc == HAN_OK) rc = han__buf_u8(&r->out, 1);
    if (rc == HAN_OK) rc = han__buf_u32(&r->out, (uint32_t)n);
    if (rc == HAN_OK) rc = add_values(L, r, n, "answer");
    return wait_turn(L, a, send_frame(r, start, rc));
}

/* Behind a verb, called with nothing below its results but the three of the agent. */
static int verb_done(lua_State *L, int status, lua_KContext ctx)
{
    agent *a = lua_touserdata(L, 3);
    HAN__UNUSED(ctx);
    if (!a->remote->stream) return fail_lost(L, a->remote);
    if (status == LUA_OK || status == LUA_YIELD) return reply_values(L, a, lua_gettop(L) - 3);
    const char *text = lua_tostring(L, -1);
    return reply_error(L, a, text ? text : "the verb failed");
}

static int call_agent(lua_State *L);

static void push_function(lua_State *L, han__remote *r, lua_Integer fn)
{
    lua_pushlightuserdata(L, r);
    lua_pushinteger(L, fn);
    lua_pushcclosure(L, call_agent, 2);
}

/* At idx: what stands for a function of the program becomes an agent again. */
static void restore_agent(lua_State *L, han__remote *r, int idx)
{
    if (!lua_istable(L, idx)) return;
    lua_getfield(L, idx, HAN__PROGRAM_FN);
    if (!lua_isinteger(L, -1)) {
        lua_pop(L, 1);
        return;
    }
    lua_Integer fn = lua_tointeger(L, -1);
    lua_pop(L, 1);
    push_function(L, r, fn);
    if (lua_getfield(L, idx, HAN__PROGRAM_NAME) == LUA_TSTRING) {
        lua_createtable(L, 0, 2);
        lua_insert(L, -2);
        lua_setfield(L, -2, "name");
        lua_insert(L, -2);
        lua_setfield(L, -2, "act");
    } else {
        lua_pop(L, 1);
    }
    lua_replace(L, idx);
}

/* The verb stands at 6 (behind the frame's type and instructions), its arguments behind. */
static int do_verb(lua_State *L, agent *a)
{
    enum { AT_VERB = 6 };
    const char *verb = lua_tostring(L, AT_VERB);
    if (!verb) return luaL_error(L, "the runner spoke nonsense");
    if (strcmp(verb, "require") == 0) {
        lua_pushcfunction(L, han__module_text);
    } else {
        if (strcmp(verb, "spawn") == 0 && lua_gettop(L) > AT_VERB)
            restore_agent(L, a->remote, AT_VERB + 1);
        lua_getfield(L, 2, verb); /* the scope's own, or nothing */
        if (!lua_isfunction(L, -1)) return reply_error(L, a, "no such verb");
        lua_pushvalue(L, 2);
        lua_insert(L, AT_VERB + 1);
    }
    lua_replace(L, AT_VERB);
    lua_remove(L, 5);
    lua_remove(L, 4);
    int args = lua_gettop(L) - 4;
    int status = lua_pcallk(L, args, LUA_MULTRET, 0, 0, verb_done);
    return verb_done(L, status, 0);
}

static int do_fail(lua_State *L, agent *a)
{
    han__state *state = a->remote->run->state;
    lua_Integer class = lua_tointeger(L, 6);
    a->remote = NULL;
    if (class == HAN__CLASS_INSTRUCTIONS || class == HAN__CLASS_MEMORY ||
        class == HAN__CLASS_OUTPUT)
        return end_by_limit(L, state, lua_tostring(L, 7), lua_tostring(L, 8));
    snprintf(state->remote_where, sizeof(state->remote_where), "%s", lua_tostring(L, 8));
    /* with Lua's own words for it lua_error would raise a memory error, of this process */
    if (strcmp(lua_tostring(L, 7), "not enough memory") == 0)
        return luaL_error(L, "not enough memory, says the program");
    lua_pushvalue(L, 7);
    return lua_error(L);
}

static bool count_call(han__remote *r)
{
    return ++r->calls <= r->calls_max;
}

static int stop_calling(lua_State *L, agent *a)
{
    char why[120];
    han__remote *r = a->remote;
    snprintf(why, sizeof(why), "limit:calls: it called the engine more than %llu times",
             (unsigned long long)r->calls_max);
    return end_by_limit(L, r->run->state, why, "");
}

/* A turn has ended: task, scope, agent, then what push_frame gave. */
static int on_frame(lua_State *L, int status, lua_KContext ctx)
{
    agent *a = lua_touserdata(L, 3);
    HAN__UNUSED(status);
    HAN__UNUSED(ctx);
    lua_Integer type = lua_tointeger(L, 4);
    han__remote *r = a->remote;
    if (type == 0) {
        lua_pushvalue(L, 5);
        a->remote = NULL;
        return r->limit ? end_by_limit(L, r->run->state, r->why, "") : lua_error(L);
    }
    han__state_count(r->run->state, (uint64_t)lua_tointeger(L, 5));
    if (r->run->state->doom_code && type == HAN__PROGRAM_VERB) return end_doomed(L, r->run->state);
    if (type == HAN__PROGRAM_VERB) return count_call(r) ? do_verb(L, a) : stop_calling(L, a);
    if (type == HAN__PROGRAM_FAIL) return do_fail(L, a);
    a->remote = NULL;
    return lua_gettop(L) > 5 ? 1 : 0;
}

/* The coroutine ends, in whatever way: the runner may forget its side. */
static int agent_close(lua_State *L)
{
    agent *a = lua_touserdata(L, 1);
    han__remote *r = a ? a->remote : NULL;
    size_t start;
    if (!r || !r->stream) return 0;
    a->remote = NULL;
    int rc = han__frame_begin(&r->out, HAN__PROGRAM_DROP, a->id, &start);
    send_frame(r, start, rc);
    return 0;
}

static agent *push_agent(lua_State *L, han__remote *r)
{
    agent *a = lua_newuserdatauv(L, sizeof(*a), 0);
    *a = (agent){.remote = r, .id = ++r->agents};
    if (luaL_newmetatable(L, AGENT_TYPE)) {
        lua_pushcfunction(L, agent_close);
        lua_setfield(L, -2, "__close");
    }
    lua_setmetatable(L, -2);
    return a;
}

/* The agent's function: upvalues remote, number of the function; arguments task, scope. */
static int call_agent(lua_State *L)
{
    han__remote *r = lua_touserdata(L, lua_upvalueindex(1));
    han__node *node = han__tree_running(r->run->tree);
    char id[512];
    size_t start;
    lua_settop(L, 2);
    if (!r->stream) return fail_lost(L, r);
    agent *a = push_agent(L, r);
    lua_toclose(L, 3);
    int rc = han__frame_begin(&r->out, HAN__PROGRAM_CALL, a->id, &start);
    if (rc == HAN_OK) rc = han__buf_u64(&r->out, allowance(r->run->state));
    lua_pushvalue(L, lua_upvalueindex(2));
    lua_pushvalue(L, 1);
    lua_pushlstring(L, id, han__node_id(node, id, sizeof(id)));
    if (rc == HAN_OK) rc = add_values(L, r, 3, "task");
    return wait_turn(L, a, send_frame(r, start, rc));
}

void han__remote_push_root(lua_State *L, han__remote *r)
{
    push_function(L, r, 0);
}
