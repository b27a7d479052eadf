/* Owns the processes of untrusted programs: each is forked when its channel comes, is killed when
 * the other end of that channel is closed, and is reaped when it ends. Of each channel the server
 * keeps the program's end, to see that the engine has closed its own, for as long as the program
 * lives. */
#include "base/config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec/eval_wire.h"
#include "exec/program_wire.h"
#include "runner/confine.h"
#include "runner/program.h"
#include "runner/programs.h"
#include "runner/prove.h"
#include "script/bind_json.h"
#include "wire/frame.h"

#define WAITING_MAX 16 /* channels that came and were not opened yet */

typedef struct child {
    pid_t pid;
    int pidfd;
    int channel;
} child;

typedef struct server {
    han__sandbox *box;
    int control;
    bool filter; /* a program without a filter of system calls must end */
    han__mem mem;
    han__frame_reader reader;
    han__buf out;
    int waiting[WAITING_MAX];
    size_t waiting_len;
    child children[HAN__PROGRAMS_MAX];
    size_t children_len;
} server;

/* ---- children ---- */

static _Noreturn void be_program(const server *s, int channel, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    han__confine_files(channel);
    _exit(han__program_serve(s->box, channel, s->filter) ? 0 : 1);
}

/* Takes the channel over. */
static void start_program(server *s, int channel)
{
    child *c = &s->children[s->children_len];
    pid_t parent = getpid();
    if (s->children_len == HAN__PROGRAMS_MAX) {
        close(channel);
        return;
    }
    pid_t pid = fork();
    if (pid == 0) be_program(s, channel, parent);
    if (pid < 0) {
        close(channel);
        return;
    }
    *c = (child){pid, (int)syscall(SYS_pidfd_open, pid, 0u), channel};
    if (c->pidfd >= 0) {
        s->children_len++;
        return;
    }
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    close(channel);
}

/* Tells the engine which signal ended a program. That the program may have said the same, or half a
 * frame before it, changes nothing: its end follows. */
static void tell_signal(server *s, const child *c, int signal)
{
    size_t start;
    han__buf_reset(&s->out);
    int status = han__frame_begin(&s->out, HAN__PROGRAM_ENDED, 0, &start);
    if (status == HAN_OK) status = han__buf_u32(&s->out, (uint32_t)signal);
    if (status == HAN_OK) status = han__frame_end(&s->out, start);
    if (status != HAN_OK) return;
    ssize_t sent = send(c->channel, s->out.data, s->out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    HAN__UNUSED(sent);
}

/* The engine reads the end of its channel once this one is closed as well. */
static void end_program(server *s, size_t i)
{
    child *c = &s->children[i];
    int status = 0;
    struct pollfd ended = {c->pidfd, POLLIN, 0};
    bool by_itself = poll(&ended, 1, 0) == 1;
    kill(c->pid, SIGKILL); /* it has ended, or nobody wants it */
    while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR) continue;
    if (by_itself && WIFSIGNALED(status)) tell_signal(s, c, WTERMSIG(status));
    close(c->pidfd);
    close(c->channel);
    *c = s->children[--s->children_len];
}

/* ---- requests ---- */

static bool send_all(server *s)
{
    size_t at = 0;
    while (at < s->out.len) {
        ssize_t n = send(s->control, s->out.data + at, s->out.len - at, MSG_NOSIGNAL);
        if (n > 0) at += (size_t)n;
        if (n <= 0 && errno != EINTR) return false;
    }
    return true;
}

static bool answer_proof(server *s, const han__frame *frame)
{
    size_t start;
    uint32_t breaches = han__prove(frame->bytes, frame->len);
    s->filter = s->filter || han__prove_filter(breaches);
    han__buf_reset(&s->out);
    int status = han__frame_begin(&s->out, HAN__EVAL_PROOF, frame->id, &start);
    if (status == HAN_OK) status = han__buf_u32(&s->out, breaches);
    if (status == HAN_OK) status = han__frame_end(&s->out, start);
    return status == HAN_OK && send_all(s);
}

static bool take_frame(server *s, const han__frame *frame)
{
    if (frame->type == HAN__EVAL_PROVE) return answer_proof(s, frame);
    if (frame->type != HAN__PROGRAM_OPEN || s->waiting_len == 0) return false;
    int channel = s->waiting[0];
    s->waiting_len--;
    memmove(s->waiting, s->waiting + 1, s->waiting_len * sizeof s->waiting[0]);
    start_program(s, channel);
    return true;
}

/* Keeps the descriptors that came with a message; false when there are too many. */
static bool keep_channels(server *s, struct msghdr *message)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
        size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < n; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
            if (s->waiting_len == WAITING_MAX) return false;
            s->waiting[s->waiting_len++] = fd;
        }
    }
    return (message->msg_flags & MSG_CTRUNC) == 0;
}

/* Reads once. 1: go on; 0: the peer has closed; -1: nonsense. */
static int read_control(server *s)
{
    uint8_t bytes[1024];
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {bytes, sizeof bytes};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    han__frame frame;
    int status;
    ssize_t n = recvmsg(s->control, &message, MSG_CMSG_CLOEXEC);
    if (n < 0) return errno == EINTR ? 1 : -1;
    if (n == 0) return 0;
    if (!keep_channels(s, &message)) return -1;
    const uint8_t *at = bytes;
    size_t left = (size_t)n;
    while ((status = han__frame_next(&s->reader, &at, &left, &frame)) == 1)
        if (!take_frame(s, &frame)) return -1;
    return status == HAN_OK ? 1 : -1;
}

/* ---- the loop ---- */

/* Waits; gives what read_control gave, 1 when it had nothing to read. */
static int turn(server *s)
{
    static struct pollfd polls[1 + 2 * HAN__PROGRAMS_MAX];
    polls[0] = (struct pollfd){s->control, POLLIN, 0};
    for (size_t i = 0; i < s->children_len; i++) {
        polls[1 + 2 * i] = (struct pollfd){s->children[i].pidfd, POLLIN, 0};
        polls[2 + 2 * i] = (struct pollfd){s->children[i].channel, POLLRDHUP, 0};
    }
    if (poll(polls, 1 + 2 * s->children_len, -1) < 0) return errno == EINTR ? 1 : -1;
    for (size_t i = s->children_len; i-- > 0;) /* the last takes the place of one that ends */
        if (polls[1 + 2 * i].revents != 0 || polls[2 + 2 * i].revents != 0) end_program(s, i);
    return polls[0].revents != 0 ? read_control(s) : 1;
}

bool han__programs_serve(han__sandbox *box, int channel)
{
    static server s;
    int going = 1;
    han__json_prepare();
    s.box = box;
    s.control = channel;
    han__mem_init(&s.mem, NULL, NULL);
    han__frame_reader_init(&s.reader, &s.mem);
    han__buf_init(&s.out, &s.mem, 1024);
    while (going == 1) going = turn(&s);
    while (s.children_len > 0) end_program(&s, 0);
    return going == 0;
}
