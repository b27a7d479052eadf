# expect: pass
# collect: *
# skipped: none
# The work folder's name leads elsewhere now; what is collected is still the folder.
mv /box/work /box/other && ln -s /usr/bin /box/work
