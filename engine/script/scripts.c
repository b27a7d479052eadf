/* Finding and reading script files. */
#include "base/config.h"
#include "script/scripts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static bool plain_name(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
    return len > 0 && len < 100 && name[len] == '\0';
}

int han__script_find(const han__host *host, const char *kind, const char *name, char *path,
                     size_t cap, han_error *err)
{
    if (!plain_name(name)) return han__error_set(err, HAN_UNKNOWN, "'%.60s' is not a name", name);
    for (int i = 0; host->scripts[i]; i++)
        for (int s = 0; s < 2; s++) {
            int len = s == 0
                          ? snprintf(path, cap, "%s/%s/%s.lua", host->scripts[i], kind, name)
                          : snprintf(path, cap, "%s/%s/%s/init.lua", host->scripts[i], kind, name);
            if (len > 0 && (size_t)len < cap && access(path, R_OK) == 0) return HAN_OK;
        }
    return han__error_set(err, HAN_UNKNOWN, "no '%s' among the %s", name, kind);
}

static int check_file(const char *path, int fd, struct stat *st, han_error *err)
{
    if (fstat(fd, st) != 0) return han__error_sys(err, HAN_IO, errno, "%s", path);
    if (!S_ISREG(st->st_mode)) return han__error_set(err, HAN_INVALID, "%s is not a file", path);
    if (st->st_mode & S_IWOTH)
        return han__error_set(err, HAN_INVALID,
                              "%s can be written by everybody; chmod o-w it first", path);
    if (st->st_size > HAN__SCRIPT_BYTES_MAX)
        return han__error_set(err, HAN_LIMIT, "%s has more than 4 MiB", path);
    return HAN_OK;
}

static int read_all(int fd, const char *path, han__buf *out, han_error *err)
{
    for (;;) {
        if (han__buf_reserve(out, 4096) != HAN_OK)
            return han__error_set(err, HAN_LIMIT, "%s is too large", path);
        ssize_t n = read(fd, out->data + out->len, 4096);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return han__error_sys(err, HAN_IO, errno, "%s", path);
        if (n == 0) return HAN_OK;
        out->len += (size_t)n;
    }
}

int han__script_read(const char *path, han__buf *out, han_error *err)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return han__error_sys(err, HAN_UNKNOWN, errno, "%s", path);
    int rc = check_file(path, fd, &st, err);
    if (rc == HAN_OK) rc = read_all(fd, path, out, err);
    close(fd);
    return rc;
}
