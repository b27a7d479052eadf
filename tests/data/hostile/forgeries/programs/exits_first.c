// tries: to leave before main
// class: fail
#include <unistd.h>

__attribute__((constructor)) static void first(void) { _exit(0); }

int main(void) { return 1; }
