/* A growable byte buffer with a maximum given at init. After a failed append it keeps what it had
 * before and stays usable. */
#ifndef HAN_BASE_BUF_H
#define HAN_BASE_BUF_H

#include "base/mem.h"

typedef struct han__buf {
    han__mem *mem;
    uint8_t *data; /* NULL while nothing was appended */
    size_t len;
    size_t cap;
    size_t max;
} han__buf;

/* Empty, holding no memory yet; max is in bytes. mem must outlive the buffer. */
void han__buf_init(han__buf *buf, han__mem *mem, size_t max);
void han__buf_release(han__buf *buf); /* frees; the buffer may be used again */
void han__buf_reset(han__buf *buf);   /* empties, keeps the memory */
/* HAN_OK, HAN_NOMEM, or HAN_LIMIT above max. The bytes must not lie in the buffer itself. */
int han__buf_append(han__buf *buf, const void *bytes, size_t len) HAN__MUST_USE;
int han__buf_byte(han__buf *buf, uint8_t byte) HAN__MUST_USE;
int han__buf_text(han__buf *buf, const char *text) HAN__MUST_USE; /* without the NUL */
int han__buf_printf(han__buf *buf, const char *format, ...) HAN__PRINTF(2, 3) HAN__MUST_USE;
/* Room for len more bytes at data + len; the caller adds to len what it wrote. */
int han__buf_reserve(han__buf *buf, size_t len) HAN__MUST_USE;
void han__buf_consume(han__buf *buf, size_t len); /* drop len (<= buf->len) from the front */
/* Little-endian integers. */
int han__buf_u8(han__buf *buf, uint8_t v) HAN__MUST_USE;
int han__buf_u32(han__buf *buf, uint32_t v) HAN__MUST_USE;
int han__buf_u64(han__buf *buf, uint64_t v) HAN__MUST_USE;
/* Data with a NUL behind it (not counted in len), or NULL when that cannot be allocated. */
const char *han__buf_cstr(han__buf *buf);
/* Hands the memory to the caller, who frees it with han__mem_free(mem, ptr, *cap). */
uint8_t *han__buf_detach(han__buf *buf, size_t *len, size_t *cap);

#endif
