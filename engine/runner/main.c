/* han-runner: evaluates candidate Lua code for an engine or a job. Started with a stream socket as
 * descriptor 3, it answers one request frame after the other and ends when that socket is closed.
 * It prepares one Lua state and forks a child of its own for every request; in mode "program", for
 * every untrusted program, which then has a channel of its own. */
#include "base/config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exec/eval_wire.h"
#include "runner/child.h"
#include "runner/confine.h"
#include "runner/programs.h"
#include "runner/prove.h"
#include "wire/frame.h"

#define CHANNEL 3

/* Exit codes, after sysexits. */
enum { EXIT_FINE = 0, EXIT_USAGE = 64, EXIT_SOFTWARE = 70, EXIT_ENVIRONMENT = 78 };

typedef struct runner {
    han__mem mem;
    han__sandbox box; /* its address is known to the Lua state */
    han__children children;
    han__frame_reader reader;
    han__buf out;
} runner;

static bool send_all(const han__buf *out)
{
    size_t at = 0;
    while (at < out->len) {
        ssize_t n = send(CHANNEL, out->data + at, out->len - at, MSG_NOSIGNAL);
        if (n > 0) at += (size_t)n;
        if (n < 0 && errno == EAGAIN) {
            struct pollfd fd = {CHANNEL, POLLOUT, 0};
            poll(&fd, 1, -1);
        } else if (n <= 0 && errno != EINTR) {
            return false;
        }
    }
    return true;
}

static bool answer_proof(runner *r, const han__frame *frame)
{
    uint32_t breaches = han__prove(frame->bytes, frame->len);
    size_t start;
    r->children.filter = r->children.filter || han__prove_filter(breaches);
    int status = han__frame_begin(&r->out, HAN__EVAL_PROOF, frame->id, &start);
    if (status == HAN_OK) status = han__buf_u32(&r->out, breaches);
    if (status == HAN_OK) status = han__frame_end(&r->out, start);
    return status == HAN_OK && send_all(&r->out);
}

/* Answers one frame; false when the runner should end. */
static bool answer(runner *r, const han__frame *frame)
{
    han_error err = {0};
    size_t start;
    han__buf_reset(&r->out);
    if (frame->type == HAN__EVAL_PROVE) return answer_proof(r, frame);
    if (frame->type != HAN__EVAL_REQUEST) return false;
    int status = han__frame_begin(&r->out, HAN__EVAL_REPLY, frame->id, &start);
    if (status == HAN_OK)
        status = han__children_run(&r->children, frame->bytes, frame->len, &r->out, &err);
    if (status == HAN_OK) status = han__frame_end(&r->out, start);
    if (status == HAN_CANCELLED) return false;
    if (status != HAN_OK) {
        han__buf_reset(&r->out);
        status = han__frame_append(&r->out, HAN__EVAL_FAILED, frame->id, err.message,
                                   strlen(err.message));
    }
    return status == HAN_OK && send_all(&r->out);
}

static bool answer_all(runner *r, const uint8_t *bytes, size_t len)
{
    han__frame frame;
    int status;
    while ((status = han__frame_next(&r->reader, &bytes, &len, &frame)) == 1)
        if (!answer(r, &frame)) return false;
    return status == HAN_OK;
}

/* Reads and answers until the peer closes. */
static int serve(runner *r)
{
    static const size_t step = 65536;
    uint8_t *bytes = han__mem_alloc(&r->mem, step);
    if (!bytes) return EXIT_SOFTWARE;
    for (;;) {
        ssize_t n = recv(CHANNEL, bytes, step, 0);
        if (n > 0 && answer_all(r, bytes, (size_t)n)) continue;
        if (n < 0 && errno == EINTR) continue;
        han__mem_free(&r->mem, bytes, step);
        return n == 0 ? EXIT_FINE : EXIT_SOFTWARE;
    }
}

static int run(runner *r)
{
    han_error err = {0};
    han__mem_init(&r->mem, NULL, NULL);
    han__frame_reader_init(&r->reader, &r->mem);
    han__buf_init(&r->out, &r->mem, HAN__FRAME_BYTES_MAX);
    int status = han__sandbox_open(&r->box, &err);
    if (status == HAN_OK) status = han__children_open(&r->children, &r->box, CHANNEL, &err);
    if (status != HAN_OK) {
        fprintf(stderr, "han-runner: %s\n", err.message);
        return EXIT_ENVIRONMENT;
    }
    han__confine_files(CHANNEL);
    return serve(r);
}

static int run_programs(runner *r)
{
    han_error err = {0};
    if (han__sandbox_open(&r->box, &err) != HAN_OK) {
        fprintf(stderr, "han-runner: %s\n", err.message);
        return EXIT_ENVIRONMENT;
    }
    han__confine_files(CHANNEL);
    return han__programs_serve(&r->box, CHANNEL) ? EXIT_FINE : EXIT_SOFTWARE;
}

int main(int argc, char **argv)
{
    static runner r; /* too large for some stacks */
    struct sockaddr_storage peer;
    socklen_t len = sizeof peer;
    bool landlock = argc == 3 && strcmp(argv[2], "landlock") == 0;
    bool program = argc >= 2 && strcmp(argv[1], "program") == 0;
    if ((argc != 2 && !landlock) || (strcmp(argv[1], "eval") != 0 && !program) ||
        getsockname(CHANNEL, (struct sockaddr *)&peer, &len) != 0) {
        fprintf(stderr, "usage: han-runner eval|program [landlock]   (started by han, with a "
                        "socket as descriptor 3)\n");
        return EXIT_USAGE;
    }
    signal(SIGPIPE, SIG_IGN);
    if (landlock && !han__confine_landlock()) {
        fprintf(stderr, "han-runner: this kernel has no landlock of ABI 4\n");
        return EXIT_ENVIRONMENT;
    }
    /* Whoever closed the channel kills us next. What is done at an exit would be cut in its middle,
     * and a sanitizer that looks for leaks says so on the stderr that we share. */
    _exit(program ? run_programs(&r) : run(&r));
}
