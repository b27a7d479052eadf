/* Owns the way a runner is started: plainly, or in a box that holds a copy of it and nothing else.
 */
#include "base/config.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "exec/boxing.h"
#include "exec/launch.h"
#include "exec/needs.h"

#define BOXED_PATH "/han-runner" /* in the box */

struct han__launcher {
    han__mem *mem;
    han__loop *loop;
    char *runner;
    int level;
    bool probed;
    han__probes probes;
};

int han__launcher_open(han__launcher **out, han__loop *loop, han__mem *mem, const char *runner,
                       han_error *err)
{
    han__launcher *l = han__mem_zalloc(mem, 1, sizeof *l);
    char *path = han__mem_strdup(mem, runner);
    if (!l || !path) {
        han__mem_free(mem, l, sizeof *l);
        if (path) han__mem_strfree(mem, path);
        return han__error_set(err, HAN_NOMEM, "out of memory");
    }
    l->mem = mem;
    l->loop = loop;
    l->runner = path;
    l->level = HAN__LEVEL_STRONG;
    *out = l;
    return HAN_OK;
}

void han__launcher_close(han__launcher *l)
{
    if (!l) return;
    han__mem_strfree(l->mem, l->runner);
    han__mem_free(l->mem, l, sizeof *l);
}

const han__probes *han__launcher_probes(han__launcher *l)
{
    if (!l->probed) han__probes_run(&l->probes, NULL);
    l->probed = true;
    return &l->probes;
}

int han__launcher_set(han__launcher *l, int level, han_error *err)
{
    int status = level == HAN__LEVEL_NONE
                     ? HAN_OK
                     : han__probes_require(han__launcher_probes(l), level, err);
    if (status == HAN_OK) l->level = level;
    return status;
}

int han__launcher_level(const han__launcher *l)
{
    return l->level;
}

/* Of a runner that shares libraries, these files and no others; where they cannot be told, all that
 * programs use, read-only. */
static size_t fill_mounts(han__mount *mounts, int fd, han__needs *needs)
{
    static const char *const folders[] = {"/usr", "/bin", "/lib", "/lib64"};
    size_t n = 0;
    mounts[n++] =
        (han__mount){.kind = HAN__MOUNT_FILE, .to = BOXED_PATH, .fd = HAN__PROCESS_FILE_FIRST};
    han__needs_read(fd, needs);
    for (size_t i = 0; needs->known && i < needs->len; i++)
        mounts[n++] =
            (han__mount){.kind = HAN__MOUNT_READ, .to = needs->files[i], .from = needs->files[i]};
    if (needs->known) return n;
    for (size_t i = 0; i < HAN__COUNT(folders); i++)
        mounts[n++] =
            (han__mount){.kind = HAN__MOUNT_READ_IF, .to = folders[i], .from = folders[i]};
    mounts[n++] = (han__mount){.kind = HAN__MOUNT_PROC, .to = "/proc"};
    return n;
}

/* Starts it from the open file fd, so that the user of the box need not be able to reach it. */
static int start_boxed(han__launcher *l, const char *mode, int fd, han__process_options *options,
                       han__process **out, han_error *err)
{
    han__mount mounts[HAN__NEEDS_MAX + 2];
    han__needs needs;
    const char *const command[] = {BOXED_PATH, mode, NULL};
    han__args args;
    han__boxing boxing = {.bwrap = l->probes.bwrap, .mounts = mounts, .command = command};
    boxing.mounts_len = fill_mounts(mounts, fd, &needs);
    int status = han__boxing_args(&boxing, l->mem, &args, err);
    if (status == HAN_OK) {
        options->path = boxing.bwrap;
        options->argv = (const char *const *)args.items;
        options->env = han__boxing_env;
        options->files = &fd;
        options->files_len = 1;
        options->uid = l->probes.uid;
        options->gid = l->probes.gid;
        status = han__process_start(out, l->loop, options, err);
    }
    han__args_release(&args);
    return status;
}

int han__launcher_start(han__launcher *l, const char *mode, han__process_exit_fn on_exit, void *ud,
                        han__process **out, han_error *err)
{
    bool landlock = l->level == HAN__LEVEL_LANDLOCK;
    const char *const argv[] = {l->runner, mode, landlock ? "landlock" : NULL, NULL};
    han__process_options options = {.path = l->runner,
                                    .argv = argv,
                                    .out = HAN__STDIO_NULL,
                                    .err = HAN__STDIO_INHERIT,
                                    .channel = true,
                                    .session = true,
                                    .on_exit = on_exit,
                                    .ud = ud};
    if (l->level == HAN__LEVEL_NONE) return han__process_start(out, l->loop, &options, err);
    int status = han__probes_require(han__launcher_probes(l), l->level, err);
    if (status != HAN_OK) return status;
    if (landlock) return han__process_start(out, l->loop, &options, err);
    int fd = open(l->runner, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return han__error_sys(err, HAN_ENVIRONMENT, errno, "cannot start \"%s\"", l->runner);
    status = start_boxed(l, mode, fd, &options, out, err);
    close(fd);
    return status;
}
