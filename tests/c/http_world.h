/* A loop with han's HTTP client and the fake endpoint beside it. */
#ifndef HAN_TESTS_C_HTTP_WORLD_H
#define HAN_TESTS_C_HTTP_WORLD_H

#include "endpoint.h"
#include "looping.h"
#include "model/http.h"

typedef struct fixture {
    han__mem mem;
    han__loop *loop;
    han__http *http;
    endpoint endpoint;
    int before; /* what a test counted when it began */
} fixture;

/* The endpoint has one option of its own, or NULLs. */
static inline void open_with(fixture *f, const char *option, const char *value)
{
    han_error err = {0};
    memset(f, 0, sizeof *f);
    han__mem_init(&f->mem, NULL, NULL);
    endpoint_start(&f->endpoint, option, value);
    assert_int_equal(han__loop_create(&f->loop, &f->mem, NULL, &err), 0);
    if (han__http_open(&f->http, f->loop, &f->mem, &err)) fail_msg("%s", err.message);
}

/* Nothing of the client's is left. */
static inline void close_all(fixture *f)
{
    han__http_close(f->http);
    TURN_UNTIL(f->loop, !han__loop_alive(f->loop));
    han__loop_close(f->loop);
    assert_int_equal(f->mem.live, 0);
    endpoint_stop(&f->endpoint);
}

#endif
