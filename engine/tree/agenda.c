/* A sorted list and a pairing heap side by side. Kept apart from the nodes so that its order can be
 * tested alone. */
#include "base/config.h"
#include "tree/agenda.h"

typedef han__agenda_entry entry;

static bool earlier(const entry *a, const entry *b)
{
    return a->time != b->time ? a->time < b->time : a->serial < b->serial;
}

/* ---- the heap ---- */

/* Joins two heaps, neither NULL: the later one becomes the first below the other. */
static entry *join(entry *a, entry *b)
{
    if (earlier(b, a)) {
        entry *held = a;
        a = b;
        b = held;
    }
    b->before = a;
    b->next = a->child;
    if (b->next) b->next->before = b;
    a->child = b;
    a->next = a->before = NULL;
    return a;
}

/* Joins siblings in pairs from the left, then the pairs from the right. */
static entry *join_all(entry *first)
{
    entry *pairs = NULL, *whole = NULL;
    while (first) {
        entry *a = first, *b = a->next;
        first = b ? b->next : NULL;
        if (b) a = join(a, b);
        a->next = pairs;
        pairs = a;
    }
    while (pairs) {
        entry *a = pairs;
        pairs = a->next;
        a->next = a->before = NULL;
        whole = whole ? join(whole, a) : a;
    }
    return whole;
}

static void leave_heap(han__agenda *agenda, entry *e)
{
    entry *below = join_all(e->child);
    if (below) below->before = NULL;
    if (e == agenda->heap) {
        agenda->heap = below;
        return;
    }
    if (e->before->child == e)
        e->before->child = e->next;
    else
        e->before->next = e->next;
    if (e->next) e->next->before = e->before;
    if (below) agenda->heap = join(agenda->heap, below);
}

static void enter_heap(han__agenda *agenda, entry *e)
{
    e->place = HAN__AGENDA_IN_HEAP;
    e->next = e->before = e->child = NULL;
    agenda->heap = agenda->heap ? join(agenda->heap, e) : e;
}

/* ---- the list ---- */

static void leave_list(han__agenda *agenda, entry *e)
{
    if (e->before)
        e->before->next = e->next;
    else
        agenda->first = e->next;
    if (e->next)
        e->next->before = e->before;
    else
        agenda->last = e->before;
}

static void enter_list(han__agenda *agenda, entry *e, entry *before, entry *next)
{
    e->place = HAN__AGENDA_IN_LIST;
    e->before = before;
    e->next = next;
    if (before)
        before->next = e;
    else
        agenda->first = e;
    if (next)
        next->before = e;
    else
        agenda->last = e;
}

/* ---- both ---- */

void han__agenda_add(han__agenda *agenda, entry *e)
{
    /* a far timeout at the end of the list would keep all that follows out of it */
    if (e->kind == HAN__AGENDA_TIMEOUT)
        enter_heap(agenda, e);
    else if (!agenda->last || earlier(agenda->last, e))
        enter_list(agenda, e, agenda->last, NULL);
    else if (earlier(e, agenda->first))
        enter_list(agenda, e, NULL, agenda->first);
    else
        enter_heap(agenda, e);
}

void han__agenda_remove(han__agenda *agenda, entry *e)
{
    if (e->place == HAN__AGENDA_IN_LIST)
        leave_list(agenda, e);
    else if (e->place == HAN__AGENDA_IN_HEAP)
        leave_heap(agenda, e);
    e->place = HAN__AGENDA_OUT;
}

entry *han__agenda_first(const han__agenda *agenda)
{
    if (!agenda->heap || !agenda->first) return agenda->heap ? agenda->heap : agenda->first;
    return earlier(agenda->heap, agenda->first) ? agenda->heap : agenda->first;
}
