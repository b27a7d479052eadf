/* One life of a simulated run: the outside with its late answers, what stands between the tree and
 * its journal, and the driving until the run ends or crashes. */
#include "base/config.h"

#include "sim.h"

#include "base/hash.h"

#include "loop/loop.h"
#include "program.h"
#include "value/value.h"

#include <lauxlib.h>
#include <stdio.h>

/* ---- small things ---- */

void sim_stop(const sim *s, const char *what, const han_error *err)
{
    fprintf(stderr, "sim: seed %llu: %s: %s\n", (unsigned long long)s->seed, what,
            err ? err->message : "");
    exit(70);
}

void sim_wrong(sim *s, const char *what, long long a, long long b)
{
    if (!s->wrong[0]) snprintf(s->wrong, sizeof s->wrong, "%s (%lld, %lld)", what, a, b);
}

/* A splitmix64 stream (Steele, Lea and Flood, 2014). */
uint64_t sim_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}
uint64_t sim_roll(sim *s, uint64_t n)
{
    s->dice += 0x9e3779b97f4a7c15u;
    return sim_mix(s->dice) % n;
}

static void note(sim *s, const void *bytes, size_t len)
{
    s->history = han__hash64(bytes, len, s->history);
}

/* ---- the outside ---- */

static void drop_errands(sim *s)
{
    for (errand *e = s->errands, *next; e; e = next) {
        next = e->next;
        han__timer_stop(&e->timer);
        han__mem_free(&s->mem, e, sizeof *e);
    }
    s->errands = NULL;
}

/* The peer answers, perhaps a second time, perhaps after nobody waits any more. */
static void on_answer(void *ud, han__timer *timer)
{
    errand *e = ud;
    if (!e->wait.fiber) {
        e->sim->late++;
        note(e->sim, "late", 4);
    }
    han__wait_finish_here(&e->wait, 0);
    if (--e->times == 0) return;
    e->sim->twice++;
    if (han__timer_start(timer, HAN__MS(7), 0) != HAN_OK) sim_stop(e->sim, "no timer", NULL);
}

/* outside(node, step): the way there and back takes what this node's dice say. */
static int l_outside(lua_State *H)
{
    sim *s = lua_touserdata(H, lua_upvalueindex(1));
    size_t len;
    const char *node = luaL_checklstring(H, 1, &len);
    uint64_t dice = sim_mix(han__hash64(node, len, s->seed) + (uint64_t)luaL_checkinteger(H, 2));
    bool hangs = s->hang && dice % 13 == 5;
    if (!hangs && (!s->faults || dice % 3 == 0)) return 0;
    errand *e = han__mem_zalloc(&s->mem, 1, sizeof *e);
    if (!e) return luaL_error(H, "no memory");
    *e = (errand){.next = s->errands, .sim = s, .times = 1 + (dice / 3 % 5 == 0)};
    s->errands = e;
    han__timer_init(&e->timer, s->host.loop, on_answer, e);
    uint64_t wait = HAN__MS(1 + dice / 16 % 2000);
    if (s->faults && !s->hang && dice / 8 % 20 == 0) wait *= 100;
    if (hangs)
        s->hung++;
    else if (han__timer_start(&e->timer, wait, 0) != HAN_OK)
        return luaL_error(H, "no timer");
    s->slow++;
    han__fiber_wait(H, &e->wait);
    return lua_yield(H, 0);
}

/* began(node): a worker's work begins. */
static int l_began(lua_State *H)
{
    sim *s = lua_touserdata(H, lua_upvalueindex(1));
    size_t len;
    const char *node = luaL_checklstring(H, 1, &len);
    if (s->crashed) sim_wrong(s, "work began after the crash", (long long)s->rows, 0);
    note(s, node, len);
    return 0;
}

void sim_push_services(sim *s, lua_State *H)
{
    if (luaL_loadstring(H, sim_services)) sim_stop(s, lua_tostring(H, -1), NULL);
    lua_pushlightuserdata(H, s);
    lua_pushcclosure(H, l_outside, 1);
    lua_pushlightuserdata(H, s);
    lua_pushcclosure(H, l_began, 1);
    if (lua_pcall(H, 2, 1, 0)) sim_stop(s, lua_tostring(H, -1), NULL);
}

/* ---- between the tree and its journal ---- */

static void check_budget(sim *s, const han__node *node)
{
    for (const han__node *n = node; n; n = n->parent)
        if (!han__pool_conserved(han__node_pool(n)))
            sim_wrong(s, "the budget is not conserved", (long long)s->rows, n->depth);
}

static void spoil(sim *s, const han__row *row)
{
    han__node *node = (han__node *)(uintptr_t)row->node;
    if (s->broken == BREAK_REFUND && row->kind == HAN__ROW_DELIVERED && node->parent)
        node->parent->pool.free.v[HAN__EVALS] -= node->pool.free.v[HAN__EVALS] > 0;
    if (s->broken == BREAK_ORDER && row->kind == HAN__ROW_FINISHED && s->faults)
        node->clock += s->clock.virtual_ns / 1000000 % 3;
}

/* From here on nothing reaches the disk: the host does not see the scribe any more. */
static void crash(sim *s)
{
    s->crashed = true;
    s->scribe = s->run->scribe;
    s->run->scribe = NULL;
}

static void on_row(void *ud, const han__row *row)
{
    sim *s = ud;
    han__node *node = (han__node *)(uintptr_t)row->node;
    if (s->crashed) return;
    s->rows++;
    spoil(s, row);
    check_budget(s, node);
    bool lost = s->broken == BREAK_LOST && s->crash_at && s->rows == s->crash_at / 2;
    if (!lost) s->inner.row(s->inner.ud, row);
    if (s->broken == BREAK_TWICE && s->faults && row->kind == HAN__ROW_METERED && s->rows % 5 == 0)
        s->inner.row(s->inner.ud, row);
    char id[512];
    note(s, id, han__node_id(node, id, sizeof id));
    note(s, &s->clock.virtual_ns, sizeof s->clock.virtual_ns);
    if (row->kind == HAN__ROW_FINISHED || row->kind == HAN__ROW_CANCELLED)
        node->mark = (uint32_t)node->journaled;
    if (row->kind == HAN__ROW_DELIVERED && node->mark > s->shown)
        sim_wrong(s, "delivered before it was durable", node->mark, (long long)s->shown);
    if (s->tell)
        printf("%8.3f %4d %-9s %-14s %s\n", (double)s->clock.virtual_ns / 1e9, (int)s->rows,
               han__row_name(row->kind), id, row->text ? row->text : "");
    if (s->rows == s->crash_at) crash(s);
}

/* Rows that somebody waits for are written at once, so that the thread of the store decides
 * nothing. */
static bool on_durable(void *ud, const han__node *node)
{
    sim *s = ud;
    han_error err = {0};
    uint64_t place = node ? node->journaled : s->rows + 1; /* the first is not the tree's */
    if (s->crashed) return false;
    if (s->broken != BREAK_BARRIER && !s->inner.durable(s->inner.ud, node)) {
        if (han__store_flush(s->store, HAN__STORE_FLUSH_DEFAULT, &err) != HAN_OK)
            sim_stop(s, "writing", &err);
        if (!s->inner.durable(s->inner.ud, node)) return false;
    }
    if (place > s->shown) s->shown = place, s->shown_ms = han__run_used_ms(s->run);
    return true;
}

/* ---- one life ---- */

void sim_open_life(sim *s, const char *name, bool resume)
{
    han_error err = {0};
    han__buf task;
    lua_State *H = s->host.harness->L;
    han__buf_init(&task, &s->mem, 1000);
    lua_newtable(H);
    lua_pushinteger(H, (lua_Integer)(6 + s->seed % 14));
    lua_setfield(H, -2, "size");
    if (han__value_encode(H, lua_gettop(H), "task", &task, &err)) sim_stop(s, "task", &err);
    lua_pop(H, 1);
    han__run_options options = {
        .source = sim_program,
        .source_len = strlen(sim_program),
        .name = "sim.lua",
        .task = task.data,
        .task_len = task.len,
        .services = s->services,
        .ceiling = {{[HAN__SHOTS] = SHOTS, [HAN__EVALS] = EVALS, [HAN__TOKENS] = TOKENS}},
        .undeclared = (uint8_t) ~(1u << HAN__EVALS | 1u << HAN__SHOTS | 1u << HAN__TOKENS),
        .wall_ns = s->hang ? WALL_NS : 0,
        .seed = s->seed};
    han__scribe_options how = {.store = s->store,
                               .bench = name,
                               .cell = "c",
                               .resume = resume,
                               .begin = "\1",
                               .begin_len = 1};
    if (han__run_open(&s->host, &options, &s->run, &err)) sim_stop(s, "opening", &err);
    if (han__scribe_open(s->run, &how, &err)) sim_stop(s, "opening a journal", &err);
    han__buf_release(&task);
    s->inner = s->run->tree->journal;
    han__tree_set_journal(s->run->tree, &(han__journal){on_row, on_durable, s});
}

/* When the wall limit strikes; a life that meets its past again has one of its own. */
static uint64_t wall_end(const sim *s)
{
    const han__run *run = s->run;
    uint64_t left = run->used_ns < run->wall_ns ? run->wall_ns - run->used_ns : 0;
    if (run->wall_ns == 0) return UINT64_MAX;
    if (han__scribe_replays(run->scribe)) return run->started_ns + run->wall_ns + 1;
    return run->counted_ns + left + 1;
}

/* Nothing more happens by itself: the next thing is a timer's, or the wall limit's. */
static void pass_time(sim *s)
{
    uint64_t now = s->clock.virtual_ns, next = han__timers_next(han__loop_timers(s->host.loop));
    uint64_t wall = wall_end(s);
    if (next > wall) next = wall;
    if (next == UINT64_MAX) {
        sim_wrong(s, "the run stands still", (long long)s->rows, 0);
        crash(s);
        return;
    }
    han__clock_advance(&s->clock, next > now ? next - now : 0);
}

/* Drives the run to its end or to its crash. */
void sim_live(sim *s)
{
    for (int steps = 0; !s->run->told_end && !s->crashed; steps++) {
        if (steps > STEPS_MAX) {
            sim_wrong(s, "the run does not end", steps, 0);
            return;
        }
        if (han__host_step(&s->host, 0) || s->crashed || s->run->told_end) continue;
        if (han__tree_ended(s->run->tree))
            han__store_flush(s->store, HAN__STORE_FLUSH_DEFAULT, NULL);
        else
            pass_time(s);
    }
}

void sim_close_life(sim *s)
{
    han__run_close(s->run);
    s->run = NULL;
    for (errand *e = s->errands; e; e = e->next)
        if (e->wait.fiber) sim_wrong(s, "a fiber still waits after its run was closed", 0, 0);
    /* answers that come after the end of everything */
    while (han__timers_next(han__loop_timers(s->host.loop)) != UINT64_MAX && s->seed % 2 == 0) {
        uint64_t next = han__timers_next(han__loop_timers(s->host.loop));
        if (next > s->clock.virtual_ns) han__clock_advance(&s->clock, next - s->clock.virtual_ns);
        if (han__loop_step(s->host.loop, 0) < 0) break;
    }
    drop_errands(s);
    while (han__fiber_run_ready(&s->host)) continue;
    if (han__store_flush(s->store, HAN__STORE_FLUSH_DEFAULT, NULL)) sim_stop(s, "writing", NULL);
}
