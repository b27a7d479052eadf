/* The VFS of fault_vfs.h, whose process dies at the n-th change of a file instead: at once
 * (everything written so far stays, half of the last write too), or as by a power cut: of what was
 * changed since the last sync of a file, each sector is kept or lost by chance, in any order. */
#ifndef HAN_TESTS_CRASH_VFS_H
#define HAN_TESTS_CRASH_VFS_H

#include "fault_vfs.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CRASH_STATUS 77
#define CRASH_FILES  8
#define CRASH_SECTOR 512

/* How the process ends. */
enum { CRASH_KILLED, CRASH_TORN, CRASH_POWER };

/* A file, by its path (several connections open it), and what of it has surely reached the disk. */
typedef struct crash_file {
    char name[512];
    char *synced;
    sqlite3_int64 size;
} crash_file;

/* Of the child that dies; set before it opens a store. */
static crash_file crash_files[CRASH_FILES];
static int crash_how;
static uint64_t crash_seed;

/* The next number of a splitmix64 stream (Steele, Lea and Flood, 2014). */
static inline uint64_t crash_random(void)
{
    uint64_t z = crash_seed += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* What a file holds now, with zeros behind its end up to `at_least`. */
static inline char *crash_read(const char *name, sqlite3_int64 *size, sqlite3_int64 at_least)
{
    struct stat st;
    int fd = open(name, O_RDONLY);
    if (fd < 0 || fstat(fd, &st) != 0) _exit(6);
    *size = st.st_size;
    sqlite3_int64 n = *size > at_least ? *size : at_least;
    char *bytes = sqlite3_malloc64((sqlite3_uint64)n + 1);
    if (!bytes) _exit(6);
    memset(bytes, 0, (size_t)n + 1);
    if (pread(fd, bytes, (size_t)*size, 0) != *size) _exit(6);
    close(fd);
    return bytes;
}

/* The entry of a file, or a free one. */
static inline crash_file *crash_find(const char *name)
{
    for (int i = 0; i < CRASH_FILES; i++)
        if (!crash_files[i].name[0] || strcmp(crash_files[i].name, name) == 0)
            return &crash_files[i];
    _exit(6);
}

/* From here on the file is as it is now, whatever happens. */
static inline void crash_note(const char *name)
{
    crash_file *f = crash_find(name);
    snprintf(f->name, sizeof f->name, "%s", name);
    sqlite3_free(f->synced);
    f->synced = crash_read(name, &f->size, 0);
}

/* Leaves one file as a power cut might: its length is old, new or between; sectors are old or new.
 */
static inline void crash_lose(const crash_file *f)
{
    sqlite3_int64 now;
    int fd = open(f->name, O_RDWR);
    if (fd < 0) return; /* deleted meanwhile */
    char *bytes = crash_read(f->name, &now, f->size);
    sqlite3_int64 low = now < f->size ? now : f->size, high = now < f->size ? f->size : now;
    sqlite3_int64 end = low + (sqlite3_int64)(crash_random() % (uint64_t)(high - low + 1));
    for (sqlite3_int64 at = 0; at < end; at += CRASH_SECTOR) {
        size_t n = (size_t)(end - at < CRASH_SECTOR ? end - at : CRASH_SECTOR);
        size_t old = at >= f->size ? 0
                                   : (size_t)(f->size - at < (sqlite3_int64)n ? f->size - at
                                                                              : (sqlite3_int64)n);
        if (crash_random() % 2) continue;
        memset(bytes + at, 0, n);
        memcpy(bytes + at, f->synced + at, old);
    }
    if (ftruncate(fd, end) != 0 || pwrite(fd, bytes, (size_t)end, 0) != end) _exit(6);
}

/* Ends the process as was asked. */
static inline void crash_die(void)
{
    for (int i = 0; crash_how == CRASH_POWER && i < CRASH_FILES; i++)
        if (crash_files[i].name[0]) crash_lose(&crash_files[i]);
    _exit(CRASH_STATUS);
}

/* Counts a change; true when it is the last. */
static inline bool crash_now(void)
{
    int at = atomic_load(&fault_at);
    return atomic_fetch_add(&fault_calls, 1) + 1 == at;
}

/* The methods that replace those of fault_vfs.h. */
static inline int crash_write(sqlite3_file *file, const void *from, int n, sqlite3_int64 at)
{
    bool dies = crash_now();
    if (dies && crash_how == CRASH_KILLED) crash_die();
    int rc = fault_of(file)->pMethods->xWrite(fault_of(file), from,
                                              dies && crash_how == CRASH_TORN ? n / 2 : n, at);
    if (dies) crash_die();
    return rc;
}
static inline int crash_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    if (crash_now()) crash_die();
    return fault_of(file)->pMethods->xTruncate(fault_of(file), size);
}
static inline int crash_sync(sqlite3_file *file, int flags)
{
    if (crash_now()) crash_die();
    if (crash_how == CRASH_POWER) crash_note(((fault_file *)file)->name);
    (void)flags;
    return SQLITE_OK; /* the machine itself goes on: nothing waits for its disk */
}
static inline int crash_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                             int *got)
{
    int rc = fault_open(vfs, name, file, flags, got);
    if (rc == SQLITE_OK && crash_how == CRASH_POWER &&
        (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) &&
        strcmp(crash_find(name)->name, name) != 0)
        crash_note(name);
    return rc;
}

/* Takes the place of the methods of fault_vfs.h, under its name. */
static inline void crash_register(void)
{
    fault_register();
    fault_vfs.xOpen = crash_open;
    fault_methods.xWrite = crash_write;
    fault_methods.xTruncate = crash_truncate;
    fault_methods.xSync = crash_sync;
}

#endif
