/* The agenda of a tree: what happens next, in order of logical time. A binary heap of entries
 * ordered by (time, serial); entries of one node are counted in the node, so that its memory
 * outlives them. */
#ifndef HAN_TREE_AGENDA_H
#define HAN_TREE_AGENDA_H

#include "base/mem.h"

struct han__node;

enum han__agenda_kind {
    HAN__AGENDA_FINISH,  /* a settled node reaches its parent */
    HAN__AGENDA_TURN,    /* a node acts */
    HAN__AGENDA_TIMEOUT, /* a wait gives up */
};

typedef struct han__agenda_entry {
    uint64_t time;
    uint64_t serial; /* of the node: the tie-break, in order of creation */
    struct han__node *node;
    uint32_t ticket; /* void when the node has a newer one */
    uint32_t kind;
} han__agenda_entry;

/* The heap itself. */
typedef struct han__agenda {
    han__mem *mem;
    han__agenda_entry *heap;
    size_t len, cap;
} han__agenda;

/* Empty; mem must outlive it. */
void han__agenda_init(han__agenda *agenda, han__mem *mem);
/* Frees the heap; the nodes in it are not touched. */
void han__agenda_release(han__agenda *agenda);
/* Room for `more` further entries: HAN_OK or HAN_NOMEM. After it, that many adds cannot fail. */
int han__agenda_reserve(han__agenda *agenda, size_t more) HAN__MUST_USE;
/* Room for it was reserved before. */
void han__agenda_add(han__agenda *agenda, const han__agenda_entry *entry);
/* The first entry, or NULL. Valid until the next change. */
const han__agenda_entry *han__agenda_first(const han__agenda *agenda);
/* There must be one. */
void han__agenda_drop_first(han__agenda *agenda);

#endif
