/* Owns what the levels landlock and none have in the place of namespaces: a folder of the machine
 * for each run, which is measured while the run is on, the steps that put a command behind its
 * level, and the end of all that is beneath the zygote. */
#include "base/config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "box/box.h"
#include "exec/canary.h"

#define DEPTH_MAX 100 /* of folders, while a run is on */
#define NAMELESS  64  /* files without a name that are told apart */
#define CLOSE_MS  2000
#define BLOCK     512u /* of st_blocks */

/* ---- the zygote ---- */

bool plain_open(box *b)
{
    /* of the engine's end the channel tells, and then there is something to be done */
    return prctl(PR_SET_PDEATHSIG, 0) == 0 && prctl(PR_SET_CHILD_SUBREAPER, 1) == 0 &&
           folder_make(b);
}

void plain_close(const box *b)
{
    const struct timespec pause = {0, 1000000};
    for (int ms = 0; ms < CLOSE_MS; ms++) {
        size_t alive = tree_kill(getpid(), NULL, 0);
        while (waitpid(-1, NULL, WNOHANG | __WALL) > 0) continue;
        if (alive == 0 && waitpid(-1, NULL, WNOHANG | __WALL) < 0) break;
        nanosleep(&pause, NULL);
    }
    folder_remove(b->root);
}

/* ---- a run ---- */

bool plain_setup(box *b)
{
    char path[sizeof b->place + 8];
    int n = snprintf(b->place, sizeof b->place, "%s/%ld", b->root, (long)getpid());
    bool ok = n > 0 && (size_t)n < sizeof b->place && mkdir(b->place, 0755) == 0;
    static const char *const names[] = {"work", "tmp"};
    for (size_t i = 0; ok && i < HAN__COUNT(names); i++) {
        snprintf(path, sizeof path, "%s/%s", b->place, names[i]);
        ok = mkdir(path, 0755) == 0;
    }
    /* of a group of our own: that of the zygote is killed when it ends, and we have a command to
     * end first */
    return ok && setpgid(0, 0) == 0 && prctl(PR_SET_CHILD_SUBREAPER, 1) == 0 &&
           prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == b->zygote;
}

bool plain_confine(const box *b)
{
    bool landlock = b->level == HAN__LEVEL_LANDLOCK;
    limit_all(b);
    return drop_caps() && (!landlock || landlock_load(b)) &&
           filter_signals(b, landlock && b->abi < 6) && filter_load(&b->filter);
}

/* From a child, since it is for good. */
uint32_t plain_prove(const box *b)
{
    int ends[2];
    uint32_t breaches = HAN__BREACH_UNTRIED;
    if (pipe2(ends, O_CLOEXEC) != 0) return breaches;
    pid_t pid = fork();
    if (pid == 0) {
        if (plain_confine(b)) breaches = prove(b);
        ssize_t n = write(ends[1], &breaches, sizeof breaches);
        _exit(n == (ssize_t)sizeof breaches ? EXIT_FINE : EXIT_SOFTWARE);
    }
    close(ends[1]);
    ssize_t n;
    do n = pid < 0 ? 0 : read(ends[0], &breaches, sizeof breaches);
    while (n < 0 && errno == EINTR);
    close(ends[0]);
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR) continue;
    return n == (ssize_t)sizeof breaches ? breaches : HAN__BREACH_UNTRIED;
}

/* ---- how much there is ---- */

static void measure(int folder, int depth, stored *out);

static void measure_one(int folder, const char *name, int depth, stored *out)
{
    struct stat st;
    if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0) return;
    out->files++;
    out->bytes += (uint64_t)st.st_blocks * BLOCK;
    if (!S_ISDIR(st.st_mode)) return;
    int below = folder_open(folder, name);
    if (below >= 0) measure(below, depth + 1, out);
}

/* Takes over the descriptor. */
static void measure(int folder, int depth, stored *out)
{
    DIR *dir = depth > DEPTH_MAX ? NULL : fdopendir(folder);
    const struct dirent *entry;
    if (!dir) {
        out->deep = true;
        close(folder);
        return;
    }
    while ((entry = readdir(dir)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            measure_one(dirfd(dir), entry->d_name, depth, out);
    closedir(dir);
}

/* Files that have no name any more, seen once each. */
typedef struct nameless {
    dev_t device;
    ino_t seen[NAMELESS];
    size_t len;
} nameless;

static void add_nameless(nameless *n, const struct stat *st, stored *out)
{
    if (!S_ISREG(st->st_mode) || st->st_nlink != 0 || st->st_dev != n->device) return;
    for (size_t i = 0; i < n->len; i++)
        if (n->seen[i] == st->st_ino) return;
    if (n->len < NAMELESS) n->seen[n->len++] = st->st_ino;
    out->files++;
    out->bytes += (uint64_t)st->st_blocks * BLOCK;
}

static void measure_open(pid_t pid, nameless *n, stored *out)
{
    char path[32];
    struct stat st;
    const struct dirent *entry;
    snprintf(path, sizeof path, "/proc/%ld/fd", (long)pid);
    DIR *dir = opendir(path);
    while (dir && (entry = readdir(dir)))
        if (entry->d_name[0] != '.' && fstatat(dirfd(dir), entry->d_name, &st, 0) == 0)
            add_nameless(n, &st, out);
    if (dir) closedir(dir);
}

void plain_measure(const box *b, stored *out)
{
    static pid_t pids[TREE_MAX];
    nameless n = {0};
    struct stat st;
    memset(out, 0, sizeof *out);
    int folder = open(b->place, FOLDER_FLAGS);
    if (folder < 0 || fstat(folder, &st) != 0) {
        if (folder >= 0) close(folder);
        return;
    }
    n.device = st.st_dev;
    measure(folder, 0, out);
    if (out->files >= 2) out->files -= 2; /* the two folders that are always there */
    size_t len = tree_list(getpid(), NULL, 0, pids, TREE_MAX);
    for (size_t i = 0; i < len; i++) measure_open(pids[i], &n, out);
}
