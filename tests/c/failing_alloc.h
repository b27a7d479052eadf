/* For tests of a host: its allocator, which counts and which refuses the n-th allocation. Only
 * han.h. */
#ifndef HAN_TESTS_FAILING_ALLOC_H
#define HAN_TESTS_FAILING_ALLOC_H

#include <stdbool.h>
#include <stdlib.h>

struct counting {
    size_t live;     /* bytes */
    long fail_after; /* allocations until one fails; < 0: never */
    bool once;       /* those after it succeed; else all of them fail, too */
    bool reached;
};

/* For han_options.alloc; ud is a struct counting. */
static inline void *counting_alloc(void *ud, void *ptr, size_t old, size_t size)
{
    struct counting *c = ud;
    if (size == 0) {
        c->live -= ptr ? old : 0;
        free(ptr);
        return NULL;
    }
    if (size > old && c->fail_after >= 0 && c->fail_after-- == 0) {
        c->reached = true;
        c->fail_after = c->once ? -1 : 0;
        return NULL;
    }
    void *block = realloc(ptr, size);
    if (block) c->live += size - (ptr ? old : 0);
    return block;
}

/* The allocation after the n-th that fails next: the first ones each, later ones by a stride that
 * grows, far smaller in the long form of the tests (HAN_FULL). */
static inline long next_failure(long n)
{
    return n + 1 + n / (getenv("HAN_FULL") ? 100 : 10);
}

#endif
