/* Sandboxed exec against its limit and against plain bubblewrap: the same command by vfork and
 * exec, in a warm box, and in a bubblewrap of its own, in turns, so that a slow moment of the
 * machine meets all.
 * Usage: exec HAN_BOX ROUNDS COMMAND ARGS...
 * Prints: vfork_us=<median wall> box_us=<...> bwrap_us=<...> box_first_us=<cold box> held=<...> */
#include "base/config.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "exec/boxing.h"
#include "exec/exec.h"

enum { ROUNDS_MAX = 10000 };

typedef struct ending {
    bool over;
    int class;
    uint64_t bytes;
    const char *held;
} ending;

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *list, int n)
{
    qsort(list, (size_t)n, sizeof *list, ascending);
    return list[n / 2];
}

static uint64_t drain(int fd)
{
    static char bytes[65536];
    uint64_t sum = 0;
    ssize_t n;
    while ((n = read(fd, bytes, sizeof bytes)) > 0) sum += (uint64_t)n;
    return sum;
}

/* Wall time of one start to the end of its output and itself; -1 when it failed. */
static double plain(char *const *argv, char *const *env, uint64_t *bytes)
{
    int out[2], err[2];
    double from = now_us();
    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) return -1;
    pid_t pid = vfork();
    if (pid == 0) {
        dup2(open("/dev/null", O_RDONLY), 0);
        dup2(out[1], 1);
        dup2(err[1], 2);
        execve(argv[0], argv, env);
        _exit(127);
    }
    close(out[1]);
    close(err[1]);
    *bytes = drain(out[0]);
    drain(err[0]);
    close(out[0]);
    close(err[0]);
    int status = 0;
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) return -1;
    return now_us() - from;
}

static void on_output(void *ud, int stream, const uint8_t *bytes, size_t len)
{
    ending *e = ud;
    HAN__UNUSED(stream);
    HAN__UNUSED(bytes);
    e->bytes += len;
}

static void on_end(void *ud, const han__exec_verdict *verdict)
{
    ending *e = ud;
    e->over = true;
    e->class = verdict->class;
    e->held = verdict->held;
    if (verdict->class != HAN__EXEC_PASS)
        fprintf(stderr, "exec: %s %s\n", han__exec_class_name(verdict->class), verdict->message);
}

static double boxed(han__execs *execs, han__loop *loop, const char *const *argv, ending *e)
{
    han__exec_request request = {
        .argv = argv, .limits = {.output = 16u << 20}, .callbacks = {on_output, on_end, e}};
    han__exec *run = NULL;
    han_error err = {0};
    double from = now_us();
    *e = (ending){0};
    if (han__exec_start(&run, execs, &request, &err) != HAN_OK) {
        fprintf(stderr, "exec: %s\n", err.message);
        return -1;
    }
    while (!e->over)
        if (han__loop_run_once(loop, 1000) < 0) return -1;
    double took = now_us() - from;
    han__exec_close(run);
    return e->class == HAN__EXEC_PASS ? took : -1;
}

static char *bwrap_argv[64] = {(char *)(uintptr_t) "/usr/bin/bwrap",
                               (char *)(uintptr_t) "--unshare-all",
                               (char *)(uintptr_t) "--die-with-parent",
                               (char *)(uintptr_t) "--ro-bind",
                               (char *)(uintptr_t) "/usr",
                               (char *)(uintptr_t) "/usr",
                               (char *)(uintptr_t) "--symlink",
                               (char *)(uintptr_t) "usr/bin",
                               (char *)(uintptr_t) "/bin",
                               (char *)(uintptr_t) "--symlink",
                               (char *)(uintptr_t) "usr/lib",
                               (char *)(uintptr_t) "/lib",
                               (char *)(uintptr_t) "--symlink",
                               (char *)(uintptr_t) "usr/lib64",
                               (char *)(uintptr_t) "/lib64",
                               (char *)(uintptr_t) "--proc",
                               (char *)(uintptr_t) "/proc",
                               (char *)(uintptr_t) "--dev",
                               (char *)(uintptr_t) "/dev",
                               (char *)(uintptr_t) "--tmpfs",
                               (char *)(uintptr_t) "/tmp",
                               (char *)(uintptr_t) "--"};

static int measure(han__execs *execs, han__loop *loop, int rounds, int argc, char **argv)
{
    static double times[3][ROUNDS_MAX];
    ending e;
    uint64_t bytes = 0;
    char *const *env = (char *const *)(uintptr_t)han__boxing_env;
    int fixed = 0;
    while (bwrap_argv[fixed]) fixed++;
    for (int i = 0; i < argc && fixed + i < 63; i++) bwrap_argv[fixed + i] = argv[i];
    double first = boxed(execs, loop, (const char *const *)argv, &e);
    for (int i = 0; i < rounds; i++) {
        times[0][i] = plain(argv, env, &bytes);
        times[1][i] = boxed(execs, loop, (const char *const *)argv, &e);
        times[2][i] = plain(bwrap_argv, env, &bytes);
        if (times[0][i] < 0 || times[1][i] < 0 || times[2][i] < 0 || bytes != e.bytes) {
            fprintf(stderr, "exec: round %d failed\n", i);
            return 1;
        }
    }
    printf("vfork_us=%.0f box_us=%.0f bwrap_us=%.0f box_first_us=%.0f bytes=%llu held=%s\n",
           median(times[0], rounds), median(times[1], rounds), median(times[2], rounds), first,
           (unsigned long long)bytes, e.held);
    return 0;
}

int main(int argc, char **argv)
{
    han__mem mem;
    han__loop *loop = NULL;
    han__launcher *launcher = NULL;
    han__execs *execs = NULL;
    long rounds = argc > 3 ? strtol(argv[2], NULL, 10) : 0;
    if (rounds < 1 || rounds > ROUNDS_MAX) {
        fputs("usage: exec HAN_BOX ROUNDS COMMAND ARGS...\n", stderr);
        return 2;
    }
    han__mem_init(&mem, NULL, NULL);
    if (han__loop_create(&loop, &mem, NULL, NULL) != HAN_OK ||
        han__launcher_open(&launcher, loop, &mem, argv[1], NULL) != HAN_OK ||
        han__execs_open(&execs, loop, &mem, argv[1], launcher, NULL) != HAN_OK)
        return 1;
    int status = measure(execs, loop, (int)rounds, argc - 3, argv + 3);
    han__execs_close(execs);
    han__launcher_close(launcher);
    han__loop_close(loop);
    return status;
}
