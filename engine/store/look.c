/* Owns the VFS that only reads. SQLite is told that every lock was granted; a log that is not there
 * is given as an empty one, because a database in WAL mode wants to have one. */
#include "base/config.h"

#include <sqlite3.h>

#include "store/look.h"

#include <stdio.h>

struct han__look {
    sqlite3_vfs vfs; /* first: SQLite hands it back */
    han__mem *mem;
    sqlite3_vfs *under;
    char name[48];
};

typedef struct look_file {
    sqlite3_file base;
    sqlite3_file *real; /* stands behind this struct; NULL: an empty file */
} look_file;

/* ---- files ---- */

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((look_file *)file)->real;
}

static int look_close(sqlite3_file *file)
{
    return real_of(file) ? real_of(file)->pMethods->xClose(real_of(file)) : SQLITE_OK;
}

static int look_read(sqlite3_file *file, void *to, int n, sqlite3_int64 at)
{
    if (real_of(file)) return real_of(file)->pMethods->xRead(real_of(file), to, n, at);
    memset(to, 0, (size_t)n);
    return SQLITE_IOERR_SHORT_READ;
}

static int look_write(sqlite3_file *file, const void *from, int n, sqlite3_int64 at)
{
    HAN__UNUSED(file);
    HAN__UNUSED(from);
    HAN__UNUSED(n);
    HAN__UNUSED(at);
    return SQLITE_READONLY;
}

static int look_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    HAN__UNUSED(file);
    HAN__UNUSED(size);
    return SQLITE_READONLY;
}

static int look_size(sqlite3_file *file, sqlite3_int64 *size)
{
    *size = 0;
    return real_of(file) ? real_of(file)->pMethods->xFileSize(real_of(file), size) : SQLITE_OK;
}

/* Syncs, locks and unlocks. */
static int granted(sqlite3_file *file, int how)
{
    HAN__UNUSED(file);
    HAN__UNUSED(how);
    return SQLITE_OK;
}

static int look_reserved(sqlite3_file *file, int *out)
{
    HAN__UNUSED(file);
    *out = 0;
    return SQLITE_OK;
}

static int look_control(sqlite3_file *file, int op, void *arg)
{
    HAN__UNUSED(file);
    HAN__UNUSED(op);
    HAN__UNUSED(arg);
    return SQLITE_NOTFOUND;
}

static int no_traits(sqlite3_file *file)
{
    HAN__UNUSED(file);
    return 0;
}

/* Version 1: without shared memory. */
static const sqlite3_io_methods methods = {.iVersion = 1,
                                           .xClose = look_close,
                                           .xRead = look_read,
                                           .xWrite = look_write,
                                           .xTruncate = look_truncate,
                                           .xSync = granted,
                                           .xFileSize = look_size,
                                           .xLock = granted,
                                           .xUnlock = granted,
                                           .xCheckReservedLock = look_reserved,
                                           .xFileControl = look_control,
                                           .xSectorSize = no_traits,
                                           .xDeviceCharacteristics = no_traits};

/* ---- the file system ---- */

static int look_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *got)
{
    han__look *look = (han__look *)vfs;
    look_file *f = (look_file *)file;
    int kind = flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL), there = 0;
    f->base.pMethods = NULL;
    f->real = (sqlite3_file *)(f + 1);
    if (!kind) return SQLITE_CANTOPEN; /* journals and temporary files: nothing needs them */
    look->under->xAccess(look->under, name, SQLITE_ACCESS_EXISTS, &there);
    if (kind == SQLITE_OPEN_WAL && !there)
        f->real = NULL;
    else {
        int rc = look->under->xOpen(look->under, name, f->real, SQLITE_OPEN_READONLY | kind, NULL);
        if (rc != SQLITE_OK) return rc;
    }
    if (got) *got = SQLITE_OPEN_READONLY | kind;
    f->base.pMethods = &methods;
    return SQLITE_OK;
}

static int look_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    HAN__UNUSED(vfs);
    HAN__UNUSED(name);
    HAN__UNUSED(sync);
    return SQLITE_OK;
}

/* Only a log exists beside the file. */
static int look_access(sqlite3_vfs *vfs, const char *name, int what, int *out)
{
    han__look *look = (han__look *)vfs;
    size_t len = strlen(name);
    *out = 0;
    if (what != SQLITE_ACCESS_EXISTS || len < 4 || strcmp(name + len - 4, "-wal") != 0)
        return SQLITE_OK;
    return look->under->xAccess(look->under, name, what, out);
}

int han__look_open(han__mem *mem, const char *under, han__look **out)
{
    sqlite3_vfs *real = sqlite3_vfs_find(under);
    han__look *look = real ? han__mem_zalloc(mem, 1, sizeof *look) : NULL;
    if (!look) return HAN_NOMEM;
    look->vfs = *real;
    look->mem = mem;
    look->under = real;
    snprintf(look->name, sizeof look->name, "han-look-%p", (void *)look);
    look->vfs.pNext = NULL;
    look->vfs.zName = look->name;
    look->vfs.szOsFile = (int)sizeof(look_file) + real->szOsFile;
    look->vfs.xOpen = look_open;
    look->vfs.xDelete = look_delete;
    look->vfs.xAccess = look_access;
    if (sqlite3_vfs_register(&look->vfs, 0) != SQLITE_OK) {
        han__mem_free(mem, look, sizeof *look);
        return HAN_NOMEM;
    }
    *out = look;
    return HAN_OK;
}

void han__look_close(han__look *look)
{
    if (!look) return;
    sqlite3_vfs_unregister(&look->vfs);
    han__mem_free(look->mem, look, sizeof *look);
}

const char *han__look_name(const han__look *look)
{
    return look->name;
}
