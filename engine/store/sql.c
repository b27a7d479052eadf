/* Connections and errors of SQLite. Owns nothing: it opens, and it explains. */
#include "base/config.h"

#include <sqlite3.h>

#include "store/sql.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where SQLite's Unix layer puts its write locks: a byte of the shared-memory file in WAL mode, the
 * bytes from PENDING on of the database otherwise (sqlite.org/fileformat2.html, walindex locks). */
#define WAL_WRITE_LOCK_BYTE 120
#define PENDING_BYTE        0x40000000

int han__sql_status(int rc)
{
    if (rc == SQLITE_IOERR_NOMEM) return HAN_NOMEM;
    switch (rc & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return HAN_OK;
    case SQLITE_NOMEM:
        return HAN_NOMEM;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return HAN_CORRUPT;
    case SQLITE_CONSTRAINT:
        return HAN_INVALID;
    case SQLITE_TOOBIG:
    case SQLITE_INTERRUPT:
        return HAN_LIMIT;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return HAN_TIMEOUT;
    case SQLITE_MISUSE:
        return HAN_INTERNAL;
    default:
        return HAN_IO;
    }
}

static uint64_t inode_of(const char *path, const char *suffix)
{
    char name[HAN__PATH_MAX];
    struct stat st;
    int n = snprintf(name, sizeof name, "%s%s", path, suffix);
    if (n < 0 || (size_t)n >= sizeof name || stat(name, &st) != 0) return 0;
    return (uint64_t)st.st_ino;
}

/* Reads a small file of /proc into buf with a NUL; what does not fit is left out. */
static void read_proc(const char *name, char *buf, size_t cap)
{
    size_t len = 0;
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && len + 1 < cap) {
        ssize_t n = read(fd, buf + len, cap - 1 - len);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        len += (size_t)n;
    }
    if (fd >= 0) close(fd);
    buf[len] = '\0';
}

/* The process that holds the write lock of the database, by the kernel's table of locks; 0 when it
 * cannot be told. Reading the table, unlike opening the file to ask, drops no lock of our own. */
static long lock_owner(const char *path)
{
    uint64_t shm = inode_of(path, "-shm"), main_file = inode_of(path, "");
    char table[16384], *save = NULL;
    read_proc("/proc/locks", table, sizeof table);
    for (char *line = strtok_r(table, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        long pid;
        uint64_t inode, start;
        if (sscanf(line, "%*d: POSIX %*s WRITE %ld %*x:%*x:%" SCNu64 " %" SCNu64, &pid, &inode,
                   &start) != 3 ||
            pid == (long)getpid())
            continue;
        if (inode != 0 && ((inode == shm && start == WAL_WRITE_LOCK_BYTE) ||
                           (inode == main_file && start >= PENDING_BYTE)))
            return pid;
    }
    return 0;
}

static int fail_busy(han_error *err, const char *path, const char *doing)
{
    char name[64], comm[64] = "";
    long pid = lock_owner(path);
    if (pid <= 0)
        return han__error_set(err, HAN_TIMEOUT,
                              "%s is kept locked by another writer (while %s); wait for it to end, "
                              "or use another --db FILE",
                              path, doing);
    snprintf(name, sizeof name, "/proc/%ld/comm", pid);
    read_proc(name, comm, sizeof comm);
    comm[strcspn(comm, "\n")] = '\0';
    return han__error_set(
        err, HAN_TIMEOUT,
        "%s is kept locked for writing by process %ld (%s) (while %s); wait for it "
        "to end, or use another --db FILE",
        path, pid, comm[0] ? comm : "?", doing);
}

static const char *advice(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_FULL:
        return "; free some space, or use another --db FILE";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
        return "; check the path and its permissions";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return "; the file was left as it is; han doctor --db tells what of it can be saved";
    default:
        return "";
    }
}

int han__sql_fail(han_error *err, sqlite3 *db, int rc, const char *path, const char *doing)
{
    int number = db ? sqlite3_system_errno(db) : 0, kind = rc & 0xff;
    const char *text = sqlite3_errstr(rc), *why = NULL;
    if (kind == SQLITE_BUSY || kind == SQLITE_LOCKED) return fail_busy(err, path, doing);
    /* the message of the connection says more (which constraint) when it is about this failure */
    if (db && (sqlite3_errcode(db) & 0xff) == kind) text = sqlite3_errmsg(db);
    if ((kind == SQLITE_IOERR || kind == SQLITE_CANTOPEN || kind == SQLITE_FULL) && number != 0)
        why = strerrordesc_np(number);
    return han__error_set(err, han__sql_status(rc), "%s: %s failed: %s%s%s%s%s", path, doing, text,
                          why ? " (" : "", why ? why : "", why ? ")" : "", advice(rc));
}

int han__sql_fail_schema(han_error *err, sqlite3 *db, int rc, const char *path)
{
    if (rc != SQLITE_ERROR) return han__sql_fail(err, db, rc, path, "reading the schema");
    return han__error_set(err, HAN_CORRUPT, "%s does not have the tables of its schema: %s", path,
                          sqlite3_errmsg(db));
}

static void harden(sqlite3 *db, uint32_t busy_ms)
{
    sqlite3_extended_result_codes(db, 1);
    sqlite3_busy_timeout(db, busy_ms > 0x7fffffffu ? 0x7fffffff : (int)busy_ms);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 64 << 20);
    sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, 100000);
    sqlite3_limit(db, SQLITE_LIMIT_EXPR_DEPTH, 200);
    sqlite3_limit(db, SQLITE_LIMIT_COMPOUND_SELECT, 50);
    sqlite3_limit(db, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000);
}

int han__sql_connect(const han__sql_open *how, sqlite3 **out, han_error *err)
{
    sqlite3 *db = NULL;
    int rc = sqlite3_open_v2(how->path, &db,
                             how->flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, how->vfs);
    if (rc != SQLITE_OK) {
        int status = han__sql_fail(err, db, db ? sqlite3_extended_errcode(db) : rc, how->path,
                                   "opening the store");
        sqlite3_close(db);
        return status;
    }
    harden(db, how->busy_ms);
    *out = db;
    return HAN_OK;
}

int han__sql_run(sqlite3 *db, const char *path, const char *doing, const char *sql, han_error *err)
{
    int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? HAN_OK : han__sql_fail(err, db, rc, path, doing);
}

int han__sql_number(sqlite3 *db, const char *path, const char *sql, int64_t *out, han_error *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) *out = sqlite3_column_int64(stmt, 0);
    int status = rc == SQLITE_ROW ? HAN_OK : han__sql_fail(err, db, rc, path, "reading the store");
    if (rc == SQLITE_ERROR && err) status = err->code = HAN_CORRUPT; /* a header of no known kind */
    sqlite3_finalize(stmt);
    return status;
}
