/* Pages are aligned to their size, so that a block finds the head of its page by its address. With
 * AddressSanitizer nothing is pooled: every block is one of the C library's, and is watched. */
#include "base/config.h"
#include "base/slab.h"

#include <stddef.h>

#define PAGE        ((size_t)8192)
#define FIRST_BLOCK ((size_t)64) /* offset in a page */
#define MIN_PAGES   ((size_t)4)  /* of the first region; later ones are as large as all before */
#define MAX_PAGES   ((size_t)64)

#if defined(__SANITIZE_ADDRESS__)
#define WATCHED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WATCHED 1
#endif
#endif
#ifndef WATCHED
#define WATCHED 0
#endif
#define POOLED(size) (!WATCHED && (size) <= HAN__SLAB_MAX)

typedef struct han__slab_region {
    struct han__slab_region *next, *before;
    struct han__slab_page *spare; /* its pages that serve no size any more */
    unsigned char *first;         /* its first page */
    size_t size;                  /* in bytes, as allocated */
    size_t pages, touched, used;  /* pages in all, ever used, in use */
} region;

typedef struct han__slab_page {
    struct han__slab_page *next, *before; /* among the ready ones of its size, or the spare ones */
    region *home;
    void *free;         /* blocks given back, linked through their first word */
    unsigned char *end; /* blocks behind it were never used */
    uint32_t size;
    uint32_t used, room;
} page;

/* The head of a block that passed through, in front of it. */
typedef struct han__slab_passed {
    _Alignas(max_align_t) struct han__slab_passed *next;
    struct han__slab_passed *before;
    size_t size; /* of head and block */
} passed;

/* Watched blocks have no head: it would take their bounds away from the sanitizer. */
#define HEAD (WATCHED ? 0 : sizeof(passed))

_Static_assert(sizeof(page) <= FIRST_BLOCK, "the head fits before the first block");

void han__slab_init(han__slab *slab, han__mem *mem, size_t held_max)
{
    memset(slab, 0, sizeof(*slab));
    slab->mem = mem;
    slab->held_max = held_max;
}

void han__slab_release(han__slab *slab)
{
    while (slab->regions) {
        region *gone = slab->regions;
        slab->regions = gone->next;
        slab->held -= gone->size;
        han__mem_free(slab->mem, gone, gone->size);
    }
    while (slab->passed) {
        passed *gone = slab->passed;
        slab->passed = gone->next;
        han__mem_free(slab->mem, gone, gone->size);
    }
    han__slab_init(slab, slab->mem, slab->held_max);
}

bool han__slab_drops(void)
{
    return !WATCHED;
}

static size_t class_of(size_t size)
{
    return (size + HAN__SLAB_GRAIN - 1) / HAN__SLAB_GRAIN;
}

static bool has_room(const region *r)
{
    return r && r->used < r->pages;
}

static bool too_much(const han__slab *slab, size_t more)
{
    return slab->held_max && (slab->held > slab->held_max || more > slab->held_max - slab->held);
}

/* ---- regions ---- */

static void link_region(han__slab *slab, region *r)
{
    r->before = NULL;
    r->next = slab->regions;
    if (r->next) r->next->before = r;
    slab->regions = r;
}

static void unlink_region(han__slab *slab, region *r)
{
    if (r->before)
        r->before->next = r->next;
    else
        slab->regions = r->next;
    if (r->next) r->next->before = r->before;
}

static void move_last(han__slab *slab, region *r)
{
    region *last = r;
    while (last->next) last = last->next;
    if (last == r) return;
    unlink_region(slab, r);
    last->next = r;
    r->before = last;
    r->next = NULL;
}

/* A region of so many pages; its head lies in front of the first page that is aligned. */
static bool add_region(han__slab *slab, size_t pages)
{
    size_t size = sizeof(region) + (pages + 1) * PAGE;
    slab->starved = !too_much(slab, size);
    region *r = slab->starved ? han__mem_alloc(slab->mem, size) : NULL;
    if (!r) return false;
    slab->starved = false;
    *r = (region){.size = size, .pages = pages};
    r->first = (unsigned char *)(((uintptr_t)(r + 1) + PAGE - 1) & ~(uintptr_t)(PAGE - 1));
    link_region(slab, r);
    slab->pages += pages;
    slab->held += size;
    return true;
}

static bool grow(han__slab *slab)
{
    size_t pages = slab->pages < MIN_PAGES   ? MIN_PAGES
                   : slab->pages > MAX_PAGES ? MAX_PAGES
                                             : slab->pages;
    while (pages > 0 && !add_region(slab, pages)) pages /= 2;
    return pages > 0;
}

/* Regions with room stand before those without, so that the first says it all. */
static page *take_page(han__slab *slab)
{
    if (!has_room(slab->regions) && !grow(slab)) return NULL;
    region *r = slab->regions;
    page *p = r->spare;
    if (p)
        r->spare = p->next;
    else
        p = (page *)(r->first + PAGE * r->touched++);
    p->home = r;
    r->used++;
    if (!has_room(r)) move_last(slab, r);
    return p;
}

static void give_page(han__slab *slab, page *p)
{
    region *r = p->home;
    bool was_full = !has_room(r);
    p->next = r->spare;
    r->spare = p;
    r->used--;
    if (was_full && slab->regions != r) {
        unlink_region(slab, r);
        link_region(slab, r);
    }
    if (r->used > 0 || !(r->before || has_room(r->next))) return; /* the last one with room stays */
    unlink_region(slab, r);
    slab->pages -= r->pages;
    slab->held -= r->size;
    han__mem_free(slab->mem, r, r->size);
}

/* ---- pages ---- */

static void link_page(han__slab *slab, size_t class, page *p)
{
    p->before = NULL;
    p->next = slab->ready[class];
    if (p->next) p->next->before = p;
    slab->ready[class] = p;
}

static void unlink_page(han__slab *slab, size_t class, page *p)
{
    if (p->before)
        p->before->next = p->next;
    else
        slab->ready[class] = p->next;
    if (p->next) p->next->before = p->before;
}

static page *fresh_page(han__slab *slab, size_t class)
{
    page *p = take_page(slab);
    if (!p) return NULL;
    p->size = (uint32_t)(class * HAN__SLAB_GRAIN);
    p->room = (uint32_t)((PAGE - FIRST_BLOCK) / p->size);
    p->used = 0;
    p->free = NULL;
    p->end = (unsigned char *)p + FIRST_BLOCK;
    link_page(slab, class, p);
    return p;
}

/* A block of a new page, or the last of its page. */
static __attribute__((noinline)) void *take_slowly(han__slab *slab, size_t size)
{
    size_t class = size ? class_of(size) : 1;
    page *p = slab->ready[class];
    if (!p && !(p = fresh_page(slab, class))) return NULL;
    void *block = p->free;
    if (block) {
        memcpy(&p->free, block, sizeof(void *));
    } else {
        block = p->end;
        p->end += p->size;
    }
    if (++p->used == p->room) unlink_page(slab, class, p);
    return block;
}

static inline void *take_block(han__slab *slab, size_t size)
{
    page *p = slab->ready[class_of(size)]; /* of size 0: never one */
    if (!p || p->used + 1 == p->room) return take_slowly(slab, size);
    void *block = p->free;
    if (block) {
        memcpy(&p->free, block, sizeof(void *));
    } else { /* one that was never used */
        block = p->end;
        p->end += p->size;
    }
    p->used++;
    return block;
}

/* The first block of a full page was given back, or the last one of any. */
static __attribute__((noinline)) void page_changed(han__slab *slab, page *p)
{
    size_t class = p->size / HAN__SLAB_GRAIN;
    if (p->used + 1 == p->room) link_page(slab, class, p);
    if (p->used > 0) return;
    unlink_page(slab, class, p);
    give_page(slab, p);
}

static inline void give_block(han__slab *slab, void *block)
{
    page *p = (page *)((uintptr_t)block & ~(uintptr_t)(PAGE - 1));
    memcpy(block, &p->free, sizeof(void *));
    p->free = block;
    p->used--;
    if (p->used == 0 || p->used + 1 == p->room) page_changed(slab, p);
}

/* ---- blocks ---- */

/* Its neighbours and the list get to know where it lies now. */
static void link_passed(han__slab *slab, passed *p)
{
    if (p->before)
        p->before->next = p;
    else
        slab->passed = p;
    if (p->next) p->next->before = p;
}

static void unlink_passed(han__slab *slab, passed *p)
{
    if (p->before)
        p->before->next = p->next;
    else
        slab->passed = p->next;
    if (p->next) p->next->before = p->before;
}

static void *pass_through(han__slab *slab, void *ptr, size_t old, size_t size)
{
    unsigned char *head = ptr ? (unsigned char *)ptr - HEAD : NULL;
    if (size > SIZE_MAX - HEAD) return NULL;
    size_t before = head ? old + HEAD : 0, after = size + HEAD;
    slab->starved = after <= before || !too_much(slab, after - before);
    if (!slab->starved) return NULL;
    unsigned char *block = han__mem_resize(slab->mem, head, before, after);
    if (!block) return NULL;
    slab->starved = false;
    slab->held = slab->held - before + after;
    if (WATCHED) return block;
    passed *p = (passed *)(void *)block;
    if (!head) *p = (passed){.next = slab->passed};
    p->size = after;
    link_passed(slab, p);
    return p + 1;
}

static void give_passed(han__slab *slab, void *block, size_t size)
{
    unsigned char *head = (unsigned char *)block - HEAD;
    if (!WATCHED) unlink_passed(slab, (passed *)(void *)head);
    slab->held -= size + HEAD;
    han__mem_free(slab->mem, head, size + HEAD);
}

static __attribute__((noinline)) void *alloc_slowly(han__slab *slab, size_t size)
{
    if (!POOLED(size)) return pass_through(slab, NULL, 0, size ? size : 1);
    return han__mem_refuses(slab->mem) ? NULL : take_slowly(slab, size);
}

void *han__slab_alloc(han__slab *slab, size_t size)
{
    if (!POOLED(size) || slab->mem->fail_at) return alloc_slowly(slab, size);
    return take_block(slab, size);
}

void han__slab_free(han__slab *slab, void *ptr, size_t size)
{
    if (!ptr) return;
    if (POOLED(size)) {
        give_block(slab, ptr);
        return;
    }
    give_passed(slab, ptr, size ? size : 1);
}

void *han__slab_resize(han__slab *slab, void *ptr, size_t old_size, size_t new_size)
{
    if (!ptr) return han__slab_alloc(slab, new_size);
    if (!POOLED(old_size) && !POOLED(new_size))
        return pass_through(slab, ptr, old_size ? old_size : 1, new_size ? new_size : 1);
    if (new_size > old_size && slab->mem->fail_at && han__mem_refuses(slab->mem)) return NULL;
    bool small = POOLED(old_size) && POOLED(new_size);
    if (small && old_size && new_size && class_of(old_size) == class_of(new_size)) return ptr;
    void *block =
        POOLED(new_size) ? take_block(slab, new_size) : pass_through(slab, NULL, 0, new_size);
    if (!block) return NULL;
    memcpy(block, ptr, old_size < new_size ? old_size : new_size);
    han__slab_free(slab, ptr, old_size);
    return block;
}

void *han__slab_trim(han__slab *slab, void *ptr, size_t old_size, size_t new_size)
{
    return POOLED(old_size) ? ptr : pass_through(slab, ptr, old_size, new_size);
}
