/* A model's reply as it comes: the events of a stream, or one JSON document, in one of three
 * dialects, gathered into the same fields. Cut in any way, a stream gives the same reply. What the
 * fields mean (stop reasons, buckets of usage) is the business of engine Lua. */
#ifndef HAN_MODEL_REPLY_H
#define HAN_MODEL_REPLY_H

#include "model/json.h"

#define HAN__REPLY_CALLS_MAX 64 /* tool calls of one reply */

enum han__dialect {
    HAN__DIALECT_CHAT,      /* OpenAI chat completions, and the local servers that speak them */
    HAN__DIALECT_RESPONSES, /* OpenAI Responses */
    HAN__DIALECT_MESSAGES,  /* Anthropic Messages */
    HAN__DIALECTS
};

/* A tool call that the model asks for; arguments are JSON text, as the model wrote it. */
typedef struct han__reply_call {
    int64_t index; /* the server's: pieces of one call share it */
    han__buf id, name, arguments;
} han__reply_call;

typedef struct han__reply {
    int dialect;
    han__buf text, reasoning, refusal;
    han__buf id, model;   /* as the server says */
    han__buf stop;        /* the server's own word for why it ended; "": it did not say */
    han__buf usage;       /* JSON as the server wrote it: the last one told */
    han__buf usage_start; /* Anthropic: of message_start, which `usage` is laid over */
    han__buf error_type, error_message; /* the server's own error, also in a 200 */
    han__reply_call *calls;
    size_t calls_len, calls_cap;
    bool failed;       /* error_type and error_message hold an error */
    bool done;         /* the end that the dialect prescribes has been seen */
    const char *fault; /* why it could not be read, once something could not */
    han__mem *mem;
    size_t max;
} han__reply;

/* max: bytes of each field. */
void han__reply_init(han__reply *reply, han__mem *mem, int dialect, size_t max);
void han__reply_release(han__reply *reply);

/* One event of a stream (its name and its data). HAN_OK, or HAN_SYNTAX with reply->fault. */
int han__reply_event(han__reply *reply, const char *name, const uint8_t *data,
                     size_t len) HAN__MUST_USE;
/* A whole body that is no stream: a reply, or an error document (of any of the dialects). */
int han__reply_body(han__reply *reply, const uint8_t *body, size_t len) HAN__MUST_USE;
/* Makes every text valid UTF-8. At the end, once. */
void han__reply_mend(han__reply *reply);

/* --- For the files of the dialects --- */

/* Reads one document into the reply. */
typedef void (*han__reply_reader)(han__reply *reply, han__json *json);

/* Of each dialect: for an event of a stream, and for a body. */
extern const han__reply_reader han__reply_chat_event, han__reply_chat_body;
extern const han__reply_reader han__reply_responses_event, han__reply_responses_body;
extern const han__reply_reader han__reply_messages_event, han__reply_messages_body;

/* A string (or null: nothing) behind what the field holds; or in its place. */
void han__reply_add(han__json *json, han__buf *field);
void han__reply_set(han__json *json, han__buf *field);
/* A string; the first one told stays, since servers repeat it in every event. */
void han__reply_first(han__json *json, han__buf *field);

/* Why it stopped: the string `name` of the object that stands here. */
void han__reply_stop(han__reply *reply, han__json *json, const char *name);
/* A value as it stands, in place of what the field holds; null: nothing. */
void han__reply_set_raw(han__json *json, han__buf *field);
/* An error as servers write them: {"type","message","code"}, or a bare string. */
void han__reply_error(han__reply *reply, han__json *json);
/* The call with the server's index, made when it is new; NULL: too many, or no memory. */
han__reply_call *han__reply_call_at(han__reply *reply, han__json *json, int64_t index);
/* Whether `bit` was not set in *seen, and sets it: a second one is a fault. */
bool han__reply_once(han__json *json, unsigned *seen, unsigned bit);

#endif
