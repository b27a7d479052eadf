/* Lua patterns (reference manual of Lua 5.4, section 6.4.1), matched step by step under a limit: a
 * pattern of a few characters can ask for more work than any evaluation may do, and no count hook
 * sees inside one call. */
#ifndef HAN_RUNNER_PATTERN_H
#define HAN_RUNNER_PATTERN_H

#include "base/config.h"

#define HAN__PATTERN_CAPTURES 32
#define HAN__PATTERN_DEPTH    200 /* nesting of choices that may have to be taken back */
#define HAN__PATTERN_NONE     SIZE_MAX

/* The one problem that has a number: it is to be put behind the text. */
#define HAN__PATTERN_BAD_INDEX "invalid capture index %"

/* Lengths of captures that are none. */
enum { HAN__CAPTURE_OPEN = -1, HAN__CAPTURE_POSITION = -2 };

typedef struct han__pattern {
    const char *text; /* the subject */
    size_t text_len;
    const char *code; /* the pattern, without its anchor */
    size_t code_len;
    uint64_t steps;      /* left: each character tried takes one; set by the caller */
    const char *problem; /* why matching failed for good, a static text; NULL: it did not */
    int problem_number;  /* of the capture, behind HAN__PATTERN_BAD_INDEX */
    int depth;
    int captures;
    struct {
        size_t start;
        ptrdiff_t len;
    } capture[HAN__PATTERN_CAPTURES];
} han__pattern;

/* Whether the pattern has no special characters, so that it matches itself only. */
bool han__pattern_is_plain(const char *code, size_t len);

/* Prepares; steps is set to `steps`. */
void han__pattern_init(han__pattern *p, const char *text, size_t text_len, const char *code,
                       size_t code_len, uint64_t steps);
/* Matches the whole pattern at offset `at` of the text: the offset behind the match, or
 * HAN__PATTERN_NONE. Look at problem then; it is "" when the steps have run out. */
size_t han__pattern_match(han__pattern *p, size_t at);

#endif
