/* Reading the header lines of a response, as han__http_request.on_head gets them: name and value,
 * without the end of the line. */
#ifndef HAN_MODEL_HEAD_H
#define HAN_MODEL_HEAD_H

#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* Letters count alike; `with` begins with one. */
static inline bool han__head_begins(const char *line, size_t len, const char *with)
{
    size_t wanted = strlen(with);
    return len >= wanted && (line[0] | 0x20) == (with[0] | 0x20) &&
           strncasecmp(line, with, wanted) == 0;
}

/* What stands behind the name of so many bytes (its colon included) and blanks; *value_len bytes.
 */
static inline const char *han__head_value(const char *line, size_t len, size_t name,
                                          size_t *value_len)
{
    while (name < len && line[name] == ' ') name++;
    *value_len = len - name;
    return line + name;
}

/* Is it the content type of a stream of events? */
static inline bool han__head_is_stream(const char *line, size_t len)
{
    static const char name[] = "content-type:";
    size_t left;
    if (!han__head_begins(line, len, name)) return false;
    const char *value = han__head_value(line, len, sizeof name - 1, &left);
    return han__head_begins(value, left, "text/event-stream");
}

/* Of a status line the three digits behind the first space; 0: they are not there. */
static inline int han__head_status(const char *line, size_t len)
{
    const char *space = memchr(line, ' ', len);
    int status = 0;
    if (!space || len - (size_t)(space - line) < 4) return 0;
    for (const char *at = space + 1; at < space + 4; at++) {
        if (*at < '0' || *at > '9') return 0;
        status = status * 10 + (*at - '0');
    }
    return status;
}

#endif
