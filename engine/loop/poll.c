/* Owns a uv_poll_t for one foreign descriptor. */
#include "base/config.h"

#include <uv.h>

#include "base/error.h"
#include "loop/poll.h"

struct han__poll {
    uv_poll_t uv;
    han__loop *loop;
    han__poll_fn fn;
    void *ud;
};

static void on_ready(uv_poll_t *handle, int status, int events)
{
    han__poll *poll = handle->data;
    han__loop_touch(poll->loop);
    poll->fn(poll->ud, status < 0 || (events & UV_READABLE), status < 0 || (events & UV_WRITABLE));
}

static void on_closed(uv_handle_t *handle)
{
    han__poll *poll = handle->data;
    han__loop *loop = poll->loop;
    han__mem_free(han__loop_mem(loop), poll, sizeof *poll);
    han__loop_closed(loop);
}

int han__poll_open(han__poll **out, han__loop *loop, int fd, han__poll_fn fn, void *ud,
                   han_error *err)
{
    han__poll *poll = han__mem_zalloc(han__loop_mem(loop), 1, sizeof *poll);
    if (!poll) return han__error_set(err, HAN_NOMEM, "out of memory: watching a descriptor");
    int failed = uv_poll_init(han__loop_uv(loop), &poll->uv, fd);
    if (failed) {
        han__mem_free(han__loop_mem(loop), poll, sizeof *poll);
        return han__error_set(err, HAN_INVALID, "descriptor %d cannot be polled: %s", fd,
                              uv_strerror(failed));
    }
    poll->uv.data = poll;
    poll->loop = loop;
    poll->fn = fn;
    poll->ud = ud;
    han__loop_opened(loop);
    *out = poll;
    return HAN_OK;
}

int han__poll_want(han__poll *poll, bool readable, bool writable)
{
    int events = (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0);
    han__loop_touch(poll->loop);
    int failed = events ? uv_poll_start(&poll->uv, events, on_ready) : uv_poll_stop(&poll->uv);
    return failed ? HAN_IO : HAN_OK;
}

void han__poll_close(han__poll *poll)
{
    if (!poll) return;
    poll->uv.data = poll;
    uv_close((uv_handle_t *)&poll->uv, on_closed);
    han__loop_touch(poll->loop);
}
