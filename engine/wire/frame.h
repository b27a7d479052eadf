/* Frames between the engine, its jobs and its runners. On the wire: u32 little-endian length of the
 * payload, u8 type, u32 little-endian id, payload. What types and ids mean is the business of the
 * two ends; type 0 is never used, so that zeroed memory is not a valid frame. */
#ifndef HAN_WIRE_FRAME_H
#define HAN_WIRE_FRAME_H

#include "base/buf.h"

#define HAN__FRAME_HEADER      9u
#define HAN__FRAME_PAYLOAD_MAX (HAN__FRAME_BYTES_MAX - HAN__FRAME_HEADER)

typedef struct han__frame {
    uint8_t type; /* 1 to 255 */
    uint32_t id;
    const uint8_t *bytes; /* payload; a view, see han__frame_next */
    size_t len;
} han__frame;

/* Appends one frame. HAN_OK, HAN_NOMEM, HAN_LIMIT (payload above HAN__FRAME_PAYLOAD_MAX, or the
 * buffer is full), HAN_INVALID (type 0). On failure the buffer is as it was. */
int han__frame_append(han__buf *out, uint8_t type, uint32_t id, const void *bytes,
                      size_t len) HAN__MUST_USE;

/* The same in two steps, for a payload that is written straight into the buffer: begin gives the
 * place of the frame, then append the payload, then end it. End is HAN_LIMIT when the payload has
 * become too long, and then takes the frame out again; to give up a begun frame, set out->len =
 * start. */
int han__frame_begin(han__buf *out, uint8_t type, uint32_t id, size_t *start) HAN__MUST_USE;
int han__frame_end(han__buf *out, size_t start) HAN__MUST_USE;

/* Takes frames out of a byte stream. It holds at most one frame that has not arrived in full. */
typedef struct han__frame_reader {
    han__buf part; /* the beginning of a frame, or the frame given last */
    bool given;    /* part was given out whole and is dropped by the next call */
    int status;    /* HAN_OK, or HAN_CORRUPT for ever */
} han__frame_reader;

/* Between frames; the maximum is HAN__FRAME_BYTES_MAX. */
void han__frame_reader_init(han__frame_reader *reader, han__mem *mem);
void han__frame_reader_release(han__frame_reader *reader); /* frees; init before another use */
/* Reads from *bytes, *len and advances both past what it took. 1: *out is a frame, valid until the
 * next call with this reader and while the caller's bytes stay; call again. 0: all bytes are taken
 * and no further frame is complete. HAN_CORRUPT: an oversize frame or type 0; sticky, since the
 * borders are lost. HAN_NOMEM: nothing lost; the call may be repeated with the same *bytes, *len.
 */
int han__frame_next(han__frame_reader *reader, const uint8_t **bytes, size_t *len,
                    han__frame *out) HAN__MUST_USE;
/* Whether the stream may end here: HAN_OK between frames, HAN_CORRUPT inside one or after damage.
 */
int han__frame_at_end(const han__frame_reader *reader);

#endif
