/* Owns the runner process, the queue of requests and their deadlines. Two requests are on their way
 * at most, so that the runner need not wait for us between them; the deadline is that of the first.
 * When the runner is lost, the first is answered with HAN_PEER, since it may be to blame; the
 * second had not begun and is sent again to the next runner. */
#include "base/config.h"

#include <stdio.h>

#include "base/buf.h"
#include "exec/canary.h"
#include "exec/eval.h"
#include "exec/eval_wire.h"
#include "loop/stream.h"
#include "loop/timer.h"
#include "wire/frame.h"

#define SENT_MAX       2u
#define GRACE_MS       5000u
#define QUEUE_BYTES    ((SENT_MAX + 1) * (size_t)HAN__FRAME_BYTES_MAX)
#define REQUEST_HEADER 4u

typedef struct request {
    struct request *next;
    uint64_t ticket;
    uint32_t id; /* of the frame */
    uint32_t wall_ms;
    bool sent;
    han__buf frame;
    han__eval_fn fn; /* NULL: cancelled */
    void *ud;
} request;

struct han__eval {
    han__mem *mem;
    han__loop *loop;
    han__launcher *launcher;
    uint32_t grace_ms;
    uint64_t tickets;
    uint64_t starts;
    request *first, **last; /* in the order they came; the sent ones are in front */
    unsigned sent;
    han__process *process;
    han__stream *stream; /* NULL: no runner */
    han__frame_reader reader;
    han__timer deadline;
    han__canary canary;
    int level;   /* of the runner */
    bool proven; /* the runner may be given requests */
    bool ended;  /* the process was seen to end, so: */
    int signal, code;
};

static void pump(han__eval *e);

/* ---- requests ---- */

static void request_free(han__eval *e, request *r)
{
    han__buf_release(&r->frame);
    han__mem_free(e->mem, r, sizeof *r);
}

static request *take_first(han__eval *e)
{
    request *r = e->first;
    e->first = r->next;
    if (!e->first) e->last = &e->first;
    if (r->sent) e->sent--;
    return r;
}

/* Answers the first request and frees it. */
static void answer(han__eval *e, int status, const uint8_t *reply, size_t len, const han_error *err)
{
    request *r = take_first(e);
    if (r->fn) r->fn(r->ud, status, reply, len, err);
    request_free(e, r);
}

/* ---- the runner ---- */

static void on_read(void *ud, const uint8_t *bytes, size_t len, int status);
static void on_end(void *ud, const han__process_exit *result);

/* The deadline is that of the first request, from the moment it is the first. The timer is started
 * by han__eval_send and runs until nothing is left, so that starting it anew needs no memory. */
static void watch_first(han__eval *e)
{
    if (!e->first) {
        han__timer_stop(&e->deadline);
        return;
    }
    int status =
        han__timer_start(&e->deadline, HAN__MS((uint64_t)e->first->wall_ms + e->grace_ms), 0);
    HAN__UNUSED(status);
}

static void end_runner(han__eval *e)
{
    han__stream_close(e->stream);
    han__process_close(e->process);
    e->stream = NULL;
    e->process = NULL;
    e->ended = false;
    e->proven = false;
    han__canary_close(&e->canary);
    han__frame_reader_release(&e->reader);
    han__frame_reader_init(&e->reader, e->mem);
    for (request *r = e->first; r; r = r->next) r->sent = false;
    e->sent = 0;
}

static int start_runner(han__eval *e, han_error *err)
{
    e->level = han__launcher_level(e->launcher);
    int status = han__launcher_start(e->launcher, "eval", on_end, e, &e->process, err);
    if (status != HAN_OK) return status;
    e->starts++;
    int fd = han__process_take(e->process, HAN__PROCESS_CHANNEL);
    status = han__stream_open(&e->stream, e->loop, fd, QUEUE_BYTES, err);
    if (status == HAN_OK) status = han__stream_read_start(e->stream, on_read, e);
    if (status == HAN_OK && e->level != HAN__LEVEL_NONE)
        status = han__canary_ask(&e->canary, e->process, e->stream, e->mem, err);
    e->proven = e->level == HAN__LEVEL_NONE;
    if (status != HAN_OK) {
        han__error_set(err, status, "cannot talk to the runner");
        end_runner(e);
    }
    return status;
}

static void fail_all(han__eval *e, int status, const han_error *err)
{
    while (e->first) answer(e, status, NULL, 0, err);
}

/* There is no sandbox: nothing may be evaluated. */
static void refuse_all(han__eval *e, const han_error *err)
{
    end_runner(e);
    fail_all(e, HAN_ENVIRONMENT, err);
    watch_first(e);
}

/* The runner is of no use any more: blame the first request if it was sent, go on with the rest. */
static void lose_runner(han__eval *e, const char *why)
{
    han_error err = {0};
    bool blamed = e->first && e->first->sent;
    if (e->stream && !e->proven) {
        han__error_set(&err, HAN_ENVIRONMENT,
                       "no sandbox of level %s here: before its canary proof, %s; see han doctor",
                       han__level_name(e->level), why);
        refuse_all(e, &err);
        return;
    }
    end_runner(e);
    han__error_set(&err, HAN_PEER, "%s", why);
    if (blamed) answer(e, HAN_PEER, NULL, 0, &err);
    watch_first(e);
    pump(e);
}

static void on_deadline(void *ud, han__timer *timer)
{
    han__eval *e = ud;
    HAN__UNUSED(timer);
    /* it is to blame, also when it could not even be sent */
    if (e->first && (e->proven || !e->stream)) e->first->sent = true;
    lose_runner(e, "the runner did not answer in time and was ended");
}

/* The end of its channel, behind its last answer, is what tells that the runner is gone; here only
 * why. */
static void on_end(void *ud, const han__process_exit *result)
{
    han__eval *e = ud;
    e->signal = result->signal;
    e->code = result->code;
    e->ended = true;
}

static void on_channel_end(han__eval *e)
{
    char why[80] = "the runner closed its channel";
    if (e->ended && e->signal != 0)
        snprintf(why, sizeof why, "the runner was ended by signal %d", e->signal);
    else if (e->ended)
        snprintf(why, sizeof why, "the runner ended with code %d", e->code);
    lose_runner(e, why);
}

/* True when the runner proved that it cannot reach the host, or was refused for it. */
static bool take_proof(han__eval *e, const han__frame *frame)
{
    han_error err = {0};
    uint32_t breaches = 0;
    if (frame->type != HAN__EVAL_PROOF || frame->len != 4) return false;
    for (int i = 0; i < 4; i++) breaches |= (uint32_t)frame->bytes[i] << (8 * i);
    if (han__canary_judge(breaches, e->level, &err) != HAN_OK) {
        refuse_all(e, &err);
        return true;
    }
    han__canary_close(&e->canary);
    e->proven = true;
    return true;
}

/* True when the frame answers the first request. */
static bool take_reply(han__eval *e, const han__frame *frame)
{
    han_error err = {0};
    if (!e->first || !e->first->sent || frame->id != e->first->id) return false;
    if (frame->type == HAN__EVAL_REPLY && frame->len > 0) {
        answer(e, HAN_OK, frame->bytes, frame->len, NULL);
        return true;
    }
    if (frame->type != HAN__EVAL_FAILED) return false;
    int shown = frame->len < 300 ? (int)frame->len : 300;
    han__error_set(&err, HAN_PEER, "the runner could not evaluate: %.*s", shown,
                   (const char *)frame->bytes);
    answer(e, HAN_PEER, NULL, 0, &err);
    return true;
}

static void on_read(void *ud, const uint8_t *bytes, size_t len, int status)
{
    han__eval *e = ud;
    han__stream *stream = e->stream;
    han__frame frame;
    int found = HAN_OK;
    if (status != HAN_OK || len == 0) {
        on_channel_end(e);
        return;
    }
    while ((found = han__frame_next(&e->reader, &bytes, &len, &frame)) == 1) {
        if (!(e->proven ? take_reply(e, &frame) : take_proof(e, &frame))) {
            lose_runner(e, "the runner spoke nonsense");
            return;
        }
        if (e->stream != stream) return; /* the callback sent, and that started another runner */
    }
    if (found != HAN_OK) {
        lose_runner(e, found == HAN_NOMEM ? "out of memory for the reply of the runner"
                                          : "the runner spoke nonsense");
        return;
    }
    watch_first(e);
    pump(e);
}

/* ---- sending ---- */

static request *next_unsent(const han__eval *e)
{
    request *r = e->first;
    while (r && r->sent) r = r->next;
    return r;
}

/* Sends requests while it may. A broken stream is noticed by its reader, which sends everything
 * again. HAN_NOMEM: the first request could not be sent, and no reply will come that lets us try
 * again. */
static int send_more(han__eval *e)
{
    request *r;
    while (e->proven && e->sent < SENT_MAX && (r = next_unsent(e)) != NULL) {
        int status = han__stream_write(e->stream, r->frame.data, r->frame.len);
        if (status == HAN_IO || status == HAN_MISUSE) return HAN_OK;
        if (status != HAN_OK) return r == e->first ? HAN_NOMEM : HAN_OK;
        r->sent = true;
        e->sent++;
    }
    return HAN_OK;
}

/* In a callback: sends what may be sent; starts a runner when there is none and something to do. */
static void pump(han__eval *e)
{
    han_error err = {0};
    if (!e->first) return;
    if (!e->stream && start_runner(e, &err) != HAN_OK) {
        if (err.code != HAN_ENVIRONMENT || e->level == HAN__LEVEL_NONE) err.code = HAN_PEER;
        fail_all(e, err.code, &err);
    } else if (send_more(e) != HAN_OK) {
        han__error_set(&err, HAN_PEER, "out of memory for an evaluation request");
        fail_all(e, HAN_PEER, &err);
    }
    if (!e->first) watch_first(e);
}

static int build_frame(request *r, const void *value, size_t len, han_error *err)
{
    size_t start;
    int status = han__frame_begin(&r->frame, HAN__EVAL_REQUEST, r->id, &start);
    if (status == HAN_OK) status = han__buf_u32(&r->frame, r->wall_ms);
    if (status == HAN_OK) status = han__buf_append(&r->frame, value, len);
    if (status == HAN_OK) status = han__frame_end(&r->frame, start);
    if (status == HAN_LIMIT)
        return han__error_set(err, status, "the evaluation request is larger than %u bytes",
                              HAN__FRAME_BYTES_MAX - REQUEST_HEADER);
    return status == HAN_OK ? HAN_OK : han__error_set(err, status, "out of memory");
}

/* A runner and a running deadline for a request to come. */
static int prepare(han__eval *e, uint32_t wall_ms, han_error *err)
{
    int status = e->stream ? HAN_OK : start_runner(e, err);
    if (status == HAN_ENVIRONMENT && e->level != HAN__LEVEL_NONE) return status;
    if (status != HAN_OK && status != HAN_NOMEM) {
        if (err) err->code = HAN_PEER;
        return HAN_PEER;
    }
    if (status != HAN_OK) return status;
    if (han__timer_active(&e->deadline)) return HAN_OK;
    uint64_t ms = (uint64_t)wall_ms + e->grace_ms;
    status = han__timer_start(&e->deadline, HAN__MS(ms), 0);
    return status == HAN_OK ? HAN_OK : han__error_set(err, status, "out of memory");
}

/* The only request could not be sent: there was none before this call. */
static int give_up_first(han__eval *e, han_error *err)
{
    request_free(e, take_first(e));
    watch_first(e);
    return han__error_set(err, HAN_NOMEM, "out of memory");
}

int han__eval_send(han__eval *e, const void *value, size_t len, uint32_t wall_ms, han__eval_fn fn,
                   void *ud, uint64_t *ticket, han_error *err)
{
    if (wall_ms > HAN__EVAL_WALL_MS_MAX) wall_ms = HAN__EVAL_WALL_MS_MAX;
    if (e->stream && !e->first && e->level != han__launcher_level(e->launcher)) end_runner(e);
    int status = prepare(e, wall_ms, err);
    if (status != HAN_OK) return status;
    request *r = han__mem_zalloc(e->mem, 1, sizeof *r);
    if (!r) {
        if (!e->first) watch_first(e);
        return han__error_set(err, HAN_NOMEM, "out of memory");
    }
    han__buf_init(&r->frame, e->mem, HAN__FRAME_BYTES_MAX);
    r->ticket = ++e->tickets;
    r->id = (uint32_t)r->ticket;
    r->wall_ms = wall_ms;
    r->fn = fn;
    r->ud = ud;
    status = build_frame(r, value, len, err);
    if (status != HAN_OK) {
        request_free(e, r);
        if (!e->first) watch_first(e);
        return status;
    }
    *e->last = r;
    e->last = &r->next;
    *ticket = r->ticket;
    return send_more(e) == HAN_OK || e->first != r ? HAN_OK : give_up_first(e, err);
}

void han__eval_cancel(han__eval *e, uint64_t ticket)
{
    for (request **at = &e->first; *at; at = &(*at)->next) {
        request *r = *at;
        if (r->ticket != ticket) continue;
        r->fn = NULL;
        if (r->sent) return;
        *at = r->next;
        if (!r->next) e->last = at;
        request_free(e, r);
        return;
    }
}

/* ---- life ---- */

int han__eval_open(han__eval **out, han__loop *loop, han__mem *mem, han__launcher *launcher,
                   han_error *err)
{
    han__eval *e = han__mem_zalloc(mem, 1, sizeof *e);
    if (!e) return han__error_set(err, HAN_NOMEM, "out of memory");
    e->mem = mem;
    e->loop = loop;
    e->launcher = launcher;
    e->grace_ms = GRACE_MS;
    e->last = &e->first;
    han__frame_reader_init(&e->reader, mem);
    han__timer_init(&e->deadline, loop, on_deadline, e);
    *out = e;
    return HAN_OK;
}

void han__eval_set_grace(han__eval *e, uint32_t ms)
{
    e->grace_ms = ms;
}

void han__eval_close(han__eval *e)
{
    han_error err = {0};
    if (!e) return;
    han__error_set(&err, HAN_CANCELLED, "the evaluation was cancelled");
    end_runner(e);
    han__timer_stop(&e->deadline);
    fail_all(e, HAN_CANCELLED, &err);
    han__frame_reader_release(&e->reader);
    han__mem_free(e->mem, e, sizeof *e);
}

uint64_t han__eval_starts(const han__eval *e)
{
    return e->starts;
}

int han__eval_level(const han__eval *e)
{
    return e->level;
}

int64_t han__eval_pid(const han__eval *e)
{
    return e->process ? (int64_t)han__process_pid(e->process) : 0;
}
