/* Starts and stops the fake endpoint of tests/endpoint for a C test. */
#ifndef HAN_TESTS_C_ENDPOINT_H
#define HAN_TESTS_C_ENDPOINT_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "testing.h"

typedef struct endpoint {
    pid_t pid;
    int in; /* its stdin: it ends when this closes */
    int port;
    char base[64];
} endpoint;

/* With one option of its own, or NULLs. */
static inline void endpoint_start(endpoint *e, const char *option, const char *value)
{
    int in[2], out[2];
    char line[32] = "";
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    e->pid = fork();
    assert_true(e->pid >= 0);
    if (e->pid == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        execl(HAN_TEST_BINARY_DIR "/tests/fake_endpoint", "fake_endpoint", option, value,
              (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    e->in = in[1];
    FILE *told = fdopen(out[0], "r");
    assert_non_null(told);
    assert_non_null(fgets(line, sizeof line, told));
    fclose(told);
    e->port = (int)strtol(line, NULL, 10);
    assert_true(e->port > 0);
    snprintf(e->base, sizeof e->base, "http://127.0.0.1:%d", e->port);
}

/* And waits for its end. */
static inline void endpoint_stop(endpoint *e)
{
    close(e->in);
    waitpid(e->pid, NULL, 0);
}

#endif
