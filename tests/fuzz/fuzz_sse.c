/* Fuzz target: a stream of events cut two ways must give the same events. The first byte says how
 * the second way cuts. */
#include "base/config.h"

#include "model/sse.h"

#define BYTES_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int take(void *ud, const char *name, const uint8_t *data, size_t len)
{
    han__buf *out = ud;
    int rc = han__buf_printf(out, "[%s|", name);
    if (rc == HAN_OK && len) rc = han__buf_append(out, data, len);
    return rc == HAN_OK ? han__buf_text(out, "]") : rc;
}

static int read_in(han__mem *mem, const uint8_t *data, size_t size, size_t piece, han__buf *out)
{
    han__sse sse;
    int rc = HAN_OK;
    han__sse_init(&sse, mem, BYTES_MAX, 1000, take, out);
    for (size_t at = 0, n; at < size && rc == HAN_OK; at += n) {
        n = size - at < piece ? size - at : piece;
        rc = han__sse_feed(&sse, data + at, n);
    }
    han__sse_release(&sse);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    han__mem mem;
    han__buf one, other;
    if (size < 1) return 0;
    han__mem_init(&mem, NULL, NULL);
    han__buf_init(&one, &mem, 1u << 24);
    han__buf_init(&other, &mem, 1u << 24);
    int a = read_in(&mem, data + 1, size - 1, size, &one);
    int b = read_in(&mem, data + 1, size - 1, 1u + data[0] % 7u, &other);
    /* a line too long is found earlier in small pieces, but found all the same */
    if (a != b || one.len != other.len || (one.len && memcmp(one.data, other.data, one.len) != 0))
        __builtin_trap();
    han__buf_release(&one);
    han__buf_release(&other);
    if (mem.live) __builtin_trap();
    return 0;
}
