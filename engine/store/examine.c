/* Owns the examination of a store. Whatever can be read goes, row by row, into a second store with
 * the same schema, a temporary one unless it is to be kept: so its constraints say what is a row,
 * and plain queries on it say what is whole. */
#include "base/config.h"

#include <sqlite3.h>

#include "base/clock.h"
#include "store/blob.h"
#include "store/examine.h"
#include "store/look.h"
#include "store/migrate.h"
#include "store/salvage.h"
#include "store/sql.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define TIMEOUT_DEFAULT 600000u
#define PROGRESS_OPS    2000
#define LOCKS_FROM      0x40000000 /* of SQLite's locks in the file: PENDING_BYTE on, 512 bytes */

typedef struct examining {
    han__examination *found;
    const han__examine_options *options;
    han__mem *mem;
    han__look *look;
    sqlite3 *from, *to;
    han__clock clock;
    uint64_t until_ns;
    bool saved; /* the new file is ours to remove */
} examining;

/* ---- what is found ---- */

/* Only the first one counts: it is where to begin. */
static void blame(examining *x, int status, const char *problem)
{
    if (x->found->status != HAN_OK) return;
    x->found->status = status;
    snprintf(x->found->problem, sizeof x->found->problem, "%s", problem);
}

static bool too_late(const examining *x)
{
    return han__clock_mono_ns(&x->clock) >= x->until_ns;
}

static int on_progress(void *ud)
{
    return too_late(ud);
}

/* SQLite could not go on with the file that is examined: what that says of the file. */
static void blame_read(examining *x, int rc, const char *doing)
{
    char text[400];
    int status = han__sql_status(rc) == HAN_OK ? HAN_CORRUPT : han__sql_status(rc);
    if ((rc & 0xff) == SQLITE_INTERRUPT) {
        blame(x, HAN_LIMIT, "it takes too long and was stopped; what is said holds for a part");
        return;
    }
    if (status == HAN_IO && (rc & 0xff) != SQLITE_IOERR) status = HAN_CORRUPT;
    if ((rc & 0xff) == SQLITE_ERROR) status = HAN_CORRUPT;
    snprintf(text, sizeof text, "%s failed: %s", doing,
             x->from && (sqlite3_errcode(x->from) & 0xff) == (rc & 0xff) ? sqlite3_errmsg(x->from)
                                                                         : sqlite3_errstr(rc));
    blame(x, status, text);
}

/* ---- opening ---- */

static int check_file(examining *x, han_error *err)
{
    char log[HAN__PATH_MAX + 8];
    struct stat st;
    const char *path = x->options->path;
    if (strlen(path) >= HAN__PATH_MAX)
        return han__error_set(err, HAN_INVALID, "the path is too long");
    if (stat(path, &st) != 0) {
        if (errno == ENOENT)
            return han__error_set(err, HAN_UNKNOWN, "there is no store at %s", path);
        return han__error_sys(err, HAN_IO, errno, "%s cannot be looked at", path);
    }
    if (!S_ISREG(st.st_mode))
        return han__error_set(err, HAN_IO, "%s is %s, not a file", path,
                              S_ISDIR(st.st_mode) ? "a folder" : "something special");
    x->found->bytes = st.st_size;
    snprintf(log, sizeof log, "%s-wal", path);
    if (stat(log, &st) == 0) x->found->log_bytes = st.st_size;
    return HAN_OK;
}

/* Does anybody hold a lock that SQLite keeps as long as it has a file in WAL mode open? */
static bool is_in_use(const char *path)
{
    struct flock lock = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LOCKS_FROM, .l_len = 512};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool held = fd >= 0 && fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    if (fd >= 0) close(fd);
    return held;
}

static int set_up_reading(examining *x)
{
    static const char *const pragmas[] = {"PRAGMA locking_mode=EXCLUSIVE", "PRAGMA mmap_size=0",
                                          "PRAGMA temp_store=MEMORY", "PRAGMA cell_size_check=ON"};
    sqlite3_db_config(x->from, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    for (size_t i = x->found->in_use; i < HAN__COUNT(pragmas); i++) {
        int rc = sqlite3_exec(x->from, pragmas[i], NULL, NULL, NULL);
        if (rc != SQLITE_OK) return rc;
    }
    sqlite3_progress_handler(x->from, PROGRESS_OPS, on_progress, x);
    return SQLITE_OK;
}

/* A file that somebody writes to is opened as any reader does it. */
static int open_from(examining *x, han_error *err)
{
    han__sql_open how = {.path = x->options->path,
                         .vfs = x->options->vfs,
                         .flags = SQLITE_OPEN_READONLY,
                         .busy_ms = 10000};
    x->found->in_use = is_in_use(x->options->path);
    if (!x->found->in_use) {
        if (han__look_open(x->mem, x->options->vfs, &x->look) != HAN_OK)
            return han__error_set(err, HAN_NOMEM, "no memory for a look at the store");
        how.vfs = han__look_name(x->look);
    }
    int status = han__sql_connect(&how, &x->from, err);
    if (status != HAN_OK) return status;
    int rc = set_up_reading(x);
    return rc == SQLITE_OK ? HAN_OK : han__sql_fail(err, x->from, rc, how.path, "opening the file");
}

/* The store that takes what can be read, with the schema that the file says it has. */
static int open_to(examining *x, int version, han_error *err)
{
    const char *save = x->options->save;
    han__migration steps = {han__store_migration.steps, version};
    han__sql_open how = {.path = save ? save : "",
                         .flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE};
    if (save) {
        int fd = open(save, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (fd < 0 && errno == EEXIST)
            return han__error_set(err, HAN_INVALID, "%s is there already; name a new file", save);
        if (fd < 0) return han__error_sys(err, HAN_IO, errno, "%s cannot be made", save);
        close(fd);
        x->saved = true;
    }
    int status = han__sql_connect(&how, &x->to, err);
    if (status == HAN_OK)
        status = han__sql_run(x->to, how.path, "making the new store",
                              "PRAGMA page_size=8192; PRAGMA journal_mode=MEMORY; PRAGMA "
                              "foreign_keys=OFF; PRAGMA temp_store=MEMORY",
                              err);
    if (status == HAN_OK) status = han__migrate_run(x->to, how.path, &steps, err);
    if (status == HAN_OK)
        status = han__sql_run(x->to, how.path, "making the new store", "BEGIN", err);
    return status;
}

/* ---- the file as SQLite sees it ---- */

static bool read_number(examining *x, const char *sql, int64_t *out)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(x->from, sql, -1, &stmt, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) *out = sqlite3_column_int64(stmt, 0);
    if (rc != SQLITE_ROW) blame_read(x, rc, "reading its header");
    sqlite3_finalize(stmt);
    return rc == SQLITE_ROW;
}

/* Also what is left of a store whose making was broken off. */
static int is_empty(examining *x)
{
    blame(x, HAN_CORRUPT, "it is empty; a command that writes makes a store of it");
    return 0;
}

/* The version whose tables are there to be read; 0: there is nothing that we could know. */
static int read_header(examining *x)
{
    han__examination *f = x->found;
    int64_t tables = 0;
    char text[160];
    if (f->bytes == 0 && f->log_bytes == 0) return is_empty(x);
    if (!read_number(x, "PRAGMA page_count", &f->pages) ||
        !read_number(x, "PRAGMA page_size", &f->page_bytes) ||
        !read_number(x, "PRAGMA user_version", &f->schema) ||
        !read_number(x, "PRAGMA application_id", &f->application))
        return 0;
    if (!read_number(x, "SELECT count(*) FROM sqlite_schema", &tables)) return 0;
    if (f->application == 0 && f->schema == 0 && tables == 0) return is_empty(x);
    if (f->application != HAN__STORE_APPLICATION || f->schema < 1) {
        snprintf(text, sizeof text,
                 "it is a database of another program (application_id %" PRId64 ")",
                 f->application);
        blame(x, HAN_CORRUPT, text);
        return 0;
    }
    if (f->schema <= han__store_migration.count) return (int)f->schema;
    snprintf(text, sizeof text,
             "it was written by a newer han (schema %" PRId64 ", this one knows %d)", f->schema,
             han__store_migration.count);
    blame(x, HAN_CORRUPT, text);
    f->newer = true;
    return han__store_migration.count;
}

/* A row of the check may hold several lines, the first of which only says that it is about main. */
static void complain(examining *x, const char *text)
{
    han__examination *f = x->found;
    while (*text) {
        size_t len = strcspn(text, "\n");
        if (len > 0 && text[0] != '*' && f->complained < HAN__EXAMINE_COMPLAINTS) {
            char *line = f->complaints[f->complained++];
            snprintf(line, sizeof f->complaints[0], "%.*s", (int)len, text);
            blame(x, HAN_CORRUPT, line);
        }
        text += len + (text[len] == '\n');
    }
}

/* Lengths and names that no check of SQLite's asks for: a last page that is cut off is read as if
 * zeros stood there, and a version that was damaged hides the tables of the later ones. */
static void check_shape(examining *x)
{
    static const char tables[] =
        "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    han__examination *f = x->found;
    han_error none = {0};
    int64_t there = 0, wanted = 0;
    if (f->page_bytes > 0 && f->bytes % f->page_bytes != 0)
        blame(x, HAN_CORRUPT, "its last page is cut off");
    if (f->newer || !read_number(x, tables, &there)) return;
    if (han__sql_number(x->to, "the new store", tables, &wanted, &none) == HAN_OK &&
        there != wanted)
        blame(x, HAN_CORRUPT, "it does not have the tables of its schema");
}

static void check_pages(examining *x)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(x->from, "PRAGMA integrity_check(20)", -1, &stmt, NULL);
    while (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(stmt, 0);
        rc = SQLITE_OK;
        if (text && strcmp(text, "ok") != 0) complain(x, text);
    }
    sqlite3_finalize(stmt);
    if (rc != SQLITE_DONE) blame_read(x, rc, "checking its pages");
}

/* ---- what is whole ---- */

#define MISSING(column)                                                                            \
    "(" column " IS NOT NULL AND NOT EXISTS (SELECT 1 FROM blob WHERE digest = " column "))"

/* clang-format off */
static const char whole_sql[] =
    "CREATE TEMP TABLE whole_cell AS SELECT id, bench_id FROM cell c "
    "WHERE EXISTS (SELECT 1 FROM bench WHERE id = c.bench_id) "
    "AND NOT " MISSING("c.output") " AND NOT " MISSING("c.nodes") " AND NOT " MISSING("c.decisions") " "
    "AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.cell_id = c.id AND "
    "(" MISSING("a.steer") " OR " MISSING("a.spans") " OR " MISSING("a.output") ")) "
    "AND (SELECT count(*) = coalesce(max(ordinal), 0) FROM attempt WHERE cell_id = c.id);";

/* An attempt behind the last one that can be read is gone without a trace in its table: the journal
 * of the cell tells how many there were, but for those that a long cell leaves out. An attempt is a
 * submission of a node that has spent a shot and has no children: what else is submitted was handed
 * in by the strategy. */
static const char whole_attempts_sql[] =
    "CREATE TEMP TABLE submitted AS SELECT id >> 32 AS number, count(*) AS n FROM journal "
    "WHERE kind = 'submitted' AND (id >> 32, node) IN (SELECT id >> 32, node FROM journal "
    "WHERE kind = 'finished' AND CASE WHEN json_valid(amount) THEN json_extract(amount, '$.shots') END > 0) "
    "AND (id >> 32, node || '/') NOT IN (SELECT id >> 32, rtrim(node, '0123456789') FROM journal "
    "WHERE kind = 'spawned' AND node IS NOT NULL) GROUP BY 1;"
    "DELETE FROM whole_cell WHERE id IN (SELECT c.id FROM cell c JOIN journal_run r ON "
    "r.bench_id = c.bench_id AND r.cell = CASE c.try WHEN 0 THEN c.cell ELSE c.cell || '#' || c.try END "
    "JOIN submitted s ON s.number = r.number WHERE c.adapter IS NOT NULL AND "
    "json_extract(c.meta, '$.attempts_dropped') IS NULL AND "
    "(SELECT count(*) FROM attempt WHERE cell_id = c.id) < s.n);";
/* clang-format on */

static const char whole_journal_sql[] =
    "CREATE TEMP TABLE whole_journal AS SELECT number, bench_id FROM journal_run r WHERE EXISTS "
    "(SELECT 1 FROM bench WHERE id = r.bench_id) AND (SELECT count(*) = coalesce(max(id) - (number "
    "<< 32), 0) FROM journal WHERE id > number << 32 AND id < (number + 1) << 32) AND NOT EXISTS "
    "(SELECT 1 FROM journal j WHERE j.id > number << 32 AND j.id < (number + 1) << 32 AND " MISSING(
        "j.content") ");";

static const char no_journal_sql[] =
    "CREATE TEMP TABLE journal_run (number, bench_id); CREATE TEMP TABLE journal (id); CREATE TEMP "
    "TABLE whole_journal (number, bench_id);";

static const char whole_run_sql[] = "SELECT count(*) FROM bench b WHERE NOT " MISSING(
    "b.result") " AND (SELECT count(*) FROM cell WHERE bench_id = b.id) = (SELECT count(*) "
                "FROM whole_cell WHERE bench_id = b.id) AND (SELECT count(*) FROM journal_run "
                "WHERE bench_id = "
                "b.id) = (SELECT count(*) FROM whole_journal WHERE bench_id = b.id)";

static const char orphans_sql[] =
    "SELECT (SELECT count(*) FROM pragma_foreign_key_check) + (SELECT count(*) FROM journal WHERE "
    "NOT EXISTS (SELECT 1 FROM journal_run WHERE number = journal.id >> 32))";

static int count(examining *x, const char *sql, int64_t *out, han_error *err)
{
    return han__sql_number(x->to, "what could be read", sql, out, err);
}

static int count_kind(examining *x, const char *things, const char *whole, han__examined_kind *out,
                      han_error *err)
{
    int status = count(x, things, &out->count, err);
    return status == HAN_OK ? count(x, whole, &out->whole, err) : status;
}

static int count_whole(examining *x, int version, han_error *err)
{
    const char *path = "what could be read", *doing = "counting what is whole";
    han__examination *f = x->found;
    int status = han__sql_run(x->to, path, doing, whole_sql, err);
    if (status == HAN_OK)
        status =
            han__sql_run(x->to, path, doing, version < 3 ? no_journal_sql : whole_journal_sql, err);
    if (status == HAN_OK && version >= 3)
        status = han__sql_run(x->to, path, doing, whole_attempts_sql, err);
    if (status == HAN_OK)
        status = count_kind(x, "SELECT count(*) FROM cell", "SELECT count(*) FROM whole_cell",
                            &f->cells, err);
    if (status == HAN_OK)
        status = count_kind(x, "SELECT count(*) FROM journal_run",
                            "SELECT count(*) FROM whole_journal", &f->journals, err);
    if (status == HAN_OK)
        status = count_kind(x, "SELECT count(*) FROM bench", whole_run_sql, &f->runs, err);
    return status == HAN_OK ? count(x, orphans_sql, &f->orphans, err) : status;
}

static void blame_kind(examining *x, const char *what, const han__examined_kind *kind)
{
    char text[100];
    if (kind->count == kind->whole) return;
    snprintf(text, sizeof text, "%" PRId64 " of %" PRId64 " %s are not whole",
             kind->count - kind->whole, kind->count, what);
    blame(x, HAN_CORRUPT, text);
}

static void blame_counts(examining *x)
{
    char text[300];
    han__examination *f = x->found;
    for (int i = 0; i < f->table_count; i++) {
        const han__examined_table *t = &f->tables[i];
        if (!t->failed[0] && t->refused == 0) continue;
        snprintf(text, sizeof text,
                 "table %s: %" PRId64 " rows can be read, %" PRId64 " cannot be rows%s%s", t->name,
                 t->rows, t->refused, t->failed[0] ? ", then: " : "", t->failed);
        blame(x, HAN_CORRUPT, text);
    }
    blame_kind(x, "contents", &f->contents);
    blame_kind(x, "journals", &f->journals);
    blame_kind(x, "cells", &f->cells);
    blame_kind(x, "runs", &f->runs);
    if (f->orphans > 0) blame(x, HAN_CORRUPT, "there are rows of things that are lost");
}

/* ---- all of it ---- */

static int save_rows(examining *x, int version, han_error *err)
{
    han__salvage s = {.mem = x->mem,
                      .from = x->from,
                      .to = x->to,
                      .keep = x->options->save != NULL,
                      .found = x->found,
                      .err = err};
    int status = han__salvage_tables(&s);
    if (status == HAN_OK) status = count_whole(x, version, err);
    if (status == HAN_OK && x->options->save)
        status = han__sql_run(x->to, x->options->save, "writing the new store",
                              "COMMIT; PRAGMA journal_mode=WAL", err);
    if (too_late(x)) blame_read(x, SQLITE_INTERRUPT, "");
    blame_counts(x);
    return status;
}

static int examine(examining *x, han_error *err)
{
    int status = check_file(x, err);
    if (status == HAN_OK) status = open_from(x, err);
    if (status == HAN_CORRUPT || status == HAN_OK) {
        if (status == HAN_CORRUPT) blame(x, status, err->message);
    } else {
        return status;
    }
    int version = x->found->status == HAN_OK ? read_header(x) : 0;
    if (version == 0) return HAN_OK;
    if (x->options->save && x->found->newer)
        return han__error_set(err, HAN_INVALID, "%s: %s; only that one can save it",
                              x->options->path, x->found->problem);
    check_pages(x);
    status = open_to(x, version, err);
    if (status == HAN_OK) check_shape(x);
    return status == HAN_OK ? save_rows(x, version, err) : status;
}

int han__store_examine(han__mem *mem, const han__examine_options *options, han__examination *out,
                       han_error *err)
{
    han_error local = {0};
    examining x = {.found = out, .options = options, .mem = mem};
    memset(out, 0, sizeof *out);
    han__clock_init(&x.clock);
    x.until_ns = han__clock_mono_ns(&x.clock) +
                 (uint64_t)(options->timeout_ms ? options->timeout_ms : TIMEOUT_DEFAULT) * 1000000u;
    int status = examine(&x, &local);
    if (err) *err = local;
    sqlite3_close(x.from);
    sqlite3_close(x.to);
    han__look_close(x.look);
    if (x.saved && (status != HAN_OK || out->runs.count + out->table_count == 0))
        unlink(options->save);
    return status;
}
