/* The han program: finds its own folders, runs one command through the public API, and turns Ctrl-C
 * into a clean stop (twice: stop now). */
#include "han.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static han_run *volatile current;
static volatile sig_atomic_t signals;

static void on_signal(int number)
{
    signals++;
    if (signals > 1) _exit(128 + number);
    if (current) han_cancel(current);
}

static void log_line(void *ud, int level, const char *text)
{
    (void)ud;
    fprintf(stderr, level == HAN_LOG_ERROR ? "han: %s\n" : "%s\n", text);
}

/* The folder of this program, without the last slash. */
static int own_folder(char *out, size_t cap)
{
    ssize_t len = readlink("/proc/self/exe", out, cap - 1);
    if (len <= 0) return -1;
    out[len] = '\0';
    char *slash = strrchr(out, '/');
    if (!slash) return -1;
    *slash = '\0';
    return 0;
}

struct folders {
    char scripts[3 * PATH_MAX];
    char libexec[2 * PATH_MAX];
};

/* In the build tree: FOLDER/scripts and FOLDER/libexec; installed: below the prefix. */
static int find_folders(struct folders *f)
{
    char own[PATH_MAX], scripts[PATH_MAX + 32];
    const char *path = getenv("HAN_PATH");
    if (own_folder(own, sizeof(own)) != 0) return -1;
    snprintf(f->libexec, sizeof(f->libexec), "%s/libexec", own);
    snprintf(scripts, sizeof(scripts), "%s/scripts", own);
    if (access(f->libexec, X_OK) != 0) {
        snprintf(f->libexec, sizeof(f->libexec), "%s/../libexec/han", own);
        snprintf(scripts, sizeof(scripts), "%s/../share/han/scripts", own);
    }
    int len = path && *path ? snprintf(f->scripts, sizeof(f->scripts), "%s:%s", path, scripts)
                            : snprintf(f->scripts, sizeof(f->scripts), "%s", scripts);
    return len > 0 && (size_t)len < sizeof(f->scripts) ? 0 : -1;
}

static int exit_of(int status)
{
    if (status == HAN_INVALID || status == HAN_UNKNOWN || status == HAN_SYNTAX) return 2;
    return status == HAN_ENVIRONMENT ? 78 : 70;
}

static int fail(const han_error *err)
{
    fprintf(stderr, "han: %s\n", err->message);
    return exit_of(err->code);
}

static int run_command(han_engine *engine, int argc, char **argv)
{
    han_error err = {0};
    han_result result;
    han_run *run = NULL;
    if (han_command(engine, argc - 1, (const char *const *)argv + 1, &run, &err) != HAN_OK)
        return fail(&err);
    current = run;
    while (!han_done(run)) han_wait(engine, 1000);
    current = NULL;
    han_get_result(run, &result);
    if (result.error.code) fprintf(stderr, "han: %s\n", result.error.message);
    int code = result.exit_code;
    han_release(run);
    return code;
}

int main(int argc, char **argv)
{
    static struct folders folders;
    han_engine *engine = NULL;
    han_error err = {0};
    struct sigaction action = {0};
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        printf("han %s\n", han_version());
        return 0;
    }
    if (find_folders(&folders) != 0) {
        fprintf(stderr,
                "han: cannot find its own folder through /proc/self/exe; is /proc mounted?\n");
        return 78;
    }
    action.sa_handler = on_signal;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    han_options options = {.size = sizeof(options),
                           .log = log_line,
                           .log_level = HAN_LOG_INFO,
                           .scripts = folders.scripts,
                           .libexec = folders.libexec,
                           .data = getenv("HAN_DATA")};
    if (han_open(&options, &engine, &err) != HAN_OK) return fail(&err);
    int code = run_command(engine, argc, argv);
    han_close(engine);
    if (fflush(stdout) != 0) return 70;
    return code;
}
