/* han-job: see job.c. */
#include "han.h"

int main(int argc, char **argv)
{
    return han_job_main(argc, (const char *const *)argv);
}
