/* Owns the grammar of JSON and nothing above it: one pass over the bytes, no memory of its own. */
#include "base/config.h"
#include "model/json.h"

#include "base/utf8.h"

void han__json_init(han__json *json, const void *bytes, size_t len)
{
    static const uint8_t none[1];
    *json = (han__json){.at = bytes ? bytes : none};
    json->end = json->at + (bytes ? len : 0);
}

bool han__json_fail(han__json *json, const char *fault)
{
    if (!json->fault) json->fault = fault;
    return false;
}

bool han__json_done(han__json *json)
{
    if (json->fault) return false;
    if (han__json_peek(json) || json->at < json->end)
        return han__json_fail(json, "something follows the JSON value");
    return true;
}

bool han__json_open(han__json *json, uint8_t bracket)
{
    if (han__json_peek(json) != bracket)
        return han__json_fail(json,
                              bracket == '{' ? "an object was expected" : "a list was expected");
    if (++json->depth > HAN__JSON_DEPTH_MAX) return han__json_fail(json, "nested too deep");
    json->at++;
    json->more = false;
    return true;
}

/* Is there another element before `close`? At the end the bracket is taken. */
static inline __attribute__((always_inline)) bool next(han__json *json, uint8_t close)
{
    uint8_t c = han__json_peek(json);
    bool first = !json->more;
    if (c == ',' && !first) { /* nearly always */
        json->at++;
        json->more = false;
        c = han__json_peek(json);
        return c && c != close ? true : han__json_fail(json, "a value was expected");
    }
    if (c == close) {
        json->at++;
        json->depth--;
        json->more = true; /* what it stands in has begun */
        return false;
    }
    json->more = false;
    if (first) return c ? true : han__json_fail(json, "the JSON text is cut off");
    return han__json_fail(json, c ? "a comma was expected" : "the JSON text is cut off");
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The high bit of each of eight bytes that ends the plain part of a string: a quote, a backslash, a
 * control. Bytes above the first one that does may be marked wrongly. */
static inline uint64_t stops(uint64_t word)
{
    uint64_t quote = word ^ EACH('"'), slash = word ^ EACH('\\');
    uint64_t found = ((word - EACH(0x20)) & ~word) | ((quote - EACH(1)) & ~quote);
    return (found | ((slash - EACH(1)) & ~slash)) & EACH(0x80);
}

static inline const uint8_t *skip_plain(const uint8_t *at, const uint8_t *end)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    for (uint64_t word; end - at >= 8; at += 8) {
        memcpy(&word, at, 8);
        uint64_t found = stops(word);
        if (found) return at + ((unsigned)__builtin_ctzll(found) >> 3);
    }
#endif
    while (at < end && *at != '"' && *at != '\\' && *at >= 0x20) at++;
    return at;
}

/* The string at hand, without its quotes, as it is written. */
static inline bool raw_string(han__json *json, han__span *out, bool *escaped)
{
    if (han__json_peek(json) != '"') return han__json_fail(json, "a string was expected");
    const uint8_t *from = json->at + 1, *end = json->end, *at = skip_plain(from, end);
    *escaped = false;
    while (at < end && *at == '\\') {
        *escaped = true;
        at = end - at < 2 ? end : skip_plain(at + 2, end);
    }
    if (at >= end) return han__json_fail(json, "a string is cut off");
    if (*at != '"') return han__json_fail(json, "a control character in a string");
    *out = (han__span){from, (size_t)(at - from)};
    json->at = at + 1;
    json->more = true;
    return true;
}

/* A key as programs write it: behind its comma or brace at once, without an escape, and its colon
 * behind it. false: it is not so simple, and nothing was read. */
static inline bool simple_key(han__json *json, han__span *key)
{
    const uint8_t *from = json->at, *end = json->end;
    if (json->more && (from == end || *from++ != ',')) return false;
    if (from == end || *from++ != '"') return false;
    const uint8_t *at = skip_plain(from, end);
    if (end - at < 2 || at[0] != '"' || at[1] != ':') return false;
    *key = (han__span){from, (size_t)(at - from)};
    json->at = at + 2;
    json->more = true;
    return true;
}

bool han__json_key(han__json *json, han__span *key)
{
    bool escaped;
    if (json->fault) return false;
    if (simple_key(json, key)) return true;
    if (!next(json, '}')) return false;
    if (!raw_string(json, key, &escaped)) return false;
    if (han__json_peek(json) != ':') return han__json_fail(json, "a colon was expected");
    json->at++;
    return true;
}

bool han__json_item(han__json *json)
{
    return !json->fault && next(json, ']');
}

/* ---- strings ---- */

static int hex(uint8_t c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Four digits at `at`; -1 when they are not. */
static int32_t hex4(const uint8_t *at, const uint8_t *end)
{
    int32_t code = 0;
    if (end - at < 4) return -1;
    for (int i = 0; i < 4; i++) {
        if (hex(at[i]) < 0) return -1;
        code = code << 4 | hex(at[i]);
    }
    return code;
}

/* Any code point of 16 bits, surrogates too. */
static int put_code(han__buf *out, uint32_t code)
{
    uint8_t b[3];
    if (code < 0x80) return han__buf_byte(out, (uint8_t)code);
    if (code < 0x800) {
        b[0] = (uint8_t)(0xC0 | code >> 6);
        b[1] = (uint8_t)(0x80 | (code & 0x3F));
        return han__buf_append(out, b, 2);
    }
    b[0] = (uint8_t)(0xE0 | code >> 12);
    b[1] = (uint8_t)(0x80 | (code >> 6 & 0x3F));
    b[2] = (uint8_t)(0x80 | (code & 0x3F));
    return han__buf_append(out, b, 3);
}

/* The escape behind a backslash at *at; moves *at behind it. */
static bool escape(han__json *json, const uint8_t **at, const uint8_t *end, han__buf *out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    uint8_t c = *(*at)++;
    const char *found = c ? strchr(from, c) : NULL;
    uint32_t code = found ? (uint8_t)to[found - from] : 0;
    if (c == 'u') {
        int32_t read = hex4(*at, end);
        if (read < 0) return han__json_fail(json, "a broken \\u escape");
        code = (uint32_t)read;
        *at += 4;
    } else if (!found) {
        return han__json_fail(json, "an unknown escape");
    }
    if (out && put_code(out, code) != HAN_OK) return han__json_fail(json, "the reply is too long");
    return true;
}

bool han__json_string(han__json *json, han__buf *out)
{
    han__span raw;
    bool escaped;
    if (!raw_string(json, &raw, &escaped)) return false;
    if (!escaped) {
        if (out && raw.len && han__buf_append(out, raw.at, raw.len) != HAN_OK)
            return han__json_fail(json, "the reply is too long");
        return true;
    }
    const uint8_t *at = raw.at, *end = raw.at + raw.len;
    while (at < end) {
        const uint8_t *stop = memchr(at, '\\', (size_t)(end - at));
        if (!stop) stop = end;
        if (out && stop > at && han__buf_append(out, at, (size_t)(stop - at)) != HAN_OK)
            return han__json_fail(json, "the reply is too long");
        at = stop;
        if (at < end) {
            at++;
            if (!escape(json, &at, end, out)) return false;
        }
    }
    return true;
}

/* ---- what is not a string ---- */

static bool literal(han__json *json, const char *word)
{
    size_t len = strlen(word);
    if ((size_t)(json->end - json->at) < len || memcmp(json->at, word, len) != 0)
        return han__json_fail(json, "not a JSON value");
    json->at += len;
    json->more = true;
    return true;
}

static bool is_digit(const han__json *json)
{
    return json->at < json->end && *json->at >= '0' && *json->at <= '9';
}

static bool digits(han__json *json)
{
    if (!is_digit(json)) return han__json_fail(json, "not a JSON number");
    while (is_digit(json)) json->at++;
    return true;
}

static bool number(han__json *json)
{
    if (*json->at == '-') json->at++;
    bool zero = json->at < json->end && *json->at == '0';
    const uint8_t *first = json->at;
    if (!digits(json)) return false;
    if (zero && json->at - first > 1) return han__json_fail(json, "not a JSON number");
    if (json->at < json->end && *json->at == '.') {
        json->at++;
        if (!digits(json)) return false;
    }
    if (json->at < json->end && (*json->at | 0x20) == 'e') {
        json->at++;
        if (json->at < json->end && (*json->at == '+' || *json->at == '-')) json->at++;
        if (!digits(json)) return false;
    }
    json->more = true;
    return true;
}

static bool scalar(han__json *json, uint8_t c)
{
    switch (c) {
    case '"':
        return han__json_string(json, NULL);
    case 't':
        return literal(json, "true");
    case 'f':
        return literal(json, "false");
    case 'n':
        return literal(json, "null");
    case 0:
        return han__json_fail(json, "the JSON text is cut off");
    default:
        return number(json);
    }
}

static bool skip(han__json *json)
{
    han__span key;
    uint8_t c = han__json_peek(json);
    if (c != '{' && c != '[') return scalar(json, c);
    if (!han__json_open(json, c)) return false;
    if (c == '{')
        while (han__json_key(json, &key)) skip(json);
    else
        while (han__json_item(json)) skip(json);
    return !json->fault;
}

bool han__json_skip(han__json *json, han__span *raw)
{
    han__json_peek(json);
    const uint8_t *from = json->at;
    if (json->fault || !skip(json)) return false;
    if (raw) *raw = (han__span){from, (size_t)(json->at - from)};
    return true;
}

bool han__json_null(han__json *json)
{
    return han__json_peek(json) == 'n' && literal(json, "null");
}

bool han__json_count(han__json *json, int64_t *out)
{
    int64_t n = 0;
    uint8_t c = han__json_peek(json);
    const uint8_t *first = json->at;
    if (c < '0' || c > '9') return han__json_fail(json, "a count was expected");
    if (!number(json)) return false;
    for (const uint8_t *at = first; at < json->at; at++) {
        if (*at < '0' || *at > '9') return han__json_fail(json, "a count was expected");
        if (n > (INT64_MAX - 9) / 10) return han__json_fail(json, "a number is too large");
        n = n * 10 + (*at - '0');
    }
    *out = n;
    return true;
}

/* ---- mending ---- */

/* A surrogate as put_code writes it: its low ten bits, or -1. `second`: which half. */
static int32_t surrogate(const uint8_t *at, const uint8_t *end, bool second)
{
    if (end - at < 3 || at[0] != 0xED || (at[2] & 0xC0) != 0x80) return -1;
    if ((at[1] & 0xF0) != (second ? 0xB0 : 0xA0)) return -1;
    return (at[1] & 0x0F) << 6 | (at[2] & 0x3F);
}

static uint8_t *put_pair(uint8_t *to, int32_t high, int32_t low)
{
    uint32_t code = 0x10000u + ((uint32_t)high << 10 | (uint32_t)low);
    to[0] = (uint8_t)(0xF0 | code >> 18);
    to[1] = (uint8_t)(0x80 | (code >> 12 & 0x3F));
    to[2] = (uint8_t)(0x80 | (code >> 6 & 0x3F));
    to[3] = (uint8_t)(0x80 | (code & 0x3F));
    return to + 4;
}

static const uint8_t *skip_ascii(const uint8_t *at, const uint8_t *end)
{
    for (uint64_t word; end - at >= 8; at += 8) {
        memcpy(&word, at, 8);
        if (word & EACH(0x80)) break;
    }
    while (at < end && *at < 0x80) at++;
    return at;
}

size_t han__text_mend(uint8_t *text, size_t len)
{
    const uint8_t *at = text, *end = text + len;
    uint8_t *to = text;
    at = skip_ascii(at, end); /* nearly always all of it */
    to += at - text;
    while (at < end) {
        size_t step = han__utf8_step((const char *)at, (size_t)(end - at), NULL);
        if (step) {
            if (to != at) memmove(to, at, step);
            to += step;
            at += step;
            continue;
        }
        int32_t high = surrogate(at, end, false);
        int32_t low = high >= 0 ? surrogate(at + 3, end, true) : -1;
        if (low >= 0) {
            to = put_pair(to, high, low);
            at += 6;
        } else {
            at += high >= 0 || surrogate(at, end, true) >= 0 ? 3 : 1;
            *to++ = '?'; /* only now: it may lie where `at` was */
        }
    }
    return (size_t)(to - text);
}
