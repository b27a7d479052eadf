/* Owns the cgroups of boxes: finding where this process may make some, their bounds, their
 * counters, their end. Their names hold our process id, so that leftovers can be told. */
#include "base/config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "exec/cgroup.h"

#define NAME_PREFIX "han-box-"
#define REMOVE_MS   1000
#define LINE_BYTES  4096

enum { MEMORY, PIDS, CPU, KINDS };
static const char *const controllers[KINDS] = {"memory", "pids", "cpuacct"};

/* Where own cgroups go: a folder for each controller, "" for CPU time where that cannot be had;
 * version 2 has the same folder for all. */
typedef struct places {
    char folder[KINDS][HAN__PATH_MAX / 2];
    int version;
} places;

struct han__cgroup {
    han__mem *mem;
    int version;
    char folder[KINDS][HAN__PATH_MAX / 2 + 64];
    char procs[KINDS][HAN__PATH_MAX / 2 + 96];
    int events[KINDS]; /* descriptors of the counters */
};

/* ---- finding the places ---- */

/* Whether a list with commas between has the word. */
static bool has_word(const char *list, const char *word)
{
    size_t len = strlen(word);
    for (; *list; list += strcspn(list, ","), list += *list == ',') {
        if (strncmp(list, word, len) == 0 &&
            (list[len] == ',' || list[len] == '\0' || list[len] == '\n'))
            return true;
    }
    return false;
}

/* The path of this process in the hierarchy of a controller ("" for version 2). */
static bool own_path(const char *controller, char *out, size_t cap)
{
    char line[LINE_BYTES];
    bool found = false;
    FILE *f = fopen("/proc/self/cgroup", "re");
    while (f && !found && fgets(line, sizeof line, f)) {
        char *names = strchr(line, ':');
        char *path = names ? strchr(names + 1, ':') : NULL;
        if (!path) continue;
        *path++ = '\0';
        path[strcspn(path, "\n")] = '\0';
        found = *controller ? has_word(names + 1, controller) : names[1] == '\0';
        if (found) found = snprintf(out, cap, "%s", path) < (int)cap;
    }
    if (f) fclose(f);
    return found;
}

/* Where that hierarchy is mounted, and which part of it. */
static bool mount_of(const char *controller, char *root, char *point, size_t cap)
{
    char line[LINE_BYTES];
    bool found = false;
    FILE *f = fopen("/proc/self/mountinfo", "re");
    while (f && !found && fgets(line, sizeof line, f)) {
        char r[LINE_BYTES / 2], p[LINE_BYTES / 2], type[32], options[LINE_BYTES / 2];
        const char *dash = strstr(line, " - ");
        if (!dash || sscanf(line, "%*d %*d %*s %2047s %2047s", r, p) != 2) continue;
        if (sscanf(dash, " - %31s %*s %2047s", type, options) != 2) continue;
        found = *controller ? strcmp(type, "cgroup") == 0 && has_word(options, controller)
                            : strcmp(type, "cgroup2") == 0;
        if (found)
            found =
                snprintf(root, cap, "%s", r) < (int)cap && snprintf(point, cap, "%s", p) < (int)cap;
    }
    if (f) fclose(f);
    return found;
}

static bool own_folder(const char *controller, char *out, size_t cap)
{
    char path[LINE_BYTES / 2], root[LINE_BYTES / 2], point[LINE_BYTES / 2];
    if (!own_path(controller, path, sizeof path) || !mount_of(controller, root, point, sizeof root))
        return false;
    const char *below = path;
    size_t len = strcmp(root, "/") == 0 ? 0 : strlen(root);
    if (len > 0 && strncmp(path, root, len) == 0) below += len;
    if (strcmp(below, "/") == 0) below = "";
    return snprintf(out, cap, "%s%s", point, below) < (int)cap && access(out, W_OK) == 0;
}

static bool write_text(const char *folder, const char *name, const char *text)
{
    char path[HAN__PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path) return false;
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return false;
    size_t len = strlen(text);
    bool ok = write(fd, text, len) == (ssize_t)len;
    close(fd);
    return ok;
}

static bool find_places(places *out)
{
    size_t cap = sizeof out->folder[0];
    out->version = 1;
    if (own_folder("memory", out->folder[MEMORY], cap) &&
        own_folder("pids", out->folder[PIDS], cap)) {
        if (!own_folder("cpuacct", out->folder[CPU], cap)) out->folder[CPU][0] = '\0';
        return true;
    }
    out->version = 2;
    if (!own_folder("", out->folder[MEMORY], cap)) return false;
    memcpy(out->folder[PIDS], out->folder[MEMORY], cap);
    memcpy(out->folder[CPU], out->folder[MEMORY], cap);
    /* allowed only where no process is beside, as in the root; else they are given already or not
     * at all, which making one shows */
    (void)write_text(out->folder[MEMORY], "cgroup.subtree_control", "+memory +pids");
    return true;
}

/* ---- one cgroup ---- */

static bool write_number(const char *folder, const char *name, uint64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    return write_text(folder, name, text);
}

static bool set_bounds(const han__cgroup *c, uint64_t memory, uint64_t procs)
{
    const char *folder = c->folder[MEMORY];
    if (!write_number(c->folder[PIDS], "pids.max", procs)) return false;
    if (c->version == 2) {
        (void)write_text(folder, "memory.swap.max", "0"); /* where there is swap */
        return write_number(folder, "memory.max", memory);
    }
    bool ok = write_number(folder, "memory.limit_in_bytes", memory);
    (void)write_number(folder, "memory.memsw.limit_in_bytes", memory); /* the same */
    return ok;
}

static int open_counter(const char *folder, const char *name)
{
    char path[HAN__PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return open(path, O_RDONLY | O_CLOEXEC);
}

/* Those beside that of memory; controllers that are mounted together share one. */
static bool make_others(han__cgroup *c)
{
    if (mkdir(c->folder[PIDS], 0755) != 0 && errno != EEXIST) return false;
    if (c->folder[CPU][0] && mkdir(c->folder[CPU], 0755) != 0 && errno != EEXIST)
        c->folder[CPU][0] = c->procs[CPU][0] = '\0';
    return true;
}

static bool make_folders(han__cgroup *c, const places *p)
{
    static _Thread_local unsigned number; /* boxes of this thread so far; clashes are tried past */
    for (int tries = 0; tries < 1000; tries++) {
        unsigned n = ++number;
        for (int i = 0; i < KINDS && p->folder[i][0]; i++) {
            snprintf(c->folder[i], sizeof c->folder[i], "%s/" NAME_PREFIX "%ld-%u", p->folder[i],
                     (long)getpid(), n);
            snprintf(c->procs[i], sizeof c->procs[i], "%s/cgroup.procs", c->folder[i]);
        }
        if (mkdir(c->folder[MEMORY], 0755) != 0) {
            if (errno == EEXIST) continue;
            return false;
        }
        return c->version == 2 || make_others(c);
    }
    return false;
}

static void remove_folder(const char *folder)
{
    struct timespec pause = {0, 2000000};
    for (int ms = 0; ms < REMOVE_MS; ms += 2) {
        if (rmdir(folder) == 0 || errno != EBUSY) return;
        nanosleep(&pause, NULL); /* the last of its processes is on its way out */
    }
}

void han__cgroup_close(han__cgroup *c)
{
    if (!c) return;
    for (int i = 0; i < KINDS; i++) {
        if (c->events[i] >= 0) close(c->events[i]);
        if (c->folder[i][0]) remove_folder(c->folder[i]);
    }
    han__mem_free(c->mem, c, sizeof *c);
}

int han__cgroup_open(han__cgroup **out, han__mem *mem, uint64_t memory, uint64_t procs,
                     han_error *err)
{
    places p;
    if (!find_places(&p)) return han__error_set(err, HAN_ENVIRONMENT, "no cgroup may be made here");
    han__cgroup *c = han__mem_zalloc(mem, 1, sizeof *c);
    if (!c) return han__error_set(err, HAN_NOMEM, "out of memory: cgroup");
    c->mem = mem;
    c->version = p.version;
    for (int i = 0; i < KINDS; i++) c->events[i] = -1;
    if (!make_folders(c, &p) || !set_bounds(c, memory, procs)) {
        han__error_sys(err, HAN_ENVIRONMENT, errno, "no cgroup may be made in %s",
                       p.folder[MEMORY]);
        han__cgroup_close(c);
        return HAN_ENVIRONMENT;
    }
    c->events[MEMORY] =
        open_counter(c->folder[MEMORY], c->version == 2 ? "memory.events" : "memory.oom_control");
    c->events[PIDS] = open_counter(c->folder[PIDS], "pids.events");
    if (c->folder[CPU][0])
        c->events[CPU] =
            open_counter(c->folder[CPU], c->version == 2 ? "cpu.stat" : "cpuacct.usage");
    if (c->events[MEMORY] < 0 || c->events[PIDS] < 0) {
        han__error_set(err, HAN_ENVIRONMENT, "%s has no counters", controllers[MEMORY]);
        han__cgroup_close(c);
        return HAN_ENVIRONMENT;
    }
    *out = c;
    return HAN_OK;
}

const char *han__cgroup_kind(const han__cgroup *c)
{
    return c->version == 2 ? "cgroup2" : "cgroup1";
}

const char *han__cgroup_procs(const han__cgroup *c, size_t n)
{
    size_t count = c->version == 2 ? 1 : KINDS;
    return n < count && c->procs[n][0] ? c->procs[n] : NULL;
}

/* ---- counters ---- */

/* The number that the file begins with. */
static uint64_t read_number(int fd)
{
    char text[32];
    unsigned long long number = 0;
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    return sscanf(text, "%llu", &number) == 1 ? number : 0;
}

/* The number behind `name` at the beginning of a line. */
static uint64_t read_counter(int fd, const char *name)
{
    char text[1024];
    unsigned long long number = 0;
    size_t len = strlen(name);
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    if (n <= 0) return 0;
    text[n] = '\0';
    for (const char *at = text; at && *at; at = strchr(at, '\n'), at = at ? at + 1 : NULL)
        if (strncmp(at, name, len) == 0 && at[len] == ' ' && sscanf(at + len, "%llu", &number) == 1)
            return number;
    return 0;
}

void han__cgroup_read(const han__cgroup *c, han__cgroup_events *out)
{
    out->oom = read_counter(c->events[MEMORY], "oom_kill");
    out->procs = read_counter(c->events[PIDS], "max");
    out->cpu_us = c->events[CPU] < 0 ? 0
                  : c->version == 2  ? read_counter(c->events[CPU], "usage_usec")
                                     : read_number(c->events[CPU]) / 1000;
}

/* ---- leftovers ---- */

static void sweep_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        char path[HAN__PATH_MAX];
        long pid = 0;
        unsigned n = 0;
        if (sscanf(entry->d_name, NAME_PREFIX "%ld-%u", &pid, &n) != 2 || pid <= 0) continue;
        if (kill((pid_t)pid, 0) == 0 || errno != ESRCH) continue;
        if (snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) < (int)sizeof path)
            (void)rmdir(path); /* busy: another sweep gets it */
    }
    if (dir) closedir(dir);
}

void han__cgroup_sweep(void)
{
    places p;
    if (!find_places(&p)) return;
    sweep_folder(p.folder[MEMORY]);
    for (int i = PIDS; p.version == 1 && i < KINDS; i++)
        if (p.folder[i][0]) sweep_folder(p.folder[i]);
}
