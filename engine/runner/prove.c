/* Owns the attempts of the canary proof. A child that is ended by the filter, or whose call fails,
 * has not reached anything; one that ends with REACHED has. */
#include "base/config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec/canary.h"
#include "runner/confine.h"
#include "runner/prove.h"

#define ADDRESS_BYTES ((uint64_t)1 << 32)
#define WALL_MS       1000u

enum { DENIED = 0, REACHED = 1 };

typedef struct target {
    pid_t pid;
    char name[64]; /* abstract socket, without the NUL in front */
    char path[128];
} target;

/* ---- the attempts, in a child; the plain ones are for the filter, which has to end them ---- */

static int reach_file(const target *t)
{
    return open(t->path, O_RDONLY | O_CLOEXEC) >= 0 ? REACHED : DENIED;
}

static int reach_socket(const target *t)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(t->name);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return DENIED;
    memcpy(address.sun_path + 1, t->name, len);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + len);
    return connect(fd, (struct sockaddr *)&address, size) == 0 ? REACHED : DENIED;
}

/* In a process namespace of its own the number may be that of this child or of its parent. */
static int reach_process(const target *t)
{
    if (t->pid == getpid() || t->pid == getppid()) return DENIED;
    return kill(t->pid, 0) == 0 || errno == EPERM ? REACHED : DENIED;
}

static int plain_file(const target *t)
{
    HAN__UNUSED(t);
    return open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC) >= 0 ? REACHED : DENIED;
}

static int plain_socket(const target *t)
{
    HAN__UNUSED(t);
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0 ? REACHED : DENIED;
}

static int plain_signal(const target *t)
{
    HAN__UNUSED(t);
    return kill(getpid(), 0) == 0 ? REACHED : DENIED;
}

typedef struct attempt {
    uint32_t breach;
    bool filtered;
    int (*reach)(const target *);
} attempt;

static const attempt attempts[] = {
    {HAN__BREACH_FILE, false, reach_file},          {HAN__BREACH_SOCKET, false, reach_socket},
    {HAN__BREACH_SIGNAL, false, reach_process},     {HAN__BREACH_PLAIN_FILE, true, plain_file},
    {HAN__BREACH_PLAIN_SOCKET, true, plain_socket}, {HAN__BREACH_PLAIN_SIGNAL, true, plain_signal},
};

/* Filtered attempts must end by the filter; a limit that fails the call proves nothing of it. */
static uint32_t make_attempt(const attempt *a, const target *t)
{
    int status = 0;
    pid_t pid = fork();
    if (pid < 0) return HAN__BREACH_UNTRIED;
    if (pid == 0) {
        if (a->filtered && !han__confine(WALL_MS, ADDRESS_BYTES)) _exit(REACHED);
        _exit(a->reach(t));
    }
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) return HAN__BREACH_UNTRIED;
    if (a->filtered) return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS ? 0 : a->breach;
    return WIFEXITED(status) && WEXITSTATUS(status) == DENIED ? 0 : a->breach;
}

/* ---- the payload ---- */

static uint32_t take_u32(const uint8_t **at, size_t *len)
{
    uint32_t v = 0;
    if (*len < 4) {
        *len = 0;
        return 0;
    }
    for (int i = 0; i < 4; i++) v |= (uint32_t)(*at)[i] << (8 * i);
    *at += 4;
    *len -= 4;
    return v;
}

static bool take_text(const uint8_t **at, size_t *len, char *out, size_t cap)
{
    size_t n = take_u32(at, len);
    if (n == 0 || n > *len || n >= cap) return false;
    memcpy(out, *at, n);
    out[n] = '\0';
    *at += n;
    *len -= n;
    return true;
}

bool han__prove_filter(uint32_t breaches)
{
    return (breaches & (HAN__BREACH_PLAIN_FILE | HAN__BREACH_PLAIN_SOCKET |
                        HAN__BREACH_PLAIN_SIGNAL | HAN__BREACH_UNTRIED)) == 0;
}

uint32_t han__prove(const uint8_t *payload, size_t len)
{
    target t = {0};
    uint32_t breaches = 0;
    t.pid = (pid_t)take_u32(&payload, &len);
    if (t.pid <= 0 || !take_text(&payload, &len, t.name, sizeof t.name) ||
        !take_text(&payload, &len, t.path, sizeof t.path))
        return HAN__BREACH_UNTRIED;
    for (size_t i = 0; i < HAN__COUNT(attempts); i++) breaches |= make_attempt(&attempts[i], &t);
    return breaches;
}
