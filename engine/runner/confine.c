/* Owns the limits of a child process: rlimits and a system call filter, installed without any
 * library so that the runner stays small. */
#include "base/config.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runner/confine.h"

#ifdef __GLIBC__
typedef __rlimit_resource_t resource_id; /* an enum of its own under _GNU_SOURCE */
#else
typedef int resource_id;
#endif

/* `value`, and `hard` above which the kernel has no signal that tells why. */
static void limit_with(resource_id resource, rlim_t value, rlim_t hard)
{
    struct rlimit now;
    if (getrlimit(resource, &now) != 0) return;
    if (now.rlim_max < hard) hard = now.rlim_max;
    struct rlimit then = {value < hard ? value : hard, hard};
    setrlimit(resource, &then);
}

static void limit(resource_id resource, rlim_t value)
{
    limit_with(resource, value, value);
}

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#define LOAD(field)                                                                                \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, field))
#define ALLOW            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define KILL             BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
#define ALLOW_CALL(name) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)SYS_##name, 0, 1), ALLOW

#if defined(ARCHITECTURE) && !defined(HAN__SANITIZED)
/* talks: it may also read and write what it has open. */
static bool filter_calls(bool talks)
{
    uint32_t read_call = talks ? (uint32_t)SYS_read : (uint32_t)SYS_exit_group;
    uint32_t write_call = talks ? (uint32_t)SYS_write : (uint32_t)SYS_exit_group;
    /* mmap is allowed as long as it asks for no executable memory; mprotect not at all */
    struct sock_filter rules[] = {
        LOAD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
        KILL,
        LOAD(nr),
        ALLOW_CALL(brk),
        ALLOW_CALL(munmap),
        ALLOW_CALL(mremap),
        ALLOW_CALL(madvise),
        ALLOW_CALL(exit_group),
        ALLOW_CALL(rt_sigreturn),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, read_call, 0, 1),
        ALLOW,
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, write_call, 0, 1),
        ALLOW,
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)SYS_mmap, 1, 0),
        KILL,
        LOAD(args[2]),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1),
        KILL,
        ALLOW,
    };
    struct sock_fprog program = {HAN__COUNT(rules), rules};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}
#elif defined(ARCHITECTURE)
#define KILL_CALL(name) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)SYS_##name, 0, 1), KILL

/* Sanitizers make calls of their own, so that here all is allowed but what reaches others. */
static bool filter_calls(bool talks)
{
    HAN__UNUSED(talks);
    struct sock_filter rules[] = {
        LOAD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
        KILL,
        LOAD(nr),
        KILL_CALL(openat),
        KILL_CALL(openat2),
        KILL_CALL(socket),
        KILL_CALL(socketpair),
        KILL_CALL(connect),
        KILL_CALL(bind),
        KILL_CALL(kill),
        KILL_CALL(clone),
        KILL_CALL(clone3),
        KILL_CALL(execve),
        KILL_CALL(execveat),
        KILL_CALL(unshare),
        KILL_CALL(ptrace),
        ALLOW,
    };
    struct sock_fprog program = {HAN__COUNT(rules), rules};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}
#else
static bool filter_calls(bool talks) /* no filter is written for this machine: never level strong */
{
    HAN__UNUSED(talks);
    return false;
}
#endif

static void limit_all(uint64_t address_bytes)
{
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_CORE, 1); /* at 0 a program of the machine may be given the dump, see core(5) */
    limit(RLIMIT_NOFILE, 0);
    limit(RLIMIT_NPROC, 0);
#ifdef HAN__SANITIZED
    HAN__UNUSED(address_bytes); /* their shadow memory is larger than any limit */
#else
    limit(RLIMIT_AS, address_bytes);
#endif
}

bool han__confine(uint32_t wall_ms, uint64_t address_bytes)
{
    prctl(PR_SET_DUMPABLE, 0);
    syscall(SYS_close_range, 0u, ~0u, 0u);
    limit_with(RLIMIT_CPU, wall_ms / 1000 + 2, wall_ms / 1000 + 3);
    limit_all(address_bytes);
    return filter_calls(false);
}

#ifdef SYS_landlock_create_ruleset
/* As the kernel's struct landlock_ruleset_attr has it from ABI 6 on; the headers of Debian 12 are
 * older than that. */
typedef struct ruleset {
    uint64_t files, net, scoped;
} ruleset;

bool han__confine_landlock(void)
{
    enum { VERSION = 1 };
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, VERSION);
    if (abi < 4) return false;
    ruleset rules = {.files = abi >= 5 ? 0xffff : 0x7fff, .net = 3, .scoped = abi >= 6 ? 3 : 0};
    size_t size = abi >= 6 ? sizeof rules : offsetof(ruleset, scoped);
    int fd = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
    bool good = fd >= 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                syscall(SYS_landlock_restrict_self, fd, 0) == 0;
    if (fd >= 0) close(fd);
    return good;
}
#else
bool han__confine_landlock(void)
{
    return false;
}
#endif

void han__confine_files(int channel)
{
#ifdef HAN__SANITIZED
    unsigned first = 3; /* its reports go to stderr */
#else
    unsigned first = 0;
#endif
    if ((unsigned)channel > first) syscall(SYS_close_range, first, (unsigned)channel - 1, 0u);
    syscall(SYS_close_range, (unsigned)channel + 1, ~0u, 0u);
}

bool han__confine_program(int channel, uint64_t cpu_seconds, uint64_t address_bytes)
{
    prctl(PR_SET_DUMPABLE, 0);
    han__confine_files(channel);
    limit_with(RLIMIT_CPU, cpu_seconds, cpu_seconds + 1);
    limit_all(address_bytes);
    return filter_calls(true);
}
