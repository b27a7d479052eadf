/* Owns the checks of a request and its form on the wire. */
#include "base/config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "exec/exec_body.h"

/* Milliseconds, bytes and counts that a request may ask for at most. */
#define WALL_MS_MAX 3600000u
#define OUTPUT_MAX  (64u << 20)
#define MEMORY_MIN  (4u << 20)
#define DISK_MAX    (4ull << 30)
#define COUNT_MAX   1000000u

/* What every command has; a request may replace each. */
static const char *const usual_env[] = {"PATH=/usr/local/bin:/usr/bin:/bin",
                                        ("HOME=" HAN__BOX_WORK), "LANG=C.UTF-8", "TMPDIR=/tmp"};

/* Relative, without "." and ".." and empty parts. */
static bool is_inside(const char *path)
{
    if (!*path || *path == '/' || strlen(path) >= HAN__PATH_MAX / 2) return false;
    for (const char *part = path; part; part = strchr(part, '/'), part = part ? part + 1 : NULL) {
        size_t len = strcspn(part, "/");
        if (len == 0 || (len == 1 && part[0] == '.') ||
            (len == 2 && part[0] == '.' && part[1] == '.'))
            return false;
    }
    return true;
}

static int check_limits(const han__exec_limits *l, han_error *err)
{
    if (l->wall_ms > WALL_MS_MAX || l->cpu_ms > WALL_MS_MAX)
        return han__error_set(err, HAN_INVALID, "time is at most an hour");
    if (l->output > OUTPUT_MAX) return han__error_set(err, HAN_INVALID, "output is at most 64 MiB");
    if (l->box.memory && l->box.memory < MEMORY_MIN)
        return han__error_set(err, HAN_INVALID, "memory is at least 4 MiB");
    if (l->box.disk > DISK_MAX) return han__error_set(err, HAN_INVALID, "disk is at most 4 GiB");
    if (l->box.procs > COUNT_MAX || l->box.files > COUNT_MAX)
        return han__error_set(err, HAN_INVALID, "procs and files are at most a million");
    return HAN_OK;
}

int han__exec_check(const han__exec_request *r, han_error *err)
{
    if (!r->argv || !r->argv[0] || !r->argv[0][0])
        return han__error_set(err, HAN_INVALID, "there is no command to run");
    if (r->folder && r->folder[0] && !is_inside(r->folder))
        return han__error_set(err, HAN_INVALID,
                              "the folder to start in must lie in the work folder");
    for (size_t i = 0; i < r->files_len; i++)
        if (!is_inside(r->files[i].path))
            return han__error_set(err, HAN_INVALID, "file '%.200s' does not lie in the work folder",
                                  r->files[i].path);
    if (r->collect_bytes > (16u << 20))
        return han__error_set(err, HAN_INVALID, "at most 16 MiB are collected");
    return check_limits(&r->limits, err);
}

/* Appends a text with its NUL. */
static void put(han__buf *body, const char *text, int *status)
{
    if (*status == HAN_OK) *status = han__buf_append(body, text, strlen(text) + 1);
}

static uint32_t put_list(han__buf *body, const char *const *list, int *status)
{
    uint32_t n = 0;
    for (; list && list[n]; n++) put(body, list[n], status);
    return n;
}

/* Whether one of the list sets the same name. */
static bool is_set(const char *const *list, const char *entry)
{
    size_t len = strcspn(entry, "=") + 1;
    for (; list && *list; list++)
        if (strncmp(*list, entry, len) == 0) return true;
    return false;
}

static uint32_t put_env(han__buf *body, const char *const *env, int *status)
{
    uint32_t n = 0;
    for (size_t i = 0; i < HAN__COUNT(usual_env); i++) {
        if (is_set(env, usual_env[i])) continue;
        put(body, usual_env[i], status);
        n++;
    }
    return n + put_list(body, env, status);
}

static void put_file(han__buf *body, const han__exec_file *file, int *status)
{
    uint64_t len = file->len;
    put(body, file->path, status);
    if (*status == HAN_OK) *status = han__buf_append(body, &len, sizeof len);
    if (*status == HAN_OK) *status = han__buf_append(body, &file->mode, sizeof file->mode);
    if (*status == HAN_OK && len > 0) *status = han__buf_append(body, file->bytes, file->len);
}

int han__exec_body(const han__exec_request *r, han__box_run *head, han__buf *body, han_error *err)
{
    int status = HAN_OK;
    head->args = put_list(body, r->argv, &status);
    head->envs = put_env(body, r->env, &status);
    put(body, r->folder ? r->folder : "", &status);
    head->patterns = put_list(body, r->collect, &status);
    head->files = (uint32_t)r->files_len;
    for (size_t i = 0; i < r->files_len; i++) put_file(body, &r->files[i], &status);
    if (status == HAN_OK) return HAN_OK;
    return han__error_set(err, status, "the files for a sandboxed run: %s",
                          han_status_text(status));
}

int han__exec_input_fd(const void *input, size_t len)
{
    if (len == 0) return open("/dev/null", O_RDONLY | O_CLOEXEC);
    int fd = memfd_create("input", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) return -1;
    /* sealed: who runs with it can neither change it nor make it grow at our cost */
    if (han__write_all(fd, input, len) && lseek(fd, 0, SEEK_SET) == 0 &&
        fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) == 0)
        return fd;
    close(fd);
    return -1;
}
