/* Owns the writing of reports into shared memory of a fixed size. */
#include "base/config.h"

#include <string.h>

#include "runner/report.h"

#define RECORD_HEADER 5u

bool han__report_bytes(han__report *r, const void *bytes, size_t len)
{
    if (len > r->cap - r->at) return false;
    if (len > 0) memcpy(r->bytes + r->at, bytes, len);
    r->at += len;
    return true;
}

static bool put_number(han__report *r, uint64_t v, size_t len)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < len; i++) bytes[i] = (uint8_t)(v >> (8 * i));
    return han__report_bytes(r, bytes, len);
}

bool han__report_u8(han__report *r, uint8_t v)
{
    return put_number(r, v, 1);
}
bool han__report_u32(han__report *r, uint32_t v)
{
    return put_number(r, v, 4);
}
bool han__report_u64(han__report *r, uint64_t v)
{
    return put_number(r, v, 8);
}

bool han__report_begin(han__report *r, uint8_t kind)
{
    r->at = r->len;
    return han__report_u8(r, kind) && han__report_u32(r, 0);
}

bool han__report_text(han__report *r, const void *bytes, size_t len)
{
    return len <= UINT32_MAX && han__report_u32(r, (uint32_t)len) &&
           han__report_bytes(r, bytes, len);
}

bool han__report_trace(han__report *r, const han__trace *trace)
{
    int n = trace ? trace->n : 0;
    bool fits = put_number(r, (uint64_t)n, 2);
    for (int i = 0; i < n && fits; i++) {
        const char *name = trace->frames[i].name;
        fits = han__report_u32(r, (uint32_t)trace->frames[i].line) &&
               han__report_text(r, name, strlen(name));
    }
    return fits;
}

void han__report_end(han__report *r)
{
    uint64_t body = r->at - r->len - RECORD_HEADER;
    uint8_t *len = r->bytes + r->len + 1;
    for (size_t i = 0; i < 4; i++) len[i] = (uint8_t)(body >> (8 * i));
    __atomic_store_n(&r->len, r->at, __ATOMIC_RELEASE);
}

void han__report_finish(han__report *r, uint32_t class)
{
    r->class = class;
    __atomic_store_n(&r->done, r->nonce, __ATOMIC_RELEASE);
}
