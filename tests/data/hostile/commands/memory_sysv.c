// expect: pass
// out: all refused
#include "hostile.h"
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
int main(void)
{
    REFUSED(shmget(IPC_PRIVATE, 1 << 20, IPC_CREAT | 0600));
    REFUSED(msgget(IPC_PRIVATE, IPC_CREAT | 0600));
    REFUSED(semget(IPC_PRIVATE, 32000, IPC_CREAT | 0600));
    DONE();
}
