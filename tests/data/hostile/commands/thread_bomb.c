// expect: limit:procs
#include "hostile.h"
#include <pthread.h>
static void *idle(void *p)
{
    for (;;) pause();
    return p;
}
int main(void)
{
    pthread_t t;
    for (;;) pthread_create(&t, NULL, idle, NULL);
}
