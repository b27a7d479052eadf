/* Reads a stream of N chunks as chat completions send them, with everything that a call does to
 * each: events, strict JSON, the text gathered. Usage: rooms_sse N */
#include "base/config.h"

#include "model/reply.h"
#include "model/sse.h"

#include <stdio.h>
#include <stdlib.h>

static const char chunk[] =
    "data: {\"id\":\"chatcmpl-AbCdEfGhIjKlMnOpQrStUvWxYz012\",\"object\":\"chat.completion.chunk\","
    "\"created\":1763700000,\"model\":\"gpt-example-2026-01-01\",\"system_fingerprint\":\"fp_"
    "0123456789\","
    "\"choices\":[{\"index\":0,\"delta\":{\"content\":\" word\"},\"logprobs\":null,"
    "\"finish_reason\":null}]}\n\n";

static int take(void *ud, const char *name, const uint8_t *data, size_t len)
{
    return han__reply_event(ud, name, data, len);
}

int main(int argc, char **argv)
{
    long n = argc > 1 ? strtol(argv[1], NULL, 10) : 1000;
    han__mem mem;
    han__reply reply;
    han__sse sse;
    han__mem_init(&mem, NULL, NULL);
    han__reply_init(&reply, &mem, HAN__DIALECT_CHAT, 1u << 26);
    han__sse_init(&sse, &mem, 1u << 20, UINT64_MAX, take, &reply);
    for (long i = 0; i < n; i++)
        if (han__sse_feed(&sse, (const uint8_t *)chunk, sizeof chunk - 1) != HAN_OK) return 1;
    printf("%zu bytes\n", reply.text.len);
    return reply.text.len == (size_t)n * 5 ? 0 : 1;
}
