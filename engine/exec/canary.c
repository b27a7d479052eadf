/* Owns the canary file and socket while a runner is asked to reach them. */
#include "base/config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "exec/canary.h"
#include "exec/eval_wire.h"
#include "exec/probe.h"
#include "wire/frame.h"

#define FOLDER "/tmp"
#define STALE  600 /* seconds */

/* Takes away what engines left that were killed during their proof: one takes less than ten
 * seconds. */
static void sweep(void)
{
    static const char prefix[] = "han-canary-";
    struct stat about;
    time_t now = time(NULL);
    DIR *folder = opendir(FOLDER);
    if (!folder) return;
    for (struct dirent *e; (e = readdir(folder)) != NULL;) {
        if (strncmp(e->d_name, prefix, sizeof prefix - 1) != 0) continue;
        if (fstatat(dirfd(folder), e->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0) continue;
        if (about.st_uid == geteuid() && S_ISREG(about.st_mode) && about.st_mtime < now - STALE)
            unlinkat(dirfd(folder), e->d_name, 0);
    }
    closedir(folder);
}

/* Readable by all, so that only the box can be why a runner cannot read it. */
static int open_file(han__canary *c)
{
    static const char text[] = "han canary\n";
    sweep();
    snprintf(c->path, sizeof c->path, FOLDER "/han-canary-XXXXXX");
    int fd = mkstemp(c->path);
    if (fd < 0) {
        c->path[0] = '\0';
        return -1;
    }
    bool ok = fchmod(fd, 0644) == 0 && write(fd, text, sizeof text - 1) == (ssize_t)sizeof text - 1;
    int number = errno;
    close(fd);
    errno = number;
    return ok ? 0 : -1;
}

static int open_socket(han__canary *c)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    uint64_t number = 0;
    if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number) return -1;
    snprintf(c->name, sizeof c->name, "han-%016llx", (unsigned long long)number);
    size_t len = strlen(c->name);
    memcpy(address.sun_path + 1, c->name, len);
    c->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (c->listener < 0) return -1;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + len);
    return bind(c->listener, (struct sockaddr *)&address, size) == 0 ? listen(c->listener, 4) : -1;
}

int han__canary_open(han__canary *c, han_error *err)
{
    memset(c, 0, sizeof *c);
    c->listener = -1;
    if (open_file(c) == 0 && open_socket(c) == 0) return HAN_OK;
    int number = errno;
    han__canary_close(c);
    return han__error_sys(err, HAN_IO, number, "cannot make a canary file and socket");
}

void han__canary_close(han__canary *c)
{
    if (c->path[0] == '\0') return;
    unlink(c->path);
    if (c->listener >= 0) close(c->listener);
    memset(c, 0, sizeof *c);
}

static int add_text(han__buf *out, const char *text)
{
    int status = han__buf_u32(out, (uint32_t)strlen(text));
    return status == HAN_OK ? han__buf_text(out, text) : status;
}

int han__canary_payload(const han__canary *c, uint32_t pid, han__buf *out)
{
    int status = han__buf_u32(out, pid);
    if (status == HAN_OK) status = add_text(out, c->name);
    return status == HAN_OK ? add_text(out, c->path) : status;
}

int han__canary_ask(han__canary *c, const han__process *runner, han__stream *channel, han__mem *mem,
                    han_error *err)
{
    han__buf out;
    size_t start;
    int status = han__canary_open(c, err);
    if (status != HAN_OK) return status;
    han__buf_init(&out, mem, 1024);
    status = han__frame_begin(&out, HAN__EVAL_PROVE, 0, &start);
    if (status == HAN_OK) status = han__canary_payload(c, (uint32_t)han__process_pid(runner), &out);
    if (status == HAN_OK) status = han__frame_end(&out, start);
    if (status == HAN_OK) status = han__stream_write(channel, out.data, out.len);
    if (status == HAN_IO) status = HAN_OK;
    han__buf_release(&out);
    return status;
}

int han__canary_name(uint32_t breaches, int level, han_error *err)
{
    static const struct {
        uint32_t bit;
        const char *text;
    } facts[] = {
#define BREACH_FACT(name, number, words) {number, words},
        HAN__BREACH_MAP(BREACH_FACT)
#undef BREACH_FACT
    };
    for (size_t i = 0; i < HAN__COUNT(facts); i++)
        if (breaches & facts[i].bit)
            return han__error_set(err, HAN_ENVIRONMENT,
                                  "no sandbox of level %s here: the canary proof failed: %s",
                                  han__level_name(level), facts[i].text);
    return han__error_set(err, HAN_ENVIRONMENT, "no sandbox here: the canary proof made no sense");
}

int han__canary_judge(uint32_t breaches, int level, han_error *err)
{
    /* landlock leaves sockets and signals of a runner to the filter */
    if (level == HAN__LEVEL_LANDLOCK)
        breaches &= ~(uint32_t)(HAN__BREACH_SOCKET | HAN__BREACH_SIGNAL);
    return breaches == 0 ? HAN_OK : han__canary_name(breaches, level, err);
}
