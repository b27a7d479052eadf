/* Module han.channel (harness): plain values as frames between the engine and its jobs. A channel
 * has one reader fiber at a time; values that nobody reads yet wait, up to a bound, in the kernel.
 */
#include "base/config.h"
#include "script/fiber.h"

#include "loop/process.h"
#include "loop/stream.h"
#include "value/value.h"
#include "wire/frame.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>

#define CHANNEL_TYPE "han.channel"
#define FRAME_VALUE  1
#define QUEUE_MAX    (64u << 20)

typedef struct message {
    struct message *next;
    size_t len;
    uint8_t bytes[];
} message;

typedef struct channel {
    han__host *host;
    han__stream *stream;
    han__process *process; /* NULL in a job */
    han__frame_reader reader;
    bool reader_open;
    message *first, *last;
    han__wait wait;
    bool ended; /* no more values will come */
    char why[160];
} channel;

static channel *check(lua_State *L)
{
    return luaL_checkudata(L, 1, CHANNEL_TYPE);
}

/* ---- incoming ---- */

static void end_channel(channel *c, const char *why)
{
    if (c->ended) return;
    c->ended = true;
    snprintf(c->why, sizeof(c->why), "%s", why);
    if (c->stream) han__stream_close(c->stream);
    c->stream = NULL;
}

static int push_message(lua_State *L, void *ud)
{
    channel *c = ud;
    han_error err = {0};
    size_t used;
    message *m = c->first;
    if (!m) {
        lua_pushnil(L);
        lua_pushstring(L, c->why);
        lua_pushliteral(L, "PEER");
        return 3;
    }
    c->first = m->next;
    if (!c->first) c->last = NULL;
    int rc = han__value_decode(L, m->bytes, m->len, &used, &err);
    han__mem_free(c->host->mem, m, sizeof(*m) + m->len);
    return rc == HAN_OK ? 1 : han__throw(L, &err);
}

static void wake(channel *c)
{
    if (c->wait.fiber && (c->first || c->ended)) han__wait_finish(&c->wait, push_message, c);
}

static int keep(channel *c, const han__frame *frame)
{
    message *m = han__mem_alloc(c->host->mem, sizeof(*m) + frame->len);
    if (!m) return HAN_NOMEM;
    m->next = NULL;
    m->len = frame->len;
    memcpy(m->bytes, frame->bytes, frame->len);
    if (c->last)
        c->last->next = m;
    else
        c->first = m;
    c->last = m;
    return HAN_OK;
}

static void on_read(void *ud, const uint8_t *bytes, size_t len, int status)
{
    channel *c = ud;
    han__frame frame;
    int rc = status;
    if (status == HAN_OK && len == 0) {
        end_channel(c, "the other process ended");
        wake(c);
        return;
    }
    while (rc == HAN_OK) {
        rc = han__frame_next(&c->reader, &bytes, &len, &frame);
        if (rc != 1) break;
        rc = frame.type == FRAME_VALUE ? keep(c, &frame) : HAN_CORRUPT;
    }
    if (rc != HAN_OK) end_channel(c, han_status_text(rc));
    wake(c);
}

static int channel_receive(lua_State *L)
{
    channel *c = check(L);
    if (c->first || c->ended) return push_message(L, c);
    if (c->wait.fiber) return luaL_error(L, "another fiber reads this channel");
    han__fiber_wait(L, &c->wait);
    return lua_yield(L, 0);
}

/* ---- outgoing ---- */

static int write_value(lua_State *L, channel *c, han_error *err)
{
    han__buf frame;
    size_t start;
    han__buf_init(&frame, c->host->mem, HAN__FRAME_BYTES_MAX);
    int rc = han__frame_begin(&frame, FRAME_VALUE, 0, &start);
    if (rc == HAN_OK) rc = han__value_encode(L, 2, "message", &frame, err);
    if (rc == HAN_OK) rc = han__frame_end(&frame, start);
    if (rc == HAN_OK) rc = han__stream_write(c->stream, frame.data, frame.len);
    han__buf_release(&frame);
    return rc;
}

static int channel_send(lua_State *L)
{
    channel *c = check(L);
    han_error err = {0};
    lua_settop(L, 2);
    int rc = c->ended ? HAN_PEER : write_value(L, c, &err);
    if (rc == HAN_INVALID) return han__throw(L, &err);
    if (rc != HAN_OK) {
        han__error_set(&err, rc, "%s", c->ended ? c->why : han_status_text(rc));
        return han__fail(L, &err);
    }
    lua_pushboolean(L, 1);
    return 1;
}

/* ---- life ---- */

static int channel_close(lua_State *L)
{
    channel *c = check(L);
    end_channel(c, "closed");
    wake(c);
    if (c->process) han__process_close(c->process);
    c->process = NULL;
    if (c->reader_open) han__frame_reader_release(&c->reader);
    c->reader_open = false;
    while (c->first) {
        message *m = c->first;
        c->first = m->next;
        han__mem_free(c->host->mem, m, sizeof(*m) + m->len);
    }
    c->last = NULL;
    return 0;
}

static channel *push_channel(lua_State *L)
{
    channel *c = lua_newuserdatauv(L, sizeof(*c), 0);
    memset(c, 0, sizeof(*c));
    c->host = han__state_of(L)->host;
    han__frame_reader_init(&c->reader, c->host->mem);
    c->reader_open = true;
    luaL_setmetatable(L, CHANNEL_TYPE);
    return c;
}

static int attach(lua_State *L, channel *c, int fd)
{
    han_error err = {0};
    int rc = han__stream_open(&c->stream, c->host->loop, fd, QUEUE_MAX, &err);
    if (rc == HAN_OK) rc = han__stream_read_start(c->stream, on_read, c);
    if (rc == HAN_OK) return 1;
    han__error_set(&err, rc, "the channel cannot be opened");
    return han__fail(L, &err);
}

static void on_exit_of(void *ud, const han__process_exit *result)
{
    channel *c = ud;
    char why[120];
    snprintf(why, sizeof(why),
             result->signal ? "the job was ended by signal %d" : "the job ended with code %d",
             result->signal ? result->signal : result->code);
    /* What it wrote before is still read; the reason replaces the plain end. */
    snprintf(c->why, sizeof(c->why), "%s", why);
}

/* spawn(path, {argument...}): a helper program that speaks frames on its descriptor 3. */
static int channel_spawn(lua_State *L)
{
    const char *argv[16] = {luaL_checkstring(L, 1)};
    const char *env[4] = {"LANG=C.UTF-8", "PATH=/usr/bin:/bin", NULL, NULL};
    char probes[256];
    const char *failing = getenv("HAN_PROBE_FAIL"); /* see exec/probe.h */
    han_error err = {0};
    lua_Integer n = lua_istable(L, 2) ? luaL_len(L, 2) : 0;
    luaL_argcheck(L, n < 14, 2, "too many arguments");
    for (int i = 1; i <= n; i++) {
        lua_geti(L, 2, i);
        argv[i] = luaL_checkstring(L, -1); /* stays on the stack */
    }
    if (failing) {
        snprintf(probes, sizeof(probes), "HAN_PROBE_FAIL=%s", failing);
        env[2] = probes;
    }
    channel *c = push_channel(L);
    han__process_options options = {.path = argv[0],
                                    .argv = argv,
                                    .env = env,
                                    .out = HAN__STDIO_NULL,
                                    .err = HAN__STDIO_INHERIT,
                                    .channel = true,
                                    .session = true,
                                    .on_exit = on_exit_of,
                                    .ud = c};
    if (han__process_start(&c->process, c->host->loop, &options, &err)) return han__fail(L, &err);
    return attach(L, c, han__process_take(c->process, HAN__PROCESS_CHANNEL));
}

/* inherited(fd): the job's end. */
static int channel_inherited(lua_State *L)
{
    int fd = (int)luaL_checkinteger(L, 1);
    return attach(L, push_channel(L), fd);
}

static int channel_pid(lua_State *L)
{
    channel *c = check(L);
    lua_pushinteger(L, c->process ? (lua_Integer)han__process_pid(c->process) : 0);
    return 1;
}

int han__open_channel(lua_State *L);

int han__open_channel(lua_State *L)
{
    static const luaL_Reg methods[] = {{"send", channel_send},
                                       {"receive", channel_receive},
                                       {"close", channel_close},
                                       {"pid", channel_pid},
                                       {NULL, NULL}};
    static const luaL_Reg functions[] = {
        {"spawn", channel_spawn}, {"inherited", channel_inherited}, {NULL, NULL}};
    luaL_newmetatable(L, CHANNEL_TYPE);
    lua_pushcfunction(L, channel_close);
    lua_setfield(L, -2, "__gc");
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    return 1;
}
