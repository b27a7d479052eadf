/* Owns connected descriptors and their outgoing queues. Reads and writes are ours and libuv only
 * tells when: so a write can avoid SIGPIPE, and a queue can be refused before it grows. */
#include "base/config.h"

#include <uv.h>

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "loop/stream.h"

#define READS_PER_TURN                                                                             \
    4 /* of HAN__LOOP_SCRATCH_BYTES: one loud peer must not starve the others                      \
       */
#define COMPACT_BYTES 65536u

struct han__stream {
    uv_poll_t poll;
    han__loop *loop;
    han__buf queue;
    size_t sent; /* bytes at the front of the queue that are written already */
    han__stream_read_fn on_read;
    void *read_ud;
    han__stream_drain_fn on_drain;
    void *drain_ud;
    int fd;
    int events; /* what is polled now */
    bool is_socket;
    bool reading;
    bool read_over; /* the end or a failure of reading was reported */
    bool broken;    /* writing failed */
    bool ending;    /* han__stream_end was called */
    bool closed;
};

static void on_event(uv_poll_t *poll, int status, int events);

size_t han__stream_queued(const han__stream *stream)
{
    return stream->queue.len - stream->sent;
}

/* Polls for what is wanted now. HAN_IO when the system refuses. */
static int watch(han__stream *stream)
{
    int events = stream->reading ? UV_READABLE : 0;
    if (han__stream_queued(stream) > 0) events |= UV_WRITABLE;
    if (stream->closed || events == stream->events) return HAN_OK;
    han__loop_touch(stream->loop);
    int failed =
        events ? uv_poll_start(&stream->poll, events, on_event) : uv_poll_stop(&stream->poll);
    stream->events = failed ? 0 : events;
    return failed ? HAN_IO : HAN_OK;
}

static bool would_block(int number)
{
    return number == EAGAIN || number == EWOULDBLOCK;
}

/* write() to a pipe nobody reads raises SIGPIPE. The disposition of signals belongs to the host, so
 * the signal is held off for this thread, and taken back when the write made one. */
static ssize_t write_pipe(int fd, const void *bytes, size_t len)
{
    sigset_t pipe_only, before, pending;
    struct timespec none = {0, 0};
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    sigemptyset(&pending);
    sigpending(&pending);
    bool had = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
    ssize_t n = write(fd, bytes, len);
    int number = errno;
    if (n < 0 && number == EPIPE && !had) sigtimedwait(&pipe_only, NULL, &none);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = number;
    return n;
}

static ssize_t put(const han__stream *stream, const void *bytes, size_t len)
{
    return stream->is_socket ? send(stream->fd, bytes, len, MSG_NOSIGNAL)
                             : write_pipe(stream->fd, bytes, len);
}

static void break_writing(han__stream *stream)
{
    stream->broken = true;
    stream->sent = 0;
    han__buf_release(&stream->queue);
}

/* Writes from the queue until it is empty or the kernel takes no more. */
static int flush(han__stream *stream)
{
    while (han__stream_queued(stream) > 0) {
        ssize_t n = put(stream, stream->queue.data + stream->sent, han__stream_queued(stream));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && would_block(errno)) break;
        if (n < 0) {
            break_writing(stream);
            return HAN_IO;
        }
        stream->sent += (size_t)n;
    }
    if (han__stream_queued(stream) == 0) {
        han__buf_reset(&stream->queue);
        stream->sent = 0;
    } else if (stream->sent >= COMPACT_BYTES && stream->sent >= stream->queue.len / 2) {
        han__buf_consume(&stream->queue, stream->sent);
        stream->sent = 0;
    }
    return HAN_OK;
}

static void shut_when_empty(han__stream *stream)
{
    if (!stream->ending || han__stream_queued(stream) > 0) return;
    if (stream->is_socket) shutdown(stream->fd, SHUT_WR);
}

static void write_event(han__stream *stream)
{
    if (han__stream_queued(stream) == 0) return;
    int status = flush(stream);
    shut_when_empty(stream);
    if (status == HAN_OK && han__stream_queued(stream) > 0) return;
    if (stream->on_drain) stream->on_drain(stream->drain_ud, status);
}

static void end_reading(han__stream *stream, int status)
{
    stream->reading = false;
    stream->read_over = true;
    stream->on_read(stream->read_ud, NULL, 0, status);
}

/* One read and its callback; the bytes read, 0 when there are none now or any more. */
static size_t read_once(han__stream *stream)
{
    uint8_t *scratch = han__loop_scratch(stream->loop);
    ssize_t n;
    do n = read(stream->fd, scratch, HAN__LOOP_SCRATCH_BYTES);
    while (n < 0 && errno == EINTR);
    if (n < 0 && would_block(errno)) return 0;
    if (n > 0) {
        stream->on_read(stream->read_ud, scratch, (size_t)n, HAN_OK);
        return (size_t)n;
    }
    end_reading(stream, n == 0 ? HAN_OK : HAN_IO);
    return 0;
}

static void read_event(han__stream *stream)
{
    for (int i = 0; i < READS_PER_TURN && stream->reading && !stream->closed; i++) {
        if (read_once(stream) < HAN__LOOP_SCRATCH_BYTES) break;
    }
}

/* libuv has stopped polling, since epoll reports an error: what is pending tells which. When it
 * does not, the stream is over all the same; polling on would spin. */
static void error_event(han__stream *stream)
{
    stream->events = 0;
    while (stream->reading && !stream->closed && read_once(stream) > 0) continue;
    if (!stream->closed && han__stream_queued(stream) > 0) {
        if (flush(stream) == HAN_OK) break_writing(stream);
        if (stream->on_drain) stream->on_drain(stream->drain_ud, HAN_IO);
    }
    if (!stream->closed && stream->reading) end_reading(stream, HAN_IO);
}

static void on_event(uv_poll_t *poll, int status, int events)
{
    han__stream *stream = poll->data;
    han__loop_touch(stream->loop);
    if (status < 0) {
        error_event(stream);
    } else {
        if (events & UV_WRITABLE) write_event(stream);
        if (!stream->closed && (events & UV_READABLE)) read_event(stream);
    }
    if (watch(stream) != HAN_OK) error_event(stream);
}

static bool socket_fd(int fd)
{
    int type = 0;
    socklen_t size = sizeof type;
    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
}

int han__stream_open(han__stream **out, han__loop *loop, int fd, size_t queue_max, han_error *err)
{
    han__mem *mem = han__loop_mem(loop);
    han__stream *stream = han__mem_zalloc(mem, 1, sizeof *stream);
    if (!stream) return han__error_set(err, HAN_NOMEM, "out of memory: stream");
    int failed = uv_poll_init(han__loop_uv(loop), &stream->poll, fd);
    if (failed) {
        han__mem_free(mem, stream, sizeof *stream);
        return han__error_set(err, HAN_INVALID, "descriptor %d is no stream: %s", fd,
                              uv_strerror(failed));
    }
    stream->poll.data = stream;
    stream->loop = loop;
    stream->fd = fd;
    stream->is_socket = socket_fd(fd);
    han__buf_init(&stream->queue, mem, queue_max);
    han__loop_opened(loop);
    *out = stream;
    return HAN_OK;
}

static void on_closed(uv_handle_t *handle)
{
    han__stream *stream = handle->data;
    han__loop *loop = stream->loop;
    han__mem_free(han__loop_mem(loop), stream, sizeof *stream);
    han__loop_closed(loop);
}

void han__stream_close(han__stream *stream)
{
    if (!stream || stream->closed) return;
    stream->closed = true;
    stream->reading = false;
    stream->sent = 0;
    han__buf_release(&stream->queue);
    han__loop_touch(stream->loop);
    uv_close((uv_handle_t *)&stream->poll, on_closed);
    close(stream->fd);
}

int han__stream_read_start(han__stream *stream, han__stream_read_fn fn, void *ud)
{
    if (stream->closed || stream->read_over) return HAN_MISUSE;
    stream->on_read = fn;
    stream->read_ud = ud;
    stream->reading = true;
    int status = watch(stream);
    if (status != HAN_OK) stream->reading = false;
    return status;
}

void han__stream_read_stop(han__stream *stream)
{
    stream->reading = false;
    if (watch(stream) != HAN_OK) break_writing(stream);
}

int han__stream_write(han__stream *stream, const void *bytes, size_t len)
{
    if (stream->closed || stream->ending) return HAN_MISUSE;
    if (stream->broken) return HAN_IO;
    size_t queued = han__stream_queued(stream);
    if (len > stream->queue.max - stream->queue.len) { /* room is there, behind what was sent */
        han__buf_consume(&stream->queue, stream->sent);
        stream->sent = 0;
    }
    int status = han__buf_append(&stream->queue, bytes, len);
    if (status != HAN_OK) return status;
    if (queued == 0) status = flush(stream);
    if (status == HAN_OK && watch(stream) != HAN_OK) {
        break_writing(stream);
        status = HAN_IO;
    }
    return status;
}

void han__stream_on_drain(han__stream *stream, han__stream_drain_fn fn, void *ud)
{
    stream->on_drain = fn;
    stream->drain_ud = ud;
}

void han__stream_end(han__stream *stream)
{
    if (stream->closed) return;
    stream->ending = true;
    shut_when_empty(stream);
}
