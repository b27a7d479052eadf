/* Limit of sandboxed evaluation: forks a child that ends at once and waits for it, with nothing
 * else in the process. Linked statically, as the runner is. Usage: limit_fork N [TOUCHED_PAGES]
 * Prints: forks=<n> cpu_us=<CPU microseconds of parent and child for one> wall_us=<...> */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double cpu_of(int who)
{
    struct rusage u;
    getrusage(who, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    enum { PAGE = 4096, PAGES_MAX = 4096 };
    static volatile char pages[PAGE * PAGES_MAX];
    long n = argc > 1 ? strtol(argv[1], NULL, 10) : 1000;
    long touched = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
    if (n < 1 || touched < 0 || touched > PAGES_MAX) return 2;
    for (long i = 0; i < touched; i++) pages[i * PAGE] = 1;
    double start = now();
    for (long i = 0; i < n; i++) {
        pid_t pid = fork();
        if (pid < 0) return 1;
        if (pid == 0) {
            for (long page = 0; page < touched; page++) pages[page * PAGE] = 2;
            _exit(pages[0] == 77);
        }
        if (waitpid(pid, NULL, 0) != pid) return 1;
    }
    double cpu = cpu_of(RUSAGE_SELF) + cpu_of(RUSAGE_CHILDREN);
    printf("forks=%ld cpu_us=%.1f wall_us=%.1f\n", n, cpu / (double)n * 1e6,
           (now() - start) / (double)n * 1e6);
    return 0;
}
