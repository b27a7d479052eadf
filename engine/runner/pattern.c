/* Owns the matching of Lua patterns by backtracking. Every position is an offset, every loop takes
 * a step, and a malformed pattern or spent steps end the match through `problem`. */
#include "base/config.h"

#include <ctype.h>
#include <string.h>

#include "runner/pattern.h"

#define NONE HAN__PATTERN_NONE

static size_t match_here(han__pattern *p, size_t at, size_t code);

static size_t fail(han__pattern *p, const char *problem)
{
    if (!p->problem) p->problem = problem;
    return NONE;
}

static bool step(han__pattern *p)
{
    if (p->problem) return false;
    if (p->steps == 0) {
        p->problem = "";
        return false;
    }
    p->steps--;
    return true;
}

bool han__pattern_is_plain(const char *code, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (code[i] != '\0' && strchr("^$*+?.([%-", code[i]) != NULL) return false;
    return true;
}

void han__pattern_init(han__pattern *p, const char *text, size_t text_len, const char *code,
                       size_t code_len, uint64_t steps)
{
    p->text = text;
    p->text_len = text_len;
    p->code = code;
    p->code_len = code_len;
    p->steps = steps;
    p->problem = NULL;
    p->problem_number = 0;
    p->depth = 0;
    p->captures = 0;
}

/* ---- single characters ---- */

static bool in_class(int c, int class)
{
    bool member;
    switch (tolower(class)) {
    case 'a':
        member = isalpha(c) != 0;
        break;
    case 'c':
        member = iscntrl(c) != 0;
        break;
    case 'd':
        member = isdigit(c) != 0;
        break;
    case 'g':
        member = isgraph(c) != 0;
        break;
    case 'l':
        member = islower(c) != 0;
        break;
    case 'p':
        member = ispunct(c) != 0;
        break;
    case 's':
        member = isspace(c) != 0;
        break;
    case 'u':
        member = isupper(c) != 0;
        break;
    case 'w':
        member = isalnum(c) != 0;
        break;
    case 'x':
        member = isxdigit(c) != 0;
        break;
    case 'z': /* not in the manual any more, but still there */
        member = c == '\0';
        break;
    default:
        return class == c;
    }
    return isupper(class) ? !member : member;
}

static int code_at(const han__pattern *p, size_t i)
{
    return (unsigned char)p->code[i];
}

/* The offset behind the set whose '[' is at `open`; NONE when it has no end. */
static size_t set_end(han__pattern *p, size_t open)
{
    size_t i = open + 1;
    if (i < p->code_len && p->code[i] == '^') i++;
    do { /* a ']' that comes first is a member */
        if (i >= p->code_len) return fail(p, "malformed pattern (missing ']')");
        if (p->code[i++] == '%') i++;
    } while (i >= p->code_len || p->code[i] != ']');
    return i + 1;
}

/* The offset behind the single-character item at `code`. */
static size_t item_end(han__pattern *p, size_t code)
{
    if (p->code[code] == '[') return set_end(p, code);
    if (p->code[code] != '%') return code + 1;
    if (code + 1 >= p->code_len) return fail(p, "malformed pattern (ends with '%')");
    return code + 2;
}

/* Whether c is in the set from `open` ('[') to `end` (behind ']'). */
static bool in_set(const han__pattern *p, int c, size_t open, size_t end)
{
    size_t i = open + 1;
    size_t last = end - 1;
    bool negated = p->code[i] == '^';
    for (i += negated; i < last; i++) {
        if (p->code[i] == '%') {
            if (in_class(c, code_at(p, ++i))) return !negated;
        } else if (i + 2 < last && p->code[i + 1] == '-') {
            if (code_at(p, i) <= c && c <= code_at(p, i + 2)) return !negated;
            i += 2;
        } else if (code_at(p, i) == c) {
            return !negated;
        }
    }
    return negated;
}

/* Whether the character at `at` fits the item from code to end. */
static bool fits(han__pattern *p, size_t at, size_t code, size_t end)
{
    if (at >= p->text_len || !step(p)) return false;
    int c = (unsigned char)p->text[at];
    switch (p->code[code]) {
    case '.':
        return true;
    case '%':
        return in_class(c, code_at(p, code + 1));
    case '[':
        return in_set(p, c, code, end);
    default:
        return code_at(p, code) == c;
    }
}

/* ---- repetition ---- */

/* As many as there are, then fewer; at least `least` have been passed already. */
static size_t match_most(han__pattern *p, size_t at, size_t code, size_t end)
{
    size_t count = 0;
    while (fits(p, at + count, code, end)) count++;
    for (;;) {
        size_t found = match_here(p, at + count, end + 1);
        if (found != NONE || p->problem || count == 0) return found;
        count--;
    }
}

static size_t match_least(han__pattern *p, size_t at, size_t code, size_t end)
{
    for (;;) {
        size_t found = match_here(p, at, end + 1);
        if (found != NONE || p->problem) return found;
        if (!fits(p, at, code, end)) return NONE;
        at++;
    }
}

/* ---- captures ---- */

static size_t open_capture(han__pattern *p, size_t at, size_t code, ptrdiff_t len)
{
    if (p->captures == HAN__PATTERN_CAPTURES) return fail(p, "too many captures");
    p->capture[p->captures].start = at;
    p->capture[p->captures].len = len;
    p->captures++;
    size_t found = match_here(p, at, code);
    if (found == NONE) p->captures--;
    return found;
}

static size_t close_capture(han__pattern *p, size_t at, size_t code)
{
    int i = p->captures - 1;
    while (i >= 0 && p->capture[i].len != HAN__CAPTURE_OPEN) i--;
    if (i < 0) return fail(p, "invalid pattern capture");
    p->capture[i].len = (ptrdiff_t)(at - p->capture[i].start);
    size_t found = match_here(p, at, code);
    if (found == NONE) p->capture[i].len = HAN__CAPTURE_OPEN;
    return found;
}

/* The offset behind a repetition of capture `digit` at `at`. */
static size_t match_again(han__pattern *p, size_t at, int digit)
{
    int i = digit - '1';
    if (i < 0 || i >= p->captures || p->capture[i].len == HAN__CAPTURE_OPEN) {
        p->problem_number = i + 1;
        return fail(p, HAN__PATTERN_BAD_INDEX);
    }
    if (p->capture[i].len == HAN__CAPTURE_POSITION) return NONE;
    size_t len = (size_t)p->capture[i].len;
    uint64_t price = len / 16;
    if (p->steps < price) return fail(p, "");
    p->steps -= price;
    if (len > p->text_len - at) return NONE;
    if (len > 0 && memcmp(p->text + p->capture[i].start, p->text + at, len) != 0) return NONE;
    return at + len;
}

/* ---- %b and %f ---- */

static size_t match_balance(han__pattern *p, size_t at, size_t code)
{
    if (code + 1 >= p->code_len) return fail(p, "malformed pattern (missing arguments to '%b')");
    if (at >= p->text_len || p->text[at] != p->code[code]) return NONE;
    size_t nested = 1;
    for (size_t i = at + 1; i < p->text_len && step(p); i++) {
        if (p->text[i] == p->code[code + 1]) {
            if (--nested == 0) return i + 1;
        } else if (p->text[i] == p->code[code]) {
            nested++;
        }
    }
    return NONE;
}

/* Whether a frontier of the set at `code` lies before `at`; *end is the offset behind the set. */
static bool at_frontier(han__pattern *p, size_t at, size_t code, size_t *end)
{
    if (code >= p->code_len || p->code[code] != '[') {
        fail(p, "missing '[' after '%f' in pattern");
        return false;
    }
    *end = set_end(p, code);
    if (*end == NONE || !step(p)) return false;
    int before = at > 0 ? (unsigned char)p->text[at - 1] : '\0';
    int here = at < p->text_len ? (unsigned char)p->text[at] : '\0';
    return !in_set(p, before, code, *end) && in_set(p, here, code, *end);
}

/* ---- the whole ---- */

/* Items that are no single characters. False: it is one. Else *next and *at are where to go on, *at
 * NONE when it did not match. */
static bool match_special(han__pattern *p, size_t *at, size_t *code)
{
    int letter = *code + 1 < p->code_len ? code_at(p, *code + 1) : 0;
    if (p->code[*code] != '%') return false;
    if (letter == 'b') {
        *at = match_balance(p, *at, *code + 2);
        *code += 4;
    } else if (letter == 'f') {
        if (!at_frontier(p, *at, *code + 2, code)) *at = NONE;
    } else if (letter >= '0' && letter <= '9') {
        *at = match_again(p, *at, letter);
        *code += 2;
    } else {
        return false;
    }
    return true;
}

/* One item with what follows it, when the match cannot simply go on behind it. True: *at is the
 * result. False: *at and *code are where to go on. */
static bool match_item(han__pattern *p, size_t *at, size_t *code)
{
    size_t end = item_end(p, *code);
    if (end == NONE) {
        *at = NONE;
        return true;
    }
    char suffix = end < p->code_len ? p->code[end] : '\0';
    if (suffix == '*' || suffix == '-') {
        *at = suffix == '*' ? match_most(p, *at, *code, end) : match_least(p, *at, *code, end);
        return true;
    }
    bool fit = fits(p, *at, *code, end);
    if (suffix == '+') {
        *at = fit ? match_most(p, *at + 1, *code, end) : NONE;
        return true;
    }
    if (suffix == '?') {
        size_t found = fit ? match_here(p, *at + 1, end + 1) : NONE;
        *code = end + 1;
        if (found == NONE && !p->problem) return false;
        *at = found;
        return true;
    }
    *code = end;
    *at = fit ? *at + 1 : NONE;
    return !fit;
}

/* Matches from item to item; *at is the result. */
static size_t match_items(han__pattern *p, size_t at, size_t code)
{
    while (code < p->code_len) {
        if (!step(p)) return NONE;
        if (p->code[code] == '(') {
            bool position = code + 1 < p->code_len && p->code[code + 1] == ')';
            return open_capture(p, at, code + (position ? 2 : 1),
                                position ? HAN__CAPTURE_POSITION : HAN__CAPTURE_OPEN);
        }
        if (p->code[code] == ')') return close_capture(p, at, code + 1);
        if (p->code[code] == '$' && code + 1 == p->code_len) return at == p->text_len ? at : NONE;
        if (match_special(p, &at, &code)) {
            if (at == NONE) return NONE;
        } else if (match_item(p, &at, &code)) {
            return at;
        }
    }
    return at;
}

static size_t match_here(han__pattern *p, size_t at, size_t code)
{
    if (p->problem) return NONE;
    if (p->depth == HAN__PATTERN_DEPTH) return fail(p, "pattern too complex");
    p->depth++;
    size_t found = match_items(p, at, code);
    p->depth--;
    return found;
}

size_t han__pattern_match(han__pattern *p, size_t at)
{
    p->captures = 0;
    p->depth = 0;
    if (!step(p)) return NONE;
    size_t found = match_here(p, at, 0);
    return p->problem ? NONE : found;
}
