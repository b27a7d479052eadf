# expect: pass
# collect: * */*
# skipped: out=unreadable
echo x > out
chmod 0 out
mkdir d && echo x > d/x && chmod 0 d
