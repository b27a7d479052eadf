/* A key of an endpoint. It is read here from where the configuration says it lies, goes into a
 * header here, and is taken out of whatever an endpoint sends back; so it never is a Lua string. */
#ifndef HAN_MODEL_SECRET_H
#define HAN_MODEL_SECRET_H

#include "base/buf.h"
#include "base/error.h"

#define HAN__SECRET_MIN 8 /* bytes: a shorter one could not be taken out without harm */
#define HAN__SECRET_MAX 4096

typedef struct han__secret han__secret;

/* source: "env:NAME" (overwritten in this process's environment once it was read), "file:PATH" (its
 * first line; the file must belong to this user and be closed to others), or "command:TEXT" (first
 * line of what `sh -c TEXT` prints within 30 seconds). HAN_UNKNOWN names the variable to set or the
 * file that is missing; HAN_ENVIRONMENT: a file others can read, a command that failed;
 * HAN_INVALID: no such kind, or a key that is too short, too long, or not printable ASCII. Messages
 * never hold the key. */
int han__secret_load(han__secret **out, han__mem *mem, const char *source,
                     han_error *err) HAN__MUST_USE;
/* For tests: from its bytes. */
int han__secret_make(han__secret **out, han__mem *mem, const char *key, size_t len,
                     han_error *err) HAN__MUST_USE;
/* Overwrites it. NULL is allowed. */
void han__secret_free(han__secret *secret);

/* "NAME: PREFIXkey" into line; the caller overwrites it. HAN_LIMIT when cap is too small. */
int han__secret_header(const han__secret *secret, const char *name, const char *prefix, char *line,
                       size_t cap) HAN__MUST_USE;
/* Overwrites every occurrence in the text by '*': as it stands, with any of its characters written
 * as %XX, \uXXXX or &#N; (also \\uXXXX), in hexadecimal, and in base64 of both alphabets at every
 * alignment. Gives how many there were. */
size_t han__secret_redact(const han__secret *secret, uint8_t *text, size_t len);

#endif
