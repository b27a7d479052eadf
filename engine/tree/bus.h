/* The bus: typed, prioritised events that wait at a node until it pulls them, and the hooks that
 * see every lifecycle event of a run. An event lives in the memory of whoever published it (a
 * settled child is its own event), so publishing cannot fail. */
#ifndef HAN_TREE_BUS_H
#define HAN_TREE_BUS_H

#include "base/config.h"

enum han__event_kind {
    HAN__EVENT_SETTLED = 1,
    HAN__EVENT_QUESTION = 2,
    HAN__EVENT_FINDING = 4,
    HAN__EVENT_MESSAGE = 8, /* downward: from the parent to this node */
};

/* Priorities, highest first: a question that blocks the run, one that blocks a step, all else. */
enum han__priority { HAN__BLOCKS_RUN, HAN__BLOCKS_STEP, HAN__NORMAL, HAN__PRIORITIES };

/* The head of everything that can lie in an inbox; what follows it depends on the kind. */
typedef struct han__event {
    struct han__event *next;
    uint8_t kind;
    uint8_t priority;
} han__event;

/* One list, by priority and then order of publication. */
typedef struct han__inbox {
    han__event *first, *last;
} han__inbox;

/* Takes the event in behind those of its priority. */
void han__inbox_push(han__inbox *inbox, han__event *event);
/* The first event, by priority and then order of publication, whose kind is in the mask `kinds`;
 * it leaves the inbox. NULL when there is none. */
han__event *han__inbox_pull(han__inbox *inbox, unsigned kinds);
/* The same, but it stays. */
han__event *han__inbox_peek(const han__inbox *inbox, unsigned kinds);
/* Takes one event out, wherever it stands; false when it is not there. */
bool han__inbox_remove(han__inbox *inbox, han__event *event);

/* The lifecycle stream. Journal and hooks are fed by the same call with the same row, so the stream
 * is the live projection of the journal. */
enum han__row_kind {
    HAN__ROW_BEGIN,
    HAN__ROW_SPAWNED,
    HAN__ROW_REFUSED,
    HAN__ROW_METERED,
    HAN__ROW_SUBMITTED,
    HAN__ROW_EXECUTED,
    HAN__ROW_CHOSEN,
    HAN__ROW_SENT,
    HAN__ROW_ASKED,
    HAN__ROW_ANSWERED,
    HAN__ROW_WAITED,
    HAN__ROW_WOKEN,
    HAN__ROW_CANCELLED,
    HAN__ROW_FINISHED,
    HAN__ROW_DELIVERED,
    HAN__ROW_ENDED,
    HAN__ROW_KINDS
};

struct han__node;

typedef struct han__row {
    int kind;                     /* enum han__row_kind */
    const struct han__node *node; /* whom it is about */
    int code;                     /* status of a refusal or an end, else 0 */
    const char *text;             /* message, reason or decision point; may be NULL */
    const void *bytes; /* encoded plain value of the row (task, result, message); may be NULL */
    size_t len;
} han__row;

/* "spawned", "refused", ...; NULL outside the enum. */
const char *han__row_name(int kind);

/* A hook sees a row after the engine has acted on it. It cannot change the row or the tree; what it
 * returns does not exist, so it cannot break the run either. */
typedef struct han__hook {
    struct han__hook *next;
    void (*fn)(void *ud, const han__row *row);
    void *ud;
} han__hook;

/* The hooks of one tree, called in order of registration. The hook belongs to the caller and must
 * outlive its registration. Adding or removing inside a hook is allowed. */
typedef struct han__hooks {
    han__hook *first;
} han__hooks;

/* Behind those that are there. */
void han__hooks_add(han__hooks *hooks, han__hook *hook);
/* Nothing happens when it is not there. */
void han__hooks_remove(han__hooks *hooks, han__hook *hook);
/* Shows every hook the row, which is valid only during the call. */
void han__hooks_call(const han__hooks *hooks, const han__row *row);

#endif
