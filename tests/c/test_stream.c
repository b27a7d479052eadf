/* loop/stream: bytes both ways, bounded queues, ends and failures, each told once. */
#include "base/config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/rng.h"
#include "loop/stream.h"
#include "looping.h"

#define QUEUE_MAX (1u << 20)

typedef struct side {
    han__stream *stream;
    han__buf got;
    int ends, errors, drains, broken;
    bool close_on_data;
} side;

typedef struct fixture {
    han__mem mem;
    han__loop *loop;
    side a, b;
    int before;
} fixture;

static void on_read(void *ud, const uint8_t *bytes, size_t len, int status)
{
    side *s = ud;
    s->ends += status == HAN_OK && len == 0;
    s->errors += status == HAN_IO;
    assert_true(status == HAN_OK || len == 0);
    assert_int_equal(han__buf_append(&s->got, bytes, len), 0);
    if (!s->close_on_data) return;
    han__stream_close(s->stream);
    s->stream = NULL;
}

static void on_drain(void *ud, int status)
{
    side *s = ud;
    s->drains += status == HAN_OK;
    s->broken += status == HAN_IO;
}

static void open_side(fixture *f, side *s, int fd)
{
    memset(s, 0, sizeof *s);
    han__buf_init(&s->got, &f->mem, 64u << 20);
    if (fd < 0) return;
    assert_int_equal(han__stream_open(&s->stream, f->loop, fd, QUEUE_MAX, NULL), 0);
    han__stream_on_drain(s->stream, on_drain, s);
}

static void read_side(side *s)
{
    assert_int_equal(han__stream_read_start(s->stream, on_read, s), 0);
}

static void open_loop(fixture *f)
{
    memset(f, 0, sizeof *f);
    han__mem_init(&f->mem, NULL, NULL);
    assert_int_equal(han__loop_create(&f->loop, &f->mem, NULL, NULL), 0);
    f->before = count_descriptors();
}

static void open_pair(fixture *f)
{
    int fds[2];
    open_loop(f);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    open_side(f, &f->a, fds[0]);
    open_side(f, &f->b, fds[1]);
}

static void close_fixture(fixture *f)
{
    han__stream_close(f->a.stream);
    han__stream_close(f->b.stream);
    han__buf_release(&f->a.got);
    han__buf_release(&f->b.got);
    assert_int_equal(count_descriptors(), f->before);
    han__loop_close(f->loop);
    assert_int_equal(f->mem.live, 0);
}

TEST(bytes_go_both_ways)
{
    fixture f;
    open_pair(&f);
    read_side(&f.a);
    read_side(&f.b);
    assert_int_equal(han__stream_write(f.a.stream, "ping", 4), 0);
    assert_int_equal(han__stream_queued(f.a.stream), 0); /* the kernel took it at once */
    TURN_UNTIL(f.loop, f.b.got.len == 4);
    assert_memory_equal(f.b.got.data, "ping", 4);
    assert_int_equal(han__stream_write(f.b.stream, "pong!", 5), 0);
    TURN_UNTIL(f.loop, f.a.got.len == 5);
    assert_true(han__loop_alive(f.loop));
    close_fixture(&f);
}

/* Much more than a socket holds, written whenever the queue has room, arrives in order. */
TEST(a_long_transfer_arrives_whole)
{
    static uint8_t chunk[30000];
    fixture f;
    han__rng out, in;
    size_t sent = 0, total = 8u << 20, checked = 0;
    open_pair(&f);
    han__rng_init(&out, 1, 1);
    han__rng_init(&in, 1, 1);
    read_side(&f.b);
    while (checked < total) {
        while (sent < total) {
            size_t len = 1 + sent % sizeof chunk;
            han__rng saved = out;
            for (size_t i = 0; i < len; i++) chunk[i] = (uint8_t)han__rng_u64(&out);
            int status = han__stream_write(f.a.stream, chunk, len);
            if (status == HAN_OK) {
                sent += len;
                continue;
            }
            assert_int_equal(status, HAN_LIMIT);
            assert_true(han__stream_queued(f.a.stream) <= QUEUE_MAX);
            assert_true(han__stream_queued(f.a.stream) + len > QUEUE_MAX);
            out = saved;
            break;
        }
        TURN_UNTIL(f.loop, f.b.got.len > 0);
        for (size_t i = 0; i < f.b.got.len; i++, checked++) {
            if (f.b.got.data[i] != (uint8_t)han__rng_u64(&in)) fail_msg("byte %zu", checked);
        }
        han__buf_reset(&f.b.got);
        if (sent >= total) total = sent;
    }
    assert_int_equal(han__stream_queued(f.a.stream), 0);
    assert_true(f.a.drains > 0);
    assert_int_equal(f.a.broken, 0);
    close_fixture(&f);
}

TEST(the_queue_is_bounded)
{
    static uint8_t block[QUEUE_MAX + 1];
    fixture f;
    open_pair(&f);
    assert_int_equal(han__stream_write(f.a.stream, block, sizeof block), HAN_LIMIT);
    assert_int_equal(han__stream_queued(f.a.stream), 0);
    assert_int_equal(han__stream_write(f.a.stream, block, QUEUE_MAX), 0);
    size_t queued = han__stream_queued(f.a.stream);
    assert_in_range(queued, 1, QUEUE_MAX);
    assert_int_equal(han__stream_write(f.a.stream, block, QUEUE_MAX - queued + 1), HAN_LIMIT);
    assert_int_equal(han__stream_queued(f.a.stream), queued);
    assert_int_equal(han__stream_write(f.a.stream, block, QUEUE_MAX - queued), 0);
    assert_int_equal(han__stream_queued(f.a.stream), QUEUE_MAX);
    read_side(&f.b);
    TURN_UNTIL(f.loop, f.b.got.len == QUEUE_MAX + QUEUE_MAX - queued);
    TURN_UNTIL(f.loop, f.a.drains == 1);
    close_fixture(&f);
}

TEST(the_end_is_told_once)
{
    fixture f;
    open_pair(&f);
    read_side(&f.b);
    assert_int_equal(han__stream_write(f.a.stream, "last", 4), 0);
    han__stream_close(f.a.stream);
    f.a.stream = NULL;
    TURN_UNTIL(f.loop, f.b.ends == 1);
    assert_int_equal(f.b.got.len, 4);
    while (han__loop_run_once(f.loop, 0) > 0) continue;
    assert_int_equal(f.b.ends, 1);
    assert_int_equal(f.b.errors, 0);
    assert_int_equal(han__stream_read_start(f.b.stream, on_read, &f.b), HAN_MISUSE);
    close_fixture(&f);
}

TEST(half_close_after_the_queue)
{
    static uint8_t block[QUEUE_MAX];
    fixture f;
    open_pair(&f);
    read_side(&f.a);
    assert_int_equal(han__stream_write(f.a.stream, block, sizeof block), 0);
    han__stream_end(f.a.stream);
    assert_int_equal(han__stream_write(f.a.stream, "x", 1), HAN_MISUSE);
    read_side(&f.b);
    TURN_UNTIL(f.loop, f.b.ends == 1);
    assert_int_equal(f.b.got.len, QUEUE_MAX);
    assert_int_equal(han__stream_write(f.b.stream, "answer", 6), 0);
    TURN_UNTIL(f.loop, f.a.got.len == 6);
    han__stream_end(f.b.stream);
    TURN_UNTIL(f.loop, f.a.ends == 1);
    close_fixture(&f);
}

TEST(reading_can_pause)
{
    fixture f;
    open_pair(&f);
    read_side(&f.b);
    han__stream_read_stop(f.b.stream);
    assert_int_equal(han__stream_write(f.a.stream, "kept", 4), 0);
    assert_int_equal(han__loop_step(f.loop, 1000000), 0);
    assert_int_equal(f.b.got.len, 0);
    read_side(&f.b);
    TURN_UNTIL(f.loop, f.b.got.len == 4);
    close_fixture(&f);
}

TEST(a_read_callback_may_close)
{
    fixture f;
    open_pair(&f);
    read_side(&f.b);
    f.b.close_on_data = true;
    assert_int_equal(han__stream_write(f.a.stream, "x", 1), 0);
    TURN_UNTIL(f.loop, f.b.stream == NULL);
    assert_int_equal(f.b.got.len, 1);
    close_fixture(&f);
}

static void signal_seen(int number)
{
    HAN__UNUSED(number);
    _exit(99); /* a test below would report exit 99 */
}

TEST(a_gone_peer_is_an_error_and_no_signal)
{
    fixture f;
    struct sigaction action, saved;
    memset(&action, 0, sizeof action);
    action.sa_handler = signal_seen;
    assert_int_equal(sigaction(SIGPIPE, &action, &saved), 0);
    open_pair(&f);
    han__stream_close(f.b.stream);
    f.b.stream = NULL;
    assert_int_equal(han__stream_write(f.a.stream, "x", 1), HAN_IO);
    assert_int_equal(han__stream_write(f.a.stream, "x", 1), HAN_IO);
    read_side(&f.a);
    TURN_UNTIL(f.loop, f.a.ends + f.a.errors == 1);
    assert_int_equal(f.a.broken, 0);
    close_fixture(&f);
    sigaction(SIGPIPE, &saved, NULL);
}

/* A peer that goes with unread bytes: the queue is dropped, the writer and the reader are told. */
TEST(a_peer_that_goes_breaks_the_queue)
{
    static uint8_t block[QUEUE_MAX];
    fixture f;
    open_pair(&f);
    read_side(&f.a);
    assert_int_equal(han__stream_write(f.b.stream, block, 150000), 0);
    assert_int_equal(han__stream_write(f.a.stream, block, sizeof block), 0);
    assert_true(han__stream_queued(f.a.stream) > 0);
    han__stream_close(f.b.stream);
    f.b.stream = NULL;
    TURN_UNTIL(f.loop, f.a.ends + f.a.errors == 1);
    TURN_UNTIL(f.loop, f.a.broken == 1);
    assert_int_equal(f.a.got.len, 150000);
    assert_int_equal(han__stream_queued(f.a.stream), 0);
    assert_int_equal(han__stream_write(f.a.stream, "x", 1), HAN_IO);
    while (han__loop_run_once(f.loop, 0) > 0) continue;
    assert_int_equal(f.a.ends + f.a.errors, 1);
    assert_int_equal(f.a.broken, 1);
    close_fixture(&f);
}

TEST(pipes_carry_one_way)
{
    fixture f;
    int fds[2];
    open_loop(&f);
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    open_side(&f, &f.a, fds[1]);
    open_side(&f, &f.b, fds[0]);
    read_side(&f.b);
    assert_int_equal(han__stream_write(f.a.stream, "through", 7), 0);
    TURN_UNTIL(f.loop, f.b.got.len == 7);
    han__stream_close(f.a.stream);
    f.a.stream = NULL;
    TURN_UNTIL(f.loop, f.b.ends == 1);
    close_fixture(&f);
}

/* A pipe nobody reads raises SIGPIPE in write(2): it must reach neither a handler nor stay pending,
 * and one that the host had pending must stay. */
TEST(a_broken_pipe_leaves_signals_alone)
{
    fixture f;
    int fds[2];
    struct sigaction action, saved;
    sigset_t pipe_only, before, pending;
    memset(&action, 0, sizeof action);
    action.sa_handler = signal_seen;
    assert_int_equal(sigaction(SIGPIPE, &action, &saved), 0);
    open_loop(&f);
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    open_side(&f, &f.a, fds[1]);
    open_side(&f, &f.b, -1);
    close(fds[0]);
    assert_int_equal(han__stream_write(f.a.stream, "x", 1), HAN_IO);
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    assert_int_equal(pthread_sigmask(SIG_BLOCK, &pipe_only, &before), 0);
    sigpending(&pending);
    assert_int_equal(sigismember(&pending, SIGPIPE), 0);
    assert_int_equal(raise(SIGPIPE), 0);
    han__stream_close(f.a.stream);
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    han__buf_release(&f.a.got);
    open_side(&f, &f.a, fds[1]);
    close(fds[0]);
    assert_int_equal(han__stream_write(f.a.stream, "x", 1), HAN_IO);
    sigpending(&pending);
    assert_int_equal(sigismember(&pending, SIGPIPE), 1);
    int number = 0;
    assert_int_equal(sigwait(&pipe_only, &number), 0);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    sigaction(SIGPIPE, &saved, NULL);
    close_fixture(&f);
}

/* The write end of a full pipe whose reader goes: told by the loop, not by the next write. */
TEST(a_full_pipe_breaks)
{
    static uint8_t block[QUEUE_MAX];
    fixture f;
    int fds[2];
    open_loop(&f);
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    open_side(&f, &f.a, fds[1]);
    open_side(&f, &f.b, -1);
    assert_int_equal(han__stream_write(f.a.stream, block, sizeof block), 0);
    assert_true(han__stream_queued(f.a.stream) > 0);
    assert_int_equal(han__loop_step(f.loop, 1000000), 0);
    close(fds[0]);
    TURN_UNTIL(f.loop, f.a.broken == 1);
    assert_int_equal(han__stream_queued(f.a.stream), 0);
    close_fixture(&f);
}

TEST(a_file_is_no_stream)
{
    fixture f;
    han_error err;
    han__stream *stream = NULL;
    open_loop(&f);
    open_side(&f, &f.a, -1);
    open_side(&f, &f.b, -1);
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    han__error_clear(&err);
    assert_int_equal(han__stream_open(&stream, f.loop, fd, 100, &err), HAN_INVALID);
    assert_int_equal(err.code, HAN_INVALID);
    assert_null(stream);
    assert_int_equal(close(fd), 0); /* still ours */
    close_fixture(&f);
}

static bool exchange(fixture *f)
{
    int fds[2];
    bool ok = true;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    han__stream *stream = NULL;
    int status = han__stream_open(&stream, f->loop, fds[0], 1000, NULL);
    if (status == HAN_OK) status = han__stream_write(stream, "hello", 5);
    if (status != HAN_OK) {
        assert_int_equal(status, HAN_NOMEM);
        ok = false;
    }
    if (stream) {
        han__stream_close(stream);
    } else {
        close(fds[0]);
    }
    close(fds[1]);
    while (han__loop_alive(f->loop)) assert_true(han__loop_step(f->loop, 1000) >= 0);
    return ok;
}

TEST(every_allocation_may_fail)
{
    fixture f;
    open_loop(&f);
    open_side(&f, &f.a, -1);
    open_side(&f, &f.b, -1);
    size_t base = f.mem.live;
    bool ok = false;
    for (uint64_t nth = 1; !ok; nth++) {
        f.mem.calls = 0;
        f.mem.fail_at = nth;
        ok = exchange(&f);
        assert_true(ok == (f.mem.calls < nth));
        assert_int_equal(f.mem.live, base);
        assert_true(nth < 100);
    }
    f.mem.fail_at = 0;
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_go_both_ways),
        cmocka_unit_test(a_long_transfer_arrives_whole),
        cmocka_unit_test(the_queue_is_bounded),
        cmocka_unit_test(the_end_is_told_once),
        cmocka_unit_test(half_close_after_the_queue),
        cmocka_unit_test(reading_can_pause),
        cmocka_unit_test(a_read_callback_may_close),
        cmocka_unit_test(a_gone_peer_is_an_error_and_no_signal),
        cmocka_unit_test(a_peer_that_goes_breaks_the_queue),
        cmocka_unit_test(pipes_carry_one_way),
        cmocka_unit_test(a_broken_pipe_leaves_signals_alone),
        cmocka_unit_test(a_full_pipe_breaks),
        cmocka_unit_test(a_file_is_no_stream),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
