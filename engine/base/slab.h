/* Small blocks, cheaply: pages of one block size each, carved out of a few large regions that come
 * from a han__mem. A page that empties serves another size, and a region that empties goes back, so
 * what is held stays near what is used. Blocks above HAN__SLAB_MAX pass through to the han__mem. */
#ifndef HAN_BASE_SLAB_H
#define HAN_BASE_SLAB_H

#include "base/mem.h"

#define HAN__SLAB_MAX   768 /* bytes of the largest block from a page */
#define HAN__SLAB_GRAIN 16  /* sizes are rounded up to it; blocks are aligned to it */

typedef struct han__slab {
    han__mem *mem;
    size_t held;     /* bytes taken from mem: regions, and blocks that passed through */
    size_t held_max; /* what would exceed it is refused; 0: no bound */
    bool starved;    /* after a failure: the mem refused, and held_max did not */
    struct han__slab_page *ready[HAN__SLAB_MAX / HAN__SLAB_GRAIN + 1]; /* with room, by size */
    struct han__slab_region *regions;
    struct han__slab_passed *passed; /* blocks that passed through */
    size_t pages;                    /* in all regions */
} han__slab;

/* Empty. held_max 0: no bound. The mem is borrowed. */
void han__slab_init(han__slab *slab, han__mem *mem, size_t held_max);
/* Gives back all that it holds, the blocks in use too where han__slab_drops. */
void han__slab_release(han__slab *slab);
/* False with AddressSanitizer: there each block must have been freed before the release. */
bool han__slab_drops(void);

/* As the calls of han__mem: NULL on failure, sizes as they were asked for. While faults are
 * injected every call that allocates or grows counts, whether or not it needs a new page. */
void *han__slab_alloc(han__slab *slab, size_t size) HAN__MUST_USE;
void *han__slab_resize(han__slab *slab, void *ptr, size_t old_size, size_t new_size) HAN__MUST_USE;
void han__slab_free(han__slab *slab, void *ptr, size_t size);
/* A block of at most HAN__SLAB_MAX bytes in use, from now on with a smaller size, which is not 0.
 * Needs no memory: a block of a page keeps its place. */
void *han__slab_trim(han__slab *slab, void *ptr, size_t old_size, size_t new_size);

#endif
