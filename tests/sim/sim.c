/* Simulated histories of whole runs: the engine's own loop, fibers, tree, scribe and store under a
 * virtual clock, with workers that are slow, hang, answer late, twice, or go down, and with crashes
 * at chosen rows of the journal, whose tail is torn, also while the run is resumed. One number
 * gives one history. After each history: the budget was conserved at every row, what was delivered
 * and in which order is what the history without faults gives, every node was begun and closed once
 * and no shot is spent twice, and what was shown before a crash was not lost.
 *
 *   sim FROM COUNT           that many histories; exit status 1 when an invariant broke
 *   sim FROM COUNT --break N the same with the harness itself made wrong (see enum broken)
 *   sim FROM --tell          one history, row by row */
#include "base/config.h"

#include "script/scribe.h"

#include "base/hash.h"

#include "loop/loop.h"
#include "loop/timer.h"
#include "program.h"
#include "script/host.h"
#include "store/corpus.h"
#include "tree/tree.h" /* to stand between the tree and its journal */
#include "value/value.h"

#include <sqlite3.h>

#include "../c/fault_vfs.h"

#include <lauxlib.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIVES_MAX 4 /* crashes of one history, and the last life */
#define WALL_NS   ((uint64_t)3600 * 1000000000u)
#define STEPS_MAX 200000
#define BEGIN_NS  1000000000u
#define SHOTS     24
#define EVALS     160
#define TOKENS    9000

/* Ways to make the harness wrong, to see that it would notice a wrong engine. */
enum broken { BREAK_NOTHING, BREAK_REFUND, BREAK_ORDER, BREAK_BARRIER, BREAK_TWICE, BREAK_LOST };

/* A worker that is outside, until its timer. */
typedef struct errand {
    struct errand *next;
    struct sim *sim;
    han__wait wait;
    han__timer timer;
    int times; /* how often it will still be answered */
} errand;

/* What one life of a run told. */
typedef struct tale {
    uint64_t hash;  /* of all rows, result and spend */
    uint64_t order; /* of the deliveries alone */
    int rows, spawned, closed, shots;
} tale;

typedef struct sim {
    /* the machine: as long as the program */
    han__mem mem;
    han__clock clock;
    han__log log;
    han__host host;
    han__store *store;
    int services;
    char folder[256], path[300];
    /* the history */
    uint64_t seed, history, dice;
    enum broken broken;
    bool faults, tell, hang;
    char wrong[600]; /* the first invariant that broke */
    /* this life */
    han__run *run;
    han__hook hook;
    han__journal inner;  /* the scribe's; the simulation stands before it */
    han__scribe *scribe; /* of a crashed run, until that is closed */
    errand *errands;
    tale *told;
    uint64_t rows, shown, crash_at;
    uint64_t shown_ms; /* of the wall limit, when rows were shown last */
    bool crashed;
    /* sums */
    uint64_t histories, all_rows, crashes, late, twice, hung, slow;
} sim;

/* ---- small things ---- */

static void stop(const sim *s, const char *what, const han_error *err)
{
    fprintf(stderr, "sim: seed %llu: %s: %s\n", (unsigned long long)s->seed, what,
            err ? err->message : "");
    exit(70);
}

static void wrong(sim *s, const char *what, long long a, long long b)
{
    if (!s->wrong[0]) snprintf(s->wrong, sizeof s->wrong, "%s (%lld, %lld)", what, a, b);
}

/* A splitmix64 stream (Steele, Lea and Flood, 2014). */
static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}
static uint64_t roll(sim *s, uint64_t n)
{
    s->dice += 0x9e3779b97f4a7c15u;
    return mix(s->dice) % n;
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
    if (han__timer_start(timer, HAN__MS(7), 0) != HAN_OK) stop(e->sim, "no timer", NULL);
}

/* outside(node, step): the way there and back takes what this node's dice say. */
static int l_outside(lua_State *H)
{
    sim *s = lua_touserdata(H, lua_upvalueindex(1));
    size_t len;
    const char *node = luaL_checklstring(H, 1, &len);
    uint64_t dice = mix(han__hash64(node, len, s->seed) + (uint64_t)luaL_checkinteger(H, 2));
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
    if (s->crashed) wrong(s, "work began after the crash", (long long)s->rows, 0);
    note(s, node, len);
    return 0;
}

/* ---- between the tree and its journal ---- */

static void check_budget(sim *s, const han__node *node)
{
    for (const han__node *n = node; n; n = n->parent)
        if (!han__pool_conserved(han__node_pool(n)))
            wrong(s, "the budget is not conserved", (long long)s->rows, n->depth);
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
        wrong(s, "delivered before it was durable", node->mark, (long long)s->shown);
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
            stop(s, "writing", &err);
        if (!s->inner.durable(s->inner.ud, node)) return false;
    }
    if (place > s->shown) s->shown = place, s->shown_ms = han__run_used_ms(s->run);
    return true;
}

/* ---- one life ---- */

static void open_life(sim *s, const char *name, bool resume)
{
    han_error err = {0};
    han__buf task;
    lua_State *H = s->host.harness->L;
    han__buf_init(&task, &s->mem, 1000);
    lua_newtable(H);
    lua_pushinteger(H, (lua_Integer)(6 + s->seed % 14));
    lua_setfield(H, -2, "size");
    if (han__value_encode(H, lua_gettop(H), "task", &task, &err)) stop(s, "task", &err);
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
    if (han__run_open(&s->host, &options, &s->run, &err)) stop(s, "opening", &err);
    if (han__scribe_open(s->run, &how, &err)) stop(s, "opening a journal", &err);
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
        wrong(s, "the run stands still", (long long)s->rows, 0);
        crash(s);
        return;
    }
    han__clock_advance(&s->clock, next > now ? next - now : 0);
}

/* Drives the run to its end or to its crash. */
static void live(sim *s)
{
    for (int steps = 0; !s->run->told_end && !s->crashed; steps++) {
        if (steps > STEPS_MAX) {
            wrong(s, "the run does not end", steps, 0);
            return;
        }
        if (han__host_step(&s->host, 0) || s->crashed || s->run->told_end) continue;
        if (han__tree_ended(s->run->tree))
            han__store_flush(s->store, HAN__STORE_FLUSH_DEFAULT, NULL);
        else
            pass_time(s);
    }
}

static void close_life(sim *s)
{
    han__run_close(s->run);
    s->run = NULL;
    for (errand *e = s->errands; e; e = e->next)
        if (e->wait.fiber) wrong(s, "a fiber still waits after its run was closed", 0, 0);
    /* answers that come after the end of everything */
    while (han__timers_next(han__loop_timers(s->host.loop)) != UINT64_MAX && s->seed % 2 == 0) {
        uint64_t next = han__timers_next(han__loop_timers(s->host.loop));
        if (next > s->clock.virtual_ns) han__clock_advance(&s->clock, next - s->clock.virtual_ns);
        if (han__loop_step(s->host.loop, 0) < 0) break;
    }
    drop_errands(s);
    while (han__fiber_run_ready(&s->host)) continue;
    if (han__store_flush(s->store, HAN__STORE_FLUSH_DEFAULT, NULL)) stop(s, "writing", NULL);
}

/* ---- what the journal says at the end ---- */

static int first_of(void *ud, size_t columns, const char *const *names, const han__sqlval *values)
{
    HAN__UNUSED(columns);
    HAN__UNUSED(names);
    *(int64_t *)ud = values[0].integer;
    return HAN_OK;
}

/* How many rows of this history are stored. */
static int64_t stored(sim *s, const char *name)
{
    int64_t n = -1;
    han_error err = {0};
    han__sqlval param = {.type = HAN__SQL_TEXT, .bytes = name, .len = strlen(name)};
    han__query q = {.sql = "SELECT count(*) FROM journal_run JOIN journal ON id > number << 32 AND "
                           "id < (number + 1) << 32 WHERE bench_id = ?1",
                    .params = &param,
                    .param_count = 1};
    if (han__store_query(s->store, &q, first_of, &n, &err)) stop(s, "counting rows", &err);
    return n;
}

static bool is(han__bytes field, const char *words)
{
    return field.len == strlen(words) && memcmp(field.data, words, field.len) == 0;
}

static int add_row(void *ud, const han__journal_row *row)
{
    tale *t = ud;
    const int64_t numbers[] = {row->clock, row->flags.known ? row->flags.value : -1};
    const han__bytes fields[] = {row->kind,  row->node,   row->code, row->text,
                                 row->place, row->amount, row->value};
    t->hash = han__hash64(numbers, sizeof numbers, t->hash);
    for (size_t i = 0; i < HAN__COUNT(fields); i++)
        t->hash = han__hash64(fields[i].len ? fields[i].data : "", fields[i].len, t->hash + i);
    if (is(row->kind, "delivered")) t->order = han__hash64(row->node.data, row->node.len, t->order);
    t->rows++;
    t->spawned += is(row->kind, "spawned");
    t->closed += is(row->kind, "finished") || is(row->kind, "cancelled");
    t->shots += is(row->kind, "metered") && is(row->amount, "{\"shots\":1}");
    return HAN_OK;
}

static void read_tale(sim *s, const char *name, tale *t)
{
    int64_t n = 0;
    han_error err = {0};
    *t = (tale){.rows = 0};
    if (han__journal_find(s->store, name, "c", &n, &err) ||
        han__journal_read(s->store, n, 0, add_row, t, &err)) {
        wrong(s, err.message, 0, 0);
        return;
    }
    const han__pool *pool = han__node_pool(han__tree_root(s->run->tree));
    t->hash = han__hash64(&pool->committed, sizeof pool->committed, t->hash);
    t->hash = han__hash64(s->run->result.data, s->run->result.len, t->hash);
    if (t->closed != t->spawned + 1) wrong(s, "nodes begun and closed", t->spawned + 1, t->closed);
    if (t->shots != pool->committed.v[HAN__SHOTS])
        wrong(s, "shots spent and charged", t->shots, pool->committed.v[HAN__SHOTS]);
    for (int c = 0; c < HAN__CHANNELS; c++)
        if (pool->reserved.v[c] != 0 || pool->free.v[c] + pool->committed.v[c] != pool->total.v[c])
            wrong(s, "the budget at the end", c, pool->reserved.v[c]);
}

/* ---- a history ---- */

static void put_bench(sim *s, const char *name)
{
    han_error err = {0};
    han__batch *batch = NULL;
    han__bench_row row = {
        .id = {name, strlen(name)}, .kind = {"script", 6}, .seed = 1, .started_ms = 1};
    if (han__batch_new(s->store, &batch, &err) || han__corpus_add_bench(batch, &row, &err) ||
        han__store_put(s->store, batch, NULL, NULL, &err) ||
        han__store_flush(s->store, HAN__STORE_FLUSH_DEFAULT, &err))
        stop(s, "a bench", &err);
}

/* What a power cut may leave of the rows that nobody was shown: any beginning of them. */
static void tear(sim *s, const char *name, uint64_t shown)
{
    char sql[300], *why = NULL;
    sqlite3 *db = NULL;
    int64_t there = stored(s, name);
    if (there < (int64_t)shown) {
        wrong(s, "rows shown and lost", (long long)shown, there);
        return;
    }
    int64_t left = (int64_t)shown + (int64_t)roll(s, (uint64_t)(there - (int64_t)shown) + 1);
    if (left >= there) return;
    snprintf(sql, sizeof sql,
             "DELETE FROM journal WHERE id IN (SELECT id FROM journal_run JOIN journal ON id > "
             "(number << 32) + %lld AND id < (number + 1) << 32 WHERE bench_id = '%s'); UPDATE "
             "journal_run SET used_ms = %llu WHERE bench_id = '%s' AND used_ms IS NOT NULL",
             (long long)left, name, (unsigned long long)s->shown_ms, name);
    if (sqlite3_open_v2(s->path, &db, SQLITE_OPEN_READWRITE, "fault") ||
        sqlite3_exec(db, sql, NULL, NULL, &why))
        stop(s, why ? why : "tearing", NULL);
    sqlite3_close(db);
}

static void begin_life(sim *s, uint64_t crash_at)
{
    s->rows = s->shown = s->shown_ms = 0;
    s->crashed = false;
    s->crash_at = crash_at;
}

/* One life; true when it ended by itself. Its tale is read then. */
static bool one_life(sim *s, const char *name, bool resume, uint64_t crash_at, tale *t)
{
    begin_life(s, crash_at);
    open_life(s, name, resume);
    live(s);
    bool ended = !s->crashed && s->run->told_end;
    if (s->crashed) s->run->scribe = s->scribe;
    const han_error *failure = han__scribe_failure(s->run->scribe);
    if (failure) wrong(s, failure->message, 0, 0);
    if (ended && !failure && !s->wrong[0]) read_tale(s, name, t);
    if (s->crashed && roll(s, 2)) han__scribe_put(s->run->scribe);
    s->all_rows += s->rows;
    close_life(s);
    if (s->crashed) {
        s->crashes++;
        tear(s, name, s->shown);
    }
    return ended;
}

static void compare(sim *s, const tale *calm, const tale *stormy)
{
    if (calm->rows != stormy->rows) wrong(s, "rows", calm->rows, stormy->rows);
    if (calm->order != stormy->order) wrong(s, "another order of delivery", 0, 0);
    if (calm->hash != stormy->hash) wrong(s, "another journal, result or spend", 0, 0);
}

/* First without faults, for what must come out; then with them. Gives the hash of the history. */
static uint64_t history(sim *s, uint64_t seed, int again)
{
    char name[64];
    tale calm = {.rows = 0}, stormy = {.rows = 0};
    s->seed = seed;
    s->dice = mix(seed);
    s->history = seed;
    s->hang = seed % 16 == 3;
    s->clock.virtual_ns = BEGIN_NS; /* nothing waits for it between two histories */
    s->wrong[0] = '\0';
    s->faults = false;
    snprintf(name, sizeof name, "calm-%llu-%d", (unsigned long long)seed, again);
    put_bench(s, name);
    one_life(s, name, false, 0, &calm);
    s->faults = true;
    snprintf(name, sizeof name, "storm-%llu-%d", (unsigned long long)seed, again);
    put_bench(s, name);
    bool ended = false;
    int lives = (int)roll(s, LIVES_MAX);
    for (int i = 0; !ended && !s->wrong[0]; i++) {
        uint64_t crash_at = i < lives ? 1 + roll(s, (uint64_t)calm.rows) : 0;
        if (s->tell) printf("-- life %d, crash at row %d\n", i + 1, (int)crash_at);
        ended = one_life(s, name, i > 0, crash_at, &stormy);
    }
    if (!s->wrong[0]) compare(s, &calm, &stormy);
    s->histories++;
    return han__hash64(&stormy.hash, sizeof stormy.hash, s->history);
}

/* ---- the machine ---- */

static void wake(void *ud)
{
    han__loop_wakeup(ud);
}

static void open_store(sim *s)
{
    han_error err = {0};
    han__store_options options = {
        .path = s->path, .vfs = "fault", .wakeup = wake, .ud = s->host.loop};
    if (han__store_open(&s->mem, &options, &s->store, &err)) stop(s, "opening the store", &err);
}

static void close_store(sim *s)
{
    char log[320];
    if (han__store_close(s->store, NULL)) stop(s, "closing the store", NULL);
    unlink(s->path);
    snprintf(log, sizeof log, "%s-wal", s->path);
    unlink(log);
    snprintf(log, sizeof log, "%s-shm", s->path);
    unlink(log);
}

static void open_machine(sim *s)
{
    han_error err = {0};
    const char *tmp = getenv("TMPDIR");
    han__mem_init(&s->mem, NULL, NULL);
    han__clock_init_virtual(&s->clock, BEGIN_NS);
    han__log_init(&s->log, NULL, NULL, 0);
    s->host = (han__host){.mem = &s->mem, .clock = &s->clock, .log = &s->log};
    if (han__loop_create(&s->host.loop, &s->mem, &s->clock, &err) ||
        han__state_open_harness(&s->host, &s->host.harness, &err))
        stop(s, "opening", &err);
    lua_State *H = s->host.harness->L;
    if (luaL_loadstring(H, sim_services)) stop(s, lua_tostring(H, -1), NULL);
    lua_pushlightuserdata(H, s);
    lua_pushcclosure(H, l_outside, 1);
    lua_pushlightuserdata(H, s);
    lua_pushcclosure(H, l_began, 1);
    if (lua_pcall(H, 2, 1, 0)) stop(s, lua_tostring(H, -1), NULL);
    s->services = luaL_ref(H, LUA_REGISTRYINDEX);
    snprintf(s->folder, sizeof s->folder, "%s/han-sim-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(s->folder)) stop(s, "no folder", NULL);
    snprintf(s->path, sizeof s->path, "%s/han.db", s->folder);
    fault_register();
    atomic_store(&fault_no_sync, true);
    open_store(s);
}

static void close_machine(sim *s)
{
    close_store(s);
    rmdir(s->folder);
    han__state_close(s->host.harness);
    han__loop_close(s->host.loop);
    if (s->mem.live != 0) stop(s, "memory was not given back", NULL);
}

/* One seed, and now and then the same once more: it must be the same history. */
static bool one_seed(sim *s, uint64_t seed)
{
    uint64_t first = history(s, seed, 0);
    if (!s->wrong[0] && seed % 32 == 0 && history(s, seed, 1) != first)
        wrong(s, "the same seed gave another history", 0, 0);
    if (!s->wrong[0]) return true;
    printf("seed %llu: %s\n", (unsigned long long)seed, s->wrong);
    return false;
}

int main(int argc, char **argv)
{
    static sim s;
    uint64_t failed = 0;
    if (argc < 3) {
        fprintf(stderr, "usage: sim FROM COUNT [--break N] | sim FROM --tell\n");
        return 2;
    }
    uint64_t from = strtoull(argv[1], NULL, 10);
    s.tell = strcmp(argv[2], "--tell") == 0;
    uint64_t count = s.tell ? 1 : strtoull(argv[2], NULL, 10);
    if (argc > 4) s.broken = (enum broken)atoi(argv[4]);
    open_machine(&s);
    for (uint64_t i = 0; i < count; i++) {
        failed += !one_seed(&s, from + i);
        if (i % 200 == 199) close_store(&s), open_store(&s);
    }
    printf("seeds=%llu from=%llu histories=%llu rows=%llu crashes=%llu slow=%llu late=%llu "
           "twice=%llu hung=%llu failed=%llu\n",
           (unsigned long long)count, (unsigned long long)from, (unsigned long long)s.histories,
           (unsigned long long)s.all_rows, (unsigned long long)s.crashes,
           (unsigned long long)s.slow, (unsigned long long)s.late, (unsigned long long)s.twice,
           (unsigned long long)s.hung, (unsigned long long)failed);
    close_machine(&s);
    return failed ? 1 : 0;
}
