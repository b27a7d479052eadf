/* Owns the rules of landlock for a command: what it may execute and read of the machine, and the
 * folder of its run. Everything else that has a path is out of its reach. */
#include "base/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "box/box.h"

/* Bits of linux/landlock.h; the headers of Debian 12 end at ABI 3. */
enum {
    RIGHT_EXECUTE = 1 << 0,
    RIGHT_WRITE = 1 << 1,
    RIGHT_READ = 1 << 2,
    RIGHT_LIST = 1 << 3,
    RIGHT_MAKE_DEVICES = 1 << 6 | 1 << 11,
    RIGHT_TRUNCATE = 1 << 14,
    RIGHTS_OF_ABI_4 = 0x7fff,
    RIGHT_DEVICE_CALLS = 1 << 15, /* from ABI 5 on */
    RIGHTS_OF_FILES = RIGHT_EXECUTE | RIGHT_WRITE | RIGHT_READ | RIGHT_TRUNCATE
};
enum { NET_ALL = 3 };    /* bind and connect of TCP */
enum { SCOPED_ALL = 3 }; /* abstract sockets and signals, from ABI 6 on */
enum { RULE_BENEATH = 1 };

#ifdef SYS_landlock_create_ruleset
typedef struct ruleset {
    uint64_t files, net, scoped;
} ruleset;

typedef struct beneath {
    uint64_t allowed;
    int32_t parent;
} __attribute__((packed)) beneath;

/* What is not there is passed over. */
static bool allow(int rules, const char *path, uint64_t rights)
{
    struct stat st;
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0) return errno == ENOENT;
    if (fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode)) rights &= RIGHTS_OF_FILES;
    beneath rule = {rights, fd};
    bool ok = syscall(SYS_landlock_add_rule, rules, RULE_BENEATH, &rule, 0) == 0;
    close(fd);
    return ok;
}

static bool allow_all(int rules, const char *const *paths, uint64_t rights)
{
    for (; *paths; paths++)
        if (!allow(rules, *paths, rights)) return false;
    return true;
}

bool landlock_load(const box *b)
{
    static const char *const programs[] = {"/usr",
                                           "/bin",
                                           "/sbin",
                                           "/lib",
                                           "/lib64",
                                           "/lib32",
                                           "/libx32",
                                           "/etc/alternatives",
                                           "/etc/ld.so.cache",
                                           NULL};
    static const char *const devices[] = {"/dev/null", "/dev/zero", "/dev/full", NULL};
    static const char *const sources[] = {"/dev/random", "/dev/urandom", NULL};
    ruleset all = {.files = RIGHTS_OF_ABI_4, .net = NET_ALL};
    if (b->abi >= 5) all.files |= RIGHT_DEVICE_CALLS;
    if (b->abi >= 6) all.scoped = SCOPED_ALL;
    size_t size = b->abi >= 6 ? sizeof all : offsetof(ruleset, scoped);
    int rules = (int)syscall(SYS_landlock_create_ruleset, &all, size, 0);
    bool ok = rules >= 0 && allow_all(rules, programs, RIGHT_EXECUTE | RIGHT_READ | RIGHT_LIST) &&
              allow_all(rules, devices, RIGHT_READ | RIGHT_WRITE | RIGHT_TRUNCATE) &&
              allow_all(rules, sources, RIGHT_READ) &&
              allow(rules, b->place, RIGHTS_OF_ABI_4 & ~RIGHT_MAKE_DEVICES) &&
              prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
              syscall(SYS_landlock_restrict_self, rules, 0) == 0;
    if (rules >= 0) close(rules);
    return ok;
}
#else
bool landlock_load(const box *b)
{
    HAN__UNUSED(b);
    errno = ENOSYS;
    return false;
}
#endif
