/* Owns the splitting of a stream of bytes into lines, and of lines into events. A line that lies
 * whole in one piece is read where it lies; only what is cut is copied. */
#include "base/config.h"
#include "model/sse.h"

void han__sse_init(han__sse *sse, han__mem *mem, size_t bytes_max, uint64_t events_max,
                   han__sse_fn fn, void *ud)
{
    memset(sse, 0, sizeof *sse);
    sse->fn = fn;
    sse->ud = ud;
    sse->events_max = events_max;
    han__buf_init(&sse->line, mem, bytes_max);
    han__buf_init(&sse->data, mem, bytes_max);
}

void han__sse_release(han__sse *sse)
{
    han__buf_release(&sse->line);
    han__buf_release(&sse->data);
}

static int dispatch(han__sse *sse)
{
    int rc = HAN_OK;
    if (sse->has_data) {
        if (++sse->events > sse->events_max) return HAN_LIMIT;
        rc = sse->fn(sse->ud, sse->name, sse->data.data, sse->data.len);
    }
    sse->has_data = false;
    sse->name[0] = '\0';
    han__buf_reset(&sse->data);
    return rc;
}

static int add_data(han__sse *sse, const uint8_t *value, size_t len)
{
    int rc = sse->has_data ? han__buf_byte(&sse->data, '\n') : HAN_OK;
    sse->has_data = true;
    return rc == HAN_OK && len ? han__buf_append(&sse->data, value, len) : rc;
}

static bool is(const uint8_t *field, size_t len, const char *name, size_t name_len)
{
    return len == name_len && memcmp(field, name, name_len) == 0;
}

/* One whole line, without its end. */
static int take_line(han__sse *sse, const uint8_t *line, size_t len)
{
    if (!sse->begun && len >= 3 && memcmp(line, "\xEF\xBB\xBF", 3) == 0) {
        line += 3;
        len -= 3;
    }
    sse->begun = true;
    if (len == 0) return dispatch(sse);
    const uint8_t *colon = memchr(line, ':', len);
    size_t field = colon ? (size_t)(colon - line) : len;
    const uint8_t *value = colon ? colon + 1 : line + len;
    size_t rest = (size_t)(line + len - value);
    if (rest > 0 && value[0] == ' ') {
        value++;
        rest--;
    }
    if (is(line, field, "data", 4)) return add_data(sse, value, rest);
    if (is(line, field, "event", 5)) {
        if (rest > HAN__SSE_NAME_MAX) rest = HAN__SSE_NAME_MAX;
        memcpy(sse->name, value, rest);
        sse->name[rest] = '\0';
    }
    return HAN_OK; /* a comment, or a field that is not ours (id, retry) */
}

/* A line that ends here: `len` bytes of this piece, behind what earlier pieces left. */
static int end_line(han__sse *sse, const uint8_t *bytes, size_t len)
{
    if (sse->line.len == 0) {
        if (len > sse->line.max) return HAN_LIMIT; /* as if it had come in two pieces */
        return take_line(sse, bytes, len);
    }
    int rc = len ? han__buf_append(&sse->line, bytes, len) : HAN_OK;
    if (rc == HAN_OK) rc = take_line(sse, sse->line.data, sse->line.len);
    han__buf_reset(&sse->line);
    return rc;
}

/* Where the first line of bytes[0..len) ends; len when it does not. */
static size_t find_end(const uint8_t *bytes, size_t len)
{
    const uint8_t *lf = memchr(bytes, '\n', len);
    size_t end = lf ? (size_t)(lf - bytes) : len;
    const uint8_t *cr = memchr(bytes, '\r', end);
    return cr ? (size_t)(cr - bytes) : end;
}

int han__sse_feed(han__sse *sse, const uint8_t *bytes, size_t len)
{
    const uint8_t *end = bytes + len;
    while (bytes < end && sse->status == HAN_OK) {
        if (sse->skip_lf && *bytes == '\n') bytes++;
        sse->skip_lf = false;
        size_t rest = (size_t)(end - bytes), line = rest ? find_end(bytes, rest) : 0;
        if (line == rest) {
            if (rest) sse->status = han__buf_append(&sse->line, bytes, rest);
            break;
        }
        sse->skip_lf = bytes[line] == '\r';
        sse->status = end_line(sse, bytes, line);
        bytes += line + 1;
    }
    return sse->status;
}
