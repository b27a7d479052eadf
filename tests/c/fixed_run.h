/* A run of 200 nodes that the tests of faults carry out, over and over, on a journal of its own:
 * nested drivers with budgets carved from budgets, workers that meter shots, evaluations and
 * tokens, workers and agents that fail, keyed children, decisions, refusals, messages, questions.
 * Here stand the program, the process around it, and what must hold whenever it has ended. */
#ifndef HAN_TESTS_FIXED_RUN_H
#define HAN_TESTS_FIXED_RUN_H

#include "script/scribe.h"

#include "loop/loop.h"
#include "script/host.h"
#include "store_fixture.h"
#include "value/value.h"

#include <lauxlib.h>

#define FIXED_NODES  200 /* the root is one of them */
#define FIXED_SHOTS  150 /* of its budget */
#define FIXED_EVALS  2000
#define FIXED_TOKENS 90000

static const char fixed_program[] =
    "local task, s = ...\n"
    "local log = {}\n"
    "local toy = { backend = 'toy', limits = { shots = 1, evals = 12, tokens = 600 } }\n"
    "local function note(...) log[#log + 1] = table.concat({ ... }, ' ') end\n"
    "local function leaf(t)\n"
    "  if t.n % 7 == 0 then error('leaf ' .. t.n .. ' fails') end\n"
    "  return { square = t.n * t.n, text = ('x'):rep(t.n * 9) }\n"
    "end\n"
    "local function shoot(scope, n, options)\n"
    "  return scope:spawn(toy, { n = n }, options)\n"
    "end\n"
    "local function inner(t, scope)\n"
    "  shoot(scope, t.n, { label = 'deep' })\n"
    "  shoot(scope, t.n + 1, { label = 'deep' })\n"
    "  local best = 0\n"
    "  for settled in scope:each() do\n"
    "    if settled.kind == 'done' then best = math.max(best, settled.out) end\n"
    "  end\n"
    "  return best\n"
    "end\n"
    "local function driver(t, scope)\n"
    "  local best, refused = 0, nil\n"
    "  for i = 1, 4 do shoot(scope, t.n + i, { label = 'shot ' .. i }) end\n"
    "  scope:spawn(inner, { n = t.n }, { label = 'inner', budget = { shots = 2, evals = 24, tokens "
    "= 1200 } })\n"
    "  for settled in scope:each() do\n"
    "    if settled.kind == 'done' then best = math.max(best, settled.out) end\n"
    "  end\n"
    "  local point = scope:choose('next', { 'again', 'stop', 'deep' }, { best = best })\n"
    "  if point == 'again' then shoot(scope, t.n + best, { steer = { { origin = 'verifier', lens = "
    "'t', text = 'more' } } })\n"
    "  elseif point == 'deep' then scope:spawn(leaf, { n = t.n }) scope:spawn(leaf, { n = best })\n"
    "  end\n"
    "  refused = select(3, scope:spawn(toy, { n = 1 }, { budget = { shots = 1, evals "
    "= 12, tokens = 600 } })) or 'let in'\n"
    "  while scope:next() do end\n"
    "  if t.n == 5 then error('driver five gives up') end\n"
    "  return { best = best, point = point, refused = refused }\n"
    "end\n"
    "local function chain(t, scope)\n"
    "  if t.n == 0 then return 'bottom' end\n"
    "  scope:spawn(chain, { n = t.n - 1 }, { label = 'chain' })\n"
    "  return scope:next().out .. '<'\n"
    "end\n"
    "for round = 1, 3 do\n"
    "  for i = 1, 4 do\n"
    "    s:spawn(driver, { n = 3 * round + i }, { label = 'd' .. i, budget = { shots = 7, evals = "
    "84, tokens = 4200 } })\n"
    "  end\n"
    "  for i = 1, 6 do s:spawn(leaf, { n = 10 * round + i }, { key = 'k' .. i % 5 + 5 * round }) "
    "end\n"
    "  s:spawn(chain, { n = 6 }, { label = 'chain' })\n"
    "  s:spawn(function(t, scope) return scope:ask({ why = t.n }) end, { n = round }, { label = "
    "'asks' })\n"
    "  local ear = s:spawn(function(t, scope) return scope:next({ kinds = { 'message' } }).message "
    "end, {}, { label = 'hears' })\n"
    "  s:send(ear, { round = round, long = ('y'):rep(700) })\n"
    "  local idle = s:spawn(function(t, scope) while true do scope:spawn(leaf, { n = 1 }); "
    "scope:next() end end, {}, { label = 'idle' })\n"
    "  local stopped = false\n"
    "  while true do\n"
    "    local got, why, code = s:next { kinds = { 'settled', 'question' }, timeout = 60 }\n"
    "    if not got and not code then break end\n"
    "    if code == 'TIMEOUT' or not stopped then stopped = true s:stop(idle) end\n"
    "    if got and got.kind == 'question' then s:send(got.node, { because = round })\n"
    "    elseif got then\n"
    "      local out = got.out\n"
    "      if type(out) == 'table' then out = out.best or out.square or out.because or out.round "
    "end\n"
    "      note(got.kind, got.node, tostring(out), got.reason or '')\n"
    "    end\n"
    "  end\n"
    "  note(s:choose('round', { 'a', 'b', 'c', 'd' }), s:random(1000000))\n"
    "  s:spawn(leaf, { n = 10 * round + 1 }, { key = 'k' .. 1 + 5 * round })\n"
    "  note(select(3, s:spawn(leaf, { n = 99 }, { key = 'k' .. 1 + 5 * round })) or '')\n"
    "  note(s:next().kind)\n"
    "end\n"
    "local n = task.more\n"
    "for i = 1, n do s:spawn(leaf, { n = i }) end\n"
    "for settled in s:each() do note(settled.kind) end\n"
    "return table.concat(log, '\\n')\n";

/* What its workers do: spend step by step, pass, fail, or are lost with their machine. */
static const char fixed_services[] =
    "return { backends = { toy = function(ctx, args)\n"
    "  local t = args.task\n"
    "  assert(ctx:meter { shots = 1 })\n"
    "  local left = t.n % 10 + (args.steer and 2 or 1)\n"
    "  while left > 0 and ctx:meter { evals = 1, tokens = 40 + t.n } do\n"
    "    left = left - 1\n"
    "    ctx:pause()\n"
    "  end\n"
    "  if t.n % 9 == 8 then error({ message = 'the machine went away', code = 'PEER' }) end\n"
    "  if t.n % 11 == 7 then error('this worker fails') end\n"
    "  ctx:submit(1 / (1 + t.n))\n"
    "  return { out = t.n * 2 + ctx:random(3), verdict = { pass = t.n % 4 == 0 } }\n"
    "end } }\n";

typedef struct fixed_process {
    fixture *store; /* its path and options; opened and closed by the process */
    han__clock clock;
    han__log log;
    han__host host;
    int services;
    han__run *run;
    han__hook hook;
    uint64_t rows;                          /* told so far */
    atomic_int *shown;                      /* a row that was shown to the run; NULL: not asked */
    void (*on_row)(void *ud, int row_kind); /* beside what is checked here; may be NULL */
    void *on_row_ud;
} fixed_process;

/* The store's wakeup, from its thread. */
static inline void fixed_wake(void *ud)
{
    han__loop_wakeup(ud);
}

/* The law of the budget at the row's node and all above it; and what was shown is noted. */
static inline void fixed_row(void *ud, const han__row *row)
{
    fixed_process *p = ud;
    han__node *node = (han__node *)(uintptr_t)row->node;
    p->rows++;
    for (const han__node *n = node; n; n = n->parent)
        if (!han__pool_conserved(han__node_pool(n))) fail_msg("row %d: budget", (int)p->rows);
    if (row->kind == HAN__ROW_FINISHED || row->kind == HAN__ROW_CANCELLED)
        node->mark = (uint32_t)node->journaled;
    if (row->kind == HAN__ROW_DELIVERED && p->shown && (int)node->mark > atomic_load(p->shown))
        atomic_store(p->shown, (int)node->mark);
    if (p->on_row) p->on_row(p->on_row_ud, row->kind);
}

/* Memory, loop and harness; no store yet. The statuses of what can fail. */
static inline int fixed_open(fixed_process *p, fixture *store, han_error *err)
{
    p->store = store;
    p->services = LUA_NOREF;
    han__clock_init(&p->clock);
    han__log_init(&p->log, NULL, NULL, 0);
    p->host = (han__host){.mem = &store->mem, .clock = &p->clock, .log = &p->log};
    int rc = han__loop_create(&p->host.loop, &store->mem, &p->clock, err);
    if (rc == HAN_OK) rc = han__state_open_harness(&p->host, &p->host.harness, err);
    if (rc != HAN_OK) return rc;
    lua_State *H = p->host.harness->L;
    assert_int_equal(luaL_loadstring(H, fixed_services), LUA_OK);
    assert_int_equal(lua_pcall(H, 0, 1, 0), LUA_OK);
    p->services = luaL_ref(H, LUA_REGISTRYINDEX);
    store->options.wakeup = fixed_wake;
    store->options.ud = p->host.loop;
    return HAN_OK;
}

/* For han__host_drive. */
static inline bool fixed_going(void *ud)
{
    return !((han__run *)ud)->told_end;
}

/* Ends the run if there is one, and closes the store; its status. */
static inline int fixed_leave(fixed_process *p)
{
    if (p->run) han__run_close(p->run);
    p->run = NULL;
    int rc = p->store->store ? han__store_close(p->store->store, NULL) : HAN_OK;
    p->store->store = NULL;
    return rc;
}

/* Everything goes; no memory may be left. */
static inline void fixed_close(fixed_process *p)
{
    fixed_leave(p);
    if (p->host.harness) han__state_close(p->host.harness);
    p->host.harness = NULL;
    han__loop_close(p->host.loop);
    p->host.loop = NULL;
    assert_int_equal(p->store->mem.live, 0);
}

/* Is a bench with this journal stored already? */
static inline int fixed_state(fixed_process *p, bool *bench, bool *journal, han_error *err)
{
    int64_t n = 0;
    han__query q = {.sql = "SELECT count(*) FROM bench"};
    int rc = han__store_query(p->store->store, &q, first_integer, &n, err);
    *bench = n > 0;
    if (rc != HAN_OK) return rc;
    han_error none = {0};
    rc = han__journal_find(p->store->store, "r", "c", &n, &none);
    *journal = rc == HAN_OK;
    return rc == HAN_UNKNOWN ? HAN_OK : rc;
}

static inline int fixed_open_run(fixed_process *p, han_error *err)
{
    lua_State *H = p->host.harness->L;
    han__buf bytes;
    han__buf_init(&bytes, &p->store->mem, 1000);
    lua_newtable(H);
    lua_pushinteger(H, 37); /* the last leaves, so that there are FIXED_NODES */
    lua_setfield(H, -2, "more");
    int rc = han__value_encode(H, lua_gettop(H), "task", &bytes, err);
    lua_pop(H, 1);
    han__run_options options = {
        .source = fixed_program,
        .source_len = strlen(fixed_program),
        .name = "fixed.lua",
        .task = bytes.data,
        .task_len = bytes.len,
        .services = p->services,
        .ceiling = {{[HAN__SHOTS] = FIXED_SHOTS,
                     [HAN__EVALS] = FIXED_EVALS,
                     [HAN__TOKENS] = FIXED_TOKENS}},
        .undeclared = (uint8_t) ~(1u << HAN__EVALS | 1u << HAN__SHOTS | 1u << HAN__TOKENS),
        .seed = 11};
    if (rc == HAN_OK) rc = han__run_open(&p->host, &options, &p->run, err);
    han__buf_release(&bytes);
    return rc;
}

/* Opens the store, goes on from whatever it holds, to the end of the run; HAN_OK also when the run
 * was stopped by its scribe: see han__scribe_failure. The run and the store stay open. */
static inline int fixed_carry_out(fixed_process *p, han_error *err)
{
    bool bench = false, journal = false;
    han__scribe_options how = {.bench = "r", .cell = "c", .begin = "\1", .begin_len = 1};
    int rc = store_open(p->store);
    if (rc != HAN_OK) {
        *err = p->store->err;
        return rc;
    }
    p->rows = 0;
    how.store = p->store->store;
    rc = fixed_state(p, &bench, &journal, err);
    if (rc == HAN_OK && !bench) {
        rc = put_bench(p->store, "r", NULL);
        if (rc == HAN_OK) rc = flush(p->store);
        if (rc != HAN_OK) *err = p->store->err;
    }
    if (rc == HAN_OK) rc = fixed_open_run(p, err);
    how.resume = journal;
    if (rc == HAN_OK) rc = han__scribe_open(p->run, &how, err);
    if (rc != HAN_OK) return rc;
    p->hook = (han__hook){NULL, fixed_row, p};
    han__hooks_add(han__tree_hooks(p->run->tree), &p->hook);
    han__host_drive(&p->host, fixed_going, p->run);
    return HAN_OK;
}

/* ---- what a run that has ended left ---- */

/* All rows of the journal with their values, and how many spends of shots they tell. */
typedef struct fixed_tale {
    han__sha256 hash;
    int rows, spawned, closed, shots;
} fixed_tale;

/* Does the field say this? */
static inline bool fixed_is(han__bytes field, const char *words)
{
    return field.len == strlen(words) && memcmp(field.data, words, field.len) == 0;
}

/* Takes one row into the tale. */
static inline int fixed_tell(void *ud, const han__journal_row *row)
{
    fixed_tale *t = ud;
    const han__bytes fields[] = {row->kind,  row->node,   row->code, row->text,
                                 row->place, row->amount, row->value};
    char line[64];
    int n = snprintf(line, sizeof line, "%lld %lld %d\n", (long long)row->clock,
                     (long long)row->flags.value, row->flags.known);
    han__sha256_add(&t->hash, line, (size_t)n);
    for (size_t i = 0; i < HAN__COUNT(fields); i++) {
        n = snprintf(line, sizeof line, "|%zu|", fields[i].len);
        han__sha256_add(&t->hash, line, (size_t)n);
        if (fields[i].len) han__sha256_add(&t->hash, fields[i].data, fields[i].len);
    }
    t->rows++;
    t->spawned += fixed_is(row->kind, "spawned");
    t->closed += fixed_is(row->kind, "finished") || fixed_is(row->kind, "cancelled");
    t->shots += fixed_is(row->kind, "metered") && fixed_is(row->amount, "{\"shots\":1}");
    return HAN_OK;
}

/* The final digest: journal, result and spend. Checks on the way that every node was spawned and
 * closed once, that every shot was spent once, and that the budget is whole. */
static inline void fixed_digest(fixed_process *p, uint8_t out[HAN__SHA256_BYTES], int *rows)
{
    int64_t n = 0;
    han_error err = {0};
    fixed_tale t = {.rows = 0};
    const han__node *root = han__tree_root(p->run->tree);
    const han_error *failure = han__scribe_failure(p->run->scribe);
    if (failure) fail_msg("the run was stopped: %s", failure->message);
    if (root->outcome != HAN__DONE) fail_msg("the run ended with: %s", root->reason);
    han__sha256_init(&t.hash);
    assert_int_equal(han__journal_find(p->store->store, "r", "c", &n, &err), HAN_OK);
    if (han__journal_read(p->store->store, n, 0, fixed_tell, &t, &err) != HAN_OK)
        fail_msg("%s", err.message);
    const han__pool *pool = han__node_pool(root);
    han__sha256_add(&t.hash, &pool->committed, sizeof pool->committed);
    han__sha256_add(&t.hash, p->run->result.data, p->run->result.len);
    han__sha256_end(&t.hash, out);
    if (t.spawned != FIXED_NODES - 1) fail_msg("%d nodes below the root", t.spawned);
    assert_int_equal(t.closed, t.spawned + 1);
    assert_int_equal(t.shots, pool->committed.v[HAN__SHOTS]);
    const int channels[] = {HAN__SHOTS, HAN__EVALS, HAN__TOKENS};
    for (size_t i = 0; i < HAN__COUNT(channels); i++) {
        int c = channels[i];
        assert_int_equal(pool->reserved.v[c], 0);
        assert_int_equal(pool->free.v[c] + pool->committed.v[c], pool->total.v[c]);
    }
    *rows = t.rows;
}

#endif
