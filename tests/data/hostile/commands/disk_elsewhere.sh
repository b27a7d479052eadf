# expect: pass
# out: nowhere
for d in / /usr /usr/bin /etc /dev /proc /bin /lib /sys /run /var /home; do
    (: > $d/hostile) 2>/dev/null && echo "WRITTEN $d"
done
echo nowhere
