/* Owns the runner of untrusted programs and the channels that wait for its proof. */
#include "base/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exec/canary.h"
#include "exec/eval_wire.h"
#include "exec/program_wire.h"
#include "exec/programs.h"
#include "loop/stream.h"
#include "loop/timer.h"
#include "wire/frame.h"

#define WAITING_MAX 256u
#define QUEUE_BYTES 65536u
#define PROOF_MS    10000u

struct han__programs {
    han__mem *mem;
    han__loop *loop;
    han__launcher *launcher;
    han__process *process;
    han__stream *stream; /* NULL: no runner */
    int control;         /* the same socket, for messages with descriptors */
    han__frame_reader reader;
    han__timer deadline; /* of the proof */
    han__canary canary;
    int level;
    bool proven;
    int waiting[WAITING_MAX]; /* the programs' ends, while it is not proven */
    size_t waiting_len;
    uint64_t starts;
    char why[240];
};

/* ---- the runner ---- */

static void end_runner(han__programs *p)
{
    han__timer_stop(&p->deadline);
    han__stream_close(p->stream);
    han__process_close(p->process);
    if (p->control >= 0) close(p->control);
    p->control = -1;
    p->stream = NULL;
    p->process = NULL;
    p->proven = false;
    han__canary_close(&p->canary);
    while (p->waiting_len > 0) close(p->waiting[--p->waiting_len]);
    han__frame_reader_release(&p->reader);
    han__frame_reader_init(&p->reader, p->mem);
}

static void lose_runner(han__programs *p, const char *why)
{
    if (p->proven)
        snprintf(p->why, sizeof p->why, "%s", why);
    else
        snprintf(p->why, sizeof p->why,
                 "no sandbox of level %s here: before its canary proof, %s; see han doctor",
                 han__level_name(p->level), why);
    end_runner(p);
}

static void on_deadline(void *ud, han__timer *timer)
{
    HAN__UNUSED(timer);
    lose_runner(ud, "the runner of programs did not answer in time");
}

/* Sends a frame without payload, with a descriptor beside it. */
static bool send_channel(const han__programs *p, int fd)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    uint8_t frame[HAN__FRAME_HEADER] = {[4] = HAN__PROGRAM_OPEN};
    struct iovec part = {frame, sizeof frame};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control.room};
    memset(&control, 0, sizeof control);
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(c), &fd, sizeof fd);
    ssize_t n;
    do n = sendmsg(p->control, &message, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof frame;
}

/* ---- its proof ---- */

static bool take_proof(han__programs *p, const han__frame *frame)
{
    han_error err = {0};
    uint32_t breaches = 0;
    if (p->proven || frame->type != HAN__EVAL_PROOF || frame->len != 4) return false;
    for (int i = 0; i < 4; i++) breaches |= (uint32_t)frame->bytes[i] << (8 * i);
    if (han__canary_judge(breaches, p->level, &err) != HAN_OK) {
        snprintf(p->why, sizeof p->why, "%.230s", err.message);
        end_runner(p);
        return true;
    }
    han__timer_stop(&p->deadline);
    han__canary_close(&p->canary);
    p->proven = true;
    while (p->waiting_len > 0) { /* those that cannot be sent end with their channel */
        int fd = p->waiting[--p->waiting_len];
        send_channel(p, fd);
        close(fd);
    }
    return true;
}

static void on_read(void *ud, const uint8_t *bytes, size_t len, int status)
{
    han__programs *p = ud;
    han__stream *stream = p->stream;
    han__frame frame;
    int found;
    if (status != HAN_OK || len == 0) {
        lose_runner(p, "the runner of programs ended");
        return;
    }
    while ((found = han__frame_next(&p->reader, &bytes, &len, &frame)) == 1) {
        if (!take_proof(p, &frame)) {
            lose_runner(p, "the runner of programs spoke nonsense");
            return;
        }
        if (p->stream != stream) return;
    }
    if (found != HAN_OK) lose_runner(p, "the runner of programs spoke nonsense");
}

static int ask_proof(han__programs *p, han_error *err)
{
    int status = han__canary_ask(&p->canary, p->process, p->stream, p->mem, err);
    if (status == HAN_OK) status = han__timer_start(&p->deadline, HAN__MS(PROOF_MS), 0);
    return status;
}

static int start_runner(han__programs *p, han_error *err)
{
    p->level = han__launcher_level(p->launcher);
    p->why[0] = '\0';
    int status = han__launcher_start(p->launcher, "program", NULL, NULL, &p->process, err);
    if (status != HAN_OK) return status;
    p->starts++;
    int fd = han__process_take(p->process, HAN__PROCESS_CHANNEL);
    p->control = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    status = han__stream_open(&p->stream, p->loop, fd, QUEUE_BYTES, err);
    if (status == HAN_OK && p->control < 0) status = HAN_IO;
    if (status == HAN_OK) status = han__stream_read_start(p->stream, on_read, p);
    if (status == HAN_OK && p->level != HAN__LEVEL_NONE) status = ask_proof(p, err);
    p->proven = p->level == HAN__LEVEL_NONE;
    if (status == HAN_OK) return HAN_OK;
    if (!p->stream) close(fd);
    end_runner(p);
    return han__error_set(err, status, "cannot talk to the runner of programs");
}

/* ---- the interface ---- */

int han__programs_open(han__programs **out, han__loop *loop, han__mem *mem, han__launcher *launcher,
                       han_error *err)
{
    han__programs *p = han__mem_zalloc(mem, 1, sizeof *p);
    if (!p) return han__error_set(err, HAN_NOMEM, "out of memory");
    p->mem = mem;
    p->loop = loop;
    p->launcher = launcher;
    p->control = -1;
    han__frame_reader_init(&p->reader, mem);
    han__timer_init(&p->deadline, loop, on_deadline, p);
    *out = p;
    return HAN_OK;
}

void han__programs_close(han__programs *p)
{
    if (!p) return;
    end_runner(p);
    han__frame_reader_release(&p->reader);
    han__mem_free(p->mem, p, sizeof *p);
}

/* Takes the program's end over. */
static int hand_over(han__programs *p, int fd, han_error *err)
{
    int status = HAN_OK;
    if (!p->proven && p->waiting_len < WAITING_MAX) {
        p->waiting[p->waiting_len++] = fd;
        return HAN_OK;
    }
    if (!p->proven)
        status = han__error_set(err, HAN_LIMIT, "too many programs begin at once");
    else if (!send_channel(p, fd))
        status = han__error_sys(err, HAN_PEER, errno, "the runner of programs takes no more");
    close(fd);
    return status;
}

int han__programs_start(han__programs *p, int *fd, han_error *err)
{
    int ends[2];
    int status = p->stream && p->level == han__launcher_level(p->launcher) ? HAN_OK : HAN_UNKNOWN;
    if (status != HAN_OK && p->stream) end_runner(p); /* of another level */
    if (status != HAN_OK) status = start_runner(p, err);
    if (status != HAN_OK) return status;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return han__error_sys(err, HAN_IO, errno, "no channel for a program");
    status = hand_over(p, ends[1], err);
    if (status == HAN_OK)
        *fd = ends[0];
    else
        close(ends[0]);
    return status;
}

const char *han__programs_why(const han__programs *p)
{
    return p->why;
}

uint64_t han__programs_starts(const han__programs *p)
{
    return p->starts;
}

int64_t han__programs_pid(const han__programs *p)
{
    return p->process ? (int64_t)han__process_pid(p->process) : 0;
}
