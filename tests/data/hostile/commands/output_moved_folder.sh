# expect: pass
# collect: *
# skipped: none
# The work folder's name leads elsewhere now; what is collected is still the folder.
mv "$HOME" ../other && ln -s /usr/bin "$HOME"
