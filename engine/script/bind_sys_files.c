/* Owns the part of han.sys that is about files. Descriptors are opened close-on-exec and are closed
 * before anything that Lua could raise from. */
#include "base/config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/io.h"
#include "script/bind_sys.h"
#include "script/push.h"
#include "script/state.h"
#include "store/blob.h"
#include "store/gzip.h"

#define READ_STEP 65536u
#define NAMES_MAX (16u << 20) /* bytes of all names of one folder */

static han__mem *mem_of(lua_State *L)
{
    return han__state_of(L)->host->mem;
}

/* A path argument: not empty, no NUL inside, not longer than the system takes. */
static const char *check_path(lua_State *L, int idx)
{
    size_t len;
    const char *path = luaL_checklstring(L, idx, &len);
    luaL_argcheck(L, len > 0, idx, "the path is empty");
    luaL_argcheck(L, strlen(path) == len, idx, "the path holds a NUL");
    luaL_argcheck(L, len < HAN__PATH_MAX, idx, "the path is too long");
    return path;
}

static int status_of(int number)
{
    if (number == ENOENT || number == ENOTDIR) return HAN_UNKNOWN;
    return number == ENOMEM ? HAN_NOMEM : HAN_IO;
}

static int fail_errno(lua_State *L, int number, const char *doing, const char *path)
{
    han_error err = {0};
    han__error_sys(&err, status_of(number), number, "%s %s", doing, path);
    return han__fail(L, &err);
}

static void set_integer(lua_State *L, const char *name, lua_Integer value)
{
    lua_pushinteger(L, value);
    lua_setfield(L, -2, name);
}

static int l_stat(lua_State *L)
{
    const char *path = check_path(L, 1);
    struct stat st;
    if (stat(path, &st) != 0) return fail_errno(L, errno, "cannot look at", path);
    lua_createtable(L, 0, 6);
    lua_pushstring(L, S_ISREG(st.st_mode) ? "file" : S_ISDIR(st.st_mode) ? "directory" : "other");
    lua_setfield(L, -2, "kind");
    set_integer(L, "mode", st.st_mode & 07777);
    set_integer(L, "size", st.st_size);
    set_integer(L, "uid", st.st_uid);
    set_integer(L, "gid", st.st_gid);
    lua_pushnumber(L, (double)st.st_mtim.tv_sec + (double)st.st_mtim.tv_nsec / 1e9);
    lua_setfield(L, -2, "mtime");
    return 1;
}

static int l_access(lua_State *L)
{
    static const char *const names[] = {"r", "w", "x", NULL};
    static const int modes[] = {R_OK, W_OK, X_OK};
    const char *path = check_path(L, 1);
    lua_pushboolean(L, access(path, modes[luaL_checkoption(L, 2, "r", names)]) == 0);
    return 1;
}

static int l_realpath(lua_State *L)
{
    const char *path = check_path(L, 1);
    char real[HAN__PATH_MAX];
    if (!realpath(path, real)) return fail_errno(L, errno, "cannot find", path);
    lua_pushstring(L, real);
    return 1;
}

static int l_mkdir(lua_State *L)
{
    const char *path = check_path(L, 1);
    if (mkdir(path, 0777) != 0) return fail_errno(L, errno, "cannot make the folder", path);
    lua_pushboolean(L, true);
    return 1;
}

/* ---- folders ---- */

/* The names in a folder: each with its NUL in `text`, and pointers to them, sorted bytewise. */
typedef struct names {
    han__buf text;
    const char **sorted;
    size_t count;
} names;

static void names_release(names *n, han__mem *mem)
{
    if (n->sorted) han__mem_free(mem, n->sorted, (n->count + 1) * sizeof *n->sorted);
    han__buf_release(&n->text);
}

/* All names without . and .. */
static int read_names(const char *path, names *n, han_error *err)
{
    DIR *dir = opendir(path);
    if (!dir) return han__error_sys(err, status_of(errno), errno, "cannot list %s", path);
    int rc = HAN_OK;
    for (struct dirent *entry; rc == HAN_OK && (entry = readdir(dir)) != NULL;) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) continue;
        rc = n->count++ < HAN__SYS_ENTRIES_MAX ? han__buf_append(&n->text, name, strlen(name) + 1)
                                               : HAN_LIMIT;
    }
    closedir(dir);
    if (rc == HAN_LIMIT) return han__error_set(err, rc, "%s holds too many files", path);
    return rc == HAN_OK ? HAN_OK : han__error_set(err, rc, "out of memory for %s", path);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int sort_names(names *n, han__mem *mem, han_error *err)
{
    n->sorted = han__mem_zalloc(mem, n->count + 1, sizeof *n->sorted);
    if (!n->sorted) return han__error_set(err, HAN_NOMEM, "out of memory for a folder");
    const char *at = (const char *)n->text.data;
    for (size_t i = 0; i < n->count; i++, at += strlen(at) + 1) n->sorted[i] = at;
    qsort(n->sorted, n->count, sizeof *n->sorted, compare_names);
    return HAN_OK;
}

static int push_names(lua_State *L)
{
    const names *n = lua_touserdata(L, 1);
    lua_createtable(L, (int)n->count, 0);
    for (size_t i = 0; i < n->count; i++) {
        lua_pushstring(L, n->sorted[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int l_list_dir(lua_State *L)
{
    const char *path = check_path(L, 1);
    han_error err = {0};
    names n = {0};
    han__buf_init(&n.text, mem_of(L), NAMES_MAX);
    int rc = read_names(path, &n, &err);
    if (rc == HAN_OK) rc = sort_names(&n, mem_of(L), &err);
    if (rc != HAN_OK) {
        names_release(&n, mem_of(L));
        return han__fail(L, &err);
    }
    lua_pushcfunction(L, push_names);
    lua_pushlightuserdata(L, &n);
    rc = lua_pcall(L, 1, 1, 0);
    names_release(&n, mem_of(L));
    return rc == LUA_OK ? 1 : lua_error(L);
}

/* ---- reading ---- */

static int read_all(int fd, const char *path, han__buf *out, han_error *err)
{
    for (;;) {
        int rc = han__buf_reserve(out, READ_STEP);
        size_t room = (out->cap < out->max ? out->cap : out->max) - out->len;
        if (rc == HAN_LIMIT && out->len < out->max) { /* less than a step is left below the cap */
            room = out->max - out->len;
            rc = han__buf_reserve(out, room);
        }
        if (rc == HAN_NOMEM) return han__error_set(err, rc, "out of memory reading %s", path);
        char probe;
        ssize_t n = rc == HAN_OK ? read(fd, out->data + out->len, room) : read(fd, &probe, 1);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return han__error_sys(err, HAN_IO, errno, "cannot read %s", path);
        if (n == 0) return HAN_OK;
        if (rc != HAN_OK)
            return han__error_set(err, HAN_LIMIT, "%s is longer than %zu bytes", path, out->max);
        out->len += (size_t)n;
    }
}

static int read_file(const char *path, han__buf *out, han_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) return han__error_sys(err, status_of(errno), errno, "cannot read %s", path);
    struct stat st;
    int rc;
    if (fstat(fd, &st) != 0)
        rc = han__error_sys(err, HAN_IO, errno, "cannot look at %s", path);
    else if (S_ISDIR(st.st_mode))
        rc = han__error_set(err, HAN_UNKNOWN, "%s is a folder, not a file", path);
    else if (!S_ISREG(st.st_mode))
        rc = han__error_set(err, HAN_UNKNOWN, "%s is not a regular file", path);
    else
        rc = read_all(fd, path, out, err);
    close(fd);
    return rc;
}

static int l_read_file(lua_State *L)
{
    const char *path = check_path(L, 1);
    lua_Integer max = luaL_optinteger(L, 2, HAN__SYS_FILE_MAX);
    luaL_argcheck(L, max >= 0 && max <= HAN__SYS_FILE_MAX, 2, "the cap is out of range");
    han_error err = {0};
    han__buf buf;
    han__buf_init(&buf, mem_of(L), (size_t)max);
    if (read_file(path, &buf, &err) == HAN_OK) return han__push_text(L, &buf);
    han__buf_release(&buf);
    return han__fail(L, &err);
}

typedef int expand_fn(const char *bytes, size_t len, size_t most, han__buf *out, han_error *err);

/* (bytes, most): what is packed in them. */
static int expand(lua_State *L, expand_fn *into)
{
    size_t len;
    const char *bytes = luaL_checklstring(L, 1, &len);
    lua_Integer most = luaL_checkinteger(L, 2);
    luaL_argcheck(L, most >= 0 && most <= HAN__SYS_FILE_MAX, 2, "the cap is out of range");
    han_error err = {0};
    han__buf buf;
    han__buf_init(&buf, mem_of(L), (size_t)most + 1); /* zstd wants a byte behind */
    if (into(bytes, len, (size_t)most, &buf, &err) == HAN_OK) return han__push_text(L, &buf);
    han__buf_release(&buf);
    return han__fail(L, &err);
}

static int from_zstd(const char *bytes, size_t len, size_t most, han__buf *out, han_error *err)
{
    int status = han__blob_expand(bytes, len, most, out);
    if (status == HAN_OK) return HAN_OK;
    return han__error_set(err, status, "this is no zstd frame of at most %zu bytes", most);
}

static int from_gzip(const char *bytes, size_t len, size_t most, han__buf *out, han_error *err)
{
    han__buf_init(out, out->mem, most); /* its maximum is the cap */
    return han__gzip_expand(bytes, len, out, err);
}

/* inflate(frame, most): what a zstd frame holds. */
static int l_inflate(lua_State *L)
{
    return expand(L, from_zstd);
}

/* gunzip(bytes, most): what a gzip file holds. */
static int l_gunzip(lua_State *L)
{
    return expand(L, from_gzip);
}

/* ---- writing ---- */

/* 0 or an errno value; the file is complete or not there. */
static int write_new(const char *path, const char *bytes, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) return errno;
    int number = han__write_all(fd, bytes, len) ? 0 : errno;
    if (number == 0 && fsync(fd) != 0 && errno != EINVAL) number = errno;
    if (close(fd) != 0 && number == 0) number = errno;
    if (number != 0) unlink(path);
    return number;
}

static int write_over(const char *path, const char *bytes, size_t len)
{
    char temporary[HAN__PATH_MAX + 32];
    snprintf(temporary, sizeof temporary, "%s.%ld.tmp", path, (long)getpid());
    unlink(temporary); /* left by a process of the same number that was killed */
    int number = write_new(temporary, bytes, len);
    if (number != 0) return number;
    struct stat st; /* the new file keeps the rights of the old one */
    if (stat(path, &st) == 0 && chmod(temporary, st.st_mode & 07777) != 0) number = errno;
    if (number == 0 && rename(temporary, path) != 0) number = errno;
    if (number != 0) unlink(temporary);
    return number;
}

static int l_write_file(lua_State *L)
{
    const char *path = check_path(L, 1);
    size_t len;
    const char *bytes = luaL_checklstring(L, 2, &len);
    bool fresh = false;
    if (!lua_isnoneornil(L, 3)) {
        luaL_checktype(L, 3, LUA_TTABLE);
        lua_getfield(L, 3, "new");
        fresh = lua_toboolean(L, -1);
    }
    int number = fresh ? write_new(path, bytes, len) : write_over(path, bytes, len);
    if (number != 0) return fail_errno(L, number, "cannot write", path);
    lua_pushboolean(L, true);
    return 1;
}

void han__sys_add_files(lua_State *L)
{
    static const luaL_Reg functions[] = {{"stat", l_stat},
                                         {"access", l_access},
                                         {"realpath", l_realpath},
                                         {"mkdir", l_mkdir},
                                         {"list_dir", l_list_dir},
                                         {"read_file", l_read_file},
                                         {"inflate", l_inflate},
                                         {"gunzip", l_gunzip},
                                         {"write_file", l_write_file},
                                         {NULL, NULL}};
    luaL_setfuncs(L, functions, 0);
}
