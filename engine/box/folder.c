/* Owns the folders that runs without namespaces have on the machine: one for each box, locked while
 * anybody of the box lives, removed by the zygote, and where that was killed by whoever starts the
 * next box. */
#include "base/config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "box/box.h"

#define PREFIX    "han-box-"
#define STEPS_MAX 200000 /* of a removal, so that it ends whatever lies there */
#define DEPTH_MAX 65536  /* of what is removed */
#define TRIES     100

int folder_open(int in, const char *name)
{
    char path[32];
    int below = openat(in, name, FOLDER_FLAGS);
    if (below >= 0 || errno != EACCES) return below;
    int at = openat(in, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (at < 0) return -1;
    snprintf(path, sizeof path, "/proc/self/fd/%d", at);
    struct stat st;
    if (fstat(at, &st) == 0 && chmod(path, 0700) == 0) {
        below = openat(in, name, FOLDER_FLAGS);
        (void)chmod(path, st.st_mode & 07777); /* what it says is part of what is collected */
    }
    close(at);
    return below;
}

/* ---- the end of one ---- */

/* Which folder it is, whatever its name. */
typedef struct identity {
    dev_t device;
    ino_t number;
} identity;

static bool identify(int folder, identity *out)
{
    struct stat st;
    if (fstat(folder, &st) != 0) return false;
    *out = (identity){st.st_dev, st.st_ino};
    return true;
}

/* Removes what can be removed of a folder; a folder in it that is not empty, opened, or -1. */
static int empty(int folder)
{
    int copy = openat(folder, ".", FOLDER_FLAGS), below = -1;
    DIR *dir = copy < 0 ? NULL : fdopendir(copy);
    const struct dirent *entry;
    if (!dir && copy >= 0) close(copy);
    while (dir && below < 0 && (entry = readdir(dir))) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) continue;
        if (unlinkat(folder, name, 0) == 0 || unlinkat(folder, name, AT_REMOVEDIR) == 0) continue;
        if (errno != ENOTEMPTY && errno != EEXIST && errno != EACCES) continue;
        below = folder_open(folder, name);
        if (below >= 0) (void)fchmod(below, 0700);
    }
    if (dir) closedir(dir);
    return below;
}

/* The folder that the one at `depth` was found in: another when somebody has moved it, and then
 * nothing there is ours to remove. -1 then, and at the top. */
static int parent_of(int folder, const identity *way, size_t depth)
{
    identity found;
    int parent = depth == 0 ? -1 : openat(folder, "..", FOLDER_FLAGS);
    if (parent < 0) return -1;
    if (identify(parent, &found) && found.device == way[depth - 1].device &&
        found.number == way[depth - 1].number)
        return parent;
    close(parent);
    return -1;
}

/* One folder is open at a time, however deep they are. */
void folder_remove(const char *path)
{
    static identity way[DEPTH_MAX];
    size_t depth = 0;
    (void)chmod(path, 0700);
    int at = open(path, FOLDER_FLAGS);
    for (int steps = 0; at >= 0 && steps < STEPS_MAX; steps++) {
        int next = depth + 1 < DEPTH_MAX && identify(at, &way[depth]) ? empty(at) : -1;
        if (next >= 0)
            depth++;
        else
            next = parent_of(at, way, depth--);
        close(at);
        at = next;
    }
    if (at >= 0) close(at);
    (void)rmdir(path);
}

/* ---- one for a box ---- */

/* Until the last process that has it open ends: the zygote, or the first process of a run. False
 * when somebody else has it; true where folders know no locks. */
static bool lock(int folder)
{
    return flock(folder, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

/* Whoever sweeps may have come between: then it is theirs. */
static bool is_ours(int folder)
{
    struct stat st;
    return folder >= 0 && lock(folder) && fstat(folder, &st) == 0 && st.st_nlink > 0;
}

static bool make_in(box *b, const char *folder)
{
    for (int i = 0; i < TRIES; i++) {
        int n = snprintf(b->root, sizeof b->root, "%s/" PREFIX "XXXXXX", folder);
        if (n < 0 || (size_t)n >= sizeof b->root || !mkdtemp(b->root)) break;
        int fd = open(b->root, FOLDER_FLAGS);
        if (is_ours(fd)) return true; /* open for as long as we live */
        if (fd >= 0) close(fd);
    }
    b->root[0] = '\0';
    return false;
}

bool folder_make(box *b)
{
    return make_in(b, b->folder) || make_in(b, FOLDER_ELSE);
}

/* ---- those that were left behind ---- */

/* With the rights of its owner only, since what lies in it is anybody's. */
static void remove_as(const char *path, const struct stat *st)
{
    pid_t pid = fork();
    if (pid == 0) {
        bool own = geteuid() != 0 ||
                   (setgroups(0, NULL) == 0 && setresgid(st->st_gid, st->st_gid, st->st_gid) == 0 &&
                    setresuid(st->st_uid, st->st_uid, st->st_uid) == 0);
        int fd = own ? open(path, FOLDER_FLAGS) : -1;
        if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) folder_remove(path);
        _exit(EXIT_FINE);
    }
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR) continue;
}

static bool is_left(const char *path, struct stat *st)
{
    int fd = open(path, FOLDER_FLAGS);
    bool left = fd >= 0 && fstat(fd, st) == 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
    if (fd >= 0) close(fd);
    /* no box belongs to root, see launch.c */
    return left && st->st_uid != 0 && (geteuid() == 0 || st->st_uid == geteuid());
}

static void sweep_in(const char *folder)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    char path[HAN__PATH_MAX];
    struct stat st;
    while (dir && (entry = readdir(dir))) {
        if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) != 0) continue;
        int n = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (n > 0 && (size_t)n < sizeof path && is_left(path, &st)) remove_as(path, &st);
    }
    if (dir) closedir(dir);
}

void folder_sweep(const char *folder)
{
    sweep_in(folder);
    if (strcmp(folder, FOLDER_ELSE) != 0) sweep_in(FOLDER_ELSE);
}
