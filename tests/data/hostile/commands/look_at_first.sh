# expect: pass
# not: PATH=
# not: root
# out: looked
cat /proc/1/environ /proc/1/maps /proc/1/fd/* /proc/1/mem 2>/dev/null
ls -l /proc/1/fd /proc/1/root /proc/1/cwd /proc/1/exe 2>/dev/null | grep '>'
echo looked
