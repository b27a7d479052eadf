/* Owns the way of outputs out of a run, after all its processes have ended: regular files below the
 * work folder whose path matches, opened without following anything. */
#include "base/config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "box/box.h"

#define DEPTH_MAX  16
#define FILE_NAMED (HAN__BOX_PACKET_MAX - sizeof(han__box_file))

typedef struct collecting {
    const request *request;
    uint64_t left; /* bytes */
    uint32_t count;
    bool broken; /* the engine is gone */
    char path[HAN__PATH_MAX];
} collecting;

static int open_in(int folder, const char *name)
{
    struct open_how how = {.flags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
                                      RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV};
    return (int)syscall(SYS_openat2, folder, name, &how, sizeof how);
}

static bool is_wanted(const collecting *c)
{
    for (char **p = c->request->patterns; *p; p++)
        if (fnmatch(*p, c->path, FNM_PATHNAME | FNM_PERIOD) == 0) return true;
    return false;
}

static void tell(collecting *c, uint32_t skip, uint32_t mode, uint64_t size)
{
    uint8_t packet[sizeof(han__box_file) + HAN__PATH_MAX];
    han__box_file head = {{HAN__BOX_FILE, c->request->head.head.run}, skip, mode & 0777, size};
    size_t len = strlen(c->path);
    memcpy(packet, &head, sizeof head);
    memcpy(packet + sizeof head, c->path, len);
    if (!packet_send(packet, sizeof head + len)) c->broken = true;
}

/* Exactly `size` bytes: nobody is left who could change the file. */
static void send_bytes(collecting *c, int fd, uint64_t size)
{
    static uint8_t packet[HAN__BOX_PACKET_MAX];
    han__box_head head = {HAN__BOX_DATA, c->request->head.head.run};
    memcpy(packet, &head, sizeof head);
    while (size > 0 && !c->broken) {
        size_t step = sizeof packet - sizeof head;
        if (step > size) step = (size_t)size;
        ssize_t n = read(fd, packet + sizeof head, step);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) { /* cannot be; what was promised is sent */
            memset(packet + sizeof head, 0, step);
            n = (ssize_t)step;
        }
        if (!packet_send(packet, sizeof head + (size_t)n)) c->broken = true;
        size -= (uint64_t)n;
    }
}

static void take_file(collecting *c, int fd, const struct stat *st)
{
    uint64_t size = (uint64_t)st->st_size;
    if (c->count >= HAN__BOX_FILES_MAX) {
        if (c->count++ == HAN__BOX_FILES_MAX) tell(c, HAN__BOX_SKIP_COUNT, st->st_mode, size);
        return;
    }
    c->count++;
    if (size > c->left) {
        tell(c, HAN__BOX_SKIP_SIZE, st->st_mode, size);
        return;
    }
    c->left -= size;
    tell(c, HAN__BOX_SKIP_NOT, st->st_mode, size);
    send_bytes(c, fd, size);
}

static void walk(collecting *c, int folder, size_t len, int depth);

static void take(collecting *c, int folder, const char *name, size_t len, int depth)
{
    struct stat st;
    int fd = open_in(folder, name);
    if (fd < 0) {
        if (is_wanted(c))
            tell(c, errno == ELOOP || errno == ENXIO ? HAN__BOX_SKIP_KIND : HAN__BOX_SKIP_READ, 0,
                 0);
        return;
    }
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        walk(c, fd, len, depth + 1);
        return;
    }
    if (is_wanted(c)) {
        if (S_ISREG(st.st_mode))
            take_file(c, fd, &st);
        else
            tell(c, HAN__BOX_SKIP_KIND, 0, 0);
    }
    close(fd);
}

/* Takes over the descriptor. `len` is that of the path so far. */
static void walk(collecting *c, int folder, size_t len, int depth)
{
    DIR *dir = depth > DEPTH_MAX ? NULL : fdopendir(folder);
    const struct dirent *entry;
    if (!dir) {
        close(folder);
        return;
    }
    while (!c->broken && (entry = readdir(dir))) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) continue;
        int n = snprintf(c->path + len, sizeof c->path - len, "%s%s", len ? "/" : "", name);
        if (n < 0 || (size_t)n >= sizeof c->path - len) continue;
        take(c, folder, name, len + (size_t)n, depth);
    }
    closedir(dir);
}

bool collect(const request *r, int work)
{
    static collecting c;
    c.request = r;
    c.left = r->head.collect_bytes;
    if (r->head.patterns == 0) return true;
    int folder = open_in(work, ".");
    if (folder >= 0) walk(&c, folder, 0, 0);
    return !c.broken;
}
