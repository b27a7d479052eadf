/* Owns the frame format: writing it into a buffer, and finding frames again in any chunking. */
#include "base/config.h"

#include <assert.h>

#include "wire/frame.h"

#define KEEP_BYTES (256u << 10) /* memory a reader keeps between frames */

static uint32_t read_u32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

int han__frame_begin(han__buf *out, uint8_t type, uint32_t id, size_t *start)
{
    uint8_t header[HAN__FRAME_HEADER] = {0, 0, 0, 0, type};
    if (type == 0) return HAN_INVALID;
    for (unsigned i = 0; i < 4; i++) header[5 + i] = (uint8_t)(id >> (8 * i));
    size_t at = out->len;
    int status = han__buf_append(out, header, sizeof header);
    if (status == HAN_OK) *start = at;
    return status;
}

int han__frame_end(han__buf *out, size_t start)
{
    assert(out->len >= start + HAN__FRAME_HEADER);
    size_t len = out->len - start - HAN__FRAME_HEADER;
    if (len > HAN__FRAME_PAYLOAD_MAX) {
        out->len = start;
        return HAN_LIMIT;
    }
    for (unsigned i = 0; i < 4; i++) out->data[start + i] = (uint8_t)(len >> (8 * i));
    return HAN_OK;
}

int han__frame_append(han__buf *out, uint8_t type, uint32_t id, const void *bytes, size_t len)
{
    size_t start = 0;
    if (type == 0) return HAN_INVALID;
    if (len > HAN__FRAME_PAYLOAD_MAX) return HAN_LIMIT;
    int status = han__buf_reserve(out, HAN__FRAME_HEADER + len);
    if (status == HAN_OK) status = han__frame_begin(out, type, id, &start);
    if (status == HAN_OK) status = han__buf_append(out, bytes, len);
    return status == HAN_OK ? han__frame_end(out, start) : status;
}

void han__frame_reader_init(han__frame_reader *reader, han__mem *mem)
{
    han__buf_init(&reader->part, mem, HAN__FRAME_BYTES_MAX);
    reader->given = false;
    reader->status = HAN_OK;
}

void han__frame_reader_release(han__frame_reader *reader)
{
    han__buf_release(&reader->part);
    reader->given = false;
}

/* Size of the whole frame whose header this is; 0 and a sticky status when it is not one. */
static size_t frame_size(han__frame_reader *reader, const uint8_t *header)
{
    size_t len = read_u32(header);
    if (len <= HAN__FRAME_PAYLOAD_MAX && header[4] != 0) return HAN__FRAME_HEADER + len;
    reader->status = HAN_CORRUPT;
    han__buf_release(&reader->part);
    return 0;
}

static int give(const uint8_t *frame, size_t size, han__frame *out)
{
    out->type = frame[4];
    out->id = read_u32(frame + 5);
    out->bytes = frame + HAN__FRAME_HEADER;
    out->len = size - HAN__FRAME_HEADER;
    return 1;
}

static void advance(const uint8_t **bytes, size_t *len, size_t by)
{
    *bytes += by;
    *len -= by;
}

/* Completes the held part up to `size` bytes. 1 when it has them, 0 when the bytes ran out. */
static int gather(han__frame_reader *reader, size_t size, const uint8_t **bytes, size_t *len)
{
    size_t take = size > reader->part.len ? size - reader->part.len : 0;
    if (take > *len) take = *len;
    int status = han__buf_append(&reader->part, *bytes, take);
    if (status != HAN_OK) return status;
    advance(bytes, len, take);
    return reader->part.len >= size;
}

static void drop_given(han__frame_reader *reader)
{
    if (!reader->given) return;
    reader->given = false;
    han__buf_reset(&reader->part);
    if (reader->part.cap > KEEP_BYTES) han__buf_release(&reader->part);
}

int han__frame_next(han__frame_reader *reader, const uint8_t **bytes, size_t *len, han__frame *out)
{
    size_t size = 0;
    if (reader->status != HAN_OK) return reader->status;
    drop_given(reader);
    if (*len == 0) return 0;
    if (reader->part.len == 0 && *len >= HAN__FRAME_HEADER) { /* whole in these bytes: no copy */
        const uint8_t *frame = *bytes;
        size = frame_size(reader, frame);
        if (size == 0) return reader->status;
        if (size <= *len) {
            advance(bytes, len, size);
            return give(frame, size, out);
        }
    }
    int status = gather(reader, HAN__FRAME_HEADER, bytes, len);
    if (status <= 0) return status;
    size = frame_size(reader, reader->part.data);
    if (size == 0) return reader->status;
    status = gather(reader, size, bytes, len);
    if (status <= 0) return status;
    reader->given = true;
    return give(reader->part.data, size, out);
}

int han__frame_at_end(const han__frame_reader *reader)
{
    if (reader->status != HAN_OK) return reader->status;
    return reader->given || reader->part.len == 0 ? HAN_OK : HAN_CORRUPT;
}
