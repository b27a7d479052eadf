/* A strict reader of JSON (RFC 8259) that builds nothing: whoever reads asks for what it wants and
 * skips the rest. Strings may hold bytes that are no UTF-8, since servers cut characters in two;
 * han__text_mend puts them right once a text is whole. */
#ifndef HAN_MODEL_JSON_H
#define HAN_MODEL_JSON_H

#include "base/buf.h"

#define HAN__JSON_DEPTH_MAX 64

typedef struct han__json {
    const uint8_t *at, *end;
    const char *fault; /* what is wrong, once something is: every reader gives false from then on */
    int depth;
    bool more; /* the list or object at hand has begun: a comma must come before the next */
} han__json;

/* A piece of the document. */
typedef struct han__span {
    const uint8_t *at; /* NULL: nothing */
    size_t len;
} han__span;

/* The bytes must outlive the reader. */
void han__json_init(han__json *json, const void *bytes, size_t len);
/* Notes a fault (the first one stays); always false. */
bool han__json_fail(han__json *json, const char *fault);
/* The first byte of the next value, 0 at the end. */
static inline uint8_t han__json_peek(han__json *json)
{
    const uint8_t *at = json->at, *end = json->end;
    while (at < end && *at <= ' ' && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r'))
        at++;
    json->at = at;
    return at < end && !json->fault ? *at : 0;
}
/* Whether nothing but space is left. */
bool han__json_done(han__json *json);

/* while (han__json_key(json, &key)): after han__json_open(json, '{'), each key in turn, as it is
 * written (escapes and all); its value must be read or skipped before the next. The closing brace
 * ends it. */
bool han__json_open(han__json *json, uint8_t bracket);
bool han__json_key(han__json *json, han__span *key);
/* while (han__json_item(json)): after han__json_open(json, '['), the same for a list. */
bool han__json_item(han__json *json);
static inline bool han__span_is(han__span span, const char *text)
{
    size_t len = strlen(text); /* of a literal: known when it is compiled */
    return span.len == len && span.at && memcmp(span.at, text, len) == 0;
}

/* Skips one value, checked like any other; *raw (may be NULL) is where it stands. */
bool han__json_skip(han__json *json, han__span *raw);
/* null: true and *is_null. Else false, and nothing was read. */
bool han__json_null(han__json *json);
/* Appends the decoded string to out (NULL: drops it). A lone surrogate is written as if it were a
 * character, so that two halves that come one after the other meet; see han__text_mend. */
bool han__json_string(han__json *json, han__buf *out);
/* An integer that fits into 63 bits and is not negative; anything else is a fault. */
bool han__json_count(han__json *json, int64_t *out);

/* Makes text[0..len) valid UTF-8 in place and gives its length, never longer: surrogate pairs
 * become their character, all other malformed bytes '?'. */
size_t han__text_mend(uint8_t *text, size_t len);

#endif
