/* Owns what a line to an endpoint is made of, and which endpoints are allowed: https, and http to
 * this machine. Its header lines may hold a key, so they lie in memory of ours that is overwritten.
 */
#include "base/config.h"
#include "model/line.h"

#include <stdio.h>

#include "model/curl.h"

/* ---- the URL ---- */

static bool is_loopback(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "127.0.0.1") == 0 ||
           strcmp(host, "[::1]") == 0 || strcmp(host, "::1") == 0;
}

static bool url_part(const han__curl *curl, CURLU *url, CURLUPart part, char *out, size_t cap)
{
    char *text = NULL;
    bool there = curl->url_get(url, part, &text, 0) == CURLUE_OK && text;
    snprintf(out, cap, "%s", there ? text : "");
    (curl->free)(text); /* in brackets: not the macro of mem.h */
    return there;
}

/* https to anywhere, http to this machine, no user and password inside. */
static int read_url(const han__curl *curl, CURLU *url, const char *text, bool *here, han_error *err)
{
    char scheme[16], host[256], user[8];
    bool good = curl->url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK &&
                url_part(curl, url, CURLUPART_SCHEME, scheme, sizeof scheme) &&
                url_part(curl, url, CURLUPART_HOST, host, sizeof host);
    if (!good) return han__error_set(err, HAN_INVALID, "not a URL: %.200s", text);
    if (url_part(curl, url, CURLUPART_USER, user, sizeof user))
        return han__error_set(err, HAN_INVALID, "a URL must not hold a user or password");
    *here = is_loopback(host);
    if (strcmp(scheme, "https") == 0) return HAN_OK;
    if (strcmp(scheme, "http") == 0 && *here) return HAN_OK;
    return han__error_set(err, HAN_INVALID,
                          "%.200s: only https, and http to this machine (127.0.0.1), is allowed",
                          text);
}

/* ---- headers ---- */

static int add_header(han__line *line, const char *text)
{
    size_t size = strlen(text) + 1;
    struct curl_slist *one = han__mem_alloc(line->mem, sizeof *one + size);
    if (!one) return HAN_NOMEM;
    one->data = (char *)(one + 1);
    one->next = line->headers;
    memcpy(one->data, text, size);
    line->headers = one;
    return HAN_OK;
}

static int add_secret(han__line *line, const han__line_options *o)
{
    char text[HAN__SECRET_MAX + 256];
    if (!o->secret) return HAN_OK;
    int rc = han__secret_header(o->secret, o->secret_header, o->secret_prefix, text, sizeof text);
    if (rc == HAN_OK) rc = add_header(line, text);
    explicit_bzero(text, sizeof text);
    return rc;
}

/* No encoding is asked for: a server that compresses a stream holds its first words back. What
 * comes compressed all the same is decoded. */
static int add_headers(han__line *line, const han__line_options *o)
{
    int rc = add_header(line, "Accept-Encoding:");
    for (const char *const *one = o->headers; rc == HAN_OK && one && *one; one++)
        rc = add_header(line, *one);
    return rc == HAN_OK ? add_secret(line, o) : rc;
}

static void free_headers(han__line *line)
{
    while (line->headers) {
        struct curl_slist *one = line->headers;
        size_t size = strlen(one->data) + 1;
        line->headers = one->next;
        explicit_bzero(one->data, size);
        han__mem_free(line->mem, one, sizeof *one + size);
    }
}

/* ---- lines ---- */

int han__line_open(han__line **out, han__http *http, han__mem *mem,
                   const han__line_options *options, han_error *err)
{
    const han__curl *curl = han__http_curl(http);
    han__line *line = han__mem_zalloc(mem, 1, sizeof *line);
    int rc = HAN_NOMEM;
    if (!line) goto failed;
    line->mem = mem;
    line->holders = 1;
    line->free_url = curl->url_cleanup;
    line->url = curl->url();
    if (!line->url) goto failed;
    rc = read_url(curl, line->url, options->url, &line->here, err);
    if (rc != HAN_OK) goto failed;
    rc = add_headers(line, options);
    if (rc != HAN_OK) goto failed;
    *out = line;
    return HAN_OK;
failed:
    han__line_drop(line);
    if (rc == HAN_NOMEM) return han__error_set(err, rc, "no memory for a line to an endpoint");
    return rc == HAN_LIMIT ? han__error_set(err, rc, "the header of the key is too long") : rc;
}

han__line *han__line_hold(han__line *line)
{
    line->holders++;
    return line;
}

void han__line_drop(han__line *line)
{
    if (!line || --line->holders > 0) return;
    free_headers(line);
    if (line->url) line->free_url(line->url);
    han__mem_free(line->mem, line, sizeof *line);
}
