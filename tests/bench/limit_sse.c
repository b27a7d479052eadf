/* The limit for reading a stream of N chunks: lines are found, data is copied out, nothing is read
 * of the JSON in it. Usage: limit_sse N */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char chunk[] =
    "data: {\"id\":\"chatcmpl-AbCdEfGhIjKlMnOpQrStUvWxYz012\",\"object\":\"chat.completion.chunk\","
    "\"created\":1763700000,\"model\":\"gpt-example-2026-01-01\",\"system_fingerprint\":\"fp_"
    "0123456789\","
    "\"choices\":[{\"index\":0,\"delta\":{\"content\":\" word\"},\"logprobs\":null,"
    "\"finish_reason\":null}]}\n\n";

int main(int argc, char **argv)
{
    long n = argc > 1 ? strtol(argv[1], NULL, 10) : 1000;
    static char data[4096];
    size_t len = 0, sum = 0;
    for (long i = 0; i < n; i++) {
        const char *at = chunk, *end = chunk + sizeof chunk - 1;
        while (at < end) {
            const char *line = memchr(at, '\n', (size_t)(end - at));
            if (line == at) {
                sum += len;
                len = 0;
            } else if (strncmp(at, "data: ", 6) == 0) {
                memcpy(data + len, at + 6, (size_t)(line - at - 6));
                len += (size_t)(line - at - 6);
            }
            at = line + 1;
        }
    }
    printf("%zu bytes\n", sum);
    return sum ? 0 : 1;
}
