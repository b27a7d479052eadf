# expect: pass
# out: box
# not: KEY
# The machine's name, and the keys of the session that started us: ours is new.
cat /proc/sys/kernel/hostname
uname -n
while read -r key; do case $key in *"_ses: empty") ;; *) echo "KEY $key" ;; esac; done < /proc/keys
