/* Runs two or more commands in turn, so that a slow moment of the machine meets all of them, and
 * prints for each one line: median wall seconds, median CPU seconds, greatest resident kB.
 * Usage: measure ROUNDS -- COMMAND ARGS... [-- COMMAND ARGS...]...
 * What the commands print is dropped; one that fails ends the measurement with its status.
 * Processes that a command leaves to us at its end, such as jobs and runners, count as part of it.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { COMMANDS_MAX = 8, ROUNDS_MAX = 1000 };

typedef struct result {
    double wall[ROUNDS_MAX], cpu[ROUNDS_MAX];
    long rss_kb;
} result;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double cpu_of(const struct rusage *use)
{
    return seconds(use->ru_utime) + seconds(use->ru_stime);
}

/* CPU seconds of the orphans that the last command left; waits for their end. */
static double reap_orphans(void)
{
    double sum = 0;
    struct rusage use;
    while (wait4(-1, NULL, 0, &use) > 0) sum += cpu_of(&use);
    return sum;
}

/* Runs one command to its end; 0, or its exit status. */
static int run(char **command, result *r, int round)
{
    double from = now();
    pid_t pid = vfork();
    if (pid == 0) {
        int null = open("/dev/null", O_RDWR);
        dup2(null, 0);
        dup2(null, 1);
        execvp(command[0], command);
        _exit(127);
    }
    int status = 0;
    struct rusage use;
    if (pid < 0 || wait4(pid, &status, 0, &use) != pid) return 126;
    r->wall[round] = now() - from;
    r->cpu[round] = cpu_of(&use) + reap_orphans();
    if (use.ru_maxrss > r->rss_kb) r->rss_kb = use.ru_maxrss;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Splits the arguments at "--"; the number of commands. */
static int split(int argc, char **argv, char ***commands)
{
    int count = 0;
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--") != 0) continue;
        argv[i] = NULL;
        if (i + 1 < argc && count < COMMANDS_MAX) commands[count++] = &argv[i + 1];
    }
    return count;
}

int main(int argc, char **argv)
{
    char **commands[COMMANDS_MAX];
    long rounds = argc > 3 ? strtol(argv[1], NULL, 10) : 0;
    int count = split(argc, argv, commands);
    if (rounds < 1 || rounds > ROUNDS_MAX || count < 1) {
        fputs("usage: measure ROUNDS -- COMMAND ARGS... [-- COMMAND ARGS...]...\n", stderr);
        return 2;
    }
    result *results = calloc((size_t)count, sizeof *results);
    if (!results || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) return 1;
    for (int round = 0; round < rounds; round++) {
        for (int c = 0; c < count; c++) {
            int status = run(commands[c], &results[c], round);
            if (status != 0) {
                fprintf(stderr, "measure: %s ended with %d\n", commands[c][0], status);
                return status;
            }
        }
    }
    for (int c = 0; c < count; c++) {
        qsort(results[c].wall, (size_t)rounds, sizeof(double), ascending);
        qsort(results[c].cpu, (size_t)rounds, sizeof(double), ascending);
        printf("%.6f %.6f %ld\n", results[c].wall[rounds / 2], results[c].cpu[rounds / 2],
               results[c].rss_kb);
    }
    free(results);
    return 0;
}
