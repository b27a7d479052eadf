// tries: a file that does not compile
// class: format
int main(void) { return pass }
