/* Fuzz target: a whole JSON body, in the dialect of the first byte. What our reader takes as JSON
 * is read to its end; texts come out as valid UTF-8. */
#include "base/config.h"

#include "../c/reply_text.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    han__mem mem;
    han__reply reply;
    han__json json;
    han__buf out;
    if (size < 1) return 0;
    han__mem_init(&mem, NULL, NULL);
    han__buf_init(&out, &mem, 1u << 24);
    han__reply_init(&reply, &mem, data[0] % HAN__DIALECTS, 1u << 16);
    int rc = han__reply_body(&reply, data + 1, size - 1);
    han__reply_mend(&reply);
    reply_text(&reply, rc, &out);
    for (size_t at = 0, step; at < out.len; at += step) {
        step = han__utf8_step((const char *)out.data + at, out.len - at, NULL);
        if (step == 0) __builtin_trap();
    }
    han__json_init(&json, data + 1, size - 1);
    bool is_json = han__json_skip(&json, NULL) && han__json_done(&json);
    if (rc == HAN_OK && !is_json) __builtin_trap(); /* a reply was read from what is no JSON */
    han__reply_release(&reply);
    han__buf_release(&out);
    if (mem.live) __builtin_trap();
    return 0;
}
