/* Owns the counting of what a run uses, from /proc of its own pid namespace. */
#include "base/config.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "box/box.h"

/* Reads a file of /proc as text; its length, 0 when it cannot be read. */
static size_t read_text(const char *pid, const char *name, char *out, size_t cap)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%.20s/%s", pid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, out, cap - 1);
    if (fd >= 0) close(fd);
    out[n > 0 ? n : 0] = '\0';
    return n > 0 ? (size_t)n : 0;
}

/* Milliseconds of CPU time, with that of children it waited for; threads of it in *threads. */
static uint64_t cpu_of(const char *pid, uint64_t *threads)
{
    char text[1024];
    uint64_t ticks = 0;
    if (read_text(pid, "stat", text, sizeof text) == 0) return 0;
    for (int field = 14; field <= 17; field++) /* user, system, and both of who was waited for */
        ticks += tree_number(text, field);
    *threads += tree_number(text, 20);
    return ticks * 1000u / (uint64_t)sysconf(_SC_CLK_TCK);
}

/* Its proportional share of memory; where that is hidden, all that is resident. */
static uint64_t memory_of(const char *pid)
{
    char text[1024];
    if (read_text(pid, "smaps_rollup", text, sizeof text) > 0) {
        const char *at = strstr(text, "\nPss:");
        if (at) return strtoull(at + 5, NULL, 10) * 1024u;
    }
    if (read_text(pid, "statm", text, sizeof text) == 0) return 0;
    return strtoull(text + strcspn(text, " "), NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Files are memory in a box that has a disk of its own. */
static uint64_t disk_used(void)
{
    struct statvfs st;
    if (statvfs(HAN__BOX_ROOT, &st) != 0) return 0;
    return (uint64_t)(st.f_blocks - st.f_bfree) * st.f_frsize;
}

static void add_process(usage *out, const char *name, bool memory)
{
    uint64_t threads = 0;
    out->cpu_ms += cpu_of(name, &threads);
    out->procs += threads;
    if (memory) out->memory += memory_of(name);
}

/* Of the first process of a run: the CPU time of those that it waited for. */
static void add_first(usage *out, const char *name)
{
    uint64_t threads = 0;
    out->cpu_ms += cpu_of(name, &threads);
}

/* All that is in our pid namespace. */
static void count_all(usage *out, bool memory)
{
    DIR *dir = opendir("/proc");
    const struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        const char *name = entry->d_name;
        if (name[0] < '0' || name[0] > '9') continue;
        if (strcmp(name, "1") == 0)
            add_first(out, name);
        else
            add_process(out, name, memory);
    }
    if (dir) closedir(dir);
    if (memory) out->memory += disk_used();
}

/* All that is beneath us. */
static void count_tree(usage *out, bool memory)
{
    static pid_t pids[TREE_MAX];
    char name[24];
    size_t n = tree_list(getpid(), NULL, 0, pids, TREE_MAX);
    add_first(out, "self");
    for (size_t i = 0; i < n; i++) {
        snprintf(name, sizeof name, "%ld", (long)pids[i]);
        add_process(out, name, memory);
    }
}

void count_usage(const box *b, usage *out, bool memory)
{
    memset(out, 0, sizeof *out);
    if (b->level == HAN__LEVEL_STRONG)
        count_all(out, memory);
    else
        count_tree(out, memory);
}
