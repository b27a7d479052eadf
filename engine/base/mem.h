/* Memory: every allocation of the engine goes through one han__mem, so that a host can supply its
 * allocator, bytes can be counted, and tests can fail the n-th allocation. A bare malloc does not
 * compile in a file that includes this header. A han__mem belongs to one thread. */
#ifndef HAN_BASE_MEM_H
#define HAN_BASE_MEM_H

#include "base/config.h"
#include <stdlib.h>
#include <string.h>

typedef struct han__mem {
    han_alloc_fn fn;
    void *ud;
    size_t live;      /* bytes now held */
    size_t peak;      /* most bytes ever held */
    uint64_t calls;   /* allocating calls (new or growing) made so far */
    uint64_t fail_at; /* fault injection: the allocating call with this number (1-based) and all
                         later ones fail; 0 = never */
    bool fail_once;   /* with fail_at: only that one call fails */
} han__mem;

/* fn NULL takes the C library's allocator. */
void han__mem_init(han__mem *mem, han_alloc_fn fn, void *ud);

/* NULL on failure. Size 0 gives a valid one-byte block. Not zeroed. */
void *han__mem_alloc(han__mem *mem, size_t size) HAN__MUST_USE;
/* count * size bytes, zeroed, overflow checked. */
void *han__mem_zalloc(han__mem *mem, size_t count, size_t size) HAN__MUST_USE;
/* Resize; on failure NULL and ptr stays valid. old_size must be the size it was allocated with. */
void *han__mem_resize(han__mem *mem, void *ptr, size_t old_size, size_t new_size) HAN__MUST_USE;
/* ptr may be NULL; size must be the size it was allocated with (0 is taken as 1). */
void han__mem_free(han__mem *mem, void *ptr, size_t size);
/* Copy of a NUL-terminated string; free with han__mem_strfree. */
char *han__mem_strdup(han__mem *mem, const char *text) HAN__MUST_USE;
void han__mem_strfree(han__mem *mem, char *text);

/* Counts one allocating call of a pool that got by without one; true when fault injection refuses
 * it.
 */
bool han__mem_refuses(han__mem *mem);

/* Grow an array to hold at least `need` elements, doubling; *cap is in elements. HAN_OK or
 * HAN_NOMEM with the array as it was. Checks overflow and `max` (elements): HAN_LIMIT. */
int han__mem_grow(han__mem *mem, void **array, size_t *cap, size_t need, size_t elem,
                  size_t max) HAN__MUST_USE;

#ifndef HAN__MEM_IMPLEMENTATION
#undef malloc
#undef calloc
#undef realloc
#undef free
#undef strdup
#undef strndup
#undef reallocarray
#undef aligned_alloc
#undef posix_memalign
#define malloc(size)            han__use_han__mem_alloc_instead(size)
#define calloc(count, size)     han__use_han__mem_zalloc_instead(count, size)
#define realloc(ptr, size)      han__use_han__mem_resize_instead(ptr, size)
#define free(ptr)               han__use_han__mem_free_instead(ptr)
#define strdup(text)            han__use_han__mem_strdup_instead(text)
#define strndup(text, n)        han__use_han__mem_strdup_instead(text, n)
#define reallocarray(p, n, s)   han__use_han__mem_grow_instead(p, n, s)
#define aligned_alloc(a, s)     han__use_han__mem_alloc_instead(s)
#define posix_memalign(p, a, s) han__use_han__mem_alloc_instead(s)
#endif

#endif
