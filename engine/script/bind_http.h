/* Module han.http (harness, engine process): keys, and calls of model endpoints.
 *
 *   secret, message, code = http.secret(source)   see model/secret.h; shows nothing of itself
 *   reply, message, code  = http.call(request)    waits for the end
 *   counts = http.counts()                        { running =, waiting = }
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

#include <lua.h>

/* Pushes the module table. */
int han__open_http(lua_State *L);

#endif
