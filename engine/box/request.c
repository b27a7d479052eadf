/* Owns the reading of a request: its texts become argument lists, its files are written into the
 * work folder. The engine is trusted; lengths are checked all the same, since a mistake there must
 * not become one here. */
#include "base/config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "box/box.h"

#define TEXTS_MAX 65536u

typedef struct reader {
    const uint8_t *at;
    size_t left;
    bool bad;
} reader;

static const char *read_text(reader *r)
{
    const void *end = r->bad ? NULL : memchr(r->at, 0, r->left);
    const char *text = (const char *)r->at;
    if (!end) {
        r->bad = true;
        return "";
    }
    size_t len = strlen(text) + 1;
    r->at += len;
    r->left -= len;
    return text;
}

static const uint8_t *read_bytes(reader *r, uint64_t len)
{
    const uint8_t *at = r->at;
    if (r->bad || len > r->left) {
        r->bad = true;
        return NULL;
    }
    r->at += len;
    r->left -= len;
    return at;
}

static char **read_list(reader *r, han__mem *mem, uint32_t n)
{
    char **list = n > TEXTS_MAX ? NULL : han__mem_zalloc(mem, (size_t)n + 1, sizeof *list);
    if (!list) {
        r->bad = true;
        return NULL;
    }
    for (uint32_t i = 0; i < n; i++) list[i] = (char *)(uintptr_t)read_text(r);
    return list;
}

/* The body: behind the head, or in the fourth descriptor. */
static const uint8_t *find_body(const request *r, const uint8_t *packet, size_t len)
{
    uint64_t n = r->head.body_len;
    if (!r->head.in_memfd) return len - sizeof r->head == n ? packet + sizeof r->head : NULL;
    struct stat st;
    if (r->fds[3] < 0 || fstat(r->fds[3], &st) != 0 || (uint64_t)st.st_size != n || n == 0)
        return NULL;
    void *map = mmap(NULL, n, PROT_READ, MAP_PRIVATE, r->fds[3], 0);
    return map == MAP_FAILED ? NULL : map;
}

bool request_read(request *r, const uint8_t *packet, size_t len, const int *fds, size_t n)
{
    static han__mem mem;
    if (len < sizeof r->head) return false;
    memcpy(&r->head, packet, sizeof r->head);
    if (r->head.head.type != HAN__BOX_RUN) return false;
    for (size_t i = 0; i < HAN__BOX_FDS; i++) r->fds[i] = i < n ? fds[i] : -1;
    r->body = find_body(r, packet, len);
    if (!r->body || r->fds[2] < 0 || r->head.args == 0) return false;
    han__mem_init(&mem, NULL, NULL);
    reader in = {r->body, r->head.body_len, false};
    r->argv = read_list(&in, &mem, r->head.args);
    r->env = read_list(&in, &mem, r->head.envs);
    r->folder = read_text(&in);
    r->patterns = read_list(&in, &mem, r->head.patterns);
    r->at = in.at;
    return !in.bad;
}

/* Opens below `work` and never outside, whatever lies there. */
static int open_below(int work, const char *path, uint64_t flags, uint64_t mode)
{
    struct open_how how = {.flags = flags | O_CLOEXEC | O_NOFOLLOW,
                           .mode = mode,
                           .resolve =
                               RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
    return (int)syscall(SYS_openat2, work, path, &how, sizeof how);
}

/* Makes the folders that lead to path. */
static void make_folders(int work, const char *path)
{
    char folder[HAN__PATH_MAX];
    size_t len = strlen(path);
    if (len >= sizeof folder) return;
    for (size_t i = 1; i < len; i++) {
        if (path[i] != '/') continue;
        memcpy(folder, path, i);
        folder[i] = '\0';
        (void)mkdirat(work, folder, 0755); /* a failure is seen when the file is opened */
    }
}

static bool write_file(int work, const char *path, uint32_t mode, const uint8_t *bytes,
                       uint64_t len)
{
    if (strchr(path, '/')) make_folders(work, path);
    if (S_ISDIR(mode)) return mkdirat(work, path, mode & 0777) == 0 || errno == EEXIST;
    int fd = open_below(work, path, O_WRONLY | O_CREAT | O_TRUNC, mode & 0777);
    if (fd < 0) return false;
    bool ok = han__write_all(fd, bytes, len);
    int number = errno;
    close(fd);
    errno = number;
    return ok;
}

bool request_unpack(const request *r, int work)
{
    reader in = {r->at, (size_t)(r->body + r->head.body_len - r->at), false};
    for (uint32_t i = 0; i < r->head.files; i++) {
        uint64_t len = 0;
        uint32_t mode = 0;
        const char *path = read_text(&in);
        const uint8_t *numbers = read_bytes(&in, sizeof len + sizeof mode);
        if (numbers) {
            memcpy(&len, numbers, sizeof len);
            memcpy(&mode, numbers + sizeof len, sizeof mode);
        }
        const uint8_t *bytes = read_bytes(&in, len);
        if (in.bad) {
            errno = EBADMSG;
            return false;
        }
        if (!write_file(work, path, mode, bytes, len)) return false;
    }
    return true;
}
