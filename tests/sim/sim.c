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

#include "sim.h"

#include "base/hash.h"

#include "loop/loop.h"
#include "store/corpus.h"

#include <sqlite3.h>

#include "../c/fault_vfs.h"

#include <lauxlib.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIVES_MAX 4 /* crashes of one history, and the last life */

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
    if (han__store_query(s->store, &q, first_of, &n, &err)) sim_stop(s, "counting rows", &err);
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
        sim_wrong(s, err.message, 0, 0);
        return;
    }
    const han__pool *pool = han__node_pool(han__tree_root(s->run->tree));
    t->hash = han__hash64(&pool->committed, sizeof pool->committed, t->hash);
    t->hash = han__hash64(s->run->result.data, s->run->result.len, t->hash);
    if (t->closed != t->spawned + 1)
        sim_wrong(s, "nodes begun and closed", t->spawned + 1, t->closed);
    if (t->shots != pool->committed.v[HAN__SHOTS])
        sim_wrong(s, "shots spent and charged", t->shots, pool->committed.v[HAN__SHOTS]);
    for (int c = 0; c < HAN__CHANNELS; c++)
        if (pool->reserved.v[c] != 0 || pool->free.v[c] + pool->committed.v[c] != pool->total.v[c])
            sim_wrong(s, "the budget at the end", c, pool->reserved.v[c]);
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
        sim_stop(s, "a bench", &err);
}

/* What a power cut may leave of the rows that nobody was shown: any beginning of them. */
static void tear(sim *s, const char *name, uint64_t shown)
{
    char sql[300], *why = NULL;
    sqlite3 *db = NULL;
    int64_t there = stored(s, name);
    if (there < (int64_t)shown) {
        sim_wrong(s, "rows shown and lost", (long long)shown, there);
        return;
    }
    int64_t left = (int64_t)shown + (int64_t)sim_roll(s, (uint64_t)(there - (int64_t)shown) + 1);
    if (left >= there) return;
    snprintf(sql, sizeof sql,
             "DELETE FROM journal WHERE id IN (SELECT id FROM journal_run JOIN journal ON id > "
             "(number << 32) + %lld AND id < (number + 1) << 32 WHERE bench_id = '%s'); UPDATE "
             "journal_run SET used_ms = %llu WHERE bench_id = '%s' AND used_ms IS NOT NULL",
             (long long)left, name, (unsigned long long)s->shown_ms, name);
    if (sqlite3_open_v2(s->path, &db, SQLITE_OPEN_READWRITE, "fault") ||
        sqlite3_exec(db, sql, NULL, NULL, &why))
        sim_stop(s, why ? why : "tearing", NULL);
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
    sim_open_life(s, name, resume);
    sim_live(s);
    bool ended = !s->crashed && s->run->told_end;
    if (s->crashed) s->run->scribe = s->scribe;
    const han_error *failure = han__scribe_failure(s->run->scribe);
    if (failure) sim_wrong(s, failure->message, 0, 0);
    if (ended && !failure && !s->wrong[0]) read_tale(s, name, t);
    if (s->crashed && sim_roll(s, 2)) han__scribe_put(s->run->scribe);
    s->all_rows += s->rows;
    sim_close_life(s);
    if (s->crashed) {
        s->crashes++;
        tear(s, name, s->shown);
    }
    return ended;
}

static void compare(sim *s, const tale *calm, const tale *stormy)
{
    if (calm->rows != stormy->rows) sim_wrong(s, "rows", calm->rows, stormy->rows);
    if (calm->order != stormy->order) sim_wrong(s, "another order of delivery", 0, 0);
    if (calm->hash != stormy->hash) sim_wrong(s, "another journal, result or spend", 0, 0);
}

/* First without faults, for what must come out; then with them. Gives the hash of the history. */
static uint64_t history(sim *s, uint64_t seed, int again)
{
    char name[64];
    tale calm = {.rows = 0}, stormy = {.rows = 0};
    s->seed = seed;
    s->dice = sim_mix(seed);
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
    int lives = (int)sim_roll(s, LIVES_MAX);
    for (int i = 0; !ended && !s->wrong[0]; i++) {
        uint64_t crash_at = i < lives ? 1 + sim_roll(s, (uint64_t)calm.rows) : 0;
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
    if (han__store_open(&s->mem, &options, &s->store, &err)) sim_stop(s, "opening the store", &err);
}

static void close_store(sim *s)
{
    char log[320];
    if (han__store_close(s->store, NULL)) sim_stop(s, "closing the store", NULL);
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
        sim_stop(s, "opening", &err);
    lua_State *H = s->host.harness->L;
    sim_push_services(s, H);
    s->services = luaL_ref(H, LUA_REGISTRYINDEX);
    snprintf(s->folder, sizeof s->folder, "%s/han-sim-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(s->folder)) sim_stop(s, "no folder", NULL);
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
    if (s->mem.live != 0) sim_stop(s, "memory was not given back", NULL);
}

/* One seed, and now and then the same once more: it must be the same history. */
static bool one_seed(sim *s, uint64_t seed)
{
    uint64_t first = history(s, seed, 0);
    if (!s->wrong[0] && seed % 32 == 0 && history(s, seed, 1) != first)
        sim_wrong(s, "the same seed gave another history", 0, 0);
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
