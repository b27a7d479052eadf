/* An SQLite VFS in front of the real one whose n-th change of a file, and all later ones, fail with
 * a code of the test's choice: a full disk, a device that went read-only, a failing sync. */
#ifndef HAN_TESTS_FAULT_VFS_H
#define HAN_TESTS_FAULT_VFS_H

#include <sqlite3.h>

#include <stdatomic.h>

typedef struct fault_file {
    sqlite3_file base;
    sqlite3_file *real; /* stands behind this struct */
    const char *name;   /* SQLite's, valid while the file is open */
} fault_file;

/* The VFS in front of which ours stands, and its faults, also set while the writer runs. */
static sqlite3_vfs *fault_real;
static sqlite3_vfs fault_vfs;
static sqlite3_io_methods fault_methods;
static atomic_int fault_calls, fault_at, fault_code; /* at 0: never */
static atomic_bool fault_reads;                      /* reads and opens fail instead of changes */
static atomic_bool fault_no_sync;  /* the disk is not waited for: sweeps need no durability */
static atomic_bool fault_readonly; /* the database opens for reading only */

/* Counts a change (or, as set, a read); true when it must fail. */
static inline bool fault_now(bool is_read)
{
    if (is_read != atomic_load(&fault_reads)) return false;
    int at = atomic_load(&fault_at);
    int call = atomic_fetch_add(&fault_calls, 1) + 1;
    return at != 0 && call >= at;
}

/* The methods of a file: changes may fail, the rest is passed on. */
static inline sqlite3_file *fault_of(sqlite3_file *file)
{
    return ((fault_file *)file)->real;
}
static inline int fault_close(sqlite3_file *file)
{
    return fault_of(file)->pMethods->xClose(fault_of(file));
}
static inline int fault_read(sqlite3_file *file, void *to, int n, sqlite3_int64 at)
{
    if (fault_now(true)) return atomic_load(&fault_code);
    return fault_of(file)->pMethods->xRead(fault_of(file), to, n, at);
}
static inline int fault_write(sqlite3_file *file, const void *from, int n, sqlite3_int64 at)
{
    if (fault_now(false)) return atomic_load(&fault_code);
    return fault_of(file)->pMethods->xWrite(fault_of(file), from, n, at);
}
static inline int fault_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    if (fault_now(false)) return atomic_load(&fault_code);
    return fault_of(file)->pMethods->xTruncate(fault_of(file), size);
}
static inline int fault_sync(sqlite3_file *file, int flags)
{
    if (fault_now(false)) return atomic_load(&fault_code);
    if (atomic_load(&fault_no_sync)) return SQLITE_OK;
    return fault_of(file)->pMethods->xSync(fault_of(file), flags);
}
static inline int fault_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return fault_of(file)->pMethods->xFileSize(fault_of(file), size);
}
static inline int fault_lock(sqlite3_file *file, int level)
{
    return fault_of(file)->pMethods->xLock(fault_of(file), level);
}
static inline int fault_unlock(sqlite3_file *file, int level)
{
    return fault_of(file)->pMethods->xUnlock(fault_of(file), level);
}
static inline int fault_reserved(sqlite3_file *file, int *out)
{
    return fault_of(file)->pMethods->xCheckReservedLock(fault_of(file), out);
}
static inline int fault_control(sqlite3_file *file, int op, void *arg)
{
    return fault_of(file)->pMethods->xFileControl(fault_of(file), op, arg);
}
static inline int fault_sector(sqlite3_file *file)
{
    return fault_of(file)->pMethods->xSectorSize(fault_of(file));
}
static inline int fault_traits(sqlite3_file *file)
{
    return fault_of(file)->pMethods->xDeviceCharacteristics(fault_of(file));
}
static inline int fault_shm_map(sqlite3_file *file, int page, int size, int extend,
                                void volatile **out)
{
    return fault_of(file)->pMethods->xShmMap(fault_of(file), page, size, extend, out);
}
static inline int fault_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
    return fault_of(file)->pMethods->xShmLock(fault_of(file), offset, n, flags);
}
static inline void fault_shm_barrier(sqlite3_file *file)
{
    fault_of(file)->pMethods->xShmBarrier(fault_of(file));
}
static inline int fault_shm_unmap(sqlite3_file *file, int remove)
{
    return fault_of(file)->pMethods->xShmUnmap(fault_of(file), remove);
}

/* Opens the real file behind ours. */
static inline int fault_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                             int *got)
{
    fault_file *f = (fault_file *)file;
    (void)vfs;
    f->real = (sqlite3_file *)(f + 1);
    f->name = name;
    f->base.pMethods = NULL;
    if (fault_now(true)) return SQLITE_CANTOPEN;
    if (atomic_load(&fault_readonly) && (flags & SQLITE_OPEN_MAIN_DB))
        flags = (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) | SQLITE_OPEN_READONLY;
    int rc = fault_real->xOpen(fault_real, name, f->real, flags, got);
    if (rc == SQLITE_OK) f->base.pMethods = &fault_methods;
    return rc;
}

/* Registers it as "fault"; once per program is enough. */
static inline void fault_register(void)
{
    if (fault_real) return;
    fault_real = sqlite3_vfs_find(NULL);
    fault_vfs = *fault_real;
    fault_vfs.zName = "fault";
    fault_vfs.pNext = NULL;
    fault_vfs.szOsFile = (int)sizeof(fault_file) + fault_real->szOsFile;
    fault_vfs.xOpen = fault_open;
    fault_methods = (sqlite3_io_methods){.iVersion = 2,
                                         .xClose = fault_close,
                                         .xRead = fault_read,
                                         .xWrite = fault_write,
                                         .xTruncate = fault_truncate,
                                         .xSync = fault_sync,
                                         .xFileSize = fault_size,
                                         .xLock = fault_lock,
                                         .xUnlock = fault_unlock,
                                         .xCheckReservedLock = fault_reserved,
                                         .xFileControl = fault_control,
                                         .xSectorSize = fault_sector,
                                         .xDeviceCharacteristics = fault_traits,
                                         .xShmMap = fault_shm_map,
                                         .xShmLock = fault_shm_lock,
                                         .xShmBarrier = fault_shm_barrier,
                                         .xShmUnmap = fault_shm_unmap};
    sqlite3_vfs_register(&fault_vfs, 0);
}

/* From now on the n-th change fails with an SQLite code; n 0 heals. */
static inline void fault_set(int n, int code)
{
    atomic_store(&fault_code, code);
    atomic_store(&fault_calls, 0);
    atomic_store(&fault_at, n);
}

#endif
