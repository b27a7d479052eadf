/* Owns growable byte buffers: doubling, never above the maximum, never losing what they hold. */
#include "base/config.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/buf.h"

#define FIRST_BYTES 64u

void han__buf_init(han__buf *buf, han__mem *mem, size_t max)
{
    memset(buf, 0, sizeof *buf);
    buf->mem = mem;
    /* one byte is kept for the NUL of cstr and printf, which is not counted in max */
    buf->max = max < SIZE_MAX ? max : SIZE_MAX - 1;
}

void han__buf_release(han__buf *buf)
{
    han__mem_free(buf->mem, buf->data, buf->cap);
    buf->data = NULL;
    buf->len = buf->cap = 0;
}

void han__buf_reset(han__buf *buf)
{
    buf->len = 0;
}

/* Capacity for `need` bytes in all, need <= max + 1. */
static int ensure(han__buf *buf, size_t need)
{
    if (need <= buf->cap) return HAN_OK;
    size_t want = buf->cap > (buf->max + 1) / 2 ? buf->max + 1 : buf->cap * 2;
    if (want < FIRST_BYTES) want = FIRST_BYTES;
    if (want > buf->max + 1) want = buf->max + 1;
    if (want < need) want = need;
    uint8_t *data = han__mem_resize(buf->mem, buf->data, buf->cap, want);
    if (!data) return HAN_NOMEM;
    buf->data = data;
    buf->cap = want;
    return HAN_OK;
}

int han__buf_reserve(han__buf *buf, size_t len)
{
    if (len > buf->max - buf->len) return HAN_LIMIT;
    return ensure(buf, buf->len + len);
}

int han__buf_append(han__buf *buf, const void *bytes, size_t len)
{
    if (len == 0) return HAN_OK;
    int status = han__buf_reserve(buf, len);
    if (status != HAN_OK) return status;
    memcpy(buf->data + buf->len, bytes, len);
    buf->len += len;
    return HAN_OK;
}

int han__buf_byte(han__buf *buf, uint8_t byte)
{
    return han__buf_append(buf, &byte, 1);
}

int han__buf_text(han__buf *buf, const char *text)
{
    return han__buf_append(buf, text, strlen(text));
}

/* Prints behind the end with the NUL; HAN_INVALID for a format that libc refuses. */
static int print_tail(han__buf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int wanted = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (wanted < 0) return HAN_INVALID;
    size_t len = (size_t)wanted;
    if (len > buf->max - buf->len) return HAN_LIMIT;
    int status = ensure(buf, buf->len + len + 1);
    if (status != HAN_OK) return status;
    vsnprintf((char *)buf->data + buf->len, len + 1, format, args);
    buf->len += len;
    return HAN_OK;
}

int han__buf_printf(han__buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int status = print_tail(buf, format, args);
    va_end(args);
    return status;
}

void han__buf_consume(han__buf *buf, size_t len)
{
    assert(len <= buf->len);
    if (len > buf->len) len = buf->len;
    buf->len -= len;
    if (len > 0 && buf->len > 0) memmove(buf->data, buf->data + len, buf->len);
}

int han__buf_u8(han__buf *buf, uint8_t v)
{
    return han__buf_byte(buf, v);
}

int han__buf_u32(han__buf *buf, uint32_t v)
{
    uint8_t bytes[4];
    for (unsigned i = 0; i < 4; i++) bytes[i] = (uint8_t)(v >> (8 * i));
    return han__buf_append(buf, bytes, sizeof bytes);
}

int han__buf_u64(han__buf *buf, uint64_t v)
{
    uint8_t bytes[8];
    for (unsigned i = 0; i < 8; i++) bytes[i] = (uint8_t)(v >> (8 * i));
    return han__buf_append(buf, bytes, sizeof bytes);
}

const char *han__buf_cstr(han__buf *buf)
{
    if (ensure(buf, buf->len + 1) != HAN_OK) return NULL;
    buf->data[buf->len] = '\0';
    return (const char *)buf->data;
}

uint8_t *han__buf_detach(han__buf *buf, size_t *len, size_t *cap)
{
    uint8_t *data = buf->data;
    *len = buf->len;
    *cap = buf->cap;
    buf->data = NULL;
    buf->len = buf->cap = 0;
    return data;
}
