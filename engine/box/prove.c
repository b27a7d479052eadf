/* Owns the proof of a box for commands: its first run tries what no command may reach, from where
 * the command will be, before any request is read. */
#include "base/config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "box/box.h"
#include "exec/canary.h"

static bool reaches_file(const box *b)
{
    return open(b->canary_path, O_RDONLY | O_CLOEXEC) >= 0;
}

static bool reaches_socket(const box *b)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(b->canary_name);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || len + 1 > sizeof address.sun_path) return false;
    memcpy(address.sun_path + 1, b->canary_name, len);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + len);
    bool reached = connect(fd, (struct sockaddr *)&address, size) == 0;
    close(fd);
    return reached;
}

/* In a namespace of its own the number may be ours; and that there is such a process is no secret
 * where there is none. */
static bool reaches_process(const box *b)
{
    if (b->level != HAN__LEVEL_STRONG) return kill(b->engine, 0) == 0;
    return b->engine != getpid() && (kill(b->engine, 0) == 0 || errno == EPERM);
}

static bool makes_network(const box *b)
{
    HAN__UNUSED(b);
    return socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) >= 0;
}

static bool makes_namespace(const box *b)
{
    HAN__UNUSED(b);
    return unshare(CLONE_NEWUSER) == 0;
}

static bool writes_root(const box *b)
{
    HAN__UNUSED(b);
    return open("/canary", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0 ||
           open("/dev/canary", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0;
}

static bool has_rights(const box *b)
{
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {{~0u, ~0u, ~0u}, {~0u, ~0u, ~0u}};
    HAN__UNUSED(b);
    if (syscall(SYS_capget, &head, data) != 0 || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
        return true;
    return (data[0].effective | data[0].permitted | data[1].effective | data[1].permitted) != 0;
}

uint32_t prove(const box *b)
{
    static const struct {
        uint32_t breach;
        bool (*went_well)(const box *);
    } attempts[] = {
        {HAN__BREACH_FILE, reaches_file},         {HAN__BREACH_SOCKET, reaches_socket},
        {HAN__BREACH_SIGNAL, reaches_process},    {HAN__BREACH_PLAIN_SOCKET, makes_network},
        {HAN__BREACH_NAMESPACE, makes_namespace}, {HAN__BREACH_ROOT, writes_root},
        {HAN__BREACH_RIGHTS, has_rights}};
    uint32_t breaches = 0;
    if (b->engine <= 0 || !b->canary_name[0] || !b->canary_path[0]) return HAN__BREACH_UNTRIED;
    for (size_t i = 0; i < HAN__COUNT(attempts); i++)
        if (attempts[i].went_well(b)) breaches |= attempts[i].breach;
    /* what level none leaves to the rights of its user */
    if (b->level == HAN__LEVEL_NONE)
        breaches &= ~(uint32_t)(HAN__BREACH_FILE | HAN__BREACH_SOCKET | HAN__BREACH_ROOT);
    return breaches;
}
