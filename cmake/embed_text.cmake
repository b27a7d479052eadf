# Turns a text file into a C array that ends in NUL. Script mode:
#   cmake -DINPUT=file -DOUTPUT=file.c -DSYMBOL=name -P embed_text.cmake
# defines `const char name[]` and `const unsigned long name_len` (without the NUL).
file(READ ${INPUT} hex HEX)
string(LENGTH "${hex}" digits)
math(EXPR len "${digits} / 2")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n" bytes
  "${bytes}")
get_filename_component(source ${INPUT} NAME)
file(WRITE ${OUTPUT} "/* Made from ${source}; edit that. */
extern const char ${SYMBOL}[];
extern const unsigned long ${SYMBOL}_len;
const char ${SYMBOL}[] = {\n${bytes}0};
const unsigned long ${SYMBOL}_len = ${len}UL;
")
