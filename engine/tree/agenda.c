/* A binary min-heap. Kept apart from the nodes so that its order can be tested alone. */
#include "base/config.h"
#include "tree/agenda.h"

#define MAX_ENTRIES ((size_t)1 << 28)

void han__agenda_init(han__agenda *agenda, han__mem *mem)
{
    memset(agenda, 0, sizeof(*agenda));
    agenda->mem = mem;
}

void han__agenda_release(han__agenda *agenda)
{
    han__mem_free(agenda->mem, agenda->heap, agenda->cap * sizeof(*agenda->heap));
    han__agenda_init(agenda, agenda->mem);
}

int han__agenda_reserve(han__agenda *agenda, size_t more)
{
    void *heap = agenda->heap;
    if (agenda->cap - agenda->len >= more) return HAN_OK;
    int rc = han__mem_grow(agenda->mem, &heap, &agenda->cap, agenda->len + more,
                           sizeof(*agenda->heap), MAX_ENTRIES);
    if (rc == HAN_OK) agenda->heap = heap;
    return rc == HAN_OK ? HAN_OK : HAN_NOMEM;
}

static bool earlier(const han__agenda_entry *a, const han__agenda_entry *b)
{
    if (a->time != b->time) return a->time < b->time;
    if (a->serial != b->serial) return a->serial < b->serial;
    return a->kind < b->kind;
}

void han__agenda_add(han__agenda *agenda, const han__agenda_entry *entry)
{
    size_t at = agenda->len++;
    while (at > 0) {
        size_t up = (at - 1) / 2;
        if (!earlier(entry, &agenda->heap[up])) break;
        agenda->heap[at] = agenda->heap[up];
        at = up;
    }
    agenda->heap[at] = *entry;
}

const han__agenda_entry *han__agenda_first(const han__agenda *agenda)
{
    return agenda->len ? &agenda->heap[0] : NULL;
}

void han__agenda_drop_first(han__agenda *agenda)
{
    const han__agenda_entry moved = agenda->heap[--agenda->len];
    size_t at = 0;
    for (;;) {
        size_t down = 2 * at + 1;
        if (down >= agenda->len) break;
        if (down + 1 < agenda->len && earlier(&agenda->heap[down + 1], &agenda->heap[down])) down++;
        if (!earlier(&agenda->heap[down], &moved)) break;
        agenda->heap[at] = agenda->heap[down];
        at = down;
    }
    agenda->heap[at] = moved;
}
