/* Owns the view of the process table where there is no namespace of processes: who is beneath whom.
 * It is read file by file while it changes, so whoever ends a tree looks again until nobody is
 * left. */
#include "base/config.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "box/box.h"

#define PIDS_MAX (1u << 22) /* of any kernel */

typedef struct process {
    pid_t pid, parent;
    uint32_t threads;
    bool ended; /* nobody has waited for it yet */
} process;

const char *tree_field(const char *text, int field)
{
    const char *at = strrchr(text, ')'); /* a name may hold anything but ends there */
    for (int i = 2; at && i < field; i++) {
        at += strcspn(at, " ");
        at = *at ? at + 1 : NULL;
    }
    return at;
}

uint64_t tree_number(const char *text, int field)
{
    const char *at = tree_field(text, field);
    return at ? strtoull(at, NULL, 10) : 0;
}

static bool read_process(const char *name, process *out)
{
    char path[48], text[1024];
    snprintf(path, sizeof path, "/proc/%.20s/stat", name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    if (fd >= 0) close(fd);
    if (n <= 0) return false;
    text[n] = '\0';
    const char *state = tree_field(text, 3);
    if (!state || !tree_field(text, 20)) return false;
    *out = (process){.pid = (pid_t)strtol(name, NULL, 10),
                     .parent = (pid_t)tree_number(text, 4),
                     .threads = (uint32_t)tree_number(text, 20),
                     .ended = *state == 'Z' || *state == 'X'};
    return true;
}

static size_t read_table(process *out, size_t cap)
{
    DIR *dir = opendir("/proc");
    const struct dirent *entry;
    size_t len = 0;
    while (dir && len < cap && (entry = readdir(dir)))
        if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9' &&
            read_process(entry->d_name, &out[len]))
            len++;
    if (dir) closedir(dir);
    return len;
}

/* A set of process numbers. */
static uint8_t marks[PIDS_MAX / 8];

static bool is_marked(pid_t pid)
{
    return pid > 0 && (uint32_t)pid < PIDS_MAX && (marks[pid / 8] >> (pid % 8) & 1) != 0;
}

static void mark(pid_t pid, bool on)
{
    uint8_t bit = (uint8_t)(1u << (pid % 8));
    if (pid <= 0 || (uint32_t)pid >= PIDS_MAX) return;
    if (on)
        marks[pid / 8] |= bit;
    else
        marks[pid / 8] &= (uint8_t)~bit;
}

static bool is_one_of(pid_t pid, const pid_t *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (list[i] == pid) return true;
    return false;
}

/* Those beneath root, put in front; their number. */
static size_t sort_out(process *table, size_t len, pid_t root, const pid_t * not, size_t n)
{
    size_t found = 0;
    bool more = true;
    mark(root, true);
    while (more) { /* numbers start anew at the top, so that a child may stand before its parent */
        more = false;
        for (size_t i = found; i < len; i++) {
            process p = table[i];
            if (!is_marked(p.parent) || is_one_of(p.pid, not, n)) continue;
            mark(p.pid, true);
            table[i] = table[found];
            table[found++] = p;
            more = true;
        }
    }
    mark(root, false);
    for (size_t i = 0; i < found; i++) mark(table[i].pid, false);
    return found;
}

static process table[TREE_MAX];

size_t tree_list(pid_t root, const pid_t * not, size_t n, pid_t *out, size_t cap)
{
    size_t found = sort_out(table, read_table(table, TREE_MAX), root, not, n);
    if (found > cap) found = cap;
    for (size_t i = 0; i < found; i++) out[i] = table[i].pid;
    return found;
}

size_t tree_kill(pid_t root, const pid_t * not, size_t n)
{
    size_t found = sort_out(table, read_table(table, TREE_MAX), root, not, n), alive = 0;
    for (size_t i = 0; i < found; i++) {
        if (table[i].ended) continue;
        alive++;
        (void)kill(table[i].pid, SIGKILL);
    }
    return alive;
}

uint64_t tree_user_threads(void)
{
    size_t len = read_table(table, TREE_MAX);
    uint64_t threads = 0;
    for (size_t i = 0; i < len; i++) {
        char path[32];
        struct stat st;
        snprintf(path, sizeof path, "/proc/%ld", (long)table[i].pid);
        if (stat(path, &st) == 0 && st.st_uid == geteuid()) threads += table[i].threads;
    }
    return threads;
}
