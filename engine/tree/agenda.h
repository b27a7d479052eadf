/* The agenda of a tree: what happens next, in order of logical time. An entry lives in its node, so
 * nothing here allocates or fails, and one that became void is taken out at once. Entries that come
 * in order form a list, which costs a comparison; the others a pairing heap. */
#ifndef HAN_TREE_AGENDA_H
#define HAN_TREE_AGENDA_H

#include "base/config.h"

enum han__agenda_kind {
    HAN__AGENDA_FINISH,  /* a settled node reaches its parent */
    HAN__AGENDA_TURN,    /* a node acts */
    HAN__AGENDA_TIMEOUT, /* a wait gives up */
};

/* Where an entry stands. */
enum han__agenda_place { HAN__AGENDA_OUT, HAN__AGENDA_IN_LIST, HAN__AGENDA_IN_HEAP };

typedef struct han__agenda_entry {
    uint64_t time;
    uint64_t serial;                         /* of the node: the tie-break, in order of creation */
    struct han__agenda_entry *next, *before; /* in the list; in the heap: siblings, and for the
                                                first of them its parent */
    struct han__agenda_entry *child;         /* in the heap: the first below it */
    uint8_t kind, place;
} han__agenda_entry;

/* Zeroed: empty. */
typedef struct han__agenda {
    han__agenda_entry *first, *last; /* the list */
    han__agenda_entry *heap;
} han__agenda;

/* Enters it; time, serial and kind are set, and it stands nowhere else. */
void han__agenda_add(han__agenda *agenda, han__agenda_entry *entry);
/* Takes it out, when it stands in the agenda. */
void han__agenda_remove(han__agenda *agenda, han__agenda_entry *entry);
/* The first entry by (time, serial), or NULL. */
han__agenda_entry *han__agenda_first(const han__agenda *agenda);

#endif
