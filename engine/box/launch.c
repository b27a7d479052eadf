/* Owns the way from the engine to bubblewrap: cgroups are entered while we may, then root is given
 * up, then bubblewrap takes our place, or, at levels without it, this program once more. Arguments:
 * uid gid, paths of cgroup.procs files, "--", the command line of that. uid 0: nothing is to be
 * given up. */
#include "base/config.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "box/box.h"

#define OWN_FD 5 /* this program, for bubblewrap to execute in the box */

static int fail(const char *what)
{
    fprintf(stderr, "han-box: %s: %s\n", what, strerror(errno));
    return EXIT_ENVIRONMENT;
}

static bool enter_cgroup(const char *path)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool ok = fd >= 0 && write(fd, "0\n", 2) == 2;
    if (fd >= 0) close(fd);
    return ok;
}

/* For good: that it cannot be taken back is tried. */
static bool give_up_root(uid_t uid, gid_t gid)
{
    if (uid == 0) return true;
    if (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0)
        return false;
    if (setuid(0) == 0 || setgid(0) == 0) {
        errno = EPERM;
        return false;
    }
    /* changing the user has forgotten whose death is ours */
    return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() != 1;
}

static bool keep_program(void)
{
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    bool ok = dup2(fd, OWN_FD) == OWN_FD;
    if (fd != OWN_FD) close(fd);
    return ok;
}

int launch(int argc, char **argv)
{
    int at = 2;
    if (argc < 5) return EXIT_USAGE;
    if (!keep_program()) return fail("cannot open itself");
    for (; at < argc && strcmp(argv[at], "--") != 0; at++)
        if (!enter_cgroup(argv[at])) return fail("cannot enter its cgroup");
    if (at + 1 >= argc) return EXIT_USAGE;
    /* what it names last is where its folder will be */
    if (at + 2 < argc && strcmp(argv[at + 2], "zygote") == 0) folder_sweep(argv[argc - 1]);
    if (!give_up_root((uid_t)strtoul(argv[0], NULL, 10), (gid_t)strtoul(argv[1], NULL, 10)))
        return fail("cannot give up root");
    /* the keys of our session would be told in /proc/keys; where that is forbidden there are none
     */
    (void)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
    execve(argv[at + 1], argv + at + 1, environ); /* of four entries, see exec/boxing.h */
    return fail("cannot execute what makes the box");
}
