/* Owns the filter of system calls that every command runs under. What is listed is refused with
 * EPERM, as if the right to it was missing; calls newer than this list do not exist; calls of
 * another architecture or of x32 end the process. */
#include "base/config.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "box/box.h"

/* The last call that was looked at (Linux 6.17, file_setattr); later ones give ENOSYS. */
#define NEWEST_CALL 469
#define X32_BIT     0x40000000u

/* By what they would open up: the kernel's own parts, other processes, mounts, namespaces, memory
 * that no limit sees, keys. */
static const char *const refused[] = {
    "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter",
    "io_uring_register", "init_module", "finit_module", "delete_module", "kexec_load",
    "kexec_file_load", "reboot", "iopl", "ioperm", "modify_ldt", "vm86", "vm86old", "uselib",
    "_sysctl", "sysfs", "nfsservctl", "lookup_dcookie", "syslog", "acct", "swapon", "swapoff",
    "quotactl", "quotactl_fd", "vhangup", "settimeofday", "clock_settime", "clock_settime64",
    "clock_adjtime", "clock_adjtime64", "adjtimex", "stime", "sethostname", "setdomainname",
    /* other processes */
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_getfd", "kcmp",
    /* mounts and namespaces */
    "mount", "umount", "umount2", "pivot_root", "chroot", "setns", "unshare", "fsopen", "fsconfig",
    "fsmount", "fspick", "move_mount", "open_tree", "mount_setattr", "open_by_handle_at",
    "name_to_handle_at", "fanotify_init", "fanotify_mark",
    /* memory that outlives a process or is not counted, placement */
    "shmget", "shmat", "shmctl", "msgget", "semget", "memfd_secret", "mbind", "set_mempolicy",
    "set_mempolicy_home_node", "migrate_pages", "move_pages",
    /* keys */
    "add_key", "request_key", "keyctl"};

/* Known by number only: later than the library's own list. statmount, listmount, listns and
 * open_tree_attr tell about mounts. */
static const int refused_numbers[] = {457, 458, 467};

static bool refuse_by_name(scmp_filter_ctx f)
{
    for (size_t i = 0; i < HAN__COUNT(refused); i++) {
        int number = seccomp_syscall_resolve_name(refused[i]);
        if (number < 0) continue; /* not on this architecture */
        if (seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), number, 0) != 0) return false;
    }
    for (size_t i = 0; i < HAN__COUNT(refused_numbers); i++)
        if (seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), refused_numbers[i], 0) != 0) return false;
    return true;
}

/* clone3 hides its flags from us: without it, libraries fall back to clone. */
static bool refuse_namespaces(scmp_filter_ctx f)
{
    static const uint64_t flags[] = {CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNS,     CLONE_NEWIPC,
                                     CLONE_NEWNET,  CLONE_NEWUTS, CLONE_NEWCGROUP, CLONE_PTRACE};
    for (size_t i = 0; i < HAN__COUNT(flags); i++)
        if (seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                             SCMP_A0(SCMP_CMP_MASKED_EQ, flags[i], flags[i])) != 0)
            return false;
    return seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0;
}

/* Putting characters into a terminal, and sockets of all families but the local one: a namespace of
 * its own has no network, but vsock knows no namespaces, and the others only widen the kernel's
 * surface. */
static bool refuse_arguments(scmp_filter_ctx f)
{
    static const uint64_t requests[] = {TIOCSTI, TIOCLINUX, TIOCSETD, TIOCCONS};
    for (size_t i = 0; i < HAN__COUNT(requests); i++)
        if (seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
                             SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffffu, requests[i])) != 0)
            return false;
    return seccomp_rule_add(f, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
                            SCMP_A0(SCMP_CMP_NE, AF_UNIX, 0)) == 0 &&
           seccomp_rule_add(f, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socketpair), 1,
                            SCMP_A0(SCMP_CMP_NE, AF_UNIX, 0)) == 0;
}

#define LOW 0xffffffffu /* what the kernel looks at of an int */

static bool refuse_first(scmp_filter_ctx f, int call, unsigned argument)
{
    const struct scmp_arg_cmp first = {argument, SCMP_CMP_MASKED_EQ, LOW, 1};
    return seccomp_rule_add_array(f, SCMP_ACT_ERRNO(EPERM), call, 1, &first) == 0;
}

/* The first process of the namespace has the same user and watches the limits: what needs no more
 * right than that to reach it. Its limits could be lowered until it dies, its turns until it is
 * late. */
static bool protect_first(scmp_filter_ctx f)
{
    static const int priorities[] = {SCMP_SYS(setpriority), SCMP_SYS(ioprio_set)};
    static const unsigned all[] = {PRIO_USER, 3 /* IOPRIO_WHO_USER */};
    static const int calls[] = {SCMP_SYS(prlimit64), SCMP_SYS(sched_setscheduler),
                                SCMP_SYS(sched_setparam), SCMP_SYS(sched_setattr),
                                SCMP_SYS(sched_setaffinity)};
    for (size_t i = 0; i < HAN__COUNT(calls); i++)
        if (!refuse_first(f, calls[i], 0)) return false;
    for (size_t i = 0; i < HAN__COUNT(priorities); i++)
        if (!refuse_first(f, priorities[i], 1) ||
            seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), priorities[i], 1,
                             SCMP_A0(SCMP_CMP_MASKED_EQ, LOW, all[i])) != 0)
            return false;
    return true;
}

/* A dump of memory would go to the machine's own program for that, outside of every limit; that one
 * is not called for the limit of one byte, which therefore stays. Who sets it is told that it was
 * done. */
static bool keep_core_limit(scmp_filter_ctx f)
{
    return seccomp_rule_add(f, SCMP_ACT_ERRNO(0), SCMP_SYS(setrlimit), 1,
                            SCMP_A0(SCMP_CMP_MASKED_EQ, LOW, RLIMIT_CORE)) == 0 &&
           seccomp_rule_add(f, SCMP_ACT_ERRNO(0), SCMP_SYS(prlimit64), 2,
                            SCMP_A1(SCMP_CMP_MASKED_EQ, LOW, RLIMIT_CORE),
                            SCMP_A2(SCMP_CMP_NE, 0, 0)) == 0;
}

/* The program as the kernel wants it, behind a check for calls that are newer than the list. */
static bool export_to(scmp_filter_ctx f, struct sock_fprog *out)
{
    static struct sock_filter code[2048];
    static const struct sock_filter guard[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, X32_BIT, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, NEWEST_CALL, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
    };
    int fd = memfd_create("filter", MFD_CLOEXEC);
    struct stat st;
    bool ok = fd >= 0 && seccomp_export_bpf(f, fd) == 0 && fstat(fd, &st) == 0 &&
              (size_t)st.st_size <= sizeof code - sizeof guard;
    if (ok) {
        size_t len = (size_t)st.st_size;
        for (size_t i = 0; i < HAN__COUNT(guard); i++) code[i] = guard[i];
        ok = pread(fd, code + HAN__COUNT(guard), len, 0) == (ssize_t)len;
        out->len = (unsigned short)(HAN__COUNT(guard) + len / sizeof code[0]);
        out->filter = code;
    }
    if (fd >= 0) close(fd);
    return ok;
}

/* Without a namespace of processes none but the own may be named; and without one of the network,
 * sockets of the machine are kept away by having none. */
static bool protect_others(scmp_filter_ctx f, bool sockets)
{
    static const int calls[] = {SCMP_SYS(prlimit64), SCMP_SYS(sched_setscheduler),
                                SCMP_SYS(sched_setparam), SCMP_SYS(sched_setattr),
                                SCMP_SYS(sched_setaffinity)};
    static const int priorities[] = {SCMP_SYS(setpriority), SCMP_SYS(ioprio_set)};
    for (size_t i = 0; i < HAN__COUNT(calls); i++)
        if (seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), calls[i], 1, SCMP_A0(SCMP_CMP_NE, 0, 0)) !=
            0)
            return false;
    for (size_t i = 0; i < HAN__COUNT(priorities); i++)
        if (seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), priorities[i], 1,
                             SCMP_A1(SCMP_CMP_NE, 0, 0)) != 0)
            return false;
    return sockets || seccomp_rule_add(f, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 0) == 0;
}

bool filter_make(struct sock_fprog *out, const box *b)
{
    scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);
    if (!f) return false;
    bool ok = seccomp_attr_set(f, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0 &&
              refuse_by_name(f) && refuse_namespaces(f) && refuse_arguments(f) &&
              protect_first(f) && keep_core_limit(f);
    if (ok && b->level != HAN__LEVEL_STRONG) ok = protect_others(f, b->level == HAN__LEVEL_NONE);
    /* a memfd that nobody maps is seen by cgroups only */
    if (ok && b->counted)
        ok = seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(memfd_create), 0) == 0;
    ok = ok && export_to(f, out);
    seccomp_release(f);
    return ok;
}

bool filter_load(const struct sock_fprog *filter)
{
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter, 0, 0) == 0;
}
