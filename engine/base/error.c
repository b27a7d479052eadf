/* Owns the texts of the status codes and the rule that the first failure is the one reported. */
#include "base/config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/utf8.h"

const char *han_status_name(int status)
{
    switch (status) {
    case HAN_OK:
        return "OK";
#define STATUS_NAME(name, value, text)                                                             \
    case HAN_##name:                                                                               \
        return #name;
        HAN_STATUS_MAP(STATUS_NAME)
#undef STATUS_NAME
    default:
        return "UNKNOWN_STATUS";
    }
}

const char *han_status_text(int status)
{
    switch (status) {
    case HAN_OK:
        return "success";
#define STATUS_TEXT(name, value, text)                                                             \
    case HAN_##name:                                                                               \
        return text;
        HAN_STATUS_MAP(STATUS_TEXT)
#undef STATUS_TEXT
    default:
        return "unknown status";
    }
}

const char *han_version(void)
{
    return HAN_VERSION_STRING;
}

void han__error_clear(han_error *err)
{
    if (!err) return;
    err->code = HAN_OK;
    err->message[0] = '\0';
    err->where[0] = '\0';
}

/* Whether this failure is the one to be kept. */
static bool first(const han_error *err)
{
    return err && err->code == HAN_OK;
}

/* After something of `wanted` bytes was printed into text[cap]: cut at a border, one safe line. */
static void tidy(char *text, size_t cap, int wanted)
{
    size_t len = wanted < 0 ? 0 : (size_t)wanted;
    if (len >= cap) len = han__utf8_cut(text, cap - 1);
    text[len] = '\0';
    han__utf8_line(text, len);
}

static void fill(han_error *err, int code, const char *place, const char *format, va_list args)
{
    err->code = code;
    tidy(err->message, sizeof err->message,
         vsnprintf(err->message, sizeof err->message, format, args));
    tidy(err->where, sizeof err->where,
         snprintf(err->where, sizeof err->where, "%s", place ? place : ""));
}

int han__error_set(han_error *err, int code, const char *format, ...)
{
    if (!first(err)) return code;
    va_list args;
    va_start(args, format);
    fill(err, code, NULL, format, args);
    va_end(args);
    return code;
}

int han__error_at(han_error *err, int code, const char *place, const char *format, ...)
{
    if (!first(err)) return code;
    va_list args;
    va_start(args, format);
    fill(err, code, place, format, args);
    va_end(args);
    return code;
}

int han__error_sys(han_error *err, int code, int number, const char *format, ...)
{
    if (!first(err)) return code;
    char reason[96];
    /* strerror_r of glibc gives a text that may or may not lie in the buffer */
    const char *text = strerror_r(number, reason, sizeof reason);
    va_list args;
    va_start(args, format);
    fill(err, code, NULL, format, args);
    va_end(args);
    /* the reason is the part that must survive: a long message gives way to it */
    size_t tail = strlen(text) + 2;
    size_t room = sizeof err->message - 1 - tail;
    size_t len = strlen(err->message);
    if (len > room) len = han__utf8_cut(err->message, room);
    tidy(err->message + len, sizeof err->message - len,
         snprintf(err->message + len, sizeof err->message - len, ": %s", text));
    return code;
}
