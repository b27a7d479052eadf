/* Owns the two ways of files between the host and a sandboxed run: a folder is read without
 * following links, and what came back is written below a folder that it cannot leave. */
#include "base/config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "base/io.h"
#include "script/bind_exec.h"
#include "script/state.h"

#define DEPTH_MAX 32
#define FILES_MAX 10000

typedef struct reading {
    lua_State *L;
    han_error err;
    uint64_t left; /* bytes that may still be read */
    lua_Integer count, skipped;
    char path[HAN__PATH_MAX];
} reading;

static bool fail(reading *r, int code, int number, const char *what)
{
    if (number)
        han__error_sys(&r->err, code, number, "%s %s", what, r->path);
    else
        han__error_set(&r->err, code, "%s %s", what, r->path);
    return false;
}

/* Reads `size` bytes of fd into a new userdata's place and pushes them as a string; false and
 * nothing pushed when that fails. The file may change meanwhile: what is there is taken. */
static bool push_bytes(reading *r, int fd, size_t size)
{
    char *bytes = lua_newuserdatauv(r->L, size + 1, 0);
    size_t at = 0;
    while (at < size) {
        ssize_t n = read(fd, bytes + at, size - at);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            lua_pop(r->L, 1);
            return fail(r, HAN_IO, errno, "cannot read");
        }
        if (n == 0) break;
        at += (size_t)n;
    }
    lua_pushlstring(r->L, bytes, at);
    lua_remove(r->L, -2);
    return true;
}

/* Appends { path =, bytes =, mode = } to the list at 3. */
static bool take_file(reading *r, int fd, const struct stat *st)
{
    uint64_t size = (uint64_t)st->st_size;
    if (size > r->left)
        return fail(r, HAN_LIMIT, 0, "the folder is larger than the disk limit, at");
    if (r->count >= FILES_MAX)
        return fail(r, HAN_LIMIT, 0, "the folder has more than 10000 files, at");
    r->left -= size;
    if (!push_bytes(r, fd, (size_t)size)) return false;
    lua_createtable(r->L, 0, 3);
    lua_insert(r->L, -2);
    lua_setfield(r->L, -2, "bytes");
    lua_pushstring(r->L, r->path);
    lua_setfield(r->L, -2, "path");
    lua_pushinteger(r->L, st->st_mode & 0777);
    lua_setfield(r->L, -2, "mode");
    lua_rawseti(r->L, 3, ++r->count);
    return true;
}

static bool walk(reading *r, DIR *dir, size_t len, int depth);

static bool take_folder(reading *r, int fd, size_t len, int depth)
{
    DIR *dir = depth < DEPTH_MAX ? fdopendir(fd) : NULL;
    if (!dir) {
        close(fd);
        return fail(r, HAN_LIMIT, 0, "cannot go into");
    }
    bool ok = walk(r, dir, len, depth + 1);
    closedir(dir);
    return ok;
}

/* Links, sockets, pipes and devices are left out and counted. */
static bool take(reading *r, int folder, const char *name, size_t len, int depth)
{
    struct stat st;
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 && (errno == ELOOP || errno == ENXIO)) {
        r->skipped++;
        return true;
    }
    if (fd < 0 || fstat(fd, &st) != 0) {
        int number = errno;
        if (fd >= 0) close(fd);
        return fail(r, HAN_IO, number, "cannot open");
    }
    if (S_ISDIR(st.st_mode)) return take_folder(r, fd, len, depth);
    bool ok = true;
    if (S_ISREG(st.st_mode))
        ok = take_file(r, fd, &st);
    else
        r->skipped++;
    close(fd);
    return ok;
}

static bool walk(reading *r, DIR *dir, size_t len, int depth)
{
    const struct dirent *entry;
    while ((entry = readdir(dir))) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) continue;
        int n = snprintf(r->path + len, sizeof r->path - len, "%s%s", len ? "/" : "", name);
        if (n < 0 || (size_t)n >= sizeof r->path - len) return fail(r, HAN_LIMIT, 0, "too long:");
        if (!take(r, dirfd(dir), name, len + (size_t)n, depth)) return false;
        r->path[len] = '\0';
    }
    return true;
}

/* exec.folder(path, bytes_max) -> list of files, number of entries left out | nil, message, CODE */
int han__exec_folder(lua_State *L)
{
    reading r = {.L = L};
    const char *path = luaL_checkstring(L, 1);
    lua_Integer max = luaL_checkinteger(L, 2);
    lua_settop(L, 2);
    lua_newtable(L);
    luaL_checkstack(L, 20, "a folder");
    r.left = max > 0 ? (uint64_t)max : 0;
    DIR *dir = opendir(path);
    if (!dir) {
        han__error_sys(&r.err, errno == ENOENT || errno == ENOTDIR ? HAN_UNKNOWN : HAN_IO, errno,
                       "cannot read the folder %s", path);
        return han__fail(L, &r.err);
    }
    bool ok = walk(&r, dir, 0, 0);
    closedir(dir);
    if (!ok) return han__fail(L, &r.err);
    lua_settop(L, 3);
    lua_pushinteger(L, r.skipped);
    return 2;
}

static int open_below(int folder, const char *path, uint64_t flags, uint64_t mode)
{
    struct open_how how = {.flags = flags | O_CLOEXEC | O_NOFOLLOW,
                           .mode = mode,
                           .resolve =
                               RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
    return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}

/* Makes the folders that lead to path, each inside the one before and none through a link. */
static int open_parent(int root, const char *path, const char **name)
{
    int at = fcntl(root, F_DUPFD_CLOEXEC, 0);
    for (;;) {
        char part[256];
        size_t len = strcspn(path, "/");
        if (at < 0 || path[len] == '\0') break;
        if (len == 0 || len >= sizeof part) {
            close(at);
            errno = EINVAL;
            return -1;
        }
        memcpy(part, path, len);
        part[len] = '\0';
        (void)mkdirat(at, part, 0755);
        int next = open_below(at, part, O_RDONLY | O_DIRECTORY, 0);
        int number = errno;
        close(at);
        errno = number;
        at = next;
        path += len + 1;
    }
    *name = path;
    return at;
}

/* exec.save(folder, path, bytes, mode) -> true | nil, message, CODE */
int han__exec_save(lua_State *L)
{
    size_t len;
    han_error err = {0};
    const char *folder = luaL_checkstring(L, 1);
    const char *path = luaL_checkstring(L, 2);
    const char *bytes = luaL_checklstring(L, 3, &len);
    mode_t mode = (mode_t)luaL_optinteger(L, 4, 0644) & 0777;
    const char *name = path;
    int root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int parent = root >= 0 ? open_parent(root, path, &name) : -1;
    int fd = parent >= 0 ? open_below(parent, name, O_WRONLY | O_CREAT | O_TRUNC, mode | 0600) : -1;
    bool ok = fd >= 0 && han__write_all(fd, bytes, len);
    int number = errno;
    if (fd >= 0 && close(fd) != 0) ok = false;
    if (parent >= 0) close(parent);
    if (root >= 0) close(root);
    if (!ok) {
        han__error_sys(&err, HAN_IO, number, "cannot write %s/%s", folder, path);
        return han__fail(L, &err);
    }
    lua_pushboolean(L, true);
    return 1;
}
