# expect: pass
# landlock: not there
# out: box
# not: KEY
# The machine's name, and the keys of the session that started us: what is left are rings without any.
cat /proc/sys/kernel/hostname
uname -n
while read -r key; do case $key in *" keyring "*) ;; *) echo "KEY $key" ;; esac; done < /proc/keys
