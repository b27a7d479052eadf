/* Owns the filter that stands for a namespace of processes, as far as signals go: whose number may
 * be named is known only in the process that is to become the command. */
#include "base/config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "box/box.h"

#define LOAD(field)                                                                                \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, field))
#define REFUSE BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
#define ALLOW  BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
/* Refuses when what is loaded is `value`. */
#define REFUSE_IF(value) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), 0, 1), REFUSE
#define ALLOW_IF(value)  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), 0, 1), ALLOW
/* Goes on behind the next `n` steps when what is loaded is not `value`. */
#define UNLESS(value, n) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), 0, n)
/* Goes over the next `n` steps when it is. */
#define WHEN(value, n) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), n, 0)

#define FIOSETOWN_NUMBER 0x8901u
#define SIOCSPGRP_NUMBER 0x8902u

/* Arguments are 64 bits wide; of these numbers the kernel looks at the low half, which comes first
 * on the machines that we build for. */
bool filter_signals(const box *b, bool all)
{
    uint32_t any = all ? SECCOMP_RET_ERRNO | EPERM : SECCOMP_RET_ALLOW;
    uint32_t own = (uint32_t)getpid(), first = (uint32_t)getppid(), zygote = (uint32_t)b->zygote;
    struct sock_filter rules[] = {
        LOAD(nr),
        REFUSE_IF(SYS_pidfd_send_signal), /* a folder of /proc would do for it */
        /* signals that come of what a descriptor does */
        UNLESS(SYS_fcntl, 8),
        LOAD(args[1]),
        REFUSE_IF(F_SETOWN),
        REFUSE_IF(F_SETOWN_EX),
        REFUSE_IF(F_SETSIG),
        ALLOW,
        UNLESS(SYS_ioctl, 6),
        LOAD(args[1]),
        REFUSE_IF(FIOSETOWN_NUMBER),
        REFUSE_IF(SIOCSPGRP_NUMBER),
        ALLOW,
        /* those that name a process */
        WHEN(SYS_kill, 5),
        WHEN(SYS_tkill, 4),
        WHEN(SYS_tgkill, 3),
        WHEN(SYS_rt_sigqueueinfo, 2),
        WHEN(SYS_rt_tgsigqueueinfo, 1),
        ALLOW,
        LOAD(args[0]),
        ALLOW_IF(0),   /* its group */
        ALLOW_IF(own), /* as abort() does it */
        REFUSE_IF(first),
        REFUSE_IF(zygote),
        REFUSE_IF(b->engine),
        REFUSE_IF(0u - first), /* their groups */
        REFUSE_IF(0u - zygote),
        REFUSE_IF(~0u), /* everybody */
        BPF_STMT(BPF_RET | BPF_K, any),
    };
    struct sock_fprog program = {HAN__COUNT(rules), rules};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}
