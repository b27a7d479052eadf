/* Owns the way of a diagnostic to its sink, and the escaping of text that must not steer a
 * terminal. */
#include "base/config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/utf8.h"

#define LINE_MAX_BYTES 1000u

void han__log_init(han__log *log, han__log_fn fn, void *ud, int level)
{
    log->fn = fn;
    log->ud = ud;
    log->level = level;
}

void han__log_write(han__log *log, int level, const char *format, ...)
{
    if (!log || !log->fn || level > log->level) return;
    char line[LINE_MAX_BYTES + 1];
    va_list args;
    va_start(args, format);
    int wanted = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    size_t len = wanted < 0 ? 0 : (size_t)wanted;
    if (len > LINE_MAX_BYTES) len = han__utf8_cut(line, LINE_MAX_BYTES);
    line[len] = '\0';
    han__utf8_line(line, len);
    log->fn(log->ud, level, line);
}

/* Characters that move, hide or reorder what a reader sees: controls, line and paragraph
 * separators, the marks and overrides of the bidirectional algorithm (UAX 9), zero-width marks, and
 * tags. */
static bool rune_unsafe(uint32_t rune)
{
    if (rune == '\n' || rune == '\t') return false;
    if (rune < 0x20 || (rune >= 0x7f && rune < 0xa0)) return true;
    return rune == 0x061c || (rune >= 0x200b && rune <= 0x200f) ||
           (rune >= 0x2028 && rune <= 0x202e) || (rune >= 0x2060 && rune <= 0x206f) ||
           rune == 0xfeff || (rune >= 0xe0000 && rune <= 0xe007f);
}

size_t han__log_escape(char *out, size_t cap, const char *text, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    size_t used = 0;
    if (cap == 0) return 0;
    for (size_t i = 0; i < len;) {
        uint32_t rune = 0;
        size_t n = han__utf8_step(text + i, len - i, &rune);
        bool plain = n > 0 && !rune_unsafe(rune);
        if (n == 0) n = 1;
        if ((plain ? n : 4 * n) > cap - 1 - used) break; /* whole characters or nothing */
        for (size_t k = i; k < i + n; k++) {
            uint8_t byte = (uint8_t)text[k];
            if (plain) {
                out[used++] = text[k];
                continue;
            }
            out[used++] = '\\';
            out[used++] = 'x';
            out[used++] = digits[byte >> 4];
            out[used++] = digits[byte & 15];
        }
        i += n;
    }
    out[used] = '\0';
    return used;
}
