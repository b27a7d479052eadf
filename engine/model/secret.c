/* Owns keys: reading, keeping, taking out. */
#include "base/config.h"
#include "model/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COMMAND_MS 30000

struct han__secret {
    han__mem *mem;
    size_t len;
    char key[HAN__SECRET_MAX + 1];
};

int han__secret_make(han__secret **out, han__mem *mem, const char *key, size_t len, han_error *err)
{
    if (len < HAN__SECRET_MIN || len > HAN__SECRET_MAX)
        return han__error_set(err, HAN_INVALID, "a key has %d to %d characters; this one has %zu",
                              HAN__SECRET_MIN, HAN__SECRET_MAX, len);
    for (size_t i = 0; i < len; i++)
        if (key[i] < 0x21 || key[i] > 0x7e)
            return han__error_set(err, HAN_INVALID,
                                  "character %zu of the key is not printable ASCII", i + 1);
    han__secret *secret = han__mem_zalloc(mem, 1, sizeof *secret);
    if (!secret) return han__error_set(err, HAN_NOMEM, "no memory for a key");
    secret->mem = mem;
    secret->len = len;
    memcpy(secret->key, key, len);
    prctl(PR_SET_DUMPABLE, 0); /* no core of a process that holds a key */
    *out = secret;
    return HAN_OK;
}

void han__secret_free(han__secret *secret)
{
    if (!secret) return;
    han__mem *mem = secret->mem;
    explicit_bzero(secret, sizeof *secret);
    han__mem_free(mem, secret, sizeof *secret);
}

/* The first line, without spaces around it. */
static int from_text(han__secret **out, han__mem *mem, char *text, size_t len, han_error *err)
{
    char *from = text, *end = memchr(text, '\n', len);
    if (!end) end = text + len;
    while (from < end && (*from == ' ' || *from == '\t')) from++;
    while (end > from && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r')) end--;
    int rc = han__secret_make(out, mem, from, (size_t)(end - from), err);
    explicit_bzero(text, len);
    return rc;
}

/* ---- where keys lie ---- */

static int from_environment(han__secret **out, han__mem *mem, const char *name, han_error *err)
{
    char *value = getenv(name);
    if (!value || !*value)
        return han__error_set(err, HAN_UNKNOWN, "no key: set the environment variable %s", name);
    /* overwritten where it stands, so that neither children nor /proc/PID/environ show it */
    return from_text(out, mem, value, strlen(value), err);
}

static int read_key_file(int fd, char *text, size_t cap, size_t *len)
{
    *len = 0;
    while (*len < cap) {
        ssize_t n = read(fd, text + *len, cap - *len);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return HAN_IO;
        if (n == 0) break;
        *len += (size_t)n;
    }
    return HAN_OK;
}

static int from_file(han__secret **out, han__mem *mem, const char *path, han_error *err)
{
    char text[HAN__SECRET_MAX + 64];
    struct stat about;
    size_t len = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return han__error_sys(err, HAN_UNKNOWN, errno, "no key: cannot open %s", path);
    int rc = HAN_OK;
    if (fstat(fd, &about) || !S_ISREG(about.st_mode))
        rc = han__error_set(err, HAN_ENVIRONMENT, "%s is not a file", path);
    else if (about.st_mode & 077 || about.st_uid != geteuid())
        rc = han__error_set(err, HAN_ENVIRONMENT,
                            "others can read the key in %s; make it yours alone: chmod 600 %s",
                            path, path);
    else if (read_key_file(fd, text, sizeof text, &len))
        rc = han__error_sys(err, HAN_IO, errno, "cannot read %s", path);
    close(fd);
    return rc == HAN_OK ? from_text(out, mem, text, len, err) : rc;
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* What comes out of the pipe until its end; HAN_TIMEOUT. */
static int read_until(int fd, char *text, size_t cap, size_t *len)
{
    int64_t end = now_ms() + COMMAND_MS;
    for (*len = 0; *len < cap;) {
        struct pollfd one = {.fd = fd, .events = POLLIN};
        int64_t left = end - now_ms();
        int ready = left > 0 ? poll(&one, 1, (int)left) : 0;
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) return HAN_TIMEOUT;
        ssize_t n = read(fd, text + *len, cap - *len);
        if (n <= 0) break;
        *len += (size_t)n;
    }
    return HAN_OK;
}

static pid_t start_command(const char *command, int fds[2])
{
    if (pipe2(fds, O_CLOEXEC)) return -1;
    pid_t child = fork();
    if (child == 0) {
        dup2(fds[1], 1);
        setpgid(0, 0);
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    close(fds[1]);
    if (child < 0) close(fds[0]);
    return child;
}

static int from_command(han__secret **out, han__mem *mem, const char *command, han_error *err)
{
    char text[HAN__SECRET_MAX + 64];
    int fds[2], status = 0;
    size_t len = 0;
    pid_t child = start_command(command, fds);
    if (child < 0) return han__error_sys(err, HAN_IO, errno, "cannot start the key's command");
    int rc = read_until(fds[0], text, sizeof text, &len);
    close(fds[0]);
    if (rc != HAN_OK) kill(-child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    if (rc == HAN_OK && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return from_text(out, mem, text, len, err);
    explicit_bzero(text, sizeof text);
    return han__error_set(err, HAN_ENVIRONMENT, "the command that gives the key %s",
                          rc == HAN_TIMEOUT ? "took longer than 30 seconds" : "failed");
}

int han__secret_load(han__secret **out, han__mem *mem, const char *source, han_error *err)
{
    if (strncmp(source, "env:", 4) == 0) return from_environment(out, mem, source + 4, err);
    if (strncmp(source, "file:", 5) == 0) return from_file(out, mem, source + 5, err);
    if (strncmp(source, "command:", 8) == 0) return from_command(out, mem, source + 8, err);
    return han__error_set(err, HAN_INVALID,
                          "where is the key? env:NAME, file:PATH or command:TEXT were expected");
}

int han__secret_header(const han__secret *secret, const char *name, const char *prefix, char *line,
                       size_t cap)
{
    int len = snprintf(line, cap, "%s: %s%.*s", name, prefix, (int)secret->len, secret->key);
    return len > 0 && (size_t)len < cap ? HAN_OK : HAN_LIMIT;
}

/* ---- taking it out ---- */

static int hex(uint8_t c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int32_t hex_at(const uint8_t *at, const uint8_t *end, int digits)
{
    int32_t value = 0;
    if (end - at < digits) return -1;
    for (int i = 0; i < digits; i++) {
        if (hex(at[i]) < 0) return -1;
        value = value << 4 | hex(at[i]);
    }
    return value;
}

/* &#N; or &#xN; : its length when it is the character, else 0. */
static size_t entity(const uint8_t *at, const uint8_t *end, uint8_t c)
{
    const uint8_t *from = at;
    uint32_t value = 0;
    if (end - at < 4 || at[0] != '&' || at[1] != '#') return 0;
    bool in_hex = (at[2] | 0x20) == 'x';
    for (at += in_hex ? 3 : 2; at < end && *at != ';' && at - from < 10; at++) {
        if (hex(*at) < 0 || (!in_hex && (*at < '0' || *at > '9'))) return 0;
        value = value * (in_hex ? 16u : 10u) + (uint32_t)hex(*at);
    }
    return at < end && *at == ';' && value == c ? (size_t)(at + 1 - from) : 0;
}

/* Length of one way to write the character at `at`; 0: it does not stand there. */
static size_t written(const uint8_t *at, const uint8_t *end, uint8_t c)
{
    const uint8_t *from = at;
    if (at < end && *at == c) return 1;
    if (at < end && *at == '%') return hex_at(at + 1, end, 2) == c ? 3 : 0;
    while (at < end && *at == '\\') at++; /* however often it was escaped */
    if (at == from) return entity(at, end, c);
    if (at < end && *at == c) return (size_t)(at + 1 - from); /* \/ */
    return at < end && *at == 'u' && hex_at(at + 1, end, 4) == c ? (size_t)(at + 5 - from) : 0;
}

static size_t match_written(const han__secret *secret, const uint8_t *at, const uint8_t *end)
{
    const uint8_t *from = at;
    for (size_t i = 0; i < secret->len; i++) {
        size_t len = written(at, end, (uint8_t)secret->key[i]);
        if (!len) return 0;
        at += len;
    }
    return (size_t)(at - from);
}

static size_t match_hex(const han__secret *secret, const uint8_t *at, const uint8_t *end)
{
    const uint8_t *from = at;
    for (size_t i = 0; i < secret->len; i++, at += 2)
        if (hex_at(at, end, 2) != (uint8_t)secret->key[i]) return 0;
    return (size_t)(at - from);
}

static int sextet(uint8_t c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+' || c == '-') return 62;
    return c == '/' || c == '_' ? 63 : -1;
}

/* Base64 of something that holds the key behind `shift` other bytes: those letters of it that are
 * made of the key alone. */
static size_t match_base64(const han__secret *secret, const uint8_t *at, const uint8_t *end,
                           unsigned shift)
{
    size_t first = (shift * 8 + 5) / 6, last = (shift + secret->len) * 8 / 6;
    if ((size_t)(end - at) < last - first) return 0;
    for (size_t letter = first; letter < last; letter++) {
        int want = 0;
        for (size_t bit = letter * 6; bit < letter * 6 + 6; bit++) {
            uint8_t byte = (uint8_t)secret->key[bit / 8 - shift];
            want = want << 1 | (byte >> (7 - bit % 8) & 1);
        }
        if (sextet(at[letter - first]) != want) return 0;
    }
    return last - first;
}

static size_t match(const han__secret *secret, const uint8_t *at, const uint8_t *end)
{
    size_t len = match_written(secret, at, end);
    if (!len) len = match_hex(secret, at, end);
    for (unsigned shift = 0; !len && shift < 3; shift++) len = match_base64(secret, at, end, shift);
    return len;
}

size_t han__secret_redact(const han__secret *secret, uint8_t *text, size_t len)
{
    size_t found = 0;
    const uint8_t *end = text + len;
    for (uint8_t *at = text; at < end; at++) {
        size_t n = match(secret, at, end);
        if (!n) continue;
        memset(at, '*', n);
        at += n - 1;
        found++;
    }
    return found;
}
