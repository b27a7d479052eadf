/* Event lists and hooks. Nothing here allocates. */
#include "base/config.h"
#include "tree/bus.h"

void han__inbox_push(han__inbox *inbox, han__event *event)
{
    han__event **link = &inbox->first;
    if (inbox->last && inbox->last->priority <= event->priority)
        link = &inbox->last->next;
    else
        while (*link && (*link)->priority <= event->priority) link = &(*link)->next;
    event->next = *link;
    *link = event;
    if (!event->next) inbox->last = event;
}

/* Unlinks the event behind `before` (NULL: the first). */
static han__event *unlink_after(han__inbox *inbox, han__event *before)
{
    han__event **link = before ? &before->next : &inbox->first;
    han__event *event = *link;
    *link = event->next;
    if (inbox->last == event) inbox->last = before;
    event->next = NULL;
    return event;
}

han__event *han__inbox_pull(han__inbox *inbox, unsigned kinds)
{
    han__event *before = NULL;
    for (han__event *e = inbox->first; e; before = e, e = e->next)
        if (e->kind & kinds) return unlink_after(inbox, before);
    return NULL;
}

han__event *han__inbox_peek(const han__inbox *inbox, unsigned kinds)
{
    for (han__event *e = inbox->first; e; e = e->next)
        if (e->kind & kinds) return e;
    return NULL;
}

bool han__inbox_remove(han__inbox *inbox, han__event *event)
{
    han__event *before = NULL;
    for (han__event *e = inbox->first; e; before = e, e = e->next)
        if (e == event) return unlink_after(inbox, before) != NULL;
    return false;
}

static const char *const row_names[HAN__ROW_KINDS] = {
    "begin", "spawned",  "refused", "metered", "submitted", "executed", "chosen",    "sent",
    "asked", "answered", "waited",  "woken",   "cancelled", "finished", "delivered", "ended"};

const char *han__row_name(int kind)
{
    return kind >= 0 && kind < HAN__ROW_KINDS ? row_names[kind] : NULL;
}

void han__hooks_add(han__hooks *hooks, han__hook *hook)
{
    han__hook **link = &hooks->first;
    while (*link) link = &(*link)->next;
    hook->next = NULL;
    *link = hook;
}

void han__hooks_remove(han__hooks *hooks, han__hook *hook)
{
    for (han__hook **link = &hooks->first; *link; link = &(*link)->next)
        if (*link == hook) {
            *link = hook->next;
            return;
        }
}

void han__hooks_call(const han__hooks *hooks, const han__row *row)
{
    for (han__hook *hook = hooks->first, *next; hook; hook = next) {
        next = hook->next;
        hook->fn(hook->ud, row);
    }
}
