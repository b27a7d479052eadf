/* Module han.http (harness, engine process): keys, and calls of model endpoints.
 *
 *   secret, message, code = http.secret(source)   see model/secret.h; shows nothing of itself
 *   reply, message, code  = http.call(request)    waits for the end
 *   counts = http.counts()                        { running =, waiting = }
 *   post, message, code   = http.post(line, text, seconds)   text is posted; nil: DELETE. Does not
 *                            wait. What comes back are messages, one JSON text each: the body, or
 *                            the events of a stream
 *   text, message, code   = post:message(seconds) waits for the next: "TIMEOUT", or "PEER" when
 *                            there is none any more
 *   head                  = post:head()           { status = 0 as long as it has not ended, session
 *                            = of the header mcp-session-id?, raw = the beginning of the body of
 *                            another status than 2xx? }
 *   post:close()             cancels it; also by <close> and by the collector
 *
 * request = { url =, dialect = "chat" | "responses" | "messages", body = text, headers = { [name] =
 * text }, secret =?, secret_header =, secret_prefix =?, connect = seconds?, time = seconds?, bytes
 * = most bytes of the response? }
 *
 * reply = { http = status or 0, sent = boolean, streamed = boolean, broken = { code =, message = }?
 * (it did not come whole), fault =? (it came and could not be read), done = the dialect's own end
 * came, failed = boolean, error_type =?, error_message =?, text =, reasoning =?, refusal =?, calls
 * = { { id =, name =, arguments = text }, ... }, id =?, model =?, stop =?, usage = table?,
 * usage_start = table?, told = { [header] = text }, raw = the beginning of a body that is no
 * reply?, first =, total = seconds, bytes = }
 *
 * nil, message, code: nothing was asked ("INVALID", "ENVIRONMENT"). Malformed requests throw. */
#ifndef HAN_SCRIPT_BIND_HTTP_H
#define HAN_SCRIPT_BIND_HTTP_H

#include "model/line.h"
#include "model/secret.h"

#include <lua.h>

#define HAN__WAY_TYPE "han.line"

/* A line to an endpoint; its user value is the secret. */
typedef struct han__way {
    han__line *line;
    const han__secret *secret; /* NULL: none */
    int dialect;
} han__way;

/* Pushes the module table. */
int han__open_http(lua_State *L);

/* The seconds at arg, above 0 and at most a day, as milliseconds; raises for others. */
uint32_t han__check_ms(lua_State *L, int arg);

/* http.post, and its type. */
int han__http_post(lua_State *L);
void han__post_install(lua_State *L);

#endif
