/* Owns the reading of ELF files, as far as the names in them go. */
#include "base/config.h"

#include <elf.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "exec/needs.h"

#define PARTS_MAX   32
#define ENTRIES_MAX 128

typedef struct program {
    int fd;
    size_t parts_len;
    Elf64_Phdr parts[PARTS_MAX];
} program;

static bool read_at(int fd, void *out, size_t len, uint64_t at)
{
    return pread(fd, out, len, (off_t)at) == (ssize_t)len;
}

static bool read_text(int fd, char *out, size_t cap, uint64_t at)
{
    ssize_t n = pread(fd, out, cap, (off_t)at);
    return n > 0 && memchr(out, '\0', (size_t)n) != NULL;
}

static bool read_parts(program *p)
{
    Elf64_Ehdr head;
    if (!read_at(p->fd, &head, sizeof head, 0)) return false;
    if (memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 || head.e_ident[EI_CLASS] != ELFCLASS64)
        return false;
    if (head.e_phnum > PARTS_MAX || head.e_phentsize != sizeof p->parts[0]) return false;
    p->parts_len = head.e_phnum;
    return read_at(p->fd, p->parts, p->parts_len * sizeof p->parts[0], head.e_phoff);
}

static const Elf64_Phdr *find_part(const program *p, uint32_t type)
{
    for (size_t i = 0; i < p->parts_len; i++)
        if (p->parts[i].p_type == type) return &p->parts[i];
    return NULL;
}

/* Where in the file the address lies; UINT64_MAX: nowhere. */
static uint64_t offset_of(const program *p, uint64_t address)
{
    for (size_t i = 0; i < p->parts_len; i++) {
        const Elf64_Phdr *part = &p->parts[i];
        if (part->p_type == PT_LOAD && address >= part->p_vaddr &&
            address - part->p_vaddr < part->p_filesz)
            return address - part->p_vaddr + part->p_offset;
    }
    return UINT64_MAX;
}

/* ---- libraries of this process ---- */

typedef struct search {
    const char *name;
    char found[128]; /* "": nowhere */
} search;

/* "/lib/libc.so.6", or one folder deeper as in "/lib/x86_64-linux-gnu/libc.so.6". */
static bool is_in_plain_place(const char *path)
{
    static const char *const folders[] = {"/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/"};
    for (size_t i = 0; i < HAN__COUNT(folders); i++) {
        size_t len = strlen(folders[i]);
        if (strncmp(path, folders[i], len) != 0) continue;
        const char *slash = strchr(path + len, '/');
        return !slash || (!strchr(slash + 1, '/') && strstr(path + len, "-linux-") != NULL);
    }
    return false;
}

static int look(struct dl_phdr_info *about, size_t size, void *ud)
{
    search *s = ud;
    const char *path = about->dlpi_name;
    const char *slash = path ? strrchr(path, '/') : NULL;
    HAN__UNUSED(size);
    if (!slash || strcmp(slash + 1, s->name) != 0) return 0;
    if (is_in_plain_place(path) && strlen(path) < sizeof s->found)
        snprintf(s->found, sizeof s->found, "%s", path);
    return 1;
}

/* Where the library of that name is; "" when that is not known. */
static void find_library(search *s, const char *name)
{
    search c_library = {"libc.so.6", ""};
    *s = (search){name, ""};
    dl_iterate_phdr(look, s);
    if (s->found[0]) return;
    dl_iterate_phdr(look, &c_library);
    const char *slash = strrchr(c_library.found, '/');
    if (!slash) return;
    int len = snprintf(s->found, sizeof s->found, "%.*s/%s", (int)(slash - c_library.found),
                       c_library.found, name);
    if (len < 0 || (size_t)len >= sizeof s->found || access(s->found, R_OK) != 0)
        s->found[0] = '\0';
}

static bool add_library(han__needs *out, const char *name)
{
    search s;
    if (strstr(name, "san.so") != NULL) return false; /* a sanitizer reads /proc */
    if (out->len == HAN__NEEDS_MAX || strchr(name, '/')) return false;
    find_library(&s, name);
    memcpy(out->files[out->len], s.found, sizeof s.found);
    out->len += s.found[0] != '\0';
    return s.found[0] != '\0';
}

static bool add_libraries(const program *p, const Elf64_Phdr *dynamic, han__needs *out)
{
    Elf64_Dyn entries[ENTRIES_MAX];
    size_t n = dynamic->p_filesz / sizeof entries[0];
    uint64_t names = UINT64_MAX;
    if (n > ENTRIES_MAX || !read_at(p->fd, entries, n * sizeof entries[0], dynamic->p_offset))
        return false;
    for (size_t i = 0; i < n && entries[i].d_tag != DT_NULL; i++)
        if (entries[i].d_tag == DT_STRTAB) names = offset_of(p, entries[i].d_un.d_ptr);
    if (names == UINT64_MAX) return false;
    for (size_t i = 0; i < n && entries[i].d_tag != DT_NULL; i++) {
        char name[64];
        if (entries[i].d_tag != DT_NEEDED) continue;
        if (!read_text(p->fd, name, sizeof name, names + entries[i].d_un.d_val)) return false;
        if (!add_library(out, name)) return false;
    }
    return true;
}

void han__needs_read(int fd, han__needs *out)
{
    program p = {.fd = fd};
    memset(out, 0, sizeof *out);
    if (!read_parts(&p)) return;
    const Elf64_Phdr *loader = find_part(&p, PT_INTERP);
    const Elf64_Phdr *dynamic = find_part(&p, PT_DYNAMIC);
    if (!loader) {
        out->known = true;
        return;
    }
    if (!dynamic || !read_text(fd, out->files[0], sizeof out->files[0], loader->p_offset)) return;
    out->len = 1;
    out->known = out->files[0][0] == '/' && add_libraries(&p, dynamic, out);
}
