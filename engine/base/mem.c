/* Owns the only calls of the C library's allocator, and the count of what each han__mem holds. */
#define HAN__MEM_IMPLEMENTATION
#include "base/config.h"

#include "base/mem.h"

#include <assert.h>

static void *libc_alloc(void *ud, void *ptr, size_t old_size, size_t new_size)
{
    HAN__UNUSED(ud);
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    void *block = realloc(ptr, new_size);
    /* ISO C lets a shrinking realloc fail; the old block still serves */
    return block || new_size > old_size ? block : ptr;
}

void han__mem_init(han__mem *mem, han_alloc_fn fn, void *ud)
{
    memset(mem, 0, sizeof *mem);
    mem->fn = fn ? fn : libc_alloc;
    mem->ud = ud;
}

bool han__mem_refuses(han__mem *mem)
{
    mem->calls++;
    if (mem->fail_at == 0) return false;
    return mem->fail_once ? mem->calls == mem->fail_at : mem->calls >= mem->fail_at;
}

void *han__mem_resize(han__mem *mem, void *ptr, size_t old_size, size_t new_size)
{
    size_t old = !ptr ? 0 : old_size ? old_size : 1;
    size_t size = new_size ? new_size : 1;
    assert(mem->live >= old);
    if (size > old && han__mem_refuses(mem)) return NULL;
    if (size > old && size - old > SIZE_MAX - mem->live) return NULL;
    void *block = mem->fn(mem->ud, ptr, old, size);
    if (!block) return NULL;
    mem->live = mem->live - old + size;
    if (mem->live > mem->peak) mem->peak = mem->live;
    return block;
}

void *han__mem_alloc(han__mem *mem, size_t size)
{
    return han__mem_resize(mem, NULL, 0, size);
}

void *han__mem_zalloc(han__mem *mem, size_t count, size_t size)
{
    size_t bytes = 0;
    if (__builtin_mul_overflow(count, size, &bytes)) return NULL;
    void *block = han__mem_alloc(mem, bytes);
    if (block) memset(block, 0, bytes ? bytes : 1);
    return block;
}

void han__mem_free(han__mem *mem, void *ptr, size_t size)
{
    if (!ptr) return;
    size_t held = size ? size : 1;
    assert(mem->live >= held);
    mem->live -= held;
    mem->fn(mem->ud, ptr, held, 0);
}

char *han__mem_strdup(han__mem *mem, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = han__mem_alloc(mem, size);
    if (copy) memcpy(copy, text, size);
    return copy;
}

void han__mem_strfree(han__mem *mem, char *text)
{
    if (text) han__mem_free(mem, text, strlen(text) + 1);
}

int han__mem_grow(han__mem *mem, void **array, size_t *cap, size_t need, size_t elem, size_t max)
{
    if (need <= *cap) return HAN_OK;
    if (need > max) return HAN_LIMIT;
    size_t want = *cap > max / 2 ? max : *cap * 2;
    size_t bytes = 0;
    if (want < 8) want = max < 8 ? max : 8;
    if (want < need) want = need;
    if (__builtin_mul_overflow(want, elem, &bytes)) return HAN_NOMEM;
    /* cap * elem was allocated, so it cannot overflow */
    void *grown = han__mem_resize(mem, *array, *cap * elem, bytes);
    if (!grown) return HAN_NOMEM;
    *array = grown;
    *cap = want;
    return HAN_OK;
}
