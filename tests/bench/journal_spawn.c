/* Rows 'journaled spawn+settle' and 'resume' of the performance page: a program that spawns N
 * leaves and drains them, with its journal in a store, beside the same rows inserted by one
 * prepared statement into one SQLite table of the same columns, 512 rows to a transaction; then the
 * finished run resumed, which meets every row again. In turns in one process.
 * Usage: journal_spawn FOLDER [NODES [ROUNDS]]
 *        journal_spawn FOLDER NODES once    journals one run and prints nothing: for callgrind */
#include "base/config.h"

#include <sqlite3.h>

#include "loop/loop.h"
#include "script/host.h"
#include "script/scribe.h"
#include "store/corpus.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ROUNDS_MAX 99
#define GROUP      512 /* rows of a plain transaction */
#define ROWS       3   /* of one node: spawned, finished, delivered */

static const char program[] = "local task, scope = ...\n"
                              "local function leaf(t) return t.n end\n"
                              "for i = 1, task.n do assert(scope:spawn(leaf, { n = i })) end\n"
                              "local sum = 0\n"
                              "for settled in scope:each() do sum = sum + settled.out end\n"
                              "return sum\n";

typedef struct bench {
    han__mem mem;
    han__clock clock;
    han__log log;
    han__host host;
    char path[HAN__PATH_MAX], plain[HAN__PATH_MAX];
    char source[600];
} bench;

static _Noreturn void die(const char *what, const char *why)
{
    fprintf(stderr, "journal_spawn: %s: %s\n", what, why);
    _exit(1);
}

static void must(int status, const han_error *err)
{
    if (status != HAN_OK) die("han", err->message);
}

static void must_sql(sqlite3 *db, int rc)
{
    if (rc != SQLITE_OK && rc != SQLITE_DONE) die("sqlite", sqlite3_errmsg(db));
}

static void wake(void *ud)
{
    han__loop_wakeup(ud);
}

static bool going(void *ud)
{
    return !((han__run *)ud)->told_end;
}

static void drop(const char *path)
{
    char name[HAN__PATH_MAX + 8];
    static const char *const ends[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < HAN__COUNT(ends); i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
}

/* ---- ours ---- */

static han__store *open_store(bench *b)
{
    han_error err = {0};
    han__store *store = NULL;
    han__store_options options = {.path = b->path, .wakeup = wake, .ud = b->host.loop};
    must(han__store_open(&b->mem, &options, &store, &err), &err);
    return store;
}

static void put_bench(han__store *store)
{
    han_error err = {0};
    han__batch *batch = NULL;
    han__bench_row row = {.id = {"r", 1}, .kind = {"script", 6}};
    must(han__batch_new(store, &batch, &err), &err);
    must(han__corpus_add_bench(batch, &row, &err), &err);
    must(han__store_put(store, batch, NULL, NULL, &err), &err);
}

/* Seconds of one run until its last row is durable. */
static double carry_out(bench *b, han__store *store, bool resume)
{
    han_error err = {0};
    han__run *run = NULL;
    han__run_options options = {.source = b->source,
                                .source_len = strlen(b->source),
                                .name = "spawn.lua",
                                .services = LUA_NOREF,
                                .undeclared = 0xff,
                                .max_live = 1u << 21};
    han__scribe_options journal = {
        .store = store, .bench = "r", .cell = "c", .resume = resume, .begin = "\1", .begin_len = 1};
    uint64_t from = han__clock_mono_ns(&b->clock);
    must(han__run_open(&b->host, &options, &run, &err), &err);
    must(han__scribe_open(run, &journal, &err), &err);
    han__host_drive(&b->host, going, run);
    double seconds = (double)(han__clock_mono_ns(&b->clock) - from) / 1e9;
    if (han__scribe_failure(run->scribe)) die("journal", han__scribe_failure(run->scribe)->message);
    if (han__tree_root(run->tree)->outcome != HAN__DONE) die("run", "it is down");
    han__run_close(run);
    return seconds;
}

static double ours(bench *b)
{
    drop(b->path);
    han__store *store = open_store(b);
    put_bench(store);
    double seconds = carry_out(b, store, false);
    han__store_close(store, NULL);
    return seconds;
}

static double resumed(bench *b)
{
    han__store *store = open_store(b);
    double seconds = carry_out(b, store, true);
    han__store_close(store, NULL);
    return seconds;
}

/* ---- plain ---- */

static void insert(sqlite3 *db, sqlite3_stmt *stmt, int64_t id, const char *kind, int64_t node)
{
    char name[32], value[8] = {0};
    int len = snprintf(name, sizeof name, "root/%lld", (long long)node);
    must_sql(db, sqlite3_bind_int64(stmt, 1, id));
    must_sql(db, sqlite3_bind_text(stmt, 2, kind, -1, SQLITE_STATIC));
    must_sql(db, sqlite3_bind_text(stmt, 3, name, len, SQLITE_STATIC));
    must_sql(db, sqlite3_bind_int64(stmt, 4, node));
    if (kind[0] != 'd')
        must_sql(db, sqlite3_bind_blob(stmt, 5, value, kind[0] == 's' ? 8 : 4, SQLITE_STATIC));
    must_sql(db, sqlite3_step(stmt));
    sqlite3_reset(stmt);
    sqlite3_clear_bindings(stmt);
}

static void run_sql(sqlite3 *db, const char *sql)
{
    must_sql(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
}

static double plain(bench *b, int64_t nodes)
{
    static const char *const kinds[ROWS] = {"spawned", "finished", "delivered"};
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    int64_t id = 0;
    drop(b->plain);
    must_sql(db, sqlite3_open(b->plain, &db));
    run_sql(db, "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                "CREATE TABLE journal (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, node TEXT NOT "
                "NULL, clock INTEGER NOT NULL, code TEXT, text TEXT, place TEXT, amount TEXT, "
                "flags INTEGER, value BLOB, content BLOB, follows INTEGER) STRICT");
    must_sql(db, sqlite3_prepare_v2(db,
                                    "INSERT INTO journal (id, kind, node, clock, value) VALUES "
                                    "(?1, ?2, ?3, ?4, ?5)",
                                    -1, &stmt, NULL));
    uint64_t from = han__clock_mono_ns(&b->clock);
    for (int kind = 0; kind < ROWS; kind++)
        for (int64_t node = 1; node <= nodes; node++) {
            if (id % GROUP == 0) run_sql(db, id ? "COMMIT; BEGIN IMMEDIATE" : "BEGIN IMMEDIATE");
            insert(db, stmt, ++id, kinds[kind], node);
        }
    run_sql(db, "COMMIT");
    double seconds = (double)(han__clock_mono_ns(&b->clock) - from) / 1e9;
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return seconds;
}

/* ---- figures ---- */

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *times, int n)
{
    qsort(times, (size_t)n, sizeof *times, ascending);
    return times[n / 2];
}

static void measure(bench *b, int64_t nodes, int rounds)
{
    double own[ROUNDS_MAX], raw[ROUNDS_MAX], again[ROUNDS_MAX];
    for (int i = 0; i < rounds; i++) {
        raw[i] = plain(b, nodes);
        own[i] = ours(b);
        again[i] = resumed(b);
    }
    double rate = (double)nodes / median(own, rounds), limit = (double)nodes / median(raw, rounds);
    double seconds = median(again, rounds);
    printf("row=\"journaled spawn+settle\" ours=%.0f limit=%.0f unit=/s ratio=%.2f "
           "goal=\">= 0.5 x raw SQLite group commit\" met=%s\n",
           rate, limit, rate / limit, rate >= 0.5 * limit ? "yes" : "no");
    printf("row=\"journaled spawn+settle LangGraph\" ours=%.0f limit=859 unit=/s ratio=%.0f "
           "goal=\">= 100 x LangGraph + SQLite (dated constant)\" met=%s\n",
           rate, rate / 859, rate >= 85900 ? "yes" : "no");
    printf("row=\"resume of a %lld-row journal\" ours=%.3f limit=- unit=s ratio=- "
           "goal=\"recorded\" met=-\n",
           (long long)(nodes * ROWS + 3), seconds);
}

static int64_t whole_number(const char *text)
{
    char *end;
    long long n = strtoll(text, &end, 10);
    if (end == text || *end || n < 1 || n > 100000000) die("not a number from 1 to 1e8", text);
    return n;
}

int main(int argc, char **argv)
{
    static bench b;
    han_error err = {0};
    if (argc < 2) die("usage", "journal_spawn FOLDER [NODES [ROUNDS|once]]");
    int64_t nodes = argc > 2 ? whole_number(argv[2]) : 33333;
    bool once = argc > 3 && strcmp(argv[3], "once") == 0;
    int rounds = argc > 3 && !once ? (int)whole_number(argv[3]) : 5;
    if (rounds > ROUNDS_MAX) die("usage", "at most 99 rounds");
    han__mem_init(&b.mem, NULL, NULL);
    han__clock_init(&b.clock);
    han__log_init(&b.log, NULL, NULL, 0);
    b.host = (han__host){.mem = &b.mem, .clock = &b.clock, .log = &b.log};
    must(han__loop_create(&b.host.loop, &b.mem, &b.clock, &err), &err);
    snprintf(b.path, sizeof b.path, "%s/journal.db", argv[1]);
    snprintf(b.plain, sizeof b.plain, "%s/plain.db", argv[1]);
    snprintf(b.source, sizeof b.source,
             "local _, scope = ...\nreturn (function(...)\n%send)({ n = %lld }, scope)\n", program,
             (long long)nodes);
    if (once)
        ours(&b);
    else
        measure(&b, nodes, rounds);
    han__loop_close(b.host.loop);
    drop(b.path);
    drop(b.plain);
    return 0;
}
