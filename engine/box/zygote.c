/* Owns the box's first process: it keeps runs prepared ahead, waits for those that end, and
 * tells the engine when the box or a run's first process fails. It reads no request itself. */
#include "base/config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "box/box.h"

#define READY          2  /* runs prepared ahead */
#define QUIET_MS       3  /* a run this short is over before another is prepared beside it */
#define AGAIN_MS       10 /* after the system had no process for us, as beside a fork bomb */
#define REFUSALS       1000
#define OPEN_FILES     512
#define OPEN_FILES_MIN 64
#define SOCKET_BYTES   212992 /* that wait in one, net.core.wmem_default */
#define SIGNALS        1024   /* that wait, with timers */
#define LOCKED         65536
#define STACK          (8u << 20)
#define OWN_INODES     4 /* the root of the disk and the folders that are always there */

#ifdef __GLIBC__
typedef __rlimit_resource_t resource_id; /* an enum of its own under _GNU_SOURCE */
#else
typedef int resource_id;
#endif

bool packet_send(const void *bytes, size_t len)
{
    ssize_t n;
    do n = send(HAN__BOX_CHANNEL, bytes, len, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)len;
}

static int fail(int step, int number)
{
    han__box_failed packet = {{HAN__BOX_FAILED, 0}, (uint32_t)step, number};
    (void)packet_send(&packet, sizeof packet);
    return EXIT_ENVIRONMENT;
}

static void limit(resource_id resource, uint64_t value)
{
    struct rlimit now, then = {value, value};
    if (getrlimit(resource, &now) == 0 && now.rlim_max < value)
        then.rlim_cur = then.rlim_max = now.rlim_max;
    (void)setrlimit(resource, &then);
}

/* Nobody counts what waits in sockets but a cgroup: without one, all that a run may open together
 * hold at most twice its memory. */
static uint64_t open_files(const box *b)
{
    uint64_t each = 2 * b->memory / (b->procs * SOCKET_BYTES);
    if (!b->counted || each >= OPEN_FILES) return OPEN_FILES;
    return each > OPEN_FILES_MIN ? each : OPEN_FILES_MIN;
}

void limit_all(const box *b)
{
    limit(RLIMIT_CORE, 1); /* at 0 the machine's program for dumps would be called, see filter.c */
    limit(RLIMIT_SIGPENDING, SIGNALS);
    limit(RLIMIT_NOFILE, open_files(b));
    limit(RLIMIT_MEMLOCK, LOCKED);
    limit(RLIMIT_MSGQUEUE, 0);
    limit(RLIMIT_RTPRIO, 0);
    limit(RLIMIT_FSIZE, b->disk);
    /* far enough above the limit that counting sees it first; stacks of threads are not touched */
    if (b->counted) limit(RLIMIT_DATA, b->memory * 2 + b->procs * STACK);
}

static bool open_all(box *b)
{
    const char unproved = TURN_UNPROVED;
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    void *slots =
        mmap(NULL, SLOTS * sizeof(slot), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (slots == MAP_FAILED || sigprocmask(SIG_BLOCK, &child, NULL) != 0) return false;
    b->slots = slots;
    b->signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    b->taken = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return b->signals >= 0 && b->taken >= 0 && pipe2(b->turn, O_CLOEXEC) == 0 &&
           write(b->turn[1], &unproved, 1) == 1;
}

static slot *free_slot(const box *b)
{
    for (int i = 0; i < SLOTS; i++)
        if (b->slots[i].state == SLOT_FREE) return &b->slots[i];
    return NULL;
}

static _Noreturn void first_process(box *b, slot *own)
{
    if (!setup_run(b, &own->step)) {
        own->number = errno;
        _exit(EXIT_ENVIRONMENT);
    }
    own->step = HAN__BOX_STEP_NONE;
    own->state = SLOT_READY;
    run_main(b, own);
}

/* Who goes first when memory is out: files and pipes count for nobody, so that the size of a
 * process tells little. What is made now inherits it. */
static void set_oom_score(const box *b, const char *score)
{
    ssize_t n = b->oom < 0 ? 0 : write(b->oom, score, strlen(score));
    HAN__UNUSED(n);
}

/* Prepares a run. 0 or errno. */
static int prepare(box *b)
{
    slot *own = free_slot(b);
    if (!own) return EAGAIN;
    memset(own, 0, sizeof *own);
    own->state = SLOT_SETUP;
    set_oom_score(b, "1000");
    int own_namespaces =
        b->level == HAN__LEVEL_STRONG ? CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC : 0;
    long pid = syscall(SYS_clone, SIGCHLD | own_namespaces, 0, 0, 0, 0);
    if (pid == 0) first_process(b, own);
    set_oom_score(b, "0");
    if (pid < 0) {
        own->state = SLOT_FREE;
        return errno;
    }
    own->pid = (pid_t)pid;
    return 0;
}

/* Without namespaces what a run's first process leaves behind comes to us. */
static void end_strays(const box *b, pid_t lost)
{
    pid_t others[SLOTS];
    size_t n = 0;
    char path[sizeof b->place];
    if (b->level == HAN__LEVEL_STRONG) return;
    for (int i = 0; i < SLOTS; i++)
        if (b->slots[i].state != SLOT_FREE) others[n++] = b->slots[i].pid;
    while (tree_kill(getpid(), others, n) > 0) continue; /* they are waited for later */
    snprintf(path, sizeof path, "%s/%ld", b->root, (long)lost);
    folder_remove(path);
}

/* The first process of a run has ended. 0, or the exit code of the box. */
static int ended(box *b, pid_t pid)
{
    for (int i = 0; i < SLOTS; i++) {
        slot *s = &b->slots[i];
        if (s->state == SLOT_FREE || s->pid != pid) continue;
        int state = s->state;
        s->state = SLOT_FREE;
        if (state == SLOT_SETUP) return fail(s->step, s->number);
        if (state == SLOT_READY) return fail(HAN__BOX_STEP_LOST, 0);
        if (state == SLOT_TAKEN) {
            end_strays(b, pid);
            han__box_end end = {.head = {HAN__BOX_END, s->run}, .step = HAN__BOX_STEP_LOST};
            const char proved = TURN_PROVED;
            if (write(b->turn[1], &proved, 1) != 1 || !packet_send(&end, sizeof end))
                return EXIT_FINE;
        }
        return 0;
    }
    return 0; /* an orphan of a run that was lost */
}

static int reap(box *b, bool *some)
{
    struct signalfd_siginfo info;
    while (read(b->signals, &info, sizeof info) > 0) continue;
    for (;;) {
        pid_t pid = waitpid(-1, NULL, WNOHANG);
        if (pid <= 0) return 0;
        *some = true;
        int code = ended(b, pid);
        if (code != 0) return code;
    }
}

static int serve(box *b)
{
    uint64_t wanted = READY, later = 0; /* runs to be prepared now, and soon */
    int refused = 0;
    for (;;) {
        uint64_t taken = 0;
        bool some = false;
        while (wanted > 0) {
            int number = prepare(b);
            if (number == EAGAIN && refused++ < REFUSALS) break; /* what ends makes room */
            if (number != 0) return fail(HAN__BOX_STEP_CLONE, number);
            refused = 0;
            wanted--;
        }
        struct pollfd fds[] = {
            {HAN__BOX_CHANNEL, 0, 0}, {b->taken, POLLIN, 0}, {b->signals, POLLIN, 0}};
        int ready = poll(fds, HAN__COUNT(fds), wanted ? AGAIN_MS : later ? QUIET_MS : -1);
        if (ready < 0 && errno != EINTR) return EXIT_SOFTWARE;
        if (fds[0].revents) return EXIT_FINE; /* the engine is gone: so is all that is in here */
        if (read(b->taken, &taken, sizeof taken) == sizeof taken) later += taken;
        int code = reap(b, &some);
        if (code != 0) return code;
        /* preparing takes the other core, and stops both for moments: not beside a short run */
        if (ready == 0 || some) {
            wanted += later;
            later = 0;
        }
    }
}

/* What the box needs before its first run. The step that failed, or none. */
static int open_box(box *b)
{
    if (b->level != HAN__LEVEL_STRONG) {
        if (!plain_open(b)) return HAN__BOX_STEP_DISK;
    } else {
        limit_all(b);
        if (!setup_devices()) return HAN__BOX_STEP_DEVICES;
    }
    errno = EINVAL;
    return filter_make(&b->filter, b) ? HAN__BOX_STEP_NONE : HAN__BOX_STEP_FILTER;
}

int zygote(int argc, char **argv)
{
    static box b;
    if (argc != 11) return EXIT_USAGE;
    b.disk = strtoull(argv[0], NULL, 10);
    b.files = strtoull(argv[1], NULL, 10) + OWN_INODES;
    b.procs = strtoull(argv[2], NULL, 10);
    b.memory = strtoull(argv[3], NULL, 10);
    b.counted = strcmp(argv[4], "counted") == 0;
    b.engine = (pid_t)strtol(argv[5], NULL, 10);
    b.canary_name = argv[6];
    b.canary_path = argv[7];
    b.level = (int)strtol(argv[8], NULL, 10);
    b.abi = (int)strtol(argv[9], NULL, 10);
    b.folder = argv[10];
    b.zygote = getpid();
    syscall(SYS_close_range, HAN__BOX_CHANNEL + 1u, ~0u, 0u);
    b.oom = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC); /* not ours any more below */
    if (prctl(PR_SET_DUMPABLE, 0) != 0 || !open_all(&b)) return EXIT_SOFTWARE;
    int step = open_box(&b);
    int code = step ? fail(step, errno) : serve(&b);
    if (b.root[0]) plain_close(&b);
    return code;
}
