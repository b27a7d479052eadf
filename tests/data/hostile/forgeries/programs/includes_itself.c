// tries: to have the compiler run for ever
// class: format
#include __FILE__
#include __FILE__
int main(void) { return 0; }
