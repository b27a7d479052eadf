/* Owns the arguments of bubblewrap. */
#include "base/config.h"

#include <stdio.h>

#include "exec/boxing.h"

const char *const han__boxing_env[] = {"PATH=/usr/bin:/bin", "LANG=C.UTF-8", "HOME=/",
                                       "TMPDIR=/tmp", NULL};

/* Appends one text; the first failure stays in *status. */
static void add(han__args *args, const char *text, int *status)
{
    if (*status != HAN_OK) return;
    if (args->len == HAN__ARGS_MAX) {
        *status = HAN_LIMIT;
        return;
    }
    char *copy = han__mem_strdup(args->mem, text);
    if (!copy) {
        *status = HAN_NOMEM;
        return;
    }
    args->items[args->len++] = copy;
    args->items[args->len] = NULL;
}

static void add_all(han__args *args, const char *const *texts, int *status)
{
    for (size_t i = 0; texts[i]; i++) add(args, texts[i], status);
}

static void add_number(han__args *args, uint64_t number, int *status)
{
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    add(args, text, status);
}

static void add_mount(han__args *args, const han__mount *m, int *status)
{
    static const char *const options[] = {
        [HAN__MOUNT_READ] = "--ro-bind", [HAN__MOUNT_READ_IF] = "--ro-bind-try",
        [HAN__MOUNT_WRITE] = "--bind",   [HAN__MOUNT_FILE] = "--file",
        [HAN__MOUNT_LINK] = "--symlink", [HAN__MOUNT_FOLDER] = "--dir",
        [HAN__MOUNT_TMPFS] = "--tmpfs",  [HAN__MOUNT_PROC] = "--proc",
        [HAN__MOUNT_DEV] = "--dev"};
    if (m->kind == HAN__MOUNT_FILE) {
        add(args, "--perms", status);
        add(args, "0555", status);
    }
    if (m->kind == HAN__MOUNT_TMPFS && m->bytes > 0) {
        add(args, "--size", status);
        add_number(args, m->bytes, status);
    }
    add(args, options[m->kind], status);
    if (m->kind == HAN__MOUNT_FILE) add_number(args, (uint64_t)m->fd, status);
    if (m->from) add(args, m->from, status);
    add(args, m->to, status);
}

int han__boxing_args(const han__boxing *b, han__mem *mem, han__args *args, han_error *err)
{
    static const char *const always[] = {
        "--unshare-user", /* named, so that bubblewrap fails without it */
        "--unshare-all",
        "--die-with-parent",
        "--new-session",
        "--as-pid-1",
        "--hostname",
        "box",
        "--cap-drop",
        "ALL",
        NULL};
    const char *const first[] = {b->bwrap, NULL};
    int status = han__args_take(args, mem, first, err);
    if (status != HAN_OK) return status;
    add_all(args, always, &status);
    add(args, "--uid", &status);
    add_number(args, HAN__BOXING_ID, &status);
    add(args, "--gid", &status);
    add_number(args, HAN__BOXING_ID, &status);
    if (!b->caps || !b->caps[0]) add(args, "--disable-userns", &status);
    for (size_t i = 0; b->caps && b->caps[i]; i++) {
        add(args, "--cap-add", &status);
        add(args, b->caps[i], &status);
    }
    for (size_t i = 0; i < b->mounts_len; i++) add_mount(args, &b->mounts[i], &status);
    add(args, "--remount-ro", &status);
    add(args, "/", &status);
    add(args, "--chdir", &status);
    add(args, b->folder ? b->folder : "/", &status);
    add(args, "--", &status);
    add_all(args, b->command, &status);
    if (status == HAN_OK) return HAN_OK;
    return han__error_set(err, status, "cannot describe a box: %s", han_status_text(status));
}

int han__args_take(han__args *args, han__mem *mem, const char *const *texts, han_error *err)
{
    int status = HAN_OK;
    args->mem = mem;
    args->len = 0;
    args->items[0] = NULL;
    add_all(args, texts, &status);
    if (status == HAN_OK) return HAN_OK;
    return han__error_set(err, status, "cannot describe a box: %s", han_status_text(status));
}

void han__args_release(han__args *args)
{
    while (args->len > 0) han__mem_strfree(args->mem, args->items[--args->len]);
}
