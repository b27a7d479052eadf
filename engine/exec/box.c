/* Owns box processes and the packets to and from them. What is in a box at level strong, and how
 * one ends at the levels that have no namespaces, is here too. */
#include "base/config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "exec/box.h"
#include "exec/boxing.h"
#include "exec/canary.h"
#include "loop/process.h"
#include "loop/stream.h"

/* What the box itself needs beside its run. */
#define OWN_MEMORY (8u << 20)
/* bubblewrap, the zygote, first processes: of this run, of the next two, of the last */
#define OWN_PROCS 6u
#define OWN_FD    "/proc/self/fd/5" /* han-box, opened by the launcher */
#define NUMBERS   7
#define GENTLY_MS 3000
#define ARGS      300

struct han__box {
    han__loop *loop;
    han__mem *mem;
    han__process *process;
    han__stream *stream;
    han__cgroup *cgroup; /* NULL: counting */
    han__box_profile profile;
    int level;
    han__box_listener listener;
    han__cgroup_events before; /* counters when the run began */
    uint32_t run;              /* number of the last run */
    int fd;                    /* of the stream, for packets with descriptors */
    int errors;                /* what bubblewrap says on stderr */
    han__canary canary;        /* until the box has proved that it holds */
    bool proved;
    bool busy;
    bool lost;
};

/* ---- what is in the box ---- */

#define MOUNTS 24

typedef struct mounts {
    han__mount list[MOUNTS];
    size_t len;
    char links[6][64];
} mounts;

static void add_mount(mounts *m, int kind, const char *to, const char *from)
{
    if (m->len < MOUNTS) m->list[m->len++] = (han__mount){kind, to, from, 0, -1};
}

/* The folders beside /usr: links into it on a merged system, else folders of their own. */
static void add_folders(mounts *m)
{
    static const char *const names[] = {"/bin", "/sbin", "/lib", "/lib64", "/lib32", "/libx32"};
    for (size_t i = 0; i < HAN__COUNT(names); i++) {
        ssize_t n = readlink(names[i], m->links[i], sizeof m->links[i] - 1);
        if (n > 0) {
            m->links[i][n] = '\0';
            add_mount(m, HAN__MOUNT_LINK, names[i], m->links[i]);
        } else if (access(names[i], X_OK) == 0) {
            add_mount(m, HAN__MOUNT_READ, names[i], names[i]);
        }
    }
}

static void list_mounts(mounts *m)
{
    m->len = 0;
    add_mount(m, HAN__MOUNT_READ, "/usr", "/usr");
    add_folders(m);
    /* where names such as cc and awk lead, and where libraries lie; nothing in them is secret, and
     * without the second every program start looks through a dozen folders */
    add_mount(m, HAN__MOUNT_READ_IF, "/etc/alternatives", "/etc/alternatives");
    add_mount(m, HAN__MOUNT_READ_IF, "/etc/ld.so.cache", "/etc/ld.so.cache");
    add_mount(m, HAN__MOUNT_DEV, "/dev", NULL);
    add_mount(m, HAN__MOUNT_PROC, "/proc", NULL);
    add_mount(m, HAN__MOUNT_FOLDER, HAN__BOX_ROOT, NULL);
    add_mount(m, HAN__MOUNT_LINK, "/tmp", HAN__BOX_ROOT "/tmp");
}

/* ---- its start ---- */

/* The command line of the launcher: uid gid, cgroups, --, that of the box. */
static int list_args(const han__box *box, const han__box_options *o, const han__args *inner,
                     char numbers[2][24], const char **out)
{
    size_t n = 0;
    /* at every level: nothing but a cgroup bounds how many processes root makes */
    snprintf(numbers[0], sizeof numbers[0], "%u", (unsigned)o->probes->uid);
    snprintf(numbers[1], sizeof numbers[1], "%u", (unsigned)o->probes->gid);
    out[n++] = o->program;
    out[n++] = "launch";
    out[n++] = numbers[0];
    out[n++] = numbers[1];
    for (size_t i = 0; box->cgroup && han__cgroup_procs(box->cgroup, i); i++)
        out[n++] = han__cgroup_procs(box->cgroup, i);
    out[n++] = "--";
    if (n + inner->len >= ARGS) return HAN_LIMIT;
    for (size_t i = 0; i < inner->len; i++) out[n++] = inner->items[i];
    out[n] = NULL;
    return HAN_OK;
}

static void on_read(void *ud, const uint8_t *bytes, size_t len, int status);

static int start(han__box *box, const han__box_options *o, const han__args *inner, han_error *err)
{
    char numbers[2][24];
    const char *argv[ARGS];
    if (list_args(box, o, inner, numbers, argv) != HAN_OK)
        return han__error_set(err, HAN_LIMIT, "too many arguments for a box");
    han__process_options options = {.path = o->program,
                                    .argv = argv,
                                    .env = han__boxing_env,
                                    .out = HAN__STDIO_NULL,
                                    .err = HAN__STDIO_CAPTURE,
                                    .channel = true,
                                    .packets = true,
                                    .session = true};
    int status = han__process_start(&box->process, o->loop, &options, err);
    if (status != HAN_OK) return status;
    box->errors = han__process_take(box->process, HAN__PROCESS_ERR);
    (void)fcntl(box->errors, F_SETFL, O_NONBLOCK);
    box->fd = han__process_take(box->process, HAN__PROCESS_CHANNEL);
    status = han__stream_open(&box->stream, o->loop, box->fd, HAN__BOX_PACKET_MAX, err);
    if (status != HAN_OK) {
        close(box->fd);
        return status;
    }
    status = han__stream_read_start(box->stream, on_read, box);
    if (status != HAN_OK) han__error_set(err, status, "cannot listen to a box");
    return status;
}

/* The command line of bubblewrap around that of the zygote. */
static int describe_boxed(const han__box *box, const han__box_options *o,
                          const char *const *command, han__args *args, han_error *err)
{
    static const char *const caps[] = {"CAP_SYS_ADMIN",
                                       NULL}; /* to mount and clone; runs drop it */
    mounts m;
    list_mounts(&m);
    han__boxing boxing = {.bwrap = o->probes->bwrap,
                          .mounts = m.list,
                          .mounts_len = m.len,
                          .caps = caps,
                          .command = command};
    return han__boxing_args(&boxing, box->mem, args, err);
}

/* Where a box without namespaces has its folder. */
static const char *work_folder(void)
{
    const char *folder = getenv("TMPDIR");
    return folder && folder[0] == '/' ? folder : "/tmp";
}

static int describe(const han__box *box, const han__box_options *o, han__args *args, han_error *err)
{
    const han__box_profile *p = &box->profile;
    char numbers[NUMBERS][24];
    const uint64_t values[NUMBERS] = {p->disk,
                                      p->files,
                                      p->procs,
                                      p->memory,
                                      (uint64_t)getpid(),
                                      (uint64_t)box->level,
                                      (uint64_t)o->probes->landlock};
    const char *command[] = {OWN_FD,
                             "zygote",
                             numbers[0],
                             numbers[1],
                             numbers[2],
                             numbers[3],
                             box->cgroup ? "cgroup" : "counted",
                             numbers[4],
                             box->canary.name,
                             box->canary.path,
                             numbers[5],
                             numbers[6],
                             work_folder(),
                             NULL};
    for (size_t i = 0; i < HAN__COUNT(values); i++)
        snprintf(numbers[i], sizeof numbers[i], "%llu", (unsigned long long)values[i]);
    if (box->level == HAN__LEVEL_STRONG) return describe_boxed(box, o, command, args, err);
    return han__args_take(args, box->mem, command, err);
}

int han__box_open(han__box **out, const han__box_options *o, han_error *err)
{
    han__args args;
    han__box *box = han__mem_zalloc(o->mem, 1, sizeof *box);
    if (!box) return han__error_set(err, HAN_NOMEM, "out of memory: box");
    box->loop = o->loop;
    box->mem = o->mem;
    box->profile = o->profile;
    box->level = o->level;
    box->errors = box->fd = -1;
    /* without one we count, and the verdict says so */
    bool may = !o->counted && o->probes->results[HAN__PROBE_CGROUP].ok;
    if (may && han__cgroup_open(&box->cgroup, o->mem, o->profile.memory + OWN_MEMORY,
                                o->profile.procs + OWN_PROCS, NULL) != HAN_OK)
        box->cgroup = NULL;
    int status = han__canary_open(&box->canary, err);
    if (status == HAN_OK) {
        status = describe(box, o, &args, err);
        if (status == HAN_OK) status = start(box, o, &args, err);
        han__args_release(&args);
    }
    if (status != HAN_OK) {
        han__box_close(box);
        return status;
    }
    *out = box;
    return HAN_OK;
}

/* Without namespaces the zygote has to live until it has ended all others: it hears that nobody
 * talks to it any more. */
static void end_gently(const han__box *box)
{
    const struct timespec pause = {0, 1000000};
    siginfo_t info;
    if (box->level == HAN__LEVEL_STRONG || !box->process || box->fd < 0) return;
    (void)shutdown(box->fd, SHUT_RDWR);
    for (int ms = 0; ms < GENTLY_MS; ms++) {
        memset(&info, 0, sizeof info);
        if (waitid(P_PID, (id_t)han__process_pid(box->process), &info,
                   WEXITED | WNOHANG | WNOWAIT) != 0 ||
            info.si_pid != 0)
            return;
        nanosleep(&pause, NULL);
    }
}

void han__box_close(han__box *box)
{
    if (!box) return;
    han__canary_close(&box->canary);
    end_gently(box);
    han__stream_close(box->stream);
    if (box->errors >= 0) close(box->errors);
    han__process_close(box->process);
    han__cgroup_close(box->cgroup); /* waits for the last process in it */
    han__mem_free(box->mem, box, sizeof *box);
}

/* ---- what it says ---- */

/* The last line of what bubblewrap or the launcher said. */
static void read_errors(const han__box *box, char *out, size_t cap)
{
    char text[1024];
    ssize_t n = read(box->errors, text, sizeof text - 1);
    size_t len = n > 0 ? (size_t)n : 0;
    while (len > 0 && text[len - 1] == '\n') len--;
    text[len] = '\0';
    const char *line = strrchr(text, '\n');
    snprintf(out, cap, "%.280s", line ? line + 1 : text);
}

static void end_now(han__box *box)
{
    if (box->level == HAN__LEVEL_STRONG)
        (void)han__process_kill(box->process, SIGKILL);
    else
        (void)shutdown(box->fd, SHUT_RDWR); /* see end_gently */
}

static void lose(han__box *box, const han_error *err)
{
    han__box_listener listener = box->listener;
    bool busy = box->busy;
    box->lost = true;
    box->busy = false;
    han__canary_close(&box->canary);
    end_now(box);
    if (busy) listener.on_lost(listener.ud, err);
}

static void on_failed(han__box *box, const uint8_t *bytes, size_t len);

/* What ended with our request unread makes an error that stands before what it has said. */
static bool last_words(han__box *box)
{
    uint8_t packet[64];
    han__box_head head = {0, 0};
    ssize_t n = recv(box->fd, packet, sizeof packet, MSG_DONTWAIT);
    if (n < (ssize_t)sizeof head) return false;
    memcpy(&head, packet, sizeof head);
    if (head.type != HAN__BOX_FAILED) return false;
    on_failed(box, packet, (size_t)n);
    return true;
}

static void on_channel_end(han__box *box)
{
    char why[300];
    han_error err = {0};
    read_errors(box, why, sizeof why);
    han__error_set(&err, HAN_PEER, "the sandbox ended%s%s", why[0] ? ": " : "", why);
    lose(box, &err);
}

/* It cannot be: whoever answers has not tried. */
static void on_unproved(han__box *box)
{
    han_error err = {0};
    (void)han__canary_judge(HAN__BREACH_UNTRIED, box->level, &err);
    lose(box, &err);
}

void han__box_step_text(uint32_t step, int32_t number, char *out, size_t cap)
{
    static const char *const steps[] = {
#define STEP_TEXT(name, text) text,
        HAN__BOX_STEP_MAP(STEP_TEXT)
#undef STEP_TEXT
    };
    if (step >= HAN__BOX_STEPS) step = HAN__BOX_STEP_LOST;
    snprintf(out, cap, "%s%s%s", steps[step], number ? ": " : "", number ? strerror(number) : "");
}

static void on_failed(han__box *box, const uint8_t *bytes, size_t len)
{
    char text[200];
    han__box_failed failed = {{0, 0}, HAN__BOX_STEP_LOST, 0};
    han_error err = {0};
    if (len == sizeof failed) memcpy(&failed, bytes, sizeof failed);
    if (failed.step == HAN__BOX_STEP_PROOF) {
        (void)han__canary_name((uint32_t)failed.number, box->level, &err);
    } else {
        han__box_step_text(failed.step, failed.number, text, sizeof text);
        han__error_set(&err, HAN_PEER, "the sandbox failed: %s", text);
    }
    lose(box, &err);
}

static void on_end(han__box *box, const uint8_t *bytes, size_t len)
{
    han__box_end end;
    han__box_listener listener = box->listener;
    if (len != sizeof end) return;
    memcpy(&end, bytes, sizeof end);
    box->busy = false;
    listener.on_end(listener.ud, &end);
}

static void on_file(han__box *box, const uint8_t *bytes, size_t len)
{
    han__box_file file;
    if (len < sizeof file) return;
    memcpy(&file, bytes, sizeof file);
    box->listener.on_file(box->listener.ud, &file, (const char *)bytes + sizeof file,
                          len - sizeof file);
}

/* One packet; those of a run that is over are dropped. */
static void on_read(void *ud, const uint8_t *bytes, size_t len, int status)
{
    han__box *box = ud;
    han__box_head head = {0, 0};
    if (status != HAN_OK || len == 0) {
        if (!last_words(box)) on_channel_end(box);
        return;
    }
    if (len >= sizeof head) memcpy(&head, bytes, sizeof head);
    /* whoever listens may close the box: nothing of it is touched afterwards */
    if (head.type == HAN__BOX_FAILED) {
        on_failed(box, bytes, len);
    } else if (head.type == HAN__BOX_READY) {
        box->proved = true;
        han__canary_close(&box->canary);
    } else if (!box->proved) {
        on_unproved(box);
    } else if (!box->busy || head.run != box->run) {
        return;
    } else if (head.type == HAN__BOX_END) {
        on_end(box, bytes, len);
    } else if (head.type == HAN__BOX_FILE) {
        on_file(box, bytes, len);
    } else if (head.type == HAN__BOX_DATA) {
        box->listener.on_data(box->listener.ud, bytes + sizeof head, len - sizeof head);
    }
}

/* ---- what it is told ---- */

/* A descriptor that holds the body and can never be changed. */
static int body_memfd(const void *body, size_t len)
{
    int fd = memfd_create("han", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) return -1;
    if (han__write_all(fd, body, len) &&
        fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) == 0)
        return fd;
    close(fd);
    return -1;
}

/* One packet with descriptors. */
static bool send_packet(int channel, const han__box_run *head, const void *body, size_t len,
                        const int *fds, size_t n)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int) * HAN__BOX_FDS)];
        struct cmsghdr align;
    } control;
    struct iovec parts[2] = {{(void *)(uintptr_t)head, sizeof *head},
                             {(void *)(uintptr_t)body, len}};
    struct msghdr message = {.msg_iov = parts,
                             .msg_iovlen = len ? 2 : 1,
                             .msg_control = control.bytes,
                             .msg_controllen = CMSG_SPACE(sizeof(int) * n)};
    memset(&control, 0, sizeof control);
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int) * n);
    memcpy(CMSG_DATA(c), fds, sizeof(int) * n);
    ssize_t sent;
    do sent = sendmsg(channel, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)(sizeof *head + len);
}

/* What ended before it was sent anything may have said why. */
static int unreachable(const han__box *box, int number, han_error *err)
{
    char why[300];
    read_errors(box, why, sizeof why);
    if (!why[0]) return han__error_sys(err, HAN_PEER, number, "cannot reach the sandbox");
    return han__error_set(err, HAN_PEER, "the sandbox ended: %s", why);
}

int han__box_send(han__box *box, const han__box_run *head, const void *body, size_t len,
                  const int fds[3], const han__box_listener *listener, han_error *err)
{
    han__box_run full = *head;
    int all[HAN__BOX_FDS] = {fds[0], fds[1], fds[2], -1};
    if (box->lost) return han__error_set(err, HAN_PEER, "the sandbox is lost");
    if (box->busy) return han__error_set(err, HAN_MISUSE, "the sandbox runs something else");
    if (len > HAN__BOX_BODY_MAX)
        return han__error_set(err, HAN_LIMIT, "more than %u bytes for one run", HAN__BOX_BODY_MAX);
    full.head = (han__box_head){HAN__BOX_RUN, box->run + 1};
    full.body_len = len;
    full.in_memfd = len > HAN__BOX_PACKET_MAX - sizeof full;
    if (full.in_memfd) {
        all[3] = body_memfd(body, len);
        if (all[3] < 0) return han__error_sys(err, HAN_IO, errno, "cannot hand over the files");
    }
    if (box->cgroup) han__cgroup_read(box->cgroup, &box->before);
    bool ok =
        send_packet(box->fd, &full, body, full.in_memfd ? 0 : len, all, full.in_memfd ? 4 : 3);
    int number = errno;
    if (all[3] >= 0) close(all[3]);
    if (!ok) return unreachable(box, number, err);
    box->run++;
    box->listener = *listener;
    box->busy = true;
    return HAN_OK;
}

void han__box_stop(han__box *box)
{
    han__box_head head = {HAN__BOX_KILL, box->run};
    if (!box->busy) return;
    if (send(box->fd, &head, sizeof head, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)sizeof head)
        end_now(box); /* that is heard */
}

bool han__box_idle(const han__box *box)
{
    return !box->busy && !box->lost;
}

bool han__box_lost(const han__box *box)
{
    return box->lost;
}

const han__box_profile *han__box_profile_of(const han__box *box)
{
    return &box->profile;
}

int han__box_level(const han__box *box)
{
    return box->level;
}

const char *han__box_held(const han__box *box)
{
    return box->cgroup ? han__cgroup_kind(box->cgroup) : "counting";
}

void han__box_events(const han__box *box, han__cgroup_events *out)
{
    memset(out, 0, sizeof *out);
    if (!box->cgroup) return;
    han__cgroup_read(box->cgroup, out);
    out->oom -= box->before.oom;
    out->procs -= box->before.procs;
    out->cpu_us -= box->before.cpu_us;
}

int64_t han__box_pid(const han__box *box)
{
    return han__process_pid(box->process);
}
