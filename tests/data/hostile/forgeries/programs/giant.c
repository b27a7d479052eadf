// tries: to have the compiler fill the disk
// class: format
char filled[1 << 30] = {1};
int main(void) { return 0; }
