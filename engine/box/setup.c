/* Owns what a run finds around itself: its own /proc, its own work folder, nothing that another run
 * could have written, and no capability. */
#include "base/config.h"

#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "box/box.h"

#define FOLDER_MODE 0755

/* What bubblewrap puts into /dev could be written to and would be seen by the next run. It is not
 * ours to change in the namespace that bubblewrap made, so this one gets its own. */
bool setup_devices(void)
{
    if (unshare(CLONE_NEWNS) != 0) return false;
    if (rmdir("/dev/shm") != 0 && errno != ENOENT) return false;
    if (symlink(HAN__BOX_ROOT "/shm", "/dev/shm") != 0) return false;
    /* the machine has few terminals for all: of bubblewrap's, one box could take every one */
    if (mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
              "newinstance,ptmxmode=0666,mode=620,max=16") != 0)
        return false;
    return mount(NULL, "/dev", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV,
                 NULL) == 0;
}

static bool mount_disk(const box *b)
{
    char options[96];
    snprintf(options, sizeof options, "size=%llu,nr_inodes=%llu,mode=0755",
             (unsigned long long)b->disk, (unsigned long long)b->files);
    return mount("tmpfs", HAN__BOX_ROOT, "tmpfs", MS_NOSUID | MS_NODEV, options) == 0 &&
           mkdir(HAN__BOX_WORK, FOLDER_MODE) == 0 && mkdir(HAN__BOX_ROOT "/tmp", 01777) == 0 &&
           mkdir(HAN__BOX_ROOT "/shm", 01777) == 0;
}

bool drop_caps(void)
{
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};
    return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0 &&
           syscall(SYS_capset, &head, none) == 0;
}

bool setup_run(box *b, int *step)
{
    *step = HAN__BOX_STEP_DISK;
    if (b->level != HAN__LEVEL_STRONG) return plain_setup(b);
    memcpy(b->place, HAN__BOX_ROOT, sizeof HAN__BOX_ROOT);
    *step = HAN__BOX_STEP_PROC;
    if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0) return false;
    *step = HAN__BOX_STEP_DISK;
    if (!mount_disk(b)) return false;
    *step = HAN__BOX_STEP_CAPS;
    if (!drop_caps()) return false;
    *step = HAN__BOX_STEP_FILTER;
    return filter_load(&b->filter);
}
