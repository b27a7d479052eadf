/* Owns the table of probes. Those that would change this process are made in a child, which tells
 * the errno of each step through a pipe. */
#include "base/config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec/boxing.h"
#include "exec/probe.h"

#define KERNEL_MAJOR 5
#define KERNEL_MINOR 9
#define BWRAP_MINOR  8    /* 0.8: the options that han__boxing_args uses */
#define ANSWER_MS    5000 /* bwrap --version takes about one */
#define NOBODY       65534u
/* Far above what accounts, containers and subordinate ids use; + the process id, so that engines
 * side by side share no limit that counts by user. */
#define UNUSED_UID 1900000000u

const char *han__level_name(int level)
{
    static const char *const names[] = {
#define LEVEL_NAME(name, text) text,
        HAN__LEVEL_MAP(LEVEL_NAME)
#undef LEVEL_NAME
    };
    return level >= 0 && level < HAN__LEVELS ? names[level] : NULL;
}

int han__level_of(const char *name)
{
    for (int level = 0; name && level < HAN__LEVELS; level++)
        if (strcmp(han__level_name(level), name) == 0) return level;
    return -1;
}

/* ---- results ---- */

static void found(han__probe_result *r, const char *format, ...) HAN__PRINTF(2, 3);
static void found(han__probe_result *r, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(r->text, sizeof r->text, format, args);
    va_end(args);
    r->ok = true;
    r->fix[0] = '\0';
}

static void missing(han__probe_result *r, const char *fix, const char *format, ...)
    HAN__PRINTF(3, 4);
static void missing(han__probe_result *r, const char *fix, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(r->text, sizeof r->text, format, args);
    va_end(args);
    r->ok = false;
    snprintf(r->fix, sizeof r->fix, "%s", fix);
}

/* ---- steps in a child ---- */

enum { STEP_DROP, STEP_USER, STEP_PID, STEP_IPC, STEP_MOUNT, STEP_NET, STEP_UTS, STEP_PROC, STEPS };

/* errno of each step; -1: not come to. */
typedef struct steps {
    int number[STEPS];
    bool high; /* the unused uid could be taken */
} steps;

static int error_of(long result)
{
    return result == 0 ? 0 : errno;
}

static int become(unsigned id)
{
    return error_of(syscall(SYS_setgroups, 0, NULL) || syscall(SYS_setresgid, id, id, id) ||
                    syscall(SYS_setresuid, id, id, id));
}

static unsigned unused_uid(pid_t engine)
{
    return UNUSED_UID + ((unsigned)engine & 0xffffff);
}

/* In a process namespace that was made for the next child: errno of mounting its /proc, which the
 * kernel refuses where parts of the /proc outside are hidden. */
static int mount_proc(void)
{
    int status = 0;
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return errno;
    long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (pid == 0)
        _exit(error_of(mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL)));
    if (pid < 0) return errno;
    while (waitpid((pid_t)pid, &status, 0) < 0)
        if (errno != EINTR) return errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
}

/* In the child: only system calls, since other threads may have held locks. */
static void take_steps(steps *s, bool root, pid_t engine)
{
    static const int kinds[STEPS] = {
        [STEP_USER] = CLONE_NEWUSER, [STEP_PID] = CLONE_NEWPID, [STEP_IPC] = CLONE_NEWIPC,
        [STEP_MOUNT] = CLONE_NEWNS,  [STEP_NET] = CLONE_NEWNET, [STEP_UTS] = CLONE_NEWUTS};
    s->number[STEP_DROP] = 0;
    if (root) {
        s->number[STEP_DROP] = become(unused_uid(engine));
        s->high = s->number[STEP_DROP] == 0;
        if (!s->high) s->number[STEP_DROP] = become(NOBODY);
    }
    for (int step = STEP_USER; step < STEP_PROC; step++)
        s->number[step] = error_of(unshare(kinds[step]));
    s->number[STEP_PROC] = mount_proc();
}

/* Reads until the writer's end, `cap` bytes or the deadline; the length. */
static size_t read_answer(int fd, void *out, size_t cap)
{
    size_t at = 0;
    while (at < cap) {
        struct pollfd p = {fd, POLLIN, 0};
        int ready = poll(&p, 1, ANSWER_MS);
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) break;
        ssize_t n = read(fd, (char *)out + at, cap - at);
        if (n > 0) at += (size_t)n;
        if (n == 0 || (n < 0 && errno != EINTR)) break;
    }
    return at;
}

static void end_child(pid_t pid)
{
    kill(pid, SIGKILL); /* it has ended, or never will */
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) continue;
}

static void try_steps(steps *out)
{
    int ends[2];
    bool root = geteuid() == 0;
    pid_t engine = getpid();
    memset(out, -1, sizeof *out);
    out->high = false;
    if (pipe2(ends, O_CLOEXEC) != 0) return;
    steps s = *out;
    pid_t pid = fork();
    if (pid == 0) {
        take_steps(&s, root, engine);
        ssize_t n = write(ends[1], &s, sizeof s);
        _exit(n == (ssize_t)sizeof s ? 0 : 1);
    }
    close(ends[1]);
    if (pid > 0) {
        if (read_answer(ends[0], &s, sizeof s) == sizeof s) *out = s;
        end_child(pid);
    }
    close(ends[0]);
}

/* What `path --version` prints, in the clean environment of a box. */
static size_t version_text(const char *path, char *out, size_t cap)
{
    int ends[2];
    size_t len = 0;
    if (pipe2(ends, O_CLOEXEC) != 0) return 0;
    pid_t pid = fork();
    if (pid == 0) {
        char *const argv[] = {(char *)(uintptr_t)path, (char *)(uintptr_t) "--version", NULL};
        if (dup2(ends[1], 1) == 1) execve(path, argv, (char *const *)(uintptr_t)han__boxing_env);
        _exit(127);
    }
    close(ends[1]);
    if (pid > 0) {
        len = read_answer(ends[0], out, cap - 1);
        end_child(pid);
    }
    close(ends[0]);
    out[len] = '\0';
    return len;
}

/* ---- the probes ---- */

typedef struct probing {
    han__probes *out;
    const char *fail[2]; /* names, and numbers ("landlock=5") that are to be lowered; or NULL */
    steps steps;
} probing;

typedef void (*probe_fn)(probing *p, han__probe_result *r);

static void probe_kernel(probing *p, han__probe_result *r)
{
    struct utsname name;
    int major = 0, minor = 0;
    HAN__UNUSED(p);
    if (uname(&name) == 0 && sscanf(name.release, "%d.%d", &major, &minor) == 2 &&
        (major > KERNEL_MAJOR || (major == KERNEL_MAJOR && minor >= KERNEL_MINOR)))
        found(r, "Linux %.60s", name.release);
    else
        missing(r, "boot Linux 5.9 or later", "Linux %d.%d is too old", major, minor);
}

static void probe_close_range(probing *p, han__probe_result *r)
{
    HAN__UNUSED(p);
    if (syscall(SYS_close_range, ~0u, ~0u, 0u) == 0)
        found(r, "works");
    else
        missing(r, "boot Linux 5.9 or later, or let the container make this call",
                "the system refuses it: %s", strerror(errno));
}

static void probe_seccomp(probing *p, han__probe_result *r)
{
    unsigned action = SECCOMP_RET_KILL_PROCESS;
    HAN__UNUSED(p);
    if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0)
        found(r, "filters that end a process");
    else
        missing(r, "boot a kernel with CONFIG_SECCOMP_FILTER", "no filters of system calls: %s",
                strerror(errno));
}

/* In a list with commas between: behind the name of an entry that is the name alone, or the name
 * with "=" and a number; NULL when there is none. */
static const char *find_entry(const char *list, const char *name, bool number)
{
    size_t len = strlen(name);
    while (list && *list) {
        size_t n = strcspn(list, ",");
        if (n >= len && memcmp(list, name, len) == 0 && (number ? list[len] == '=' : n == len))
            return list + len;
        list += n + (list[n] == ',');
    }
    return NULL;
}

/* The number that the lists give to the name, where it is the lesser one. */
static long lowered(const probing *p, const char *name, long number)
{
    for (size_t i = 0; i < HAN__COUNT(p->fail); i++) {
        const char *entry = find_entry(p->fail[i], name, true);
        long wanted = entry ? strtol(entry + 1, NULL, 10) : number;
        if (wanted < number) number = wanted;
    }
    return number;
}

static void probe_landlock(probing *p, han__probe_result *r)
{
    enum { VERSION = 1 };
#ifdef SYS_landlock_create_ruleset
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, VERSION);
#else
    long abi = -1;
#endif
    abi = lowered(p, r->name, abi);
    p->out->landlock = abi > 0 ? (int)abi : 0;
    if (abi >= 4)
        found(r, "ABI %ld", abi);
    else
        missing(r, "boot Linux 6.7 or later with landlock in its list of security modules",
                abi > 0 ? "ABI %ld, and 4 is the least" : "this kernel has none%.0ld", abi);
}

static void probe_bubblewrap(probing *p, han__probe_result *r)
{
    static const char *const paths[] = {"/usr/bin/bwrap", "/usr/local/bin/bwrap", "/bin/bwrap"};
    char text[64];
    int major = 0, minor = 0;
    const char *path = NULL;
    for (size_t i = 0; !path && i < HAN__COUNT(paths); i++)
        if (access(paths[i], X_OK) == 0) path = paths[i];
    if (!path) {
        missing(r, "install it: apt-get install bubblewrap", "there is no bwrap in /usr/bin");
        return;
    }
    snprintf(p->out->bwrap, sizeof p->out->bwrap, "%s", path);
    version_text(path, text, sizeof text);
    if (sscanf(text, "bubblewrap %d.%d", &major, &minor) != 2)
        missing(r, "install it again: apt-get install --reinstall bubblewrap", "%s does not run",
                path);
    else if (major == 0 && minor < BWRAP_MINOR)
        missing(r, "install bubblewrap 0.8 or later", "%s is version %d.%d", path, major, minor);
    else
        found(r, "%s, version %d.%d", path, major, minor);
}

static void probe_uid_drop(probing *p, han__probe_result *r)
{
    int number = p->steps.number[STEP_DROP];
    if (number != 0) {
        missing(r, "start han as an ordinary user, or give the container CAP_SETUID and CAP_SETGID",
                "root cannot become another user: %s", number < 0 ? "no child" : strerror(number));
        return;
    }
    p->out->uid = p->out->gid = geteuid() != 0 ? 0 : p->steps.high ? unused_uid(getpid()) : NOBODY;
    if (p->out->uid != 0)
        found(r, "root becomes user %u before it starts a box", (unsigned)p->out->uid);
    else
        found(r, "not needed, this is user %u", (unsigned)geteuid());
}

/* Whether a file of /proc/sys is there and holds `value`. */
static bool setting_is(const char *path, char value)
{
    char text[4] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    return n > 0 && text[0] == value && (n == 1 || text[1] == '\n');
}

static void probe_proc_mount(probing *p, han__probe_result *r)
{
    int number = p->steps.number[STEP_PROC];
    if (number == 0)
        found(r, "a box can have its own");
    else
        missing(r,
                "in a container, show all of /proc (docker run --security-opt "
                "systempaths=unconfined); or use a machine that does",
                "a box cannot have a /proc of its own: %s",
                number < 0 ? "no child" : strerror(number));
}

static const char *namespace_fix(void)
{
    if (setting_is("/proc/sys/kernel/unprivileged_userns_clone", '0'))
        return "as root: sysctl -w kernel.unprivileged_userns_clone=1";
    if (setting_is("/proc/sys/user/max_user_namespaces", '0'))
        return "as root: sysctl -w user.max_user_namespaces=10000";
    if (setting_is("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1'))
        return "as root: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0";
    return "in a container, allow them (docker run --security-opt seccomp=unconfined "
           "--security-opt apparmor=unconfined); or use a machine that has them";
}

static void probe_namespace(const probing *p, han__probe_result *r, int step, const char *kind)
{
    int number = p->steps.number[step];
    if (number == 0)
        found(r, "an ordinary user may make them");
    else
        missing(r, namespace_fix(), "an ordinary user may not make a %s namespace: %s", kind,
                number < 0 ? "no child" : strerror(number));
}

static void probe_user_ns(probing *p, han__probe_result *r)
{
    probe_namespace(p, r, STEP_USER, "user");
}

static void probe_pid_ns(probing *p, han__probe_result *r)
{
    probe_namespace(p, r, STEP_PID, "pid");
}

static void probe_ipc_ns(probing *p, han__probe_result *r)
{
    probe_namespace(p, r, STEP_IPC, "ipc");
}

static void probe_mount_ns(probing *p, han__probe_result *r)
{
    probe_namespace(p, r, STEP_MOUNT, "mount");
}

static void probe_net_ns(probing *p, han__probe_result *r)
{
    probe_namespace(p, r, STEP_NET, "net");
}

static void probe_uts_ns(probing *p, han__probe_result *r)
{
    probe_namespace(p, r, STEP_UTS, "uts");
}

static void probe_cgroup(probing *p, han__probe_result *r)
{
    static const char fix[] = "limits of memory and processes hold by counting instead; for the "
                              "kernel's own, start han as root or in a delegated cgroup";
    HAN__UNUSED(p);
    if (access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0) {
        if (access("/sys/fs/cgroup/cgroup.procs", W_OK) == 0)
            found(r, "version 2, writable");
        else
            missing(r, fix, "version 2, not writable");
    } else if (access("/sys/fs/cgroup/memory/tasks", W_OK) == 0 &&
               access("/sys/fs/cgroup/pids/tasks", W_OK) == 0) {
        found(r, "version 1, writable");
    } else {
        missing(r, fix, "none that is writable");
    }
}

/* ---- the table ---- */

static const struct {
    const char *name;
    int level; /* the least that needs it */
} facts[] = {
#define PROBE_FACT(name, text, level) {text, level},
    HAN__PROBE_MAP(PROBE_FACT)
#undef PROBE_FACT
};

static const probe_fn functions[] = {
    [HAN__PROBE_KERNEL] = probe_kernel,         [HAN__PROBE_CLOSE_RANGE] = probe_close_range,
    [HAN__PROBE_SECCOMP] = probe_seccomp,       [HAN__PROBE_LANDLOCK] = probe_landlock,
    [HAN__PROBE_BUBBLEWRAP] = probe_bubblewrap, [HAN__PROBE_UID_DROP] = probe_uid_drop,
    [HAN__PROBE_USER_NS] = probe_user_ns,       [HAN__PROBE_PID_NS] = probe_pid_ns,
    [HAN__PROBE_IPC_NS] = probe_ipc_ns,         [HAN__PROBE_MOUNT_NS] = probe_mount_ns,
    [HAN__PROBE_NET_NS] = probe_net_ns,         [HAN__PROBE_UTS_NS] = probe_uts_ns,
    [HAN__PROBE_PROC_MOUNT] = probe_proc_mount, [HAN__PROBE_CGROUP] = probe_cgroup,
};

void han__probes_run(han__probes *probes, const char *fail)
{
    probing p = {.out = probes, .fail = {fail, getenv("HAN_PROBE_FAIL")}};
    memset(probes, 0, sizeof *probes);
    try_steps(&p.steps);
    for (int i = 0; i < HAN__PROBES; i++) {
        han__probe_result *r = &probes->results[i];
        r->name = facts[i].name;
        functions[i](&p, r);
        if (find_entry(p.fail[0], r->name, false) || find_entry(p.fail[1], r->name, false))
            missing(r, "it was made to fail: unset HAN_PROBE_FAIL", "counts as missing");
    }
}

static bool is_needed(int probe, int level)
{
    if (probe == HAN__PROBE_LANDLOCK) return level == HAN__LEVEL_LANDLOCK;
    return level >= facts[probe].level;
}

const han__probe_result *han__probes_missing(const han__probes *probes, int level)
{
    for (int i = 0; i < HAN__PROBES; i++)
        if (is_needed(i, level) && !probes->results[i].ok) return &probes->results[i];
    return NULL;
}

const han__probe_result *han__probes_missing_for_commands(const han__probes *probes, int level)
{
    static const int needed[HAN__LEVELS][5] = {
        [HAN__LEVEL_NONE] = {HAN__PROBE_KERNEL, HAN__PROBE_CLOSE_RANGE, HAN__PROBE_SECCOMP,
                             HAN__PROBE_UID_DROP, HAN__PROBES},
        [HAN__LEVEL_LANDLOCK] = {HAN__PROBE_UID_DROP, HAN__PROBES},
        [HAN__LEVEL_STRONG] = {HAN__PROBE_PROC_MOUNT, HAN__PROBES}};
    const han__probe_result *r = han__probes_missing(probes, level);
    for (const int *probe = needed[level]; !r && *probe != HAN__PROBES; probe++)
        if (!probes->results[*probe].ok) r = &probes->results[*probe];
    return r;
}

static int refuse(const han__probe_result *r, int level, const char *what, han_error *err)
{
    return han__error_set(err, HAN_ENVIRONMENT, "no sandbox of level %s%s here: %s: %s; %s",
                          han__level_name(level), what, r->name, r->text, r->fix);
}

int han__probes_require(const han__probes *probes, int level, han_error *err)
{
    const han__probe_result *r = han__probes_missing(probes, level);
    return r ? refuse(r, level, "", err) : HAN_OK;
}

int han__probes_require_commands(const han__probes *probes, int level, han_error *err)
{
    const han__probe_result *r = han__probes_missing_for_commands(probes, level);
    bool only = r && !han__probes_missing(probes, level);
    return r ? refuse(r, level, only ? " for commands" : "", err) : HAN_OK;
}

int han__probes_commands_level(const han__probes *probes)
{
    int level = HAN__LEVELS - 1;
    while (level >= 0 && han__probes_missing_for_commands(probes, level)) level--;
    return level;
}

int han__probes_level(const han__probes *probes)
{
    for (int level = HAN__LEVELS - 1; level > HAN__LEVEL_NONE; level--)
        if (!han__probes_missing(probes, level)) return level;
    return HAN__LEVEL_NONE;
}
