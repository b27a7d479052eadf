/* UTF-8 as it is needed to show text safely: stepping over one character, cutting at a border, and
 * making a line out of untrusted bytes. */
#ifndef HAN_BASE_UTF8_H
#define HAN_BASE_UTF8_H

#include "base/config.h"

/* Length (1 to 4) of the well-formed character at the start of text[0..len), its code point in
 * *rune (may be NULL); 0 when the bytes are malformed, overlong, a surrogate, cut off, or len is 0
 * (Unicode 15, table 3-7). */
size_t han__utf8_step(const char *text, size_t len, uint32_t *rune);
/* The largest n <= len so that text[0..n) does not end in the beginning of a character. */
size_t han__utf8_cut(const char *text, size_t len);
/* Makes text[0..len) one line of valid UTF-8, in place and of the same length: every control byte
 * (C0, DEL, both bytes of a C1) and every malformed byte becomes '?'. */
void han__utf8_line(char *text, size_t len);

#endif
