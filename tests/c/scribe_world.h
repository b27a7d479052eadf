/* A store, a loop and a host for journaled runs, and a program that tells one of every row; a
 * process can be killed at a row, interrupted there, or be late. */
#ifndef HAN_TESTS_SCRIBE_WORLD_H
#define HAN_TESTS_SCRIBE_WORLD_H

#include "script/scribe.h"

#include "loop/loop.h"
#include "loop/timer.h"
#include "script/host.h"
#include "store_fixture.h"

#include <lauxlib.h>

/* One of everything that tells a row, in a tree of three layers. */
static const char program[] =
    "local task, scope = ...\n"
    "local log = {}\n"
    "local function leaf(t) return t.n * t.n end\n"
    "local function middle(t, s)\n"
    "  for i = 1, t.n do s:spawn(leaf, { n = i }, { label = 'leaf' }) end\n"
    "  s:notify({ text = 'half way' })\n"
    "  local sum = 0\n"
    "  for child in s:each() do sum = sum + child.out end\n"
    "  if t.n == 2 then error('two is bad') end\n"
    "  return { sum = sum, long = ('x'):rep(300) }\n"
    "end\n"
    "for i = 1, 4 do scope:spawn(middle, { n = i }, { label = 'm' .. i, budget = { evals = i } }) "
    "end\n"
    "log[1] = select(3, scope:spawn(leaf, { n = 1 }, { budget = { evals = 1000 } }))\n"
    "scope:spawn(leaf, { n = 9 }, { key = 'nine' })\n"
    "scope:spawn(function(t, s) s:next { kinds = { 'message' } } return 'told' end, {})\n"
    "scope:send('root/6', { hello = true })\n"
    "scope:spawn(function(t, s) return s:ask('why?') end, {})\n"
    "scope:spawn(function(t, s) while true do s:spawn(leaf, { n = 1 }); s:next() end end, {})\n"
    "log[#log + 1] = scope:choose('pick', { 'a', 'b', 'c' })\n"
    "while true do\n"
    "  local got, why, code = scope:next { kinds = { 'settled', 'question', 'finding' }, timeout = "
    "9 }\n"
    "  if code == 'TIMEOUT' then scope:stop('root/8')\n"
    "  elseif not got then break\n"
    "  elseif got.kind == 'question' then scope:send(got.node, 'because')\n"
    "  else\n"
    "    local out = got.out\n"
    "    log[#log + 1] = got.kind .. got.node .. tostring(type(out) == 'table' and out.sum or "
    "out)\n"
    "  end\n"
    "  if #log == 8 then scope:spawn(leaf, { n = 9 }, { key = 'nine' }) end\n"
    "end\n"
    "scope:spawn(function() error('bad') end, { n = 3 }, { key = 'flaky' })\n"
    "log[#log + 1] = scope:next().kind\n"
    "scope:spawn(leaf, { n = 3 }, { key = 'flaky' })\n" /* begun again, and marked as such */
    "log[#log + 1] = scope:next().out\n"
    "scope:spawn(function() error('never run') end, { n = 3 }, { key = 'flaky' })\n"
    "local given = scope:next()\n"
    "log[#log + 1] = given.out .. tostring(next(given.spend))\n"
    "log[#log + 1] = select(3, scope:spawn(leaf, { n = 4 }, { key = 'flaky' }))\n"
    "return table.concat(log, ' ') .. scope:random(1000000)\n";

#define WALL_NS 5000000000u

typedef struct world {
    fixture store;
    han__clock clock;
    han__log log;
    han__host host;
    han__run *run;
    han__hook hook;
    uint64_t rows;      /* told so far */
    uint64_t kill_at;   /* end this process after that row; 0: never */
    uint64_t cancel_at; /* the run is interrupted at that row */
    uint64_t late_at;   /* its wall limit is over at that row, when that is lived; 0: it has none */
    bool flush;         /* ... when all rows are durable; else with those that are */
    han__buf stream;    /* what the hook saw */
    han_error err;
} world;

/* The store's wakeup, from its thread. */
static inline void wake(void *ud)
{
    han__loop_wakeup(ud);
}

static inline void on_hook(void *ud, const han__row *row)
{
    world *w = ud;
    char id[512];
    han__node_id(row->node, id, sizeof(id));
    assert_int_equal(han__buf_printf(&w->stream, "%s %s\n", han__row_name(row->kind), id), HAN_OK);
    w->rows++;
    if (w->rows == w->late_at && !han__scribe_replays(w->run->scribe))
        han__clock_advance(&w->clock, WALL_NS + HAN__MS(1));
    if (w->rows == w->cancel_at) w->run->cancel = true;
    if (w->rows != w->kill_at) return;
    if (w->flush) {
        han__scribe_put(w->run->scribe);
        if (han__store_flush(w->store.store, 10000, NULL) != HAN_OK) _exit(1);
    }
    _exit(9);
}

/* What a process has: memory, a clock, a loop, a host, and the store of the fixture. */
static inline void open_process(world *w)
{
    han_error err = {0};
    han__mem_init(&w->store.mem, NULL, NULL);
    if (w->late_at)
        han__clock_init_virtual(&w->clock, 1);
    else
        han__clock_init(&w->clock);
    han__log_init(&w->log, NULL, NULL, 0);
    w->host = (han__host){.mem = &w->store.mem, .clock = &w->clock, .log = &w->log};
    assert_int_equal(han__loop_create(&w->host.loop, &w->store.mem, &w->clock, &err), HAN_OK);
    w->store.options.wakeup = wake;
    w->store.options.ud = w->host.loop;
    assert_int_equal(store_open(&w->store), HAN_OK);
    han__buf_init(&w->stream, &w->store.mem, 1u << 20);
}

/* Everything must have been given back. */
static inline void close_process(world *w)
{
    if (w->run) han__run_close(w->run);
    w->run = NULL;
    han__buf_release(&w->stream);
    han__store_close(w->store.store, NULL);
    w->store.store = NULL;
    han__loop_close(w->host.loop);
    assert_int_equal(w->store.mem.live, 0);
}

/* For han__host_drive. */
static inline bool going(void *ud)
{
    return !((han__run *)ud)->told_end;
}

/* The process lives on. */
static inline void end_run(world *w)
{
    han__run_close(w->run);
    w->run = NULL;
}

#endif
