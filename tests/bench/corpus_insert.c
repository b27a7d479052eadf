/* Row 'corpus insert' of the performance page: attempts with traces of 4 kB through the store
 * (digest, zstd, two tables, four indexes) beside plain inserts of the same records into one SQLite
 * table without any of that, in turns in one process; then one query through the store beside raw
 * SQL. Usage: corpus_insert FOLDER [RECORDS [ROUNDS]]    (the folder gets two databases, removed
 * again); corpus_insert FOLDER query RECORDS: row 'corpus-query-many', a store of so many cells and
 * attempts, asked for one benchmark and strategy of forty through the store and by raw SQL. */
#include "base/config.h"

#include <sqlite3.h>

#include "base/clock.h"
#include "base/rng.h"
#include "store/blob.h"
#include "store/corpus.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define RECORD   4096
#define ATTEMPTS 8 /* of a cell */
#define CELLS    8 /* of a batch; the plain program commits as many records at a time */
#define ROUNDS   15
#define QUERIES  20 /* of one round */

typedef struct times {
    double wall, cpu;
} times;

typedef struct bench {
    han__mem mem;
    han__clock clock;
    char ours[HAN__PATH_MAX], plain[HAN__PATH_MAX];
    size_t records;
    uint8_t *bytes; /* records * RECORD */
} bench;

static _Noreturn void die(const char *what, const char *why)
{
    fprintf(stderr, "corpus_insert: %s: %s\n", what, why);
    _exit(1);
}

static void must(int status, const han_error *err)
{
    if (status != HAN_OK) die("store", err->message);
}

static void must_sql(sqlite3 *db, int rc)
{
    if (rc != SQLITE_OK && rc != SQLITE_DONE) die("sqlite", sqlite3_errmsg(db));
}

/* ---- records ---- */

/* Spans as a search worker leaves them: one table per trial in the canonical encoding, with the
 * edit, the line, what each example gave, and now and then a message. Names and numbers are drawn.
 */
static size_t one_span(han__rng *rng, uint64_t at, char *out, size_t cap)
{
    static const char *const edits[] = {"swap_operator",  "change_constant", "negate_condition",
                                        "drop_statement", "swap_arguments",  "change_name"};
    static const char *const names[] = {"total", "index",  "count", "left",  "right",
                                        "value", "result", "limit", "depth", "ledger"};
    static const char *const errors[] = {
        "attempt to index a nil value (local '%s')",
        "attempt to perform arithmetic on a nil value (field '%s')",
        "bad argument #1 to '%s' (number expected, got nil)"};
    char message[120] = "";
    if (han__rng_below(rng, 3) == 0)
        snprintf(message, sizeof message, errors[han__rng_below(rng, HAN__COUNT(errors))],
                 names[han__rng_below(rng, HAN__COUNT(names))]);
    int n =
        snprintf(out, cap,
                 "t%c%cs\4kinds\5trials\5triali%cs\4edits%c%ss\4linei%cs\4names%c%ss\6passedi%cs"
                 "\5totali%cs\13instructions\1i%c%cs\7digest%c%08llx%08llxs\7message%c%s",
                 1, 9, (int)(1 + at % 120), 14, edits[han__rng_below(rng, HAN__COUNT(edits))],
                 (int)(1 + han__rng_below(rng, 100)), 6,
                 names[han__rng_below(rng, HAN__COUNT(names))], (int)(1 + han__rng_below(rng, 9)),
                 9, (int)(1 + han__rng_below(rng, 120)), (int)(1 + han__rng_below(rng, 120)), 16,
                 (unsigned long long)(han__rng_u64(rng) & 0xffffffffu),
                 (unsigned long long)(han__rng_u64(rng) & 0xffffffffu), 40, message);
    return n < 0 ? 0 : (size_t)n < cap ? (size_t)n : cap - 1;
}

static void make_records(bench *b)
{
    char span[600];
    han__rng rng;
    han__rng_init(&rng, 1, 1);
    for (size_t i = 0; i < b->records; i++) {
        uint8_t *at = b->bytes + i * RECORD, *end = at + RECORD;
        for (uint64_t k = 0; at < end; k++) {
            size_t n = one_span(&rng, k, span, sizeof span);
            if (n > (size_t)(end - at)) n = (size_t)(end - at);
            memcpy(at, span, n);
            at += n;
        }
    }
}

/* ---- inserting ---- */

static times now(const bench *b)
{
    struct timespec cpu;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    return (times){(double)han__clock_mono_ns(&b->clock) / 1e9,
                   (double)cpu.tv_sec + (double)cpu.tv_nsec / 1e9};
}

static times since(const bench *b, times start)
{
    times end = now(b);
    return (times){end.wall - start.wall, end.cpu - start.cpu};
}

static void remove_db(const char *path)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char name[HAN__PATH_MAX + 8];
    for (size_t i = 0; i < HAN__COUNT(suffixes); i++) {
        snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        unlink(name);
    }
}

static han__bytes text(const char *s)
{
    return (han__bytes){s, strlen(s)};
}

static void add_cell(const bench *b, han__batch *batch, size_t first)
{
    static const char *const strategies[] = {"sample", "refine", "adaptive", "patch"};
    han__attempt_row attempts[ATTEMPTS] = {{0}};
    han_error err = {0};
    char name[60], task[20];
    size_t index = first / ATTEMPTS;
    snprintf(name, sizeof name, "repair/t%zu/%s/%zu", index / 8, strategies[index % 4], index % 2);
    snprintf(task, sizeof task, "t%zu", index / 8);
    for (size_t i = 0; i < ATTEMPTS; i++)
        attempts[i] = (han__attempt_row){.ordinal = (int64_t)i + 1,
                                         .node = text("root/1"),
                                         .spans = {b->bytes + (first + i) * RECORD, RECORD},
                                         .verdict = {.pass = {true, 0}, .correct = {true, 0.5}},
                                         .spend = {.evals = {true, 50}},
                                         .wall_ms = {true, 12.5}};
    han__cell_row cell = {.bench_id = text("b"),
                          .cell = text(name),
                          .try_number = (int64_t)index,
                          .adapter = text("repair"),
                          .task = text(task),
                          .group = text("g"),
                          .arm = text(strategies[index % 4]),
                          .strategy = text(strategies[index % 4]),
                          .split = text("dev"),
                          .seed = (int64_t)index,
                          .status = text("done"),
                          .score = {.pass = {true, 0}, .correct = {true, 0.5}},
                          .spend = {.evals = {true, 400}},
                          .budget = {.evals = {true, 400}},
                          .attempts = attempts,
                          .attempt_count = ATTEMPTS};
    must(han__corpus_add_cell(batch, &cell, &err), &err);
}

static void put(han__store *store, han__batch *batch)
{
    han_error err = {0};
    int status = han__store_put(store, batch, NULL, NULL, &err);
    if (status == HAN_LIMIT) { /* the writer is behind */
        must(han__store_flush(store, HAN__STORE_FLUSH_DEFAULT, &err), &err);
        status = han__store_put(store, batch, NULL, NULL, &err);
    }
    must(status, &err);
    han__store_poll(store);
}

static times insert_ours(bench *b)
{
    han__store *store = NULL;
    han__batch *batch = NULL;
    han_error err = {0};
    han__bench_row row = {.id = text("b"), .kind = text("bench")};
    remove_db(b->ours);
    must(han__store_open(&b->mem, &(han__store_options){.path = b->ours}, &store, &err), &err);
    must(han__batch_new(store, &batch, &err), &err);
    must(han__corpus_add_bench(batch, &row, &err), &err);
    put(store, batch);
    times start = now(b);
    for (size_t i = 0; i < b->records;) {
        must(han__batch_new(store, &batch, &err), &err);
        for (size_t k = 0; k < CELLS && i < b->records; k++, i += ATTEMPTS) add_cell(b, batch, i);
        put(store, batch);
    }
    must(han__store_flush(store, HAN__STORE_FLUSH_DEFAULT, &err), &err);
    times took = since(b, start);
    must(han__store_close(store, &err), &err);
    return took;
}

static times insert_plain(const bench *b)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    remove_db(b->plain);
    must_sql(db, sqlite3_open(b->plain, &db));
    must_sql(db, sqlite3_exec(db,
                              "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                              "PRAGMA cache_size=-16384; CREATE TABLE r (id INTEGER PRIMARY KEY, "
                              "cell INTEGER, ordinal INTEGER, bytes BLOB)",
                              NULL, NULL, NULL));
    must_sql(db, sqlite3_prepare_v2(db, "INSERT INTO r (cell, ordinal, bytes) VALUES (?, ?, ?)", -1,
                                    &stmt, NULL));
    times start = now(b);
    for (size_t i = 0; i < b->records;) {
        must_sql(db, sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL));
        for (size_t k = 0; k < CELLS * ATTEMPTS && i < b->records; k++, i++) {
            sqlite3_bind_int64(stmt, 1, (int64_t)(i / ATTEMPTS));
            sqlite3_bind_int64(stmt, 2, (int64_t)(i % ATTEMPTS));
            sqlite3_bind_blob(stmt, 3, b->bytes + i * RECORD, RECORD, SQLITE_STATIC);
            must_sql(db, sqlite3_step(stmt));
            sqlite3_reset(stmt);
        }
        must_sql(db, sqlite3_exec(db, "COMMIT", NULL, NULL, NULL));
    }
    times took = since(b, start);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return took;
}

/* ---- querying ---- */

#define QUERY                                                                                      \
    "SELECT cell, task, seed, score_correct, spend_evals FROM cell "                               \
    "WHERE adapter = ?1 AND strategy = ?2"

static int sum_row(void *ud, size_t columns, const char *const *names, const han__sqlval *values)
{
    HAN__UNUSED(columns);
    HAN__UNUSED(names);
    *(double *)ud += values[3].real + (double)values[4].integer + (double)values[0].len;
    return HAN_OK;
}

static double query_ours(han__store *store)
{
    double sum = 0;
    han_error err = {0};
    const han__sqlval params[] = {{.type = HAN__SQL_TEXT, .bytes = "repair", .len = 6},
                                  {.type = HAN__SQL_TEXT, .bytes = "refine", .len = 6}};
    han__query q = {.sql = QUERY, .params = params, .param_count = 2};
    must(han__store_query(store, &q, sum_row, &sum, &err), &err);
    return sum;
}

static double query_raw(sqlite3 *db)
{
    double sum = 0;
    sqlite3_stmt *stmt = NULL;
    must_sql(db, sqlite3_prepare_v2(db, QUERY, -1, &stmt, NULL));
    sqlite3_bind_text(stmt, 1, "repair", 6, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 2, "refine", 6, SQLITE_STATIC);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        const void *cell = sqlite3_column_text(stmt, 0), *task = sqlite3_column_text(stmt, 1);
        if (!cell || !task) die("sqlite", "no memory");
        sum += sqlite3_column_double(stmt, 3) + (double)sqlite3_column_int64(stmt, 4) +
               (double)sqlite3_column_bytes(stmt, 0);
        if (sqlite3_column_int64(stmt, 2) < 0) sum -= 1;
    }
    sqlite3_finalize(stmt);
    return sum;
}

/* ---- reporting ---- */

static double median(double *values, size_t count)
{
    for (size_t i = 1; i < count; i++)
        for (size_t k = i; k > 0 && values[k] < values[k - 1]; k--) {
            double held = values[k];
            values[k] = values[k - 1];
            values[k - 1] = held;
        }
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static void report(const char *name, double ours, double limit, const char *unit, double ratio,
                   const char *goal, int met)
{
    printf("row=%s ours=%.4g limit=%.4g unit=%s ratio=%.2f goal=\"%s\" met=%s\n", name, ours, limit,
           unit, ratio, goal,
           met < 0 ? "-"
           : met   ? "yes"
                   : "no");
}

static void run_inserts(bench *b, size_t rounds)
{
    double wall[2][ROUNDS], cpu[2][ROUNDS], ratio[ROUNDS], cpu_ratio[ROUNDS];
    for (size_t i = 0; i < rounds; i++) {
        bool ours_first = i % 2;
        times ours, plain;
        if (ours_first) ours = insert_ours(b);
        plain = insert_plain(b);
        if (!ours_first) ours = insert_ours(b);
        wall[0][i] = (double)b->records / ours.wall;
        wall[1][i] = (double)b->records / plain.wall;
        cpu[0][i] = ours.cpu / (double)b->records * 1e6;
        cpu[1][i] = plain.cpu / (double)b->records * 1e6;
        ratio[i] = plain.wall / ours.wall;
        cpu_ratio[i] = ours.cpu / plain.cpu;
    }
    double r = median(ratio, rounds);
    report("corpus", median(wall[0], rounds), median(wall[1], rounds), "records/s", r,
           ">= 0.7 x plain inserts", r >= 0.7);
    report("corpus-cpu", median(cpu[0], rounds), median(cpu[1], rounds), "us",
           median(cpu_ratio, rounds), "none, both threads", -1);
}

static void run_queries(bench *b, const char *name, size_t rounds, int queries)
{
    han__store *store = NULL;
    sqlite3 *db = NULL;
    han_error err = {0};
    double ours[ROUNDS], raw[ROUNDS], ratio[ROUNDS];
    must(han__store_open(&b->mem, &(han__store_options){.path = b->ours, .readonly = true}, &store,
                         &err),
         &err);
    must_sql(db, sqlite3_open_v2(b->ours, &db, SQLITE_OPEN_READONLY, NULL));
    if (query_ours(store) != query_raw(db)) die("query", "the answers differ");
    for (size_t i = 0; i < rounds; i++) {
        times start = now(b);
        for (int k = 0; k < queries; k++) query_ours(store);
        ours[i] = since(b, start).cpu / queries * 1e6;
        start = now(b);
        for (int k = 0; k < queries; k++) query_raw(db);
        raw[i] = since(b, start).cpu / queries * 1e6;
        ratio[i] = ours[i] / raw[i];
    }
    double r = median(ratio, rounds);
    report(name, median(ours, rounds), median(raw, rounds), "us", r, "<= 2 x raw SQL", r <= 2);
    sqlite3_close(db);
    must(han__store_close(store, &err), &err);
}

static int two_numbers(void *ud, size_t columns, const char *const *names,
                       const han__sqlval *values)
{
    HAN__UNUSED(columns);
    HAN__UNUSED(names);
    ((double *)ud)[0] = (double)values[0].integer;
    ((double *)ud)[1] = (double)values[1].integer;
    return HAN_OK;
}

static void run_size(bench *b)
{
    han__store *store = NULL;
    han_error err = {0};
    double sizes[2] = {0};
    han__query q = {.sql = "SELECT sum(length(bytes)), sum(size) FROM blob"};
    must(han__store_open(&b->mem, &(han__store_options){.path = b->ours, .readonly = true}, &store,
                         &err),
         &err);
    must(han__store_query(store, &q, two_numbers, sizes, &err), &err);
    must(han__store_close(store, &err), &err);
    report("corpus-size", sizes[0] / (double)b->records, sizes[1] / (double)b->records, "bytes",
           sizes[1] / sizes[0], "none: zstd -3 without a dictionary, times smaller", -1);
}

/* ---- a store of a million ---- */

/* One cell with one attempt, as small as they come: what is measured is how rows are found. */
static void add_small(han__batch *batch, size_t i)
{
    static const char *const adapters[] = {"binpack", "maze",  "order", "paint",  "plan",
                                           "repair",  "route", "sort",  "sudoku", "text"};
    static const char *const strategies[] = {"sample", "refine", "adaptive", "patch"};
    han_error err = {0};
    char name[60], task[20];
    const char *adapter = adapters[i % HAN__COUNT(adapters)];
    const char *strategy = strategies[i / HAN__COUNT(adapters) % HAN__COUNT(strategies)];
    snprintf(name, sizeof name, "%s/t%zu/%s/0", adapter, i, strategy);
    snprintf(task, sizeof task, "t%zu", i % 5000);
    han__attempt_row attempt = {.ordinal = 1,
                                .node = text("root/1"),
                                .verdict = {.pass = {true, 0}, .correct = {true, 0.5}},
                                .spend = {.evals = {true, 50}}};
    han__cell_row cell = {.bench_id = text("b"),
                          .cell = text(name),
                          .adapter = text(adapter),
                          .task = text(task),
                          .group = text("g"),
                          .arm = text(strategy),
                          .strategy = text(strategy),
                          .split = text("dev"),
                          .seed = (int64_t)i,
                          .status = text("done"),
                          .score = {.pass = {true, 0}, .correct = {true, 0.5}},
                          .spend = {.evals = {true, 400}},
                          .budget = {.evals = {true, 400}},
                          .attempts = &attempt,
                          .attempt_count = 1};
    must(han__corpus_add_cell(batch, &cell, &err), &err);
}

static void run_many(bench *b)
{
    enum { BATCH = 500, TURNS = 5, EACH = 2 };
    han__store *store = NULL;
    han__batch *batch = NULL;
    han_error err = {0};
    han__bench_row row = {.id = text("b"), .kind = text("bench")};
    remove_db(b->ours);
    must(han__store_open(&b->mem, &(han__store_options){.path = b->ours}, &store, &err), &err);
    must(han__batch_new(store, &batch, &err), &err);
    must(han__corpus_add_bench(batch, &row, &err), &err);
    put(store, batch);
    for (size_t i = 0; i < b->records;) {
        must(han__batch_new(store, &batch, &err), &err);
        for (size_t k = 0; k < BATCH && i < b->records; k++, i++) add_small(batch, i);
        put(store, batch);
    }
    must(han__store_flush(store, HAN__STORE_FLUSH_DEFAULT, &err), &err);
    must(han__store_close(store, &err), &err);
    printf("# a store of %zu cells with one attempt each; one of 40 pairs of benchmark and "
           "strategy is asked for\n",
           b->records);
    run_queries(b, "corpus-query-many", TURNS, EACH);
    remove_db(b->ours);
}

int main(int argc, char **argv)
{
    bench b = {.records = 20000};
    bool many = argc == 4 && strcmp(argv[2], "query") == 0;
    size_t rounds = argc > 3 && !many ? (size_t)strtoul(argv[3], NULL, 10) : 5;
    if (argc < 2) die("usage", "corpus_insert FOLDER [RECORDS [ROUNDS]]");
    if (argc > 2) b.records = (size_t)strtoul(argv[many ? 3 : 2], NULL, 10) / ATTEMPTS * ATTEMPTS;
    if (b.records == 0 || rounds == 0 || rounds > ROUNDS)
        die("usage", "1 to 15 rounds of 8 or more records");
    han__mem_init(&b.mem, NULL, NULL);
    han__clock_init(&b.clock);
    snprintf(b.ours, sizeof b.ours, "%s/bench-ours.db", argv[1]);
    snprintf(b.plain, sizeof b.plain, "%s/bench-plain.db", argv[1]);
    if (many) {
        run_many(&b);
        return 0;
    }
    b.bytes = han__mem_zalloc(&b.mem, b.records, RECORD);
    if (!b.bytes) die("memory", "not enough for the records");
    make_records(&b);
    run_inserts(&b, rounds);
    run_queries(&b, "corpus-query", rounds, QUERIES);
    run_size(&b);
    remove_db(b.ours);
    remove_db(b.plain);
    han__mem_free(&b.mem, b.bytes, b.records * RECORD);
    return 0;
}
