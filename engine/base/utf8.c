/* Owns the reading of UTF-8. Decoding is strict, since a lenient decoder and a terminal may
 * disagree on where a control character begins. */
#include "base/config.h"

#include "base/utf8.h"

/* Number of bytes a lead byte announces, 0 for one that cannot lead. */
static size_t lead_length(uint8_t lead)
{
    if (lead < 0x80) return 1;
    if (lead < 0xc2 || lead > 0xf4) return 0;
    return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

static bool rune_allowed(uint32_t rune, size_t length)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    return rune >= least[length] && rune <= 0x10ffff && !(rune >= 0xd800 && rune <= 0xdfff);
}

size_t han__utf8_step(const char *text, size_t len, uint32_t *rune)
{
    const uint8_t *bytes = (const uint8_t *)text;
    size_t n = len > 0 ? lead_length(bytes[0]) : 0;
    if (n == 0 || n > len) return 0;
    uint32_t value = n == 1 ? bytes[0] : bytes[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((bytes[i] & 0xc0u) != 0x80u) return 0;
        value = value << 6 | (bytes[i] & 0x3fu);
    }
    if (!rune_allowed(value, n)) return 0;
    if (rune) *rune = value;
    return n;
}

size_t han__utf8_cut(const char *text, size_t len)
{
    const uint8_t *bytes = (const uint8_t *)text;
    for (size_t back = 1; back <= 3 && back <= len; back++) {
        uint8_t byte = bytes[len - back];
        if ((byte & 0xc0u) == 0x80u) continue;
        return lead_length(byte) > back ? len - back : len;
    }
    return len;
}

void han__utf8_line(char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        uint32_t rune = 0;
        size_t n = han__utf8_step(text + i, len - i, &rune);
        bool control = rune < 0x20 || (rune >= 0x7f && rune < 0xa0);
        if (n == 0) n = 1;
        if (control) {
            for (size_t k = 0; k < n; k++) text[i + k] = '?';
        }
        i += n;
    }
}
