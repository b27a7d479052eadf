/* Fuzz target: a stream of a model's reply, in the dialect of the first byte, cut two ways, must
 * give the same reply, whose texts are valid UTF-8. */
#include "base/config.h"

#include "../c/reply_text.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_utf8(const han__buf *text)
{
    for (size_t at = 0, step; at < text->len; at += step) {
        step = han__utf8_step((const char *)text->data + at, text->len - at, NULL);
        if (step == 0) __builtin_trap();
    }
}

static void read_in(han__mem *mem, const uint8_t *data, size_t size, int dialect, size_t piece,
                    han__buf *out)
{
    han__reply reply;
    han__sse sse;
    int rc = HAN_OK;
    han__reply_init(&reply, mem, dialect, 1u << 16);
    han__sse_init(&sse, mem, 1u << 16, 1000, reply_take_event, &reply);
    for (size_t at = 0, n; at < size && rc == HAN_OK; at += n) {
        n = size - at < piece ? size - at : piece;
        rc = han__sse_feed(&sse, data + at, n);
    }
    han__reply_mend(&reply);
    reply_text(&reply, rc, out);
    check_utf8(out);
    han__sse_release(&sse);
    han__reply_release(&reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    han__mem mem;
    han__buf one, other;
    if (size < 1) return 0;
    han__mem_init(&mem, NULL, NULL);
    han__buf_init(&one, &mem, 1u << 24);
    han__buf_init(&other, &mem, 1u << 24);
    read_in(&mem, data + 1, size - 1, data[0] % HAN__DIALECTS, size, &one);
    read_in(&mem, data + 1, size - 1, data[0] % HAN__DIALECTS, 1u + data[0] % 5u, &other);
    if (one.len != other.len || memcmp(one.data, other.data, one.len) != 0) __builtin_trap();
    han__buf_release(&one);
    han__buf_release(&other);
    if (mem.live) __builtin_trap();
    return 0;
}
