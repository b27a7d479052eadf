/* Owns the one way of a gzip file into memory: members are inflated into a buffer step by step, and
 * each step is asked of the buffer first, which refuses above its maximum. zlib gets its own few
 * blocks through our allocator. */
#include "base/config.h"

#include <limits.h>
#include <zlib.h>

#include "base/mem.h"
#include "store/gzip.h"

#define STEP      65536u
#define GZIP_ONLY (15 + 16) /* window bits of zlib: gzip and nothing else */
#define HEAD      16u       /* before a block: its size, aligned for anything */

/* zlib frees without saying how much, so each block has its size in front of it. */
static void *give(void *ud, unsigned items, unsigned size)
{
    size_t need = (size_t)items * size + HEAD;
    uint8_t *block = han__mem_alloc(ud, need);
    if (!block) return NULL;
    memcpy(block, &need, sizeof need);
    return block + HEAD;
}

static void take(void *ud, void *ptr)
{
    size_t size;
    uint8_t *block = (uint8_t *)ptr - HEAD;
    memcpy(&size, block, sizeof size);
    han__mem_free(ud, block, size);
}

static int failed(int rc, const z_stream *z, han_error *err)
{
    if (rc == Z_MEM_ERROR) return han__error_set(err, HAN_NOMEM, "out of memory for a gzip file");
    if (rc == Z_OK || rc == Z_BUF_ERROR)
        return han__error_set(err, HAN_CORRUPT, "the gzip file is cut off");
    return han__error_set(err, HAN_CORRUPT, "this is no sound gzip file: %s",
                          z->msg ? z->msg : "damaged");
}

/* Room for one more step, or for what the maximum leaves and one byte that must not come. */
static int make_room(han__buf *out, size_t *room, han_error *err)
{
    size_t left = out->max - out->len;
    *room = left < STEP ? left : STEP;
    if (*room == 0 || han__buf_reserve(out, *room) == HAN_OK) return HAN_OK;
    return han__error_set(err, HAN_NOMEM, "out of memory for a gzip file");
}

/* Inflates until the end of a member, HAN_OK. */
static int inflate_member(z_stream *z, han__buf *out, han_error *err)
{
    for (;;) {
        size_t room;
        uint8_t probe;
        int rc = make_room(out, &room, err);
        if (rc != HAN_OK) return rc;
        z->next_out = room ? out->data + out->len : &probe;
        z->avail_out = room ? (uInt)room : 1;
        int step = inflate(z, Z_NO_FLUSH);
        if (room == 0 && z->avail_out == 0)
            return han__error_set(err, HAN_LIMIT, "the gzip file holds more than %zu bytes",
                                  out->max);
        if (room) out->len += room - z->avail_out;
        if (step == Z_STREAM_END) return HAN_OK;
        if (step != Z_OK || (z->avail_in == 0 && z->avail_out > 0)) return failed(step, z, err);
    }
}

int han__gzip_expand(const void *bytes, size_t len, han__buf *out, han_error *err)
{
    if (len > UINT_MAX) return han__error_set(err, HAN_LIMIT, "the gzip file is too large");
    size_t before = out->len;
    /* zlib reads only; its field is not const unless it is compiled so */
    z_stream z = {.next_in = (Bytef *)(uintptr_t)bytes, .avail_in = (uInt)len};
    z.zalloc = give;
    z.zfree = take;
    z.opaque = out->mem;
    int rc = inflateInit2(&z, GZIP_ONLY);
    if (rc != Z_OK) return failed(rc, &z, err);
    do {
        rc = inflate_member(&z, out, err);
    } while (rc == HAN_OK && z.avail_in > 0 && inflateReset(&z) == Z_OK);
    inflateEnd(&z);
    if (rc != HAN_OK) out->len = before;
    return rc;
}
