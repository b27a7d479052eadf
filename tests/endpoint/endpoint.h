/* Between the two files of the fake endpoint: what a request says, and how the answer goes out. */
#ifndef HAN_TESTS_ENDPOINT_H
#define HAN_TESTS_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct text {
    char *data; /* NUL-terminated once something was added */
    size_t len, cap;
} text;

/* Append. */
void text_add(text *t, const void *bytes, size_t len);
/* Append, as printf. */
void text_printf(text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

enum dialect { CHAT, RESPONSES, MESSAGES };

typedef struct request {
    const char *body, *replies;
    char authorization[600], api_key[600], id[80], model[80];
    bool stream;
    int dialect;
    long max_tokens;
    int turn; /* how many requests with this id came, this one included */
} request;

/* How the answer goes out. */
typedef struct manner {
    unsigned delay; /* ms before its first byte */
    bool never;     /* ... which does not come */
    size_t drip;    /* bytes at a time, with drip_ms between; 0: all at once */
    unsigned drip_ms;
    bool close_after; /* the connection ends behind it */
    size_t endless;   /* from this byte on it repeats for ever; 0: it does not */
} manner;

/* Writes the whole answer, head and body. */
void behave(const request *r, text *out, manner *how);

#endif
